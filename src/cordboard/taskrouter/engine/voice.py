"""Instructions that need a phone, and the seam for who has one.

An instruction is checked here against the reservation, its task and its worker; each fault has the vendor's code. One that is
in order is announced, and the server's voice carrier reacts: it notes in the same unit what is to be called, or refuses.
``NoVoice``, the carrier of a server without telephony, refuses everything. While a carrier sets up a conference or a dequeued
call the reservation is on hold: its time does not run out, and ``set_up`` or ``set_up_failed`` ends that (taskrouter.md 4, onHold).

Codes by instruction (taskrouter.md 11.2 and the vendor's page of each code)::

                       call    redirect  dequeue  conference  supervise
    reservation        40114   40123     40135    40136       40146
    to                 40110             40131    40137
    from               40111             40132    40138       40148 (of the task)
    url                40112   40120
    call_sid                   40121     40140    40142       (of the task, but for redirect)
    activity                             40130    40143
    transferred task   40151   40151     40151    40149
    contact_uri                                               40147 (of the supervisor)
"""

import re
from collections.abc import Callable
from typing import Any, Protocol

import msgspec

from cordboard.kernel import json
from cordboard.kernel.clock import MILLISECONDS
from cordboard.kernel.errors import Invalid
from cordboard.kernel.sids import is_sid
from cordboard.routing.lifecycle import ReservationStatus
from cordboard.storage.unit import Unit
from cordboard.taskrouter.happenings import VoiceInstructed
from cordboard.taskrouter.model import Reservation, Task, VoiceInstruction, Worker
from cordboard.taskrouter.store.activities import ACTIVITIES
from cordboard.taskrouter.store.reservations import RESERVATIONS
from cordboard.taskrouter.store.tasks import TASKS
from cordboard.taskrouter.store.workers import WORKERS
from cordboard.timers.schedule import schedule as set_alarm

from . import offers, tasks
from .load import holder
from .reservations import RESERVATION_TIMEOUT, reservation_happened

INVALID_INSTRUCTION = 55555
HOLD_MS = 300 * MILLISECONDS

_NUMBER = re.compile(r"\+?[1-9][0-9]{1,14}")
_ADDRESS = re.compile(r"\+[1-9][0-9]{1,14}|client:\S{1,250}|sips?:\S{1,250}")
_URL = re.compile(r"https?://[^\s/?#]+(?:[/?#]\S*)?")
_IN_HAND = frozenset((ReservationStatus.ACCEPTED, ReservationStatus.WRAPPING))


class VoiceCarrier(Protocol):
    """Who makes calls for a server; ``server.compose`` names one."""

    async def instructed(self, unit: Unit, happening: VoiceInstructed) -> None:
        """Note in the unit what is to be done, or raise Invalid. What is called and talks comes after the unit.

        For a ``conference`` or ``dequeue`` it puts the reservation on hold (``actions.reservations.hold``) and says later how it
        went (``set_up``, ``set_up_failed``); after a ``call`` or ``redirect`` with ``accept`` it says so alike.
        """
        ...


class NoVoice:
    """The voice carrier of a server without telephony."""

    async def instructed(self, unit: Unit, happening: VoiceInstructed) -> None:  # noqa: ARG002 - the seam's signature
        """Refuse."""
        message = f"Instruction={happening.instruction.name} needs a voice carrier, and this server has none"
        raise Invalid(message, code=INVALID_INSTRUCTION)


async def instruct(unit: Unit, reservation: Reservation, instruction: VoiceInstruction) -> Reservation:
    """Check a voice instruction and hand it to the carrier; the reservation as that leaves it. Raises Invalid."""
    task = await tasks.of(unit, reservation)
    order = _Order(unit, reservation, task, await holder(unit, reservation), dict(instruction.parameters))
    check = _CHECKS.get(instruction.name)
    if check is None:
        message = f"Invalid parameter Instruction: expected accept, reject, {', '.join(_CHECKS)}"
        raise Invalid(message, code=INVALID_INSTRUCTION)
    await check(order)
    complete = VoiceInstruction(instruction.name, order.parameters)
    await unit.announce(VoiceInstructed(task, reservation, order.worker, complete))
    return await unit.get(RESERVATIONS, reservation.sid) or reservation


def hold(unit: Unit, reservation: Reservation) -> Reservation:
    """Let a pending reservation wait for its call, but not for ever."""
    set_alarm(unit, RESERVATION_TIMEOUT, reservation.sid, reservation.account_sid, unit.now + HOLD_MS)
    return unit.update(RESERVATIONS, reservation, on_hold=True)


async def set_up(unit: Unit, reservation: Reservation, about_the_call: dict[str, Any]) -> Reservation:
    """The worker is on the phone: the reservation is accepted, and the task's attributes say of the call what is given."""
    task = await tasks.of(unit, reservation)
    attributes = json.parse(task.attributes) | about_the_call
    task = unit.update(TASKS, task, attributes=msgspec.json.encode(attributes).decode())
    tasks.task_happened(unit, "task.updated", task)
    return await offers.accept(unit, reservation)


async def set_up_failed(unit: Unit, reservation: Reservation) -> Reservation:
    """The worker could not be called: the reservation is canceled and its task waits again."""
    task = await tasks.of(unit, reservation)
    reservation_happened(unit, "reservation.failed", reservation, task, await holder(unit, reservation))
    return await offers.cancel(unit, reservation)


class _Order:
    """An instruction with what it is checked against. Each check may complete ``parameters`` and raises Invalid."""

    def __init__(
        self, unit: Unit, reservation: Reservation, task: Task, worker: Worker, parameters: dict[str, Any]
    ) -> None:
        self._unit = unit
        self._reservation = reservation
        self._task = task
        self.said: dict[str, Any] = json.parse(task.attributes)
        self.worker = worker
        self.parameters = parameters

    def pending(self, code: int) -> None:
        """Nobody has answered the reservation yet, and no other call is being set up for it."""
        status = self._reservation.reservation_status
        if status is not ReservationStatus.PENDING or self._reservation.on_hold:
            is_now = "on hold" if self._reservation.on_hold else status.value
            raise Invalid(
                f"Reservation {self._reservation.sid} must be pending for this instruction, it is {is_now}", code=code
            )

    def in_hand(self, code: int) -> None:
        """There is a call to listen to."""
        status = self._reservation.reservation_status
        if status not in _IN_HAND:
            raise Invalid(
                f"Reservation {self._reservation.sid} must be accepted to be supervised, it is {status}", code=code
            )

    def not_transferred(self) -> None:
        """Only some instructions make sense for a task that another worker handed on."""
        if self._reservation.transfer_sid is not None:
            message = (
                "Invalid parameter Instruction: for a transferred task expected accept, reject, conference or supervise"
            )
            raise Invalid(message, code=40151)

    def to(self, code: int) -> None:
        """The worker's address: as given, else their contact_uri."""
        to = self.parameters.setdefault("to", json.parse(self.worker.attributes).get("contact_uri"))
        if not isinstance(to, str) or _ADDRESS.fullmatch(to) is None:
            message = (
                "a phone number such as +12025550143, client:NAME or sip:NAME@HOST, here or as the worker's contact_uri"
            )
            raise Invalid(f"Invalid parameter to: expected {message}", code=code)

    def caller(self, code: int, *attributes: str) -> None:
        """The caller ID: as given, else one of these attributes of the task. To a phone it is a number."""
        found = [self.said.get(name) for name in attributes]
        caller = self.parameters.setdefault("from", next((value for value in found if value), None))
        text = caller.strip() if isinstance(caller, str) else ""
        if not text or (str(self.parameters.get("to")).startswith("+") and _NUMBER.fullmatch(text) is None):
            else_of = f", here or as the task's attribute {' or '.join(attributes)}" if attributes else ""
            raise Invalid(
                f"Invalid parameter from: expected a caller ID{else_of}; a number if a number is called", code=code
            )

    def url(self, code: int) -> None:
        """Where the call's TwiML is."""
        if _URL.fullmatch(str(self.parameters.get("url", ""))) is None:
            raise Invalid("Invalid parameter url: expected an http or https URL", code=code)

    def call_sid(self, code: int) -> None:
        """Which call is to be redirected."""
        if not is_sid(str(self.parameters.get("call_sid", "")), "CA"):
            raise Invalid("Invalid parameter call_sid: expected the SID of a call (CA and 32 hex digits)", code=code)

    def has_call(self, code: int, *attributes: str) -> None:
        """The task is about a call: one of these attributes says which."""
        if not any(self.said.get(name) for name in attributes):
            raise Invalid(f"Task {self._task.sid} has no attribute {' or '.join(attributes)}", code=code)

    def has_conference(self, code: int) -> None:
        """A transferred call has its conference already."""
        conference = self.said.get("conference")
        if not (isinstance(conference, dict) and conference.get("sid")):
            raise Invalid(f"Task {self._task.sid} has no attribute conference.sid", code=code)

    @property
    def transferred(self) -> bool:
        """Whether another worker handed the task on."""
        return self._reservation.transfer_sid is not None

    async def activity(self, code: int) -> None:
        """What the worker does afterwards, if it is said, is an activity of the workspace."""
        sid = self.parameters.get("post_work_activity_sid")
        activity = None if sid is None else await self._unit.get(ACTIVITIES, str(sid))
        if sid is not None and (activity is None or activity.workspace_sid != self._task.workspace_sid):
            raise Invalid(
                f"Invalid parameter post_work_activity_sid: there is no activity {sid} in this workspace", code=code
            )

    async def supervisor(self, code: int) -> None:
        """Who listens: an address, or a worker with a contact_uri."""
        who = str(self.parameters.get("supervisor", ""))
        address: object = who
        if is_sid(who, "WK"):
            worker = await self._unit.get(WORKERS, who)
            known = worker is not None and worker.workspace_sid == self._task.workspace_sid
            address = json.parse(worker.attributes).get("contact_uri") if worker is not None and known else None
        if not isinstance(address, str) or _ADDRESS.fullmatch(address) is None:
            message = "Invalid parameter supervisor: expected a worker with a contact_uri, client:NAME, sip:NAME@HOST or a number"
            raise Invalid(message, code=code)
        self.parameters["to"] = address


async def _call(order: _Order) -> None:
    order.pending(40114)
    order.not_transferred()
    order.to(40110)
    order.caller(40111)
    order.url(40112)


async def _redirect(order: _Order) -> None:
    order.pending(40123)
    order.not_transferred()
    order.url(40120)
    order.call_sid(40121)


async def _dequeue(order: _Order) -> None:
    order.pending(40135)
    order.not_transferred()
    await order.activity(40130)
    order.to(40131)
    order.caller(40132, "to")
    order.has_call(40140, "call_sid")


async def _conference(order: _Order) -> None:
    order.pending(40136)
    await order.activity(40143)
    order.to(40137)
    order.caller(40138, "from" if "outbound_to" in order.said else "to")
    if order.transferred:
        order.has_conference(40149)
    else:
        order.has_call(40142, "call_sid", "outbound_to")


async def _supervise(order: _Order) -> None:
    order.in_hand(40146)
    await order.supervisor(40147)
    order.caller(40148, "from")


_CHECKS: dict[str, Callable[[_Order], Any]] = {
    "dequeue": _dequeue,
    "call": _call,
    "redirect": _redirect,
    "conference": _conference,
    "supervise": _supervise,
}
