"""What an account is born with: one service, the default one, and its roles.

Flex wants its own service to be the account's default, with roles of its own; their permissions are as documented
(conversations-and-channels.md part 2). The four roles of a plain service come from the older Chat product. Every service gets
all of them, so that any may become the default one.
"""

from collections.abc import Mapping

from cordboard.accounts.model import AccountCreated
from cordboard.conversations.model import Configuration, Role, RoleScope, Service, Webhooks
from cordboard.conversations.store.roles import ROLES
from cordboard.conversations.store.services import CONFIGURATIONS, SERVICES
from cordboard.events.record import record
from cordboard.storage.unit import Unit

from .recording import PRODUCT

_FLEX_SERVICE = "Flex Chat Service"

_GUEST = ("sendMessage", "sendMediaMessage", "leaveConversation")
_USER = (*_GUEST, "editOwnMessage", "editOwnMessageAttributes", "deleteOwnMessage")
_AGENT = (*_USER, "editConversationAttributes")
_ADMIN = (*_AGENT, "editAnyMessage", "editAnyMessageAttributes", "deleteAnyMessage")
_CHANNEL_ADMIN = (
    *_ADMIN,
    "addParticipant",
    "addNonChatParticipant",
    "removeParticipant",
    "deleteConversation",
    "editAnyParticipantAttributes",
    "editConversationName",
    "editNotificationLevel",
    "editOwnParticipantAttributes",
)
_SERVICE_USER = ("createConversation", "joinConversation", "editOwnUserInfo")
_SERVICE_ADMIN = (
    *_SERVICE_USER,
    "addParticipant",
    "removeParticipant",
    "deleteConversation",
    "deleteAnyMessage",
    "editAnyMessage",
    "editAnyMessageAttributes",
    "editAnyUserInfo",
    "editConversationAttributes",
    "editConversationName",
    "editOwnMessage",
    "editOwnMessageAttributes",
)
_FLEX_SERVICE_ADMIN = (
    "joinConversation",
    "deleteConversation",
    "addParticipant",
    "removeParticipant",
    "editConversationAttributes",
    "editOwnUserInfo",
    "editAnyUserInfo",
)
_FLEX_SERVICE_SUPERVISOR = ("joinConversation", "addParticipant", "removeParticipant", "editOwnUserInfo")

_CREATOR = (RoleScope.CONVERSATION, "channel admin")
_MEMBER = (RoleScope.CONVERSATION, "guest")
_NEWCOMER = (RoleScope.SERVICE, "service user")

_ROLES: Mapping[tuple[RoleScope, str], tuple[str, ...]] = {
    (RoleScope.SERVICE, "service admin"): _SERVICE_ADMIN,
    _NEWCOMER: _SERVICE_USER,
    _CREATOR: _CHANNEL_ADMIN,
    (RoleScope.CONVERSATION, "channel user"): _USER,
    (RoleScope.SERVICE, "admin"): _FLEX_SERVICE_ADMIN,
    (RoleScope.SERVICE, "supervisor"): _FLEX_SERVICE_SUPERVISOR,
    _MEMBER: _GUEST,
    (RoleScope.CONVERSATION, "agent"): _AGENT,
    (RoleScope.CONVERSATION, "admin"): _ADMIN,
    (RoleScope.CONVERSATION, "supervisor"): _ADMIN,
}


async def born(unit: Unit, happening: AccountCreated) -> None:
    """Reaction: give a new account its default service."""
    account_sid = happening.account.sid
    service = add_service(unit, account_sid, _FLEX_SERVICE)
    unit.insert(CONFIGURATIONS, Configuration(account_sid, 1, service.sid, Webhooks(), False, unit.now, unit.now))


def add_service(unit: Unit, account_sid: str, friendly_name: str) -> Service:
    """Make a service and the roles that every service has."""
    service_sid = unit.sid("IS")
    roles = {
        name: unit.insert(
            ROLES, Role(unit.sid("RL"), 1, account_sid, service_sid, name[1], name[0], permissions, unit.now, unit.now)
        )
        for name, permissions in _ROLES.items()
    }
    service = Service(
        service_sid,
        1,
        account_sid,
        friendly_name,
        roles[_CREATOR].sid,
        roles[_MEMBER].sid,
        roles[_NEWCOMER].sid,
        Webhooks(),
        unit.now,
        unit.now,
    )
    unit.insert(SERVICES, service)
    record(
        unit,
        PRODUCT,
        "service.added",
        account_sid=account_sid,
        scope_sid=service_sid,
        resource_sid=service_sid,
        service=service,
    )
    return service
