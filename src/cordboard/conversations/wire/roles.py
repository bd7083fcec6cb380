"""Roles: forms, and the answer."""

from typing import Any

from cordboard.conversations.model import Role
from cordboard.kernel.clock import iso
from cordboard.kernel.pages import Page
from cordboard.rest.forms import PathValue
from cordboard.rest.routes import Urls

from .scope import Scoped


class OneRole(Scoped, frozen=True, kw_only=True):
    """Which role."""

    sid: PathValue


class ListRoles(Scoped, frozen=True, kw_only=True):
    """A page of a service's roles."""

    page: Page = Page()


def role(fact: Role, urls: Urls) -> dict[str, Any]:
    """A role."""
    return {
        "sid": fact.sid,
        "account_sid": fact.account_sid,
        "chat_service_sid": fact.chat_service_sid,
        "friendly_name": fact.friendly_name,
        "type": fact.scope,
        "permissions": fact.permissions,
        "date_created": iso(fact.created_at),
        "date_updated": iso(fact.updated_at),
        "url": f"{urls.base}/Roles/{fact.sid}",
    }
