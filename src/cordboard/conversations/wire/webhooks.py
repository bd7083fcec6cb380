"""Webhooks of accounts, services and single conversations: forms, and the answers."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Any, Literal, NotRequired, TypedDict

from msgspec import UNSET, Meta, UnsetType, field

from cordboard.conversations.model import Configuration, Receiver, ScopedWebhook, Service, Target
from cordboard.kernel.clock import iso
from cordboard.kernel.errors import Invalid
from cordboard.kernel.pages import Page
from cordboard.rest.answers import AccountSid, Date, Url
from cordboard.rest.forms import Form, PathValue, sid
from cordboard.rest.routes import Urls
from cordboard.webhooks.destinations import CallbackUrl
from cordboard.webhooks.model import Method

from .changes import changes, given
from .scope import Scoped

MOST_TRIGGERS = 5
_LONGEST_URL = 512

_PRE_URL, _POST_URL, _METHOD, _FILTER, _TRIGGER, _FLOW = 50077, 50078, 50055, 50365, 50366, 50367
_TOO_MANY_TRIGGERS, _WRONG_TARGET, _LONG_URL = 50362, 50364, 50372
_NO_TARGET, _NO_URL, _NO_FILTER, _NO_TRIGGER = 50368, 50369, 50370, 50371


class EventName(StrEnum):
    """What webhooks may hear of. Those without a past are asked before it happens."""

    CONVERSATION_ADD = "onConversationAdd"
    CONVERSATION_ADDED = "onConversationAdded"
    CONVERSATION_UPDATE = "onConversationUpdate"
    CONVERSATION_UPDATED = "onConversationUpdated"
    CONVERSATION_REMOVE = "onConversationRemove"
    CONVERSATION_REMOVED = "onConversationRemoved"
    CONVERSATION_STATE_UPDATED = "onConversationStateUpdated"
    PARTICIPANT_ADD = "onParticipantAdd"
    PARTICIPANT_ADDED = "onParticipantAdded"
    PARTICIPANT_UPDATE = "onParticipantUpdate"
    PARTICIPANT_UPDATED = "onParticipantUpdated"
    PARTICIPANT_REMOVE = "onParticipantRemove"
    PARTICIPANT_REMOVED = "onParticipantRemoved"
    MESSAGE_ADD = "onMessageAdd"
    MESSAGE_ADDED = "onMessageAdded"
    MESSAGE_UPDATE = "onMessageUpdate"
    MESSAGE_UPDATED = "onMessageUpdated"
    MESSAGE_REMOVE = "onMessageRemove"
    MESSAGE_REMOVED = "onMessageRemoved"
    DELIVERY_UPDATED = "onDeliveryUpdated"
    USER_ADDED = "onUserAdded"
    USER_UPDATE = "onUserUpdate"
    USER_UPDATED = "onUserUpdated"


_OF_SERVICES = frozenset(name for name in EventName if not name.startswith("onUser"))
_OF_CONVERSATIONS = frozenset(name for name in _OF_SERVICES if name.endswith("ed"))

_Method = Literal["GET", "POST", "get", "post"]
_Filters = list[EventName]
_Triggers = list[Annotated[str, Meta(min_length=1, max_length=248)]]
_Target = Annotated[str, Meta(max_length=64, extra_json_schema={"enum": [target.value for target in Target]})]


_CODES = {"PreWebhookUrl": _PRE_URL, "PostWebhookUrl": _POST_URL, "Method": _METHOD, "Filters": _FILTER}
_SCOPED_CODES = {
    "Target": _WRONG_TARGET,
    "Configuration.Filters": _FILTER,
    "Configuration.Triggers": _TRIGGER,
    "Configuration.FlowSid": _FLOW,
    "Configuration.Method": _METHOD,
}


class FetchWebhooks(Form, frozen=True, kw_only=True):
    """Nothing: an account has one configuration."""


class FetchServiceWebhooks(Form, frozen=True, kw_only=True):
    """Which service."""

    chat_service_sid: PathValue


class UpdateServiceWebhooks(Form, frozen=True, kw_only=True):
    """What a service tells and asks, and where."""

    codes = _CODES
    chat_service_sid: PathValue
    pre_webhook_url: CallbackUrl | UnsetType = UNSET
    post_webhook_url: CallbackUrl | UnsetType = UNSET
    method: _Method | UnsetType = UNSET
    filters: _Filters | UnsetType = UNSET


class UpdateWebhooks(Form, frozen=True, kw_only=True):
    """The same for all services of an account."""

    codes = _CODES
    pre_webhook_url: CallbackUrl | UnsetType = UNSET
    post_webhook_url: CallbackUrl | UnsetType = UNSET
    method: _Method | UnsetType = UNSET
    filters: _Filters | UnsetType = UNSET
    target: Receiver | UnsetType = UNSET


class _Configuration(Scoped, frozen=True, kw_only=True):
    codes = _SCOPED_CODES
    conversation_sid: PathValue
    url: CallbackUrl | UnsetType = field(default=UNSET, name="Configuration.Url")
    method: _Method | UnsetType = field(default=UNSET, name="Configuration.Method")
    filters: _Filters | UnsetType = field(default=UNSET, name="Configuration.Filters")
    triggers: _Triggers | UnsetType = field(default=UNSET, name="Configuration.Triggers")
    flow_sid: Annotated[str, sid("FW")] | UnsetType = field(default=UNSET, name="Configuration.FlowSid")


class CreateScopedWebhook(_Configuration, frozen=True, kw_only=True):
    """A webhook for one conversation. ``replay_after``: messages of this index and later are told at once."""

    target: _Target | UnsetType = UNSET
    replay_after: Annotated[int, Meta(ge=0, le=2**53)] | UnsetType = field(
        default=UNSET, name="Configuration.ReplayAfter"
    )


class UpdateScopedWebhook(_Configuration, frozen=True, kw_only=True):
    """What changes of a webhook; its target stays."""

    sid: PathValue


class OneScopedWebhook(Scoped, frozen=True, kw_only=True):
    """Which webhook of which conversation."""

    conversation_sid: PathValue
    sid: PathValue


class ListScopedWebhooks(Scoped, frozen=True, kw_only=True):
    """A page of a conversation's webhooks."""

    conversation_sid: PathValue
    page: Page = Page()


class WebhooksAnswer(TypedDict):
    """The webhooks of an account."""

    account_sid: AccountSid
    pre_webhook_url: str | None
    post_webhook_url: str | None
    method: str | None
    filters: tuple[str, ...] | None
    target: str
    url: Url


class ServiceWebhooksAnswer(TypedDict):
    """The webhooks of a service."""

    account_sid: AccountSid
    chat_service_sid: Annotated[str, sid("IS")]
    pre_webhook_url: str | None
    post_webhook_url: str | None
    method: str | None
    filters: tuple[str, ...] | None
    url: Url


class ScopedWebhookAnswer(TypedDict):
    """A webhook of one conversation; ``configuration`` has what its target needs."""

    sid: Annotated[str, sid("WH")]
    account_sid: AccountSid
    chat_service_sid: NotRequired[Annotated[str, sid("IS")]]
    conversation_sid: Annotated[str, sid("CH")]
    target: Target
    configuration: dict[str, Any]
    date_created: Date
    date_updated: Date
    url: Url


def changes_of(form: UpdateWebhooks | UpdateServiceWebhooks) -> dict[str, Any]:
    """Fields of ``Webhooks`` that are to change. Raises Invalid."""
    values = changes(form, "chat_service_sid")
    for name in ("pre_webhook_url", "post_webhook_url"):
        if name in values:
            values[name] = values[name] or None
    if isinstance(form, UpdateServiceWebhooks):
        _check_filters(values, "Filters", _OF_SERVICES, "a service's webhooks")
    return _stored(values)


def facts_of(form: CreateScopedWebhook) -> dict[str, Any]:
    """Fields of a new webhook. Raises Invalid with the vendor's code for what its target lacks."""
    if form.target is UNSET:
        message = "Missing required parameter Target in the post body"
        raise Invalid(message, code=_NO_TARGET)
    try:
        target = Target(form.target)
    except ValueError as error:
        message = f"Invalid parameter Target: '{form.target}' is none of {', '.join(Target)}"
        raise Invalid(message, code=_WRONG_TARGET) from error
    facts = {"url": None, "method": Method.POST, "filters": (), "triggers": (), "flow_sid": None, "replay_after": None}
    facts |= _of_target(target, given(form, "conversation_sid", "target"))
    return {"target": target, **facts}


def scoped_changes_of(form: UpdateScopedWebhook, target: Target) -> dict[str, Any]:
    """Fields of a webhook that are to change. Raises Invalid."""
    return _of_target(target, changes(form, "conversation_sid", "sid"))


def check_complete(webhook: ScopedWebhook) -> None:
    """Raise Invalid for a webhook without what its target needs."""
    missing = None
    match webhook.target:
        case Target.STUDIO:
            if webhook.flow_sid is None:
                missing = "FlowSid", _FLOW
        case Target.WEBHOOK | Target.TRIGGER if not webhook.url:
            missing = "Url", _NO_URL
        case Target.WEBHOOK if not webhook.filters:
            missing = "Filters", _NO_FILTER
        case Target.TRIGGER if not webhook.triggers:
            missing = "Triggers", _NO_TRIGGER
        case _:
            pass
    if missing is not None:
        name, code = missing
        message = f"Missing required parameter Configuration.{name} in the post body: a {webhook.target} needs it"
        raise Invalid(message, code=code)


def webhooks(fact: Configuration, urls: Urls) -> WebhooksAnswer:
    """The webhooks of an account; null until they are set."""
    told = fact.webhooks
    return {
        "account_sid": fact.account_sid,
        "pre_webhook_url": told.pre_webhook_url,
        "post_webhook_url": told.post_webhook_url,
        "method": told.method,
        "filters": told.filters,
        "target": told.target,
        "url": f"{urls.base}/v1/Configuration/Webhooks",
    }


def service_webhooks(fact: Service, urls: Urls) -> ServiceWebhooksAnswer:
    """The webhooks of a service; null until they are set."""
    told = fact.webhooks
    return {
        "account_sid": fact.account_sid,
        "chat_service_sid": fact.sid,
        "pre_webhook_url": told.pre_webhook_url,
        "post_webhook_url": told.post_webhook_url,
        "method": told.method,
        "filters": told.filters,
        "url": f"{urls.base}/v1/Services/{fact.sid}/Configuration/Webhooks",
    }


def scoped_webhook(fact: ScopedWebhook, urls: Urls) -> ScopedWebhookAnswer:
    """A webhook of one conversation."""
    return {
        "sid": fact.sid,
        "account_sid": fact.account_sid,
        "conversation_sid": fact.conversation_sid,
        "target": fact.target,
        "configuration": _configuration(fact),
        "date_created": iso(fact.created_at),
        "date_updated": iso(fact.updated_at),
        "url": f"{urls.base}/Conversations/{fact.conversation_sid}/Webhooks/{fact.sid}",
    }


def _configuration(fact: ScopedWebhook) -> dict[str, Any]:
    if fact.target is Target.STUDIO:
        shown: dict[str, Any] = {"flow_sid": fact.flow_sid}
    else:
        shown = {"url": fact.url, "method": fact.method.lower()}
        if fact.target is Target.WEBHOOK:
            shown["filters"] = fact.filters
        else:
            shown["triggers"] = fact.triggers
    if fact.replay_after is not None:
        shown["replay_after"] = fact.replay_after
    return shown


# What the parameters of other targets say is passed over: the vendor's own examples send it along.
_USED = {
    Target.WEBHOOK: frozenset(("url", "method", "filters", "replay_after")),
    Target.TRIGGER: frozenset(("url", "method", "triggers", "replay_after")),
    Target.STUDIO: frozenset(("flow_sid", "replay_after")),
}


def _of_target(target: Target, values: dict[str, Any]) -> dict[str, Any]:
    values = {name: value for name, value in values.items() if name in _USED[target]}
    if len(values.get("url", "")) > _LONGEST_URL:
        message = f"Invalid parameter Configuration.Url: expected at most {_LONGEST_URL} characters"
        raise Invalid(message, code=_LONG_URL)
    if len(values.get("triggers", ())) > MOST_TRIGGERS:
        message = f"Invalid parameter Configuration.Triggers: expected at most {MOST_TRIGGERS}"
        raise Invalid(message, code=_TOO_MANY_TRIGGERS)
    _check_filters(values, "Configuration.Filters", _OF_CONVERSATIONS, "a conversation's webhook")
    return _stored(values)


def _check_filters(values: dict[str, Any], parameter: str, allowed: Iterable[EventName], whose: str) -> None:
    for name in values.get("filters", ()):
        if name not in allowed:
            message = f"Invalid parameter {parameter}: '{name}' is no event of {whose}"
            raise Invalid(message, code=_FILTER)


def _stored(values: dict[str, Any]) -> dict[str, Any]:
    if "method" in values:
        values["method"] = Method(values["method"].upper())
    for name in ("filters", "triggers"):
        if name in values:
            values[name] = tuple(dict.fromkeys(map(str, values[name])))
    return values
