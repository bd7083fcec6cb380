"""Services, and which of them is an account's default."""

from cordboard.conversations.model import Configuration, Service
from cordboard.storage.tables import Table

CONFIGURATIONS = Table("conversation_configurations", Configuration, key=("account_sid",), steady=True)
SERVICES = Table("conversation_services", Service, steady=True)

OF_ACCOUNT = SERVICES.listing("account_sid = ?", ("created_at", "ASC"))
