"""The attributes of an invite's task: the caller's, and Flex's merged over them (flex-interactions.md 3.2, 3.3).

What Flex owns is overwritten: callers often send the attributes of an older task along, which name other resources. Under
``conversations`` the caller's ``conversation_id`` wins, for by it reports join several tasks; so do all of a caller's ``customers``.
"""

from collections.abc import Mapping
from typing import Any

from cordboard.flex.model import Initiator, InteractionChannel
from cordboard.flex.wire.codes import VALIDATION
from cordboard.flex.wire.routing import MOST_ATTRIBUTES, Attributes
from cordboard.kernel import json
from cordboard.kernel.errors import Invalid

# In this mixture of cases they are seen on the wire.
_INITIATORS: Mapping[Initiator, str] = {
    Initiator.CUSTOMER: "customer",
    Initiator.AGENT: "Agent",
    Initiator.API: "API",
}


def merge(given: Attributes | None, channel: InteractionChannel, invite_sid: str) -> tuple[dict[str, Any], str]:
    """The attributes, and their JSON text.

    Raises Invalid for a text that is no JSON object, and for more than 4096 characters of the caller's.
    """
    theirs = _read(given) if isinstance(given, str) else given or {}
    outbound = channel.initiated_by is Initiator.AGENT
    merged = theirs | {
        "flexInteractionSid": channel.interaction_sid,
        "flexInteractionChannelSid": channel.sid,
        "flexChannelInviteSid": invite_sid,
        "conversationSid": channel.conversation_sid,
        "channelType": channel.type.value,
        "initiatedBy": channel.initiated_by.value,
        "direction": "outbound" if outbound else "inbound",
        "taskCreateSource": "interaction",
        "customers": _customers(theirs) | _object(theirs, "customers"),
        "conversations": {"conversation_id": channel.interaction_sid}
        | _object(theirs, "conversations")
        | _conversations(channel, outbound=outbound),
    }
    text = json.dump(merged)
    # A text was measured by its form; an object is only measured when what came of it could be too long.
    if len(text) > MOST_ATTRIBUTES and isinstance(given, dict) and len(json.dump(given)) > MOST_ATTRIBUTES:
        raise _refused(f"expected at most {MOST_ATTRIBUTES} characters")
    return merged, text


def _read(text: str) -> dict[str, Any]:
    try:
        found = json.parse(text or "{}")
    except ValueError as error:
        raise _refused(str(error)) from error
    if not isinstance(found, dict):
        raise _refused("expected a JSON object")
    return found


def _customers(theirs: Mapping[str, Any]) -> dict[str, Any]:
    name, address = theirs.get("customerName"), theirs.get("customerAddress")
    if name is None and address is None:
        return {}
    is_email = isinstance(address, str) and "@" in address
    return {"name": name, "phone": None if is_email else address, "email": address if is_email else None}


def _conversations(channel: InteractionChannel, *, outbound: bool) -> dict[str, Any]:
    ours: dict[str, Any] = {
        "initiated_by": _INITIATORS[channel.initiated_by],
        "communication_channel": channel.type.capitalize(),
        "media": [{"type": "ChatTranscript", "sid": channel.conversation_sid}],
    }
    if outbound:
        ours["direction"] = "Outbound"
    if channel.business_address is not None:
        ours["external_contact"] = channel.business_address
    return ours


def _object(theirs: Mapping[str, Any], key: str) -> dict[str, Any]:
    found = theirs.get(key)
    return found if isinstance(found, dict) else {}


def _refused(reason: str) -> Invalid:
    return Invalid(f"Invalid parameter Routing.properties.attributes: {reason}", code=VALIDATION)
