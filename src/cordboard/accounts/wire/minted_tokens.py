"""Access tokens made by the server, for developers: an operation of ours."""

from typing import Annotated, Any

from msgspec import Meta

from cordboard.accounts.model import MintedToken
from cordboard.kernel.clock import iso
from cordboard.rest.forms import Form, JsonObject, sid
from cordboard.rest.routes import Urls

from .tokens import LONGEST_IDENTITY, LONGEST_LIFE_S

_DEFAULT_LIFE_S = 3600


class CreateToken(Form, frozen=True, kw_only=True):
    """Whom the token names, what it grants (``{"chat": {"service_sid": "IS..."}}``), for how many seconds, and which key signs."""

    identity: Annotated[str, Meta(min_length=1, max_length=LONGEST_IDENTITY)]
    grants: Annotated[JsonObject, Meta(max_length=2048)] = "{}"
    ttl: Annotated[int, Meta(ge=1, le=LONGEST_LIFE_S)] = _DEFAULT_LIFE_S
    key_sid: Annotated[str, sid("SK")] | None = None


def minted_token(made: MintedToken, _urls: Urls) -> dict[str, Any]:
    """The token, and what is in it."""
    return {
        "token": made.jwt,
        "account_sid": made.account_sid,
        "key_sid": made.key_sid,
        "identity": made.grants.get("identity"),
        "grants": made.grants,
        "date_created": iso(made.created_at),
        "date_expires": iso(made.expires_at),
    }
