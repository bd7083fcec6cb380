"""How somebody takes part in a conversation, as ``Channel.participants[]`` and as ``MediaProperties``."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from cordboard.kernel.errors import Invalid, NotBuilt

from .codes import PARTICIPANT_NOT_ONE_OF_TWO

Address = Annotated[str, Meta(min_length=1, max_length=256)]
Name = Annotated[str, Meta(max_length=256)]


class MediaProperties(msgspec.Struct, frozen=True, kw_only=True):
    """``identity`` in the chat, or ``address`` written to from ``proxy_address``; an email address needs no proxy."""

    identity: Address | None = None
    address: Address | None = None
    proxy_address: Address | None = None
    level: Literal["to", "cc", "bcc"] | None = None
    name: Name | None = None
    coordinates: dict[str, Any] | None = None

    @property
    def is_email(self) -> bool:
        """Whether the address is one of email."""
        return self.address is not None and "@" in self.address and ":" not in self.address


def check_media(who: MediaProperties, parameter: str) -> None:
    """Raise Invalid 45351 unless it says one of the two, and NotBuilt for what no part of Cordboard carries yet."""
    if who.coordinates is not None:
        raise NotBuilt("Cordboard does not have voice participants yet")
    if who.level == "bcc":
        raise NotBuilt("Cordboard does not have email recipients in bcc yet")
    has_pair = who.address is not None and (who.proxy_address is not None or who.is_email)
    has_part = who.address is not None or who.proxy_address is not None
    if (who.identity is not None) == has_part or has_part != has_pair:
        message = f"Invalid parameter {parameter}: expected either identity or address with proxy_address"
        raise Invalid(message, code=PARTICIPANT_NOT_ONE_OF_TWO)
