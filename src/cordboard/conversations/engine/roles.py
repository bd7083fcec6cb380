"""Which role somebody gets."""

from cordboard.conversations.model import RoleScope, Service
from cordboard.conversations.store.roles import ROLES, named
from cordboard.kernel.errors import Invalid
from cordboard.storage.unit import Unit


async def given(unit: Unit, service_sid: str, scope: RoleScope, role_sid: str) -> str:
    """The SID of a role that a caller names. Raises 50100 for none of this service, or one that is for something else."""
    role = await unit.get(ROLES, role_sid)
    if role is None or role.chat_service_sid != service_sid or role.scope is not scope:
        message = f"Invalid parameter RoleSid: {role_sid} is no {scope} role of this service"
        raise Invalid(message, code=50100)
    return role.sid


async def of_name(unit: Unit, service: Service, name: str) -> str:
    """The SID of the conversation role of this name, ``agent`` or ``guest``. Raises 50100."""
    role = await named(unit, service.sid, RoleScope.CONVERSATION, name)
    if role is None:
        message = f"The service {service.sid} has no conversation role '{name}'"
        raise Invalid(message, code=50100)
    return role.sid
