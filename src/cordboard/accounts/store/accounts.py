"""Accounts."""

from cordboard.accounts.model import Account
from cordboard.storage.tables import Table

ACCOUNTS = Table("accounts", Account)

FIRST = ACCOUNTS.where("owner_sid = sid")
SELF_AND_OWNED = ACCOUNTS.listing("sid = ? OR owner_sid = ?", ("created_at", "ASC"))
