"""What is over is removed when its time has come: an alarm a kind, which takes one slice and sets itself again.

So a sweep survives restarts, follows the clock of the server, and of several nodes one takes a slice. While there is something to
remove it comes back after a pause; else after an hour. Without a setting nothing is removed, and an alarm of earlier days ends.
Only tasks go without one too: each by its own alarm, five minutes after its end.
"""

from collections.abc import Awaitable, Callable, Mapping

from cordboard.conversations.engine.retention import sweep_conversations
from cordboard.events.retention import sweep_events
from cordboard.flex.engine.retention import sweep_interactions
from cordboard.kernel.clock import MILLISECONDS
from cordboard.kernel.settings import Settings, duration
from cordboard.storage.unit import Unit
from cordboard.taskrouter.engine.retention import has_kept, sweep_tasks
from cordboard.taskrouter.engine.tasks import KEPT_MS, TASK_TIMEOUT
from cordboard.taskrouter.engine.timeouts import task_timeout_keeping
from cordboard.taskrouter.store.statistics import sweep_statistics
from cordboard.timers.loop import Handler
from cordboard.timers.schedule import Timer, schedule
from cordboard.webhooks.retention import sweep_deliveries

PAUSE_MS = 1 * MILLISECONDS
REST_MS = 3600 * MILLISECONDS
_SUBJECT = "installation"

# What goes without a setting, each by an alarm of its own; only what a former setting had kept is swept.
_BY_THEMSELVES: Mapping[str, int] = {"keep_tasks": KEPT_MS}

# By the name of the setting: what takes one slice of what ended before a time, and gives the number of rows.
SWEEPS: Mapping[str, Callable[[Unit, int], Awaitable[int]]] = {
    "keep_conversations": sweep_conversations,
    "keep_deliveries": sweep_deliveries,
    "keep_events": sweep_events,
    "keep_interactions": sweep_interactions,
    "keep_statistics": sweep_statistics,
    "keep_tasks": sweep_tasks,
}


class Retention:
    """Raises BadSettings for a time that is none."""

    def __init__(self, settings: Settings) -> None:
        given = {name: getattr(settings, name) for name in SWEEPS}
        self._periods = {name: duration(name, text) for name, text in given.items() if text}

    @property
    def handlers(self) -> Mapping[str, Handler]:
        """What alarms do, by kind; also those of settings that are no longer given."""
        handlers = {_kind(name): self._handler(name) for name in SWEEPS}
        return handlers | ({TASK_TIMEOUT: task_timeout_keeping} if "keep_tasks" in self._periods else {})

    async def begin(self, unit: Unit, account_sid: str) -> None:
        """Set the alarms; the first slice is taken at once."""
        left = [name for name in _BY_THEMSELVES if name not in self._periods and await has_kept(unit)]
        for name in [*self._periods, *left]:
            schedule(unit, _kind(name), _SUBJECT, account_sid, unit.now)

    def _handler(self, name: str) -> Handler:
        async def take_slice(unit: Unit, timer: Timer) -> None:
            period = self._periods.get(name, _BY_THEMSELVES.get(name))
            if period is None:
                return
            removed = await SWEEPS[name](unit, unit.now - period)
            if removed or name in self._periods:
                schedule(unit, timer.kind, _SUBJECT, timer.account_sid, unit.now + (PAUSE_MS if removed else REST_MS))

        return take_slice


def _kind(name: str) -> str:
    return f"retention.{name}"
