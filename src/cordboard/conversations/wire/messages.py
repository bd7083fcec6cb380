"""Messages: forms, and the answer."""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, UnsetType

from cordboard.conversations.model import Message
from cordboard.kernel.clock import iso
from cordboard.kernel.pages import Page
from cordboard.rest.forms import Instant, PathValue
from cordboard.rest.routes import Urls

from .attributes import NOT_JSON, Attributes
from .changes import changes, given
from .later import Later
from .scope import Scoped, Told

LATER = ("media_sid", "content_sid", "content_variables")

_CODES = {"Body": 50504, "Attributes": NOT_JSON}


class _Words(Told, frozen=True, kw_only=True):
    codes = _CODES
    conversation_sid: PathValue
    author: Annotated[str, Meta(max_length=256)] | UnsetType = UNSET
    body: Annotated[str, Meta(max_length=32 * 1024)] | UnsetType = UNSET
    subject: Annotated[str, Meta(max_length=256)] | UnsetType = UNSET
    attributes: Attributes | UnsetType = UNSET
    date_created: Instant | UnsetType = UNSET
    date_updated: Instant | UnsetType = UNSET


class CreateMessage(_Words, frozen=True, kw_only=True):
    """Something that is said; ``author`` is ``system`` if not given."""

    media_sid: Later = UNSET
    content_sid: Later = UNSET
    content_variables: Later = UNSET


class UpdateMessage(_Words, frozen=True, kw_only=True):
    """What changes of a message."""

    sid: PathValue


class OneMessage(Scoped, frozen=True, kw_only=True):
    """Which message."""

    conversation_sid: PathValue
    sid: PathValue


class DeleteMessage(Told, frozen=True, kw_only=True):
    """Which message is to go."""

    conversation_sid: PathValue
    sid: PathValue


class ListMessages(Scoped, frozen=True, kw_only=True):
    """A page of what was said, the oldest first unless ``order`` is ``desc``."""

    conversation_sid: PathValue
    order: Literal["asc", "desc"] = "asc"
    page: Page = Page()


def words_of(form: CreateMessage) -> dict[str, Any]:
    """What ``messages.add`` is told."""
    return given(form, "conversation_sid")


def changes_of(form: UpdateMessage) -> dict[str, Any]:
    """Fields of a message that are to change. Raises Invalid."""
    return changes(form, "conversation_sid", "sid")


def message(fact: Message, urls: Urls) -> dict[str, Any]:
    """A message. Media and receipts are not built: ``delivery`` is null as for a message that nobody carries."""
    url = f"{urls.base}/Conversations/{fact.conversation_sid}/Messages/{fact.sid}"
    return {
        "sid": fact.sid,
        "account_sid": fact.account_sid,
        "conversation_sid": fact.conversation_sid,
        "index": fact.message_index,
        "author": fact.author,
        "participant_sid": fact.participant_sid,
        "body": fact.body,
        "subject": fact.subject,
        "attributes": fact.attributes,
        "media": None,
        "content_sid": None,
        "delivery": None,
        "date_created": iso(fact.created_at),
        "date_updated": iso(fact.updated_at),
        "url": url,
        "links": {"delivery_receipts": f"{url}/Receipts", "channel_metadata": f"{url}/ChannelMetadata"},
    }
