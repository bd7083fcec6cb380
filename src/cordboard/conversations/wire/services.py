"""Services and configurations: forms, and the answers. These exist once, so URLs begin with the version."""

from typing import Annotated, Any

from msgspec import UNSET, Meta, UnsetType

from cordboard.conversations.model import Configuration, Service
from cordboard.kernel.clock import iso
from cordboard.kernel.pages import Page
from cordboard.rest.forms import Form, PathValue, sid
from cordboard.rest.routes import Urls

from .changes import changes
from .later import Later

LATER = ("default_messaging_service_sid", "default_inactive_timer", "default_closed_timer")


class CreateService(Form, frozen=True, kw_only=True):
    """A new service's name."""

    friendly_name: Annotated[str, Meta(min_length=1, max_length=256)]


class OneService(Form, frozen=True, kw_only=True):
    """Which service."""

    sid: PathValue


class ListServices(Form, frozen=True, kw_only=True):
    """A page of an account's services."""

    page: Page = Page()


class FetchConfiguration(Form, frozen=True, kw_only=True):
    """Nothing: the account has one."""


class UpdateConfiguration(Form, frozen=True, kw_only=True):
    """Which service the short paths mean from now on."""

    default_chat_service_sid: Annotated[str, sid("IS")] | UnsetType = UNSET
    default_messaging_service_sid: Later = UNSET
    default_inactive_timer: Later = UNSET
    default_closed_timer: Later = UNSET


class FetchServiceConfiguration(Form, frozen=True, kw_only=True):
    """Which service."""

    chat_service_sid: PathValue


def changes_of(form: UpdateConfiguration) -> dict[str, Any]:
    """Fields of the configuration that are to change. Raises Invalid."""
    return changes(form)


def service(fact: Service, urls: Urls) -> dict[str, Any]:
    """A service."""
    url = f"{urls.base}/v1/Services/{fact.sid}"
    return {
        "sid": fact.sid,
        "account_sid": fact.account_sid,
        "friendly_name": fact.friendly_name,
        "date_created": iso(fact.created_at),
        "date_updated": iso(fact.updated_at),
        "url": url,
        "links": {
            "conversations": f"{url}/Conversations",
            "users": f"{url}/Users",
            "roles": f"{url}/Roles",
            "bindings": f"{url}/Bindings",
            "configuration": f"{url}/Configuration",
            "participant_conversations": f"{url}/ParticipantConversations",
            "conversation_with_participants": f"{url}/ConversationWithParticipants",
        },
    }


def service_configuration(fact: Service, urls: Urls) -> dict[str, Any]:
    """The roles that newcomers to a service get. Reachability is not built, so it is off."""
    url = f"{urls.base}/v1/Services/{fact.sid}/Configuration"
    return {
        "chat_service_sid": fact.sid,
        "default_conversation_creator_role_sid": fact.default_conversation_creator_role_sid,
        "default_conversation_role_sid": fact.default_conversation_role_sid,
        "default_chat_service_role_sid": fact.default_chat_service_role_sid,
        "reachability_enabled": False,
        "url": url,
        "links": {"notifications": f"{url}/Notifications", "webhooks": f"{url}/Webhooks"},
    }


def configuration(fact: Configuration, urls: Urls) -> dict[str, Any]:
    """An account's configuration. Messaging services and timers are not built, so there are no defaults for them."""
    url = f"{urls.base}/v1/Configuration"
    return {
        "account_sid": fact.account_sid,
        "default_chat_service_sid": fact.default_chat_service_sid,
        "default_messaging_service_sid": None,
        "default_inactive_timer": None,
        "default_closed_timer": None,
        "url": url,
        "links": {
            "service": f"{urls.base}/v1/Services/{fact.default_chat_service_sid}/Configuration",
            "webhooks": f"{url}/Webhooks",
        },
    }
