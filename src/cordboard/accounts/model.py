"""The facts of accounts. SIDs by prefix: AC account, SK API key. Secrets are here only in their sealed form."""

from enum import StrEnum

import msgspec


class AccountStatus(StrEnum):
    """An account's state. The vendor's ``suspended`` and ``closed`` come with the operation that sets them."""

    ACTIVE = "active"


class Account(msgspec.Struct, frozen=True):
    """Everything else belongs to an account. The first one is its own owner."""

    sid: str
    version: int
    friendly_name: str
    status: AccountStatus
    owner_sid: str
    sealed_token: str
    created_at: int
    updated_at: int

    @property
    def is_first(self) -> bool:
        """Whether this is the account that the installation began with."""
        return self.owner_sid == self.sid


class ApiKey(msgspec.Struct, frozen=True):
    """A second way into an account, which can be taken back alone."""

    sid: str
    version: int
    account_sid: str
    friendly_name: str
    sealed_secret: str
    created_at: int
    updated_at: int


class AccountWithToken(msgspec.Struct, frozen=True):
    """An account with its auth token, which leaves the server only in the answer that made it."""

    account: Account
    token: str


class KeyWithSecret(msgspec.Struct, frozen=True):
    """A key with its secret, which leaves the server only in the answer that made it."""

    key: ApiKey
    secret: str


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
