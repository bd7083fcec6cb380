"""Sockets: frames, sessions and replay for the vendor's JavaScript clients. Built by a later issue."""
