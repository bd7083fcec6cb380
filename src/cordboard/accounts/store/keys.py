"""API keys."""

from cordboard.accounts.model import ApiKey
from cordboard.storage.tables import Table

API_KEYS = Table("api_keys", ApiKey)

OF_ACCOUNT = API_KEYS.listing("account_sid = ?", ("created_at", "ASC"))
THAT_SIGNS = API_KEYS.where("account_sid = ? AND kind <> 'restricted' ORDER BY created_at, sid LIMIT 1")
