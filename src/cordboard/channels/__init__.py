"""Carriers: what moves messages of a channel type to and from the outside. Built by a later issue."""
