"""One turn: which class of tasks gets a worker next.

Fresh classes are asked by themselves. At a booth where somebody is fresh, its classes are asked in their order. All this
is merged by the first tasks of the classes, so that the next one asked always has the first task of all that may find
somebody. Who finds nobody sits out: in the course of a turn there is only less to be had. Where a class gets another
first task meanwhile, its entry is made anew: a later one when it comes up, an earlier one (a task that came from another
class) at once, because that class is asked for by itself.

Channel figures are the exception. When an offer changes them, the classes that look at them are called back.
"""

from heapq import heappop, heappush
from itertools import count
from typing import Any

from cordboard.routing.booths import Booth, Seat
from cordboard.routing.classes import TaskClass
from cordboard.routing.eligibility import first
from cordboard.routing.facts import Order
from cordboard.routing.namespaces import Names
from cordboard.routing.seating import Seating


class Turn:
    """See the top of the file. `clock` is what stands under `taskrouter.` in targets."""

    __slots__ = ("_clock", "_fresh", "_heap", "_out", "_out_by_load", "_prior", "_seating", "_serial")

    def __init__(self, seating: Seating, prior: Order, clock: Names) -> None:
        self._seating = seating
        self._prior = prior
        self._clock = clock
        self._heap: list[tuple[bool, Any, int, TaskClass, Booth | None]] = []
        self._serial = count()
        self._fresh = 0
        self._out: list[TaskClass] = []
        self._out_by_load: list[TaskClass] = []

    def ask(self, task_class: TaskClass) -> None:
        """Let a fresh class have its turn, unless it sits out."""
        if task_class.key is not None:
            self._fresh += 1
            self._queue_up(task_class, None)

    def stir(self) -> None:
        """Let the classes have their turn at whose booths somebody has become fresh."""
        for booth in self._seating.stirred():
            self._ask_at(booth)

    def next(self) -> tuple[TaskClass, Seat] | None:
        """The class that has the first task of all, and the worker who is first for it. The caller makes the offer."""
        while self._heap and (self._fresh or self._seating.eager):
            _, key, _, task_class, booth = self._heap[0]
            stirred = booth is None or booth.fresh.first() is not None
            if stirred and task_class.key is key:
                if (seat := first(self._seating, task_class, self._clock)) is not None:
                    return task_class, seat
                self._sit_out(task_class)
            heappop(self._heap)
            if booth is None:
                self._fresh -= 1
                if task_class.fresh:
                    self.ask(task_class)
            elif stirred:
                self._ask_at(booth)
            else:
                booth.stirred = False
        return None

    def call_back(self) -> None:
        """Channel figures have changed."""
        if self._out_by_load:
            out, self._out_by_load = self._out_by_load, []
            for task_class in out:
                self._come_back(task_class)
                for booth in self._seating.booths(task_class):
                    self._ask_at(booth)

    def end(self) -> None:
        """Nobody more to be found."""
        self._seating.settle()
        for task_class in (*self._out, *self._out_by_load):
            self._come_back(task_class)

    def _ask_at(self, booth: Booth) -> None:
        """The next class of the booth."""
        entry = booth.classes.first()
        if entry is not None:
            self._queue_up(entry[-1], booth)

    def _queue_up(self, task_class: TaskClass, booth: Booth | None) -> None:
        late = task_class.order is not self._prior
        heappush(self._heap, (late, task_class.key, next(self._serial), task_class, booth))

    def _sit_out(self, task_class: TaskClass) -> None:
        task_class.sit_out()
        (self._out_by_load if task_class.target.by_load else self._out).append(task_class)

    def _come_back(self, task_class: TaskClass) -> None:
        task_class.come_back()
        self._seating.line_up(task_class)
