"""Tokens as the official libraries write them: JSON Web Tokens with HS256 (taskrouter.md 9, realtime-protocols.md A.2).

======================  ==============================  =====================================
of                      access token                    capability token (old TaskRouter)
======================  ==============================  =====================================
``cty`` of the header   ``twilio-fpa;v=1``              none
``iss``                 the API key that signed         the account
``sub``                 the account                     none (``account_sid`` says it again)
signed with             that key's secret               the account's auth token
says                    ``grants``                      ``policies``: URLs, methods, filters
======================  ==============================  =====================================

Until its signature is checked a token is somebody's text: it names the secret to try, and nothing else in it is believed. How it is
signed is not up to it: any other algorithm is refused by name, so neither ``none`` nor a public key taken for a secret gets through.
"""

from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import msgspec
from msgspec import Meta

from cordboard.kernel import json
from cordboard.kernel.caller import Grants, TaskRouterGrant, Token
from cordboard.kernel.clock import MILLISECONDS
from cordboard.kernel.errors import Unauthorized
from cordboard.kernel.sids import is_sid

if TYPE_CHECKING:
    from jwt import PyJWS

LONGEST = 8192
LONGEST_LIFE_S = 24 * 60 * 60
LONGEST_IDENTITY = 256
# A token of a machine whose clock is ahead of ours is good at once; after its end it is good for nobody.
LEEWAY_S = 60

INVALID, HEADER, ISSUER, EXPIRED, TOO_EARLY, GRANTS, SIGNATURE = 20101, 20102, 20103, 20104, 20105, 20106, 20107
TOO_LONG_A_LIFE, RESTRICTED = 20157, 20160

_ALGORITHM = "HS256"
_CONTENT = "twilio-fpa;v=1"
_SENTENCES = {
    INVALID: "Invalid Access Token",
    HEADER: "Invalid Access Token header",
    ISSUER: "Invalid Access Token issuer/subject",
    EXPIRED: "Access Token expired or expiration date invalid",
    TOO_EARLY: "Access Token not yet valid",
    GRANTS: "Invalid Access Token grants",
    SIGNATURE: "Invalid Access Token signature",
    TOO_LONG_A_LIFE: "Expiration Time Exceeds Maximum Time Allowed",
    RESTRICTED: "Invalid Token",
}

T = TypeVar("T", bound=msgspec.Struct)
Moment = Annotated[int, Meta(ge=0, le=253_402_300_799)]  # seconds, to the year 9999
SidText = Annotated[str, Meta(max_length=34)]


class _Times(msgspec.Struct, frozen=True):
    exp: Moment
    nbf: Moment | None = None
    iat: Moment | None = None


class _TaskRouter(msgspec.Struct, frozen=True):
    workspace_sid: SidText
    worker_sid: SidText | None = None


class Unverified(msgspec.Struct, frozen=True):
    """What a token says of itself. ``issuer`` is an API key, or for a capability token the account."""

    text: str
    is_capability: bool
    issuer: str
    account_sid: str
    claims: dict[str, Any]


def refused(code: int, reason: str) -> Unauthorized:
    """The refusal of a token, in the vendor's words and with a reason of ours."""
    return Unauthorized(f"{_SENTENCES[code]}: {reason}", code=code)


def read(text: str) -> Unverified:
    """What a token says. Raises Unauthorized."""
    if len(text) > LONGEST:
        raise refused(INVALID, f"it is longer than {LONGEST} characters")
    import jwt  # noqa: PLC0415 - a start without tokens does not pay for it

    try:
        found = _jws().decode_complete(text, options={"verify_signature": False})
        header, claims = found["header"], json.parse(found["payload"].decode())
    except (jwt.PyJWTError, ValueError) as error:
        raise refused(INVALID, "it is no JSON Web Token") from error
    if not isinstance(claims, dict):
        raise refused(INVALID, "its payload is no JSON object")
    _check_header(header, claims)
    is_capability = "cty" not in header
    issuer, subject = claims.get("iss"), claims.get("account_sid" if is_capability else "sub")
    wanted = "AC" if is_capability else "SK"
    if not (isinstance(issuer, str) and isinstance(subject, str) and is_sid(issuer, wanted) and is_sid(subject, "AC")):
        raise refused(ISSUER, f"iss must be {'an account' if is_capability else 'an API key'}, and sub an account")
    if is_capability and issuer != subject:
        raise refused(ISSUER, "iss and account_sid are two accounts")
    return Unverified(text, is_capability, issuer, subject, claims)


def is_signed(token: Unverified, secret: str) -> bool:
    """Whether the token was signed with this secret."""
    import jwt  # noqa: PLC0415 - a start without tokens does not pay for it

    try:
        _jws().decode_complete(token.text, secret, algorithms=[_ALGORITHM])
    except jwt.PyJWTError:
        return False
    return True


def token_of(signed: Unverified, now: int) -> Token:
    """What a token whose signature was checked grants at this time (milliseconds). Raises Unauthorized."""
    times = _claim(_Times, signed.claims, EXPIRED)
    seconds = now // MILLISECONDS
    if times.exp <= seconds:
        raise refused(EXPIRED, f"it ended {seconds - times.exp} s ago")
    begins = times.iat if times.nbf is None else times.nbf
    if begins is not None and begins > seconds + LEEWAY_S:
        raise refused(TOO_EARLY, f"it begins in {begins - seconds} s")
    if signed.is_capability:
        found = _claim(_TaskRouter, signed.claims, GRANTS)
        grants = Grants(task_router=TaskRouterGrant(found.workspace_sid, found.worker_sid))
    else:
        if times.exp - min(seconds, seconds if begins is None else begins) > LONGEST_LIFE_S + LEEWAY_S:
            raise refused(TOO_LONG_A_LIFE, "it is good for more than 24 hours")
        grants = grants_of(signed.claims.get("grants"))
    return Token(times.exp * MILLISECONDS, grants)


def grants_of(found: object) -> Grants:
    """The grants of an access token. Raises Unauthorized."""
    grants = _claim(Grants, found, GRANTS)
    if grants.identity is not None and not 0 < len(grants.identity) <= LONGEST_IDENTITY:
        raise refused(GRANTS, f"identity has 1 to {LONGEST_IDENTITY} characters")
    return grants


def mint(key_sid: str, secret: str, account_sid: str, grants: dict[str, Any], begins_s: int, ends_s: int) -> str:
    """An access token as the official libraries make it: with ``iat`` as Node's and ``nbf`` as Python's."""
    claims = {
        "jti": f"{key_sid}-{begins_s}",
        "iss": key_sid,
        "sub": account_sid,
        "iat": begins_s,
        "nbf": begins_s,
        "exp": ends_s,
        "grants": grants,
    }
    import jwt  # noqa: PLC0415 - a start without tokens does not pay for it

    return jwt.encode(claims, secret, algorithm=_ALGORITHM, headers={"cty": _CONTENT})


@cache
def _jws() -> "PyJWS":
    from jwt import PyJWS  # noqa: PLC0415 - a start without tokens does not pay for it

    return PyJWS(algorithms=[_ALGORITHM])


def _check_header(header: dict[str, Any], claims: dict[str, Any]) -> None:
    if header.get("alg") != _ALGORITHM:
        raise refused(HEADER, f"alg must be {_ALGORITHM}")
    if str(header.get("typ", "JWT")).upper() != "JWT":
        raise refused(HEADER, "typ must be JWT")
    if header.get("cty", _CONTENT) != _CONTENT or ("cty" not in header and "policies" not in claims):
        raise refused(HEADER, f"cty must be {_CONTENT}")
    if header.get("kid", claims.get("iss")) != claims.get("iss"):
        raise refused(HEADER, "kid is another key than iss")


def _claim(kind: type[T], found: object, code: int) -> T:
    try:
        return msgspec.convert(found, kind)
    except msgspec.ValidationError as error:
        raise refused(code, str(error)) from error
