"""What a unit wants written, as data. A backend turns it into SQL; nothing here knows which.

One row is written once in a unit: a second change of the same row folds into the first (insert then update is one insert), as
``_FOLDED`` says. That is also what lets PostgreSQL carry out a unit as one statement, whose parts do not see each other.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import Enum
from itertools import chain
from typing import Any, TypeAlias, TypeVar

import msgspec

from .feeds import Appended, Feed
from .tables import Key, Table, Value

T = TypeVar("T")

_log = logging.getLogger(__name__)


class Kind(Enum):
    """What happens to a row. *Guarded*: by the version that was read, or by all columns where the table has none.

    ``rank`` orders the changes of a unit: a unique value that it frees it may also take, so what may free one goes first.
    ``leaves`` tells whether there is a row afterwards.
    """

    DELETE = "guarded", 0, False
    DISCARD = "delete if it is there", 0, False
    UPDATE = "guarded", 1, True
    GUARD = "write nothing, but the row must still be as it was read", 1, True
    PUT = "insert or replace, whatever is there", 2, True
    INSERT = "a key that is there is a lost race", 2, True

    def __init__(self, _meaning: str, rank: int, leaves: bool) -> None:
        self.rank = rank
        self.leaves = leaves


GUARDED = frozenset((Kind.UPDATE, Kind.DELETE, Kind.GUARD))

# The change that two changes of one row make together, each guarded as the stronger of the two; None: nothing is left to do.
# A pair that is missing contradicts itself. A GUARD adds nothing to what was said of its row before.
_FOLDED: dict[tuple[Kind, Kind], Kind | None] = {
    (Kind.INSERT, Kind.UPDATE): Kind.INSERT,
    (Kind.INSERT, Kind.PUT): Kind.INSERT,
    (Kind.INSERT, Kind.DELETE): None,
    (Kind.INSERT, Kind.DISCARD): None,
    (Kind.UPDATE, Kind.UPDATE): Kind.UPDATE,
    (Kind.UPDATE, Kind.PUT): Kind.UPDATE,
    (Kind.UPDATE, Kind.DELETE): Kind.DELETE,
    (Kind.UPDATE, Kind.DISCARD): Kind.DELETE,
    (Kind.DELETE, Kind.INSERT): Kind.UPDATE,
    (Kind.DELETE, Kind.PUT): Kind.UPDATE,
    (Kind.DELETE, Kind.DELETE): Kind.DELETE,
    (Kind.DELETE, Kind.DISCARD): Kind.DELETE,
    (Kind.PUT, Kind.UPDATE): Kind.PUT,
    (Kind.PUT, Kind.PUT): Kind.PUT,
    (Kind.PUT, Kind.DELETE): Kind.DISCARD,
    (Kind.PUT, Kind.DISCARD): Kind.DISCARD,
    (Kind.DISCARD, Kind.INSERT): Kind.PUT,
    (Kind.DISCARD, Kind.PUT): Kind.PUT,
    (Kind.DISCARD, Kind.DISCARD): Kind.DISCARD,
    (Kind.GUARD, Kind.UPDATE): Kind.UPDATE,
    (Kind.GUARD, Kind.PUT): Kind.UPDATE,
    (Kind.GUARD, Kind.DELETE): Kind.DELETE,
    (Kind.GUARD, Kind.DISCARD): Kind.DELETE,
}


class Write(msgspec.Struct):
    """One row's change. ``fact`` is the row afterwards (for DELETE and GUARD as it was read); ``read`` the fact as read."""

    kind: Kind
    table: Table[Any]
    key: Key
    fact: Any
    read: Any = None


class Sweep(msgspec.Struct, frozen=True):
    """All rows of a table in which a column has a value go: what a deleted parent takes with it.

    Rows of which the unit itself says something are left to that.
    """

    table: Table[Any]
    column: str
    value: str


class WriteSet:
    """Everything that a unit collected, in the order in which it was first said."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, Key], Write] = {}
        self.sweeps: list[Sweep] = []
        self.appends: dict[str, list[Appended]] = {}
        self._feed: Feed | None = None

    def __bool__(self) -> bool:
        """Whether anything would be written or checked."""
        return bool(self.rows or self.appends or self.sweeps)

    def __len__(self) -> int:
        """How many statements it takes at least, each on its own."""
        return len(self.rows) + len(self.appends) + len(self.sweeps)

    def find(self, table: Table[Any], key: Key) -> Write | None:
        """The change of a row that was said before."""
        return self.rows.get((table.name, key))

    def add(self, write: Write) -> None:
        """Say a change, folding it into what was said of this row. Raises LookupError if the two contradict each other."""
        place = (write.table.name, write.key)
        said = self.rows.get(place)
        if said is None:
            self.rows[place] = write
            return
        if write.kind is Kind.GUARD:
            return
        if (said.kind, write.kind) not in _FOLDED:
            message = f"{write.table.name} {write.key}: {write.kind.name} after {said.kind.name} in one unit"
            raise LookupError(message)
        folded = _FOLDED[said.kind, write.kind]
        if folded is None:
            del self.rows[place]
        else:
            self.rows[place] = Write(folded, write.table, write.key, write.fact, said.read)

    def __iter__(self) -> Iterator[Write]:
        """The changes in the order in which they were said."""
        return iter(self.rows.values())

    def changed(self) -> Iterator[Write]:
        """The same without rows that are only guarded, which stay as they are."""
        return (write for write in self.rows.values() if write.kind is not Kind.GUARD)

    @property
    def changes_steady(self) -> bool:
        """Whether what is remembered of steady tables is no longer so."""
        changed = any(write.table.steady and write.kind is not Kind.GUARD for write in self.rows.values())
        return changed or any(sweep.table.steady for sweep in self.sweeps)

    def spared(self, sweep: Sweep) -> list[Key]:
        """The keys of rows that a sweep leaves alone."""
        return [key for name, key in self.rows if name == sweep.table.name]

    def append(self, feed: Feed, event: Appended) -> None:
        """Say what happened. A unit appends to one feed."""
        self._feed = feed
        self.appends.setdefault(event.account_sid, []).append(event)

    def appended(self) -> dict[str, int]:
        """How many positions each account gets, by account SID; the order is that of the locks on the feed's rows."""
        return {account_sid: len(self.appends[account_sid]) for account_sid in sorted(self.appends)}

    def feed_rows(self, account_sid: str, last: int) -> Mapping[Table[Any], Sequence[Sequence[Value]]]:
        """The rows of what is appended for an account."""
        return self._feed.rows(self.appends[account_sid], last) if self._feed is not None else {}

    def place(self, last: Mapping[str, int]) -> None:
        """Give what is appended its positions, given each account's last one."""
        for account_sid, appended in self.appends.items():
            for position, event in enumerate(appended, last[account_sid] - len(appended) + 1):
                event.position = position

    def settled(self) -> "Settled":
        """What is told of it when it is on disk. What it appends has been placed."""
        return Settled(list(self), self.sweeps, self.appends)


class Settled(msgspec.Struct, frozen=True):
    """What a unit changed, told to listeners once it is on disk. ``appended`` is by account, in the order of positions."""

    writes: list[Write]
    sweeps: list[Sweep]
    appended: Mapping[str, Sequence[Any]]

    @property
    def events(self) -> list[Any]:
        """What it appended, for all accounts."""
        return list(chain.from_iterable(self.appended.values()))


Hear: TypeAlias = Callable[[list[Write]], None]


class Listeners:
    """Who is told what settled. The change is on disk by then, so a listener's fault may not take the answer away."""

    def __init__(self) -> None:
        self._hear: list[Callable[[Settled], None]] = []
        self._watch: dict[Table[Any], list[Callable[[list[Write]], None]]] = {}

    def add(self, hear: Callable[[Settled], None]) -> None:
        """Tell this one too, from now on."""
        self._hear.append(hear)

    def watch(self, hear: Callable[[list[Write]], None], tables: Iterable[Table[Any]]) -> None:
        """Tell this one the changes of some tables, from now on."""
        for table in tables:
            self._watch.setdefault(table, []).append(hear)

    def tell(self, settled: Settled) -> None:
        """Tell everybody."""
        for hear in self._hear:
            _tell(hear, settled)
        # Most units change nothing that most of them watch: one look at each change is enough for all.
        watched: dict[Callable[[list[Write]], None], list[Write]] = {}
        for write in settled.writes:
            for hear_writes in self._watch.get(write.table, ()):
                watched.setdefault(hear_writes, []).append(write)
        for hear_writes, writes in watched.items():
            _tell(hear_writes, writes)


class Foresight:
    """Who is told of changes before they are on disk, and called when some of these will not be like that."""

    def __init__(self) -> None:
        self._foreseeing: list[tuple[Hear, Hear, frozenset[Table[Any]]]] = []

    def add(self, hear: Hear, lose: Hear, tables: Iterable[Table[Any]]) -> None:
        """Tell this one too, from now on, the changes of some tables."""
        self._foreseeing.append((hear, lose, frozenset(tables)))

    def tell(self, writes: WriteSet) -> None:
        """A unit was carried out."""
        for hear, _, tables in self._foreseeing:
            if watched := [write for write in writes if write.table in tables]:
                _tell(hear, watched)

    def lose(self, writes: WriteSet) -> None:
        """What a unit was to change will not be."""
        for _, lose, tables in self._foreseeing:
            if watched := [write for write in writes.changed() if write.table in tables]:
                _tell(lose, watched)


def _tell(hear: Callable[[T], None], what: T) -> None:
    try:
        hear(what)
    except Exception:  # noqa: BLE001 - logged whole, and whoever waits for the answer gets it
        _log.exception("a listener failed; what it keeps of settled units may be out of date")
