"""Who calls, and what the credentials that were shown let them do.

Credentials are made in ``accounts``; those who look at a caller are everywhere, so the words are here.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

import msgspec

Pairs = Sequence[tuple[str, str]]


class Asked(NamedTuple):
    """A call as far as it decides whether it may be made.

    ``permission`` names the operation for API keys (``rest.permissions``). Tokens name its place instead: ``verb``, the first
    ``label`` of the vendor's host (``taskrouter``) and the decoded ``segments`` of its path there (``["v1", "Workspaces", "WS..."]``).
    ``posted`` is None for a body that is no form.
    """

    permission: str
    verb: str
    label: str
    segments: Sequence[str]
    query: Pairs
    posted: Pairs | None


class Limits(Protocol):
    """What credentials may do that may not do everything."""

    def check(self, asked: Asked) -> None:
        """Raises Unauthorized or Forbidden, as the vendor has it for this kind of credentials."""
        ...


class TaskRouterGrant(msgspec.Struct, frozen=True):
    """``task_router``: ``role`` is ``worker``, ``supervisor`` or ``admin``; a capability token has none."""

    workspace_sid: str | None = None
    worker_sid: str | None = None
    role: str | None = None


class ServiceGrant(msgspec.Struct, frozen=True):
    """``chat`` (a conversation service) and ``data_sync`` (a Sync service)."""

    service_sid: str | None = None


class Grants(msgspec.Struct, frozen=True):
    """What an access token grants, by the names that the official libraries write. ``flex`` has no published form."""

    identity: str | None = None
    task_router: TaskRouterGrant | None = None
    chat: ServiceGrant | None = None
    data_sync: ServiceGrant | None = None
    flex: dict[str, Any] | None = None


class Token(msgspec.Struct, frozen=True):
    """A verified token. ``expires_at`` is in milliseconds; whoever keeps a connection open for it closes it then."""

    expires_at: int
    grants: Grants


class Cause(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who set off a unit from outside, as events tell of it: from which address, and the worker whom a token names.

    ``tells``: webhooks of Conversations hear of it. A call of REST to that product says so by a header, or it is silent.
    """

    address: str | None = None
    worker_sid: str | None = None
    tells: bool = True


class Caller(msgspec.Struct, frozen=True):
    """An authenticated caller, who acts in one account.

    ``key_sid`` is the API key that was shown, or that signed the ``token`` that was; ``limits`` None: everything is allowed.
    """

    account_sid: str
    key_sid: str | None = None
    limits: Limits | None = None
    token: Token | None = None

    @property
    def identity(self) -> str | None:
        """Whom a token names; a person in the account, where all other credentials are the account itself."""
        return None if self.token is None else self.token.grants.identity

    @property
    def worker_sid(self) -> str | None:
        """The worker as whom a token calls."""
        grant = None if self.token is None else self.token.grants.task_router
        return None if grant is None else grant.worker_sid
