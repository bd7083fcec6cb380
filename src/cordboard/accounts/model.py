"""The facts of accounts. SIDs by prefix: AC account, SK API key. Secrets are here only in their sealed form."""

from enum import StrEnum
from typing import Any

import msgspec


class AccountStatus(StrEnum):
    """An account's state. Only an active one is let in; a closed one stays closed."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    CLOSED = "closed"


class Account(msgspec.Struct, frozen=True):
    """Everything else belongs to an account. The first one is its own owner and owns all others, its subaccounts.

    While there is a secondary auth token both are good, until it is promoted and the first is good no more. ``sealed_retired_token``
    is the one that was: settings that still hold it must not bring it back.
    """

    sid: str
    version: int
    friendly_name: str
    status: AccountStatus
    owner_sid: str
    sealed_token: str
    sealed_secondary_token: str | None
    secondary_token_at: int | None
    sealed_retired_token: str | None
    created_at: int
    updated_at: int

    @property
    def is_first(self) -> bool:
        """Whether this is the account that the installation began with."""
        return self.owner_sid == self.sid

    @property
    def sealed_tokens(self) -> list[str]:
        """The auth tokens that are good now, the primary one first."""
        secondary = self.sealed_secondary_token
        return [self.sealed_token] if secondary is None else [self.sealed_token, secondary]


class KeyKind(StrEnum):
    """*main*: as good as the auth token. *standard*: all but accounts, keys and tokens. *restricted*: what its policy says."""

    MAIN = "main"
    STANDARD = "standard"
    RESTRICTED = "restricted"


class ApiKey(msgspec.Struct, frozen=True):
    """A second way into an account, which can be taken back alone. A restricted one has a ``policy``: its permissions."""

    sid: str
    version: int
    account_sid: str
    kind: KeyKind
    friendly_name: str | None
    policy: list[str] | None
    sealed_secret: str
    created_at: int
    updated_at: int


class AccountWithToken(msgspec.Struct, frozen=True):
    """An account with its auth token, which leaves the server only in the answer that made it."""

    account: Account
    token: str


class AuthToken(msgspec.Struct, frozen=True):
    """An auth token in the answer that made it, or made it the primary one."""

    account_sid: str
    token: str
    created_at: int
    updated_at: int


class KeyWithSecret(msgspec.Struct, frozen=True):
    """A key with its secret, which leaves the server only in the answer that made it."""

    key: ApiKey
    secret: str


class MintedToken(msgspec.Struct, frozen=True):
    """An access token, and what is in it. ``expires_at`` is in milliseconds."""

    jwt: str
    account_sid: str
    key_sid: str
    grants: dict[str, Any]
    created_at: int
    expires_at: int


class ErasureStatus(StrEnum):
    """How far an erasure is."""

    RUNNING = "running"
    COMPLETED = "completed"


class Erasure(msgspec.Struct, frozen=True):
    """The forgetting of a customer, and afterwards the receipt of it.

    ``digest`` is a keyed hash of the address or identity; ``sealed_name`` the thing itself until it is done. ``step`` and
    ``behind`` say where to go on; ``counts`` how many rows were changed, by kind. ``requested_by`` is an account.
    """

    sid: str
    version: int
    account_sid: str
    requested_by: str
    digest: str
    sealed_name: str | None
    status: ErasureStatus
    step: int
    behind: str
    counts: dict[str, int]
    completed_at: int | None
    created_at: int
    updated_at: int


class AccountCreated(msgspec.Struct, frozen=True):
    """Announced in the unit that makes an account: other products give it what it is born with."""

    account: Account


class KeptAnswer(msgspec.Struct, frozen=True):
    """The answer of a call with an ``Idempotency-Key``; ``digest`` tells the call. The body may hold a secret: it is sealed."""

    account_sid: str
    idempotency_key: str
    version: int
    digest: str
    status: int
    headers: list[tuple[str, str]]
    sealed_body: str
    expires_at: int


class AnswerKept(msgspec.Struct, frozen=True):
    """Announced in the unit that keeps an answer: somebody has to see to it that it goes."""

    account_sid: str
    expires_at: int
