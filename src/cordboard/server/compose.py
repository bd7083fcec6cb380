"""Everything is put together here: the one file that names products, reactions and alarm handlers."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from cordboard.accounts.actions.authentication import Authentication
from cordboard.accounts.actions.first_start import OtherAccount, first_start
from cordboard.accounts.actions.kept_answers import once
from cordboard.accounts.model import AccountCreated, AnswerKept
from cordboard.accounts.routes import API, AUTH_TOKENS, CORDBOARD, IAM
from cordboard.conversations.engine import telling
from cordboard.conversations.engine.births import born as conversations_born
from cordboard.conversations.model import ConversationStateChanged, ParticipantAdded, ParticipantRemoved
from cordboard.conversations.routes import CONVERSATIONS
from cordboard.events.following import Following
from cordboard.flex.engine import reactions as flex
from cordboard.flex.engine.births import born as flex_born
from cordboard.flex.routes import FLEX
from cordboard.kernel.caller import Caller
from cordboard.kernel.chance import SystemChance
from cordboard.kernel.clock import SystemClock
from cordboard.kernel.errors import Unavailable
from cordboard.kernel.keyring import WrongKey
from cordboard.kernel.ports import Ports, Projections
from cordboard.kernel.settings import Settings
from cordboard.kernel.sids import Sids
from cordboard.rest.app import RestApp
from cordboard.rest.calls import Call, Watcher
from cordboard.rest.hosts import Names
from cordboard.rest.routes import Product
from cordboard.storage.unit import Recorded
from cordboard.taskrouter.engine import callbacks, naming
from cordboard.taskrouter.engine.record import PRODUCT as ROUTED
from cordboard.taskrouter.engine.router import ROUTING, Router
from cordboard.taskrouter.engine.statistics_ledger import STATISTICS_LEASE, Ledger
from cordboard.taskrouter.engine.timeouts import HANDLERS as taskrouter_alarms  # noqa: N811 - a name of its own beside others
from cordboard.taskrouter.engine.voice import NoVoice, VoiceCarrier
from cordboard.taskrouter.happenings import (
    ReservationAccepted,
    ReservationCompleted,
    ReservationEnded,
    TaskEnded,
    VoiceInstructed,
)
from cordboard.taskrouter.routes import OURS as EXPLANATIONS
from cordboard.taskrouter.routes import TASKROUTER
from cordboard.timers.loop import Handler, Timers
from cordboard.webhooks.destinations import Policy
from cordboard.webhooks.messages import Calling
from cordboard.webhooks.questions import Questions
from cordboard.webhooks.routes import DELIVERIES
from cordboard.webhooks.sender import SENDING, Sender

from . import expiry, preconditions
from .app import OuterApp
from .databases import open_database
from .erasing import Erasing
from .line import Line
from .logs import log_call
from .metrics import Metrics
from .preconditions import CannotStart
from .reactions import Reaction, in_order
from .resealing import Resealing
from .retention import Retention
from .seed.applying import apply
from .seed.file import SeedFile
from .system import Credentials, Follower, System

if TYPE_CHECKING:
    from .traces import Traces

__all__ = ["Credentials", "System", "compose", "system_ports"]

OURS = dataclasses.replace(CORDBOARD, routes=(*CORDBOARD.routes, *DELIVERIES, *EXPLANATIONS))

# A request goes to the product of its host, else of its prefix, else of its path.
PRODUCTS: tuple[Product, ...] = (OURS, API, IAM, AUTH_TOKENS, TASKROUTER, CONVERSATIONS, FLEX)

NO_VOICE: VoiceCarrier = NoVoice()

# Who does what in the unit in which something happened (design D12), in this order. ``announces`` names what a reaction may
# cause to be announced: from it a circle is found at start, and announcing anything else is refused.
REACTIONS: tuple[Reaction, ...] = (
    Reaction(AccountCreated, conversations_born),
    Reaction(AccountCreated, flex_born),
    Reaction(AnswerKept, expiry.answer_kept),
    Reaction(ReservationAccepted, flex.accepted, (ParticipantAdded, ConversationStateChanged)),
    Reaction(ReservationCompleted, flex.completed, (ParticipantRemoved, ConversationStateChanged)),
    Reaction(VoiceInstructed, NO_VOICE.instructed),
    Reaction(ConversationStateChanged, flex.state_changed, (ReservationEnded, TaskEnded)),
    Reaction(Recorded, naming.name),
    Reaction(Recorded, callbacks.recorded),
    Reaction(Recorded, telling.recorded),
)

# What an alarm of each kind does; ``retention`` adds those that follow settings.
ALARMS: Mapping[str, Handler] = {**taskrouter_alarms, **expiry.HANDLERS}


def system_ports(settings: Settings) -> Ports:
    """The machine's time and chance, and the keys that ``settings`` give. Raises CannotStart."""
    preconditions.check(settings)
    clock, chance = SystemClock(), SystemChance()
    return Ports(clock, chance, Sids(clock, chance), preconditions.keyring(settings, chance))


async def compose(settings: Settings, ports: Ports) -> System:
    """Open the database, make the first account if there is none, do what a seed file says, and join the parts.

    Raises CannotStart. Nothing runs yet: alarms and routing begin with ``System.start``.
    """
    preconditions.check(settings)
    seed = SeedFile(Path(settings.seed)) if settings.seed else None
    retention = Retention(settings)
    ports = replace(ports, projections=Projections())
    traces = begin_traces() if settings.traces else None
    db = await open_database(settings, ports, in_order(REACTIONS))
    try:
        first, is_new = await db.run(lambda unit: first_start(unit, settings.account_sid, settings.auth_token))
        seeded = None if seed is None else await db.run(lambda unit: apply(unit, Caller(first.account.sid), seed))
        await db.run(lambda unit: retention.begin(unit, first.account.sid))
        timers = Timers(db, ports.clock, {**ALARMS, **retention.handlers})
        router = (traces.router if traces else Router)(db, ports.clock, db.node.lease(ROUTING))
        sender = Sender(db, ports, db.node.lease(SENDING), lambda: open_calls(settings), callbacks.ASKERS)
        looks, units = Line("calls that look", db.read), Line("calls that change something", db.run)
        questions = Questions(traces.runner("unit", units) if traces else units, lambda: open_calls(settings))
        ledger = Ledger(db, ports.clock, db.node.lease(STATISTICS_LEASE))
        followers: Mapping[str, Follower] = {
            "routing": router,
            "deliveries": sender,
            "questions": questions,
            "erasing": Erasing(db),
            "encrypting anew": Resealing(db, ports.keyring),
            "statistics": ledger,
        }
        ports.projections.keep(router.floors)
        ports.projections.keep(ledger.recent)
        following = None
        if not db.node.alone:
            following = Following(db, ROUTED, router.follow, router.rebuild)
            router.catch_up = following.catch_up
            # In this order they start: what others record is followed before rows are read.
            followers = {"hearing of other nodes": db.node, "following other nodes": following, **followers}
        metrics = Metrics(db, router, timers, following, sender)
        reads = traces.runner("look", looks) if traces else looks
        watch = watched(metrics.count, log_call, *([traces.watch] if traces else []))
        authenticator = Authentication(db, ports)
        rest = RestApp(
            PRODUCTS, reads, questions, once, authenticator, settings, ports.sids, clock=ports.clock, watch=watch
        )
    except BaseException as error:
        await db.close()
        if isinstance(error, WrongKey | OtherAccount | Unavailable):
            raise CannotStart(str(error)) from error
        raise
    credentials = Credentials(first.account.sid, first.token)
    app = OuterApp(traces.app(rest) if traces else rest, metrics, Names(settings))
    lines = looks, units
    return System(
        settings, ports, db, timers, followers, rest, app, credentials, lines=lines, first_start=is_new, seeded=seeded
    )


def open_calls(settings: Settings) -> Calling:
    """What calls receivers, where ``settings`` allow it."""
    from .outgoing import outgoing  # noqa: PLC0415 - a start that sends nothing does not pay 200 ms for httpx

    return outgoing(Policy.of(settings))


def begin_traces() -> "Traces":
    """What traces the parts. Raises CannotStart where OpenTelemetry is not installed."""
    try:
        from .traces import Traces  # noqa: PLC0415 - a start without traces does not pay 200 ms for them
    except ImportError as error:
        message = f"CORDBOARD_TRACES needs OpenTelemetry: pip install 'cordboard[otel]' ({error})"
        raise CannotStart(message) from error
    return Traces()


def watched(*watchers: Watcher) -> Watcher:
    """Tells each call to all of them."""

    def watch(call: Call) -> None:
        for one in watchers:
            one(call)

    return watch
