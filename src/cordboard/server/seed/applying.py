"""Making a server as a seed file says, in one unit: all of it or nothing.

An entry becomes the form body of the operation that makes its resource, and is read and carried out as that call would be. For a
resource that is there already the same form is an update: the fields that it shares with the update's. So an entry meets the
API's rules and gets the API's sentences; there are none here that could differ from them.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from operator import attrgetter
from typing import Any, Literal, TypeVar

import msgspec

from cordboard.accounts.store.accounts import ACCOUNTS
from cordboard.kernel import json
from cordboard.kernel.caller import Caller
from cordboard.kernel.errors import Invalid, NotBuilt
from cordboard.rest.sentences import shown as quoted
from cordboard.storage.unit import Unit
from cordboard.taskrouter.model import Worker

from . import floor
from .file import SeedFile, shown
from .floor import Entry, Place
from .kinds import (
    ACTIVITY,
    TASK_CHANNEL,
    TASK_QUEUE,
    UPDATE_WORKER_CHANNEL,
    WORKER,
    WORKFLOW,
    WORKSPACE,
    Kind,
    Operation,
    Values,
)

Outcome = Literal["created", "updated", "unchanged"]
OUTCOMES: tuple[Outcome, ...] = ("created", "updated", "unchanged")
E = TypeVar("E", bound=Entry)

_IN_CONFIGURATION = re.compile(r"task_routing[\w.\[\]]*")
_WORD = re.compile(r"\w+")
_STEP = re.compile(r"(\w+)|\[(\d+)\]")


class Applied(msgspec.Struct, frozen=True):
    """What became of each entry: its kind, its name, the outcome."""

    entries: list[tuple[str, str, Outcome]]

    def names(self, wanted: Outcome) -> list[str]:
        """Those with this outcome, as ``worker ana``."""
        return [f"{kind} {name}" for kind, name, outcome in self.entries if outcome == wanted]


async def apply(unit: Unit, caller: Caller, seed: SeedFile) -> Applied:
    """Make everything as the file says, as ``caller``; what it does not name stays. Raises BadSeed, and then nothing was done."""
    # Names of workspaces may repeat, so only this keeps two nodes that start together from making each its own.
    await unit.lock(ACCOUNTS, caller.account_sid)
    applying = _Applying(unit, caller, seed)
    await applying.all(WORKSPACE, seed.floor.workspaces, ("workspaces",))
    return Applied(applying.done)


class _Applying:
    """One run over a file. ``done`` is what became of each entry so far."""

    def __init__(self, unit: Unit, caller: Caller, seed: SeedFile) -> None:
        self.done: list[tuple[str, str, Outcome]] = []
        self._unit = unit
        self._caller = caller
        self._seed = seed
        # Of the workspace in hand: its SID, and its resources by kind and name.
        self._workspace_sid = ""
        self._known: dict[Kind, dict[str, list[Any]]] = {}

    async def all(self, kind: Kind, entries: Sequence[Any], place: Place) -> None:
        """Settle all entries of a kind."""
        known = self._known[kind] = await self._there(kind)
        count = sum(map(len, known.values()))
        for entry, at in self._distinct(entries, place, kind.name_of):
            name = kind.name_of(entry)
            before = self._find(kind, name, at) if name in known else None
            if before is None:
                if count >= kind.most:
                    raise self._seed.fault(at, f"there are {count} of {place[-1]} already, which is the most")
                count += 1
            values = self._values(kind, entry, before, at)
            with self._refusals(kind.create, entry, at):
                fact = await self._carry_out(kind, before, values, at)
            known[name] = [fact]
            number = len(self.done)
            if kind is WORKSPACE:
                await self._inside(fact.sid, entry, at)
            elif kind is WORKER:
                await self._channels(fact, entry, at)
            after = await self._unit.get(kind.table, fact.sid)
            outcome: Outcome = "created" if before is None else "unchanged" if before == after else "updated"
            self.done.insert(number, (kind.noun, getattr(entry, kind.key), outcome))

    async def _inside(self, workspace_sid: str, entry: floor.Workspace, place: Place) -> None:
        self._workspace_sid = workspace_sid
        await self.all(ACTIVITY, entry.activities, (*place, "activities"))
        await self._use_activities(entry, place)
        await self.all(TASK_CHANNEL, entry.task_channels, (*place, "task_channels"))
        await self.all(TASK_QUEUE, entry.task_queues, (*place, "task_queues"))
        await self.all(WORKFLOW, entry.workflows, (*place, "workflows"))
        await self.all(WORKER, entry.workers, (*place, "workers"))

    async def _there(self, kind: Kind) -> dict[str, list[Any]]:
        """The resources of a kind by name: names of some kinds may repeat. A new workspace has some that no SELECT shows yet."""
        scope_sid = self._caller.account_sid if kind is WORKSPACE else self._workspace_sid
        facts = await self._unit.all(kind.of_scope, scope_sid)
        facts += [fact for fact in self._unit.added(kind.table) if getattr(fact, kind.scope) == scope_sid]
        found: dict[str, list[Any]] = {}
        for fact in facts:
            found.setdefault(kind.name_of(fact), []).append(fact)
        return found

    async def _carry_out(self, kind: Kind, before: Any, values: Values, place: Place) -> Any:  # noqa: ANN401 - facts
        """The fact after the call that makes or changes it."""
        form = kind.create.read({"WorkspaceSid": self._workspace_sid} if kind is not WORKSPACE else {}, values)
        if before is None:
            return kind.fact(await kind.create.action(self._unit, self._caller, form))
        update = kind.update.form
        for field in set(form.__struct_fields__) - set(update.__struct_fields__):
            is_, wanted = getattr(before, field, None), getattr(form, field)
            if is_ is not None and is_ != wanted:
                reason = f"it is {json.dump(is_)} and never changes; the file says {json.dump(wanted)}"
                raise self._seed.fault((*place, field), reason)
        shared = {name: value for name in update.__struct_fields__ if (value := getattr(form, name, None)) is not None}
        return kind.fact(await kind.update.action(self._unit, self._caller, update(sid=before.sid, **shared)))

    def _values(self, kind: Kind, entry: Any, before: Any, place: Place) -> Values:  # noqa: ANN401 - entries and facts
        """An entry's fields as the form wants them: SIDs for names, JSON for tables."""
        values: dict[str, Any] = msgspec.structs.asdict(entry)
        if kind is TASK_QUEUE:
            values["reservation_activity_sid"] = self._activity_sid(entry, "reservation_activity", place)
            values["assignment_activity_sid"] = self._activity_sid(entry, "assignment_activity", place)
        elif kind is WORKFLOW:
            wanted = self._with_sids(entry.configuration, (*place, "configuration"))
            values["configuration"] = _json(wanted, before and before.configuration)
        elif kind is WORKER:
            values["activity_sid"] = self._activity_sid(entry, "activity", place)
            values["attributes"] = _json(entry.attributes, before and before.attributes)
        return values

    def _with_sids(self, wanted: dict[str, Any] | str, place: Place) -> dict[str, Any] | str:
        """A configuration with SIDs where it has names of queues."""
        try:
            configuration = json.parse(wanted) if isinstance(wanted, str) else deepcopy(wanted)
        except ValueError:
            return wanted  # what the form says of it is better
        for target, at in floor.targets(configuration):
            if isinstance(name := target.get("queue"), str):
                target["queue"] = self._find(TASK_QUEUE, name, (*place, *at, "queue")).sid
        return json.dump(configuration) if isinstance(wanted, str) else configuration

    async def _use_activities(self, entry: floor.Workspace, place: Place) -> None:
        values = {
            "default_activity_sid": self._activity_sid(entry, "default_activity", place),
            "timeout_activity_sid": self._activity_sid(entry, "timeout_activity", place),
        }
        with self._refusals(WORKSPACE.update, entry, place):
            form = WORKSPACE.update.read({"Sid": self._workspace_sid}, values)
            await WORKSPACE.update.action(self._unit, self._caller, form)

    async def _channels(self, worker: Worker, entry: floor.Worker, place: Place) -> None:
        """The worker's channels; those that its entry leaves out are as a new worker's."""
        wanted = {
            self._find(TASK_CHANNEL, channel.task_channel, (*at, "task_channel")).sid: (channel, at)
            for channel, at in self._distinct(entry.channels, (*place, "channels"), attrgetter("task_channel"))
        }
        for name, (task_channel,) in self._known[TASK_CHANNEL].items():
            said = wanted.get(task_channel.sid)
            channel, at = said or (floor.WorkerChannel(task_channel=name), place)
            state = worker.channel(task_channel.sid)
            if said is None and (state.configured_capacity, state.available) == (channel.capacity, channel.available):
                continue
            path = {"WorkspaceSid": self._workspace_sid, "WorkerSid": worker.sid, "Sid": task_channel.sid}
            with self._refusals(UPDATE_WORKER_CHANNEL, channel, at):
                form = UPDATE_WORKER_CHANNEL.read(path, msgspec.structs.asdict(channel))
                await UPDATE_WORKER_CHANNEL.action(self._unit, self._caller, form)

    def _activity_sid(self, entry: Entry, key: str, place: Place) -> str | None:
        name = getattr(entry, key)
        return None if name is None else self._find(ACTIVITY, name, (*place, key)).sid

    def _find(self, kind: Kind, name: str, place: Place) -> Any:  # noqa: ANN401 - any fact
        """The one resource with this name. Raises BadSeed."""
        found = self._known[kind].get(name, [])
        if not found:
            raise self._seed.fault(place, f"there is no {kind.noun} {quoted(name)}")
        if len(found) > 1:
            raise self._seed.fault(place, f"the server has {len(found)} of the name {quoted(name)}: rename all but one")
        return found[0]

    def _distinct(self, entries: Sequence[E], place: Place, name_of: Callable[[E], str]) -> Iterator[tuple[E, Place]]:
        """The entries of a list and where they are. Raises BadSeed at one with the name of an earlier one."""
        first: dict[str, int] = {}
        for index, entry in enumerate(entries):
            at = (*place, index)
            if (before := first.setdefault(name_of(entry), index)) != index:
                raise self._seed.fault(at, f"it has the name of {shown((*place, before))}")
            yield entry, at

    @contextmanager
    def _refusals(self, operation: Operation, entry: Entry, place: Place) -> Iterator[None]:
        """What the API refuses, as a fault at the key whose parameter its sentence names, else at the entry."""
        try:
            yield
        except (Invalid, NotBuilt) as error:
            fields = (operation.fields.get(word, "") for word in _WORD.findall(error.message))
            keys = (field.removesuffix("_sid") for field in fields)
            key = next((key for key in keys if key in entry.__struct_fields__), None)
            inner: Place = ()
            if place_in_json := _IN_CONFIGURATION.search(error.message):
                key = "configuration"
                inner = tuple(int(index) if index else step for step, index in _STEP.findall(place_in_json[0]))
            raise self._seed.fault(place if key is None else (*place, key, *inner), error.message) from error


def _json(wanted: dict[str, Any] | str, stored: str | None) -> str:
    """The JSON text of what a file says: the stored one, byte for byte, if that means the same."""
    text = wanted if isinstance(wanted, str) else json.dump(wanted)
    if stored is not None:
        try:
            if _canonical(json.parse(text)) == _canonical(json.parse(stored)):
                return stored
        except ValueError:
            pass  # what the form says of it is better
    return text


def _canonical(value: object) -> bytes:
    return msgspec.json.encode(value, order="deterministic")
