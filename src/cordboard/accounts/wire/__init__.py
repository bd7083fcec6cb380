"""Accounts, keys and events as callers write and read them."""
