"""Looking at what happened in a workspace."""

from collections.abc import Callable

from cordboard.events import feed
from cordboard.events.journal import Event
from cordboard.kernel.caller import Caller
from cordboard.kernel.errors import NotFound
from cordboard.kernel.json import dump
from cordboard.kernel.pages import Slice
from cordboard.storage.unit import View
from cordboard.taskrouter.engine.record import NOT_TOLD, PRODUCT
from cordboard.taskrouter.store import scope
from cordboard.taskrouter.wire.event_data import facts_read, told
from cordboard.taskrouter.wire.events import BY_DATA, REDACTED_AFTER_MS, ListEvents, OneEvent, Remembered, read_period

# Of these the journal's index knows every event that tells of them; the fewest first.
_INDEXED = ("reservation_sid", "task_sid", "worker_sid")


async def list_(view: View, caller: Caller, form: ListEvents) -> Slice[Remembered]:
    """A page of the workspace's events, the newest first."""
    await scope.workspace_of(view, caller.account_sid, form.workspace_sid)
    since, until = read_period(form, view.now)
    wanted = feed.Wanted(
        resource_sid=next((sid for name in _INDEXED if (sid := getattr(form, name)) is not None), None),
        since=since,
        until=until,
        keep=_kept(form),
    )
    if form.sid is not None:
        event = await feed.find(view, caller.account_sid, form.sid)
        is_it = event is not None and wanted.takes(event)
        found = Slice([event] if event is not None and is_it else [])
    else:
        # Without an index events are read until the page is full, maybe all of a month: others have their turn in between.
        by_reading = wanted.resource_sid is None and (form.event_type is not None or _asked(form))
        looks = view.apart() if by_reading else view
        found = await feed.page(looks, caller.account_sid, wanted, form.page, newest_first=True)
    return Slice([_remembered(view, event) for event in found.items], found.before, found.after)


async def fetch(view: View, caller: Caller, form: OneEvent) -> Remembered:
    """One event."""
    await scope.workspace_of(view, caller.account_sid, form.workspace_sid)
    event = await feed.find(view, caller.account_sid, form.sid)
    if event is None or not _is_told(event, form.workspace_sid):
        raise NotFound
    return _remembered(view, event)


def _kept(form: ListEvents) -> Callable[[Event], bool]:
    asked = _asked(form)
    written = [dump(value)[1:-1] for value in asked.values()]

    def keep(event: Event) -> bool:
        if not _is_told(event, form.workspace_sid) or form.event_type not in {None, event.type}:
            return False
        if not asked:
            return True
        # What an event tells stands in its facts as it is; to look for it takes a tenth of reading them.
        if not all(map(event.data.__contains__, written)):
            return False
        data = told(event, facts_read(event))
        return all(value in {data.get(key) for key in BY_DATA[name]} for name, value in asked.items())

    return keep


def _asked(form: ListEvents) -> dict[str, str]:
    return {name: value for name in BY_DATA if (value := getattr(form, name)) is not None}


def _is_told(event: Event, workspace_sid: str) -> bool:
    return event.product == PRODUCT and event.scope_sid == workspace_sid and event.type not in NOT_TOLD


def _remembered(view: View, event: Event) -> Remembered:
    return Remembered(event, facts_read(event), is_old=view.now - event.at > REDACTED_AFTER_MS)
