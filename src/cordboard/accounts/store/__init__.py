"""Accounts, keys and the canary as rows."""
