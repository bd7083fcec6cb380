"""Who calls."""

import msgspec


class Caller(msgspec.Struct, frozen=True):
    """An authenticated caller: an account by its auth token, or by one of its API keys (``key_sid``)."""

    account_sid: str
    key_sid: str | None = None
