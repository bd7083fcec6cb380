"""Tokens as the official Python library mints them, at the time of the server in this process."""

import base64
import hashlib
import hmac
from typing import Any

import msgspec
from twilio.jwt.access_token import AccessToken, AccessTokenGrant
from twilio.jwt.access_token.grants import ChatGrant, SyncGrant, TaskRouterGrant
from twilio.jwt.taskrouter.capabilities import WorkerCapabilityToken

from cordboard.accounts.actions.authentication import Authentication
from cordboard.kernel.caller import Caller
from cordboard.testkit.running import Cordboard

CHAT, SYNC = ChatGrant(service_sid=f"IS{'1' * 32}"), SyncGrant(service_sid=f"IS{'2' * 32}")


class FlexGrant(AccessTokenGrant):  # type: ignore[misc] # the SDK has no types
    """The official library has none, and lets programs write their own."""

    key = "flex"

    def to_payload(self) -> dict[str, Any]:
        return {"role": "agent"}


def now(cordboard: Cordboard) -> int:
    return int(cordboard.clock.now().timestamp())


def access_token(
    cordboard: Cordboard, key: Any, *grants: Any, begins: int = 0, ttl: int = 3600, account_sid: str | None = None
) -> str:
    """``begins`` is in seconds from now, ``ttl`` from then."""
    at = now(cordboard) + begins
    made = AccessToken(
        account_sid or cordboard.account_sid,
        key.sid,
        key.secret,
        grants=list(grants),
        identity="ana",
        nbf=at,
        valid_until=at + ttl,
    )
    text: str = made.to_jwt()
    return text


def worker_grant(workspace_sid: str, worker_sid: str, role: str = "worker") -> TaskRouterGrant:
    return TaskRouterGrant(workspace_sid=workspace_sid, worker_sid=worker_sid, role=role)


def capability_token(
    cordboard: Cordboard, workspace_sid: str, worker_sid: str, auth_token: str | None = None, **allowed: Any
) -> str:
    made = WorkerCapabilityToken(
        cordboard.account_sid,
        auth_token or cordboard.auth_token,
        workspace_sid,
        worker_sid,
        nbf=now(cordboard),
        valid_until=now(cordboard) + 3600,
        **allowed,
    )
    text: str = made.to_jwt()
    return text


def forged(header: dict[str, Any], claims: dict[str, Any], secret: str | bytes = b"") -> str:
    """A token of any header and claims, signed by HMAC with SHA-256 whatever the header says."""
    signed = ".".join(_segment(msgspec.json.encode(part)) for part in (header, claims))
    given = secret.encode() if isinstance(secret, str) else secret
    return f"{signed}.{_segment(hmac.digest(given, signed.encode(), hashlib.sha256))}"


def _segment(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def caller_of(cordboard: Cordboard, jwt: str) -> Caller:
    """Whom the verifier takes the bearer for, as sockets ask it."""
    system = cordboard.system
    return cordboard.call(_caller_of(Authentication(system.db, system.ports), jwt))


async def _caller_of(authentication: Authentication, jwt: str) -> Caller:
    return await authentication.caller_of(jwt)
