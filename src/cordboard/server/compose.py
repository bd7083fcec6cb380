"""Everything is put together here: the one file that names concrete adapters, products, reactions and alarm handlers."""

import sqlite3
from collections.abc import Mapping

from cordboard.accounts.actions.authentication import Authentication
from cordboard.accounts.actions.first_start import OtherAccount, first_start
from cordboard.accounts.model import AccountCreated
from cordboard.accounts.routes import API, CORDBOARD
from cordboard.conversations.engine.births import born as conversations_born
from cordboard.conversations.model import ConversationStateChanged, ParticipantAdded, ParticipantRemoved
from cordboard.conversations.routes import CONVERSATIONS
from cordboard.flex.engine import reactions as flex
from cordboard.flex.engine.births import born as flex_born
from cordboard.flex.routes import FLEX
from cordboard.kernel.chance import SystemChance
from cordboard.kernel.clock import SystemClock
from cordboard.kernel.errors import Unavailable
from cordboard.kernel.keyring import WrongKey
from cordboard.kernel.ports import Ports
from cordboard.kernel.settings import Settings
from cordboard.kernel.sids import Sids
from cordboard.rest.app import RestApp
from cordboard.rest.routes import Product
from cordboard.storage.migrate import NewerSchema
from cordboard.storage.port import Database
from cordboard.storage.postgres import open_postgres
from cordboard.storage.sqlite import DatabaseInUse, open_sqlite
from cordboard.taskrouter.engine.router import Router
from cordboard.taskrouter.engine.timeouts import HANDLERS as taskrouter_alarms  # noqa: N811 - a name of its own beside others
from cordboard.taskrouter.model import ReservationAccepted, ReservationCompleted, ReservationEnded, TaskEnded
from cordboard.taskrouter.routes import TASKROUTER
from cordboard.timers.loop import Handler, Timers

from . import preconditions
from .preconditions import CannotStart
from .reactions import Reaction, in_order
from .system import Credentials, Follower, System

__all__ = ["Credentials", "System", "compose", "system_ports"]

# A request goes to the product of its host, else of its prefix, else of its path.
PRODUCTS: tuple[Product, ...] = (CORDBOARD, API, TASKROUTER, CONVERSATIONS, FLEX)

# Who does what in the unit in which something happened (design D12), in this order. ``announces`` names what a reaction may
# cause to be announced: from it a circle is found at start, and announcing anything else is refused.
REACTIONS: tuple[Reaction, ...] = (
    Reaction(AccountCreated, conversations_born),
    Reaction(AccountCreated, flex_born),
    Reaction(ReservationAccepted, flex.accepted, (ParticipantAdded, ConversationStateChanged)),
    Reaction(ReservationCompleted, flex.completed, (ParticipantRemoved, ConversationStateChanged)),
    Reaction(ConversationStateChanged, flex.state_changed, (ReservationEnded, TaskEnded)),
)

# What an alarm of each kind does.
ALARMS: Mapping[str, Handler] = {**taskrouter_alarms}


def system_ports(settings: Settings) -> Ports:
    """The machine's time and chance, and the keys that ``settings`` give. Raises CannotStart."""
    preconditions.check(settings)
    clock, chance = SystemClock(), SystemChance()
    return Ports(clock, chance, Sids(clock, chance), preconditions.keyring(settings, chance))


async def compose(settings: Settings, ports: Ports) -> System:
    """Open the database, make the first account if there is none, and join the parts. Raises CannotStart.

    Nothing runs yet: alarms and routing begin with ``System.start``.
    """
    preconditions.check(settings)
    db = await _open(settings, ports)
    try:
        first, is_new = await db.run(lambda unit: first_start(unit, settings.account_sid, settings.auth_token))
        timers = Timers(db, ports.clock, ALARMS)
        followers: tuple[Follower, ...] = (Router(db, ports.clock),)
        rest = RestApp(PRODUCTS, db.read, db.run, Authentication(db, ports), settings, ports.sids)
    except BaseException as error:
        await db.close()
        if isinstance(error, WrongKey | OtherAccount | Unavailable):
            raise CannotStart(str(error)) from error
        raise
    credentials = Credentials(first.account.sid, first.token)
    return System(settings, ports, db, timers, followers, rest, credentials, first_start=is_new)


async def _open(settings: Settings, ports: Ports) -> Database:
    reactions = in_order(REACTIONS)
    file = preconditions.database_file(settings)
    try:
        if file is None:
            return await open_postgres(settings.database, ports, reactions)
        return await open_sqlite(file, ports, reactions)
    except (DatabaseInUse, NewerSchema, Unavailable) as error:
        raise CannotStart(str(error)) from error
    except (OSError, sqlite3.Error, ValueError) as error:
        message = f"the database {file or 'of CORDBOARD_DATABASE'} cannot be opened: {error}"
        raise CannotStart(message) from error
