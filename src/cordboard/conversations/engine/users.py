"""Users come into being with the first conversation that they are in, or by the API."""

from cordboard.conversations.model import Service, User
from cordboard.conversations.store.users import USERS, named
from cordboard.events.record import record
from cordboard.kernel.errors import Invalid
from cordboard.kernel.sids import is_sid
from cordboard.storage.unit import Unit

from .recording import PRODUCT


async def ensure(unit: Unit, service: Service, identity: str) -> User:
    """The user of this identity, made if there is none. Raises Invalid for what cannot be an identity."""
    user = await named(unit, service.sid, identity)
    return user if user is not None else add(unit, service, identity)


def add(
    unit: Unit,
    service: Service,
    identity: str,
    *,
    friendly_name: str | None = None,
    attributes: str = "{}",
    role_sid: str | None = None,
) -> User:
    """A new user. Raises Invalid for an identity that looks like a user's SID (50206): paths take both."""
    if not identity:
        message = "Invalid parameter Identity: it is empty"
        raise Invalid(message)
    if is_sid(identity, "US"):
        message = "Invalid parameter Identity: it looks like the SID of a user"
        raise Invalid(message, code=50206)
    user = User(
        unit.sid("US"),
        1,
        service.account_sid,
        service.sid,
        role_sid or service.default_chat_service_role_sid,
        identity,
        friendly_name,
        attributes,
        unit.now,
        unit.now,
    )
    unit.insert(USERS, user)
    happened(unit, "user.added", user)
    return user


def happened(unit: Unit, type_: str, user: User) -> None:
    """Record what happened to a user."""
    record(
        unit,
        PRODUCT,
        type_,
        account_sid=user.account_sid,
        scope_sid=user.chat_service_sid,
        resource_sid=user.sid,
        user=user,
    )
