"""Accounts."""

from cordboard.accounts.model import Account
from cordboard.storage.tables import Table

ACCOUNTS = Table("accounts", Account)

FIRST = ACCOUNTS.where("owner_sid = sid")
ALL = ACCOUNTS.listing("1 = 1", ("created_at", "ASC"))
ONE = ACCOUNTS.listing("sid = ?", ("created_at", "ASC"))
