"""Erasures."""

from cordboard.accounts.model import Erasure
from cordboard.storage.tables import Table

ERASURES = Table("erasures", Erasure)

OF_ACCOUNT = ERASURES.listing("account_sid = ?", ("created_at", "ASC"))
UNFINISHED = ERASURES.where("status = 'running' ORDER BY created_at, sid")
