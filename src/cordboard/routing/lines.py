"""Lines that are left without being taken out.

Whoever stands in line stands in many at once, so leaving must be cheap: nobody is taken out. Each has one *ticket*, which
is on all his entries. When his place changes, or he comes back, he gets a new one and joins his lines anew. An entry with
a ticket that is not its member's own any more is dead, and is dropped when it comes to the head.
"""

from collections.abc import Callable
from heapq import heapify, heappop, heappush, heapreplace
from typing import Any, Generic, Protocol, TypeVar

_SLACK = 64
# Dead entries inside a line are passed over by everyone who looks through it. Burying them costs a walk along the line;
# it is done when they have cost about as much, a step over a dead one being some eight times a step of the walk.
_WASTE_PART = 8


class Standing(Protocol):
    """Who can stand in line. His ticket is 0 while he does not."""

    ticket: int


Member = TypeVar("Member", bound=Standing)

Entry = tuple[Any, ...]
"""What decides the place, then the ticket, then the member: flat, because lines compare it all the time.

No two tickets are the same, so members are never compared. An entry may be in several lines.
"""


class Line(Generic[Member]):
    """See the top of the file."""

    __slots__ = ("_limit", "_waste", "heap")

    def __init__(self) -> None:
        self.heap: list[Entry] = []
        self._limit = _SLACK
        self._waste = 0

    def join(self, entry: Entry) -> None:
        """Stand in line."""
        heappush(self.heap, entry)
        if len(self.heap) > self._limit:
            self._bury()

    def first(self) -> Entry | None:
        """Whose turn it is; he stays in line."""
        heap = self.heap
        while heap:
            entry = heap[0]
            if entry[-2] == entry[-1].ticket:
                return entry
            heappop(heap)
        return None

    def first_who(self, suits: Callable[[Member], bool]) -> Entry | None:
        """The first who suits. Looks through the line, from its head, as far as it must."""
        entry = self.first()
        if entry is None or suits(entry[-1]):
            return entry
        if self._waste > _SLACK + len(self.heap) // _WASTE_PART:
            self._bury()
        heap = self.heap
        front = [(heap[child], child) for child in (1, 2) if child < len(heap)]
        heapify(front)
        while front:
            entry, index = front[0]
            if entry[-2] != entry[-1].ticket:
                self._waste += 1
            elif suits(entry[-1]):
                return entry
            left = 2 * index + 1
            if left < len(heap):
                heapreplace(front, (heap[left], left))
                if left + 1 < len(heap):
                    heappush(front, (heap[left + 1], left + 1))
            else:
                heappop(front)
        return None

    def leave(self, *, all_dead: bool) -> list[Entry]:
        """All of them in no order; the line is empty then."""
        heap, self.heap = self.heap, []
        return [] if all_dead else [entry for entry in heap if entry[-2] == entry[-1].ticket]

    def _bury(self) -> None:
        self.heap = [entry for entry in self.heap if entry[-2] == entry[-1].ticket]
        heapify(self.heap)
        self._limit = 2 * len(self.heap) + _SLACK
        self._waste = 0
