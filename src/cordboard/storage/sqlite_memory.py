"""What the one writer of a SQLite file remembers of its rows, so that units need not read them.

Nobody but this process writes the file, so a row that a unit has read or written is as it was left until a unit says something else.
Who makes a call is mostly the one whose last call wrote these rows: the router offers the task that was made a moment ago, an
agent accepts what was just offered.

Rows are remembered by key, as facts. Of each table there are two generations: the younger one fills up, becomes the elder and drops
what was that, and who is asked for stays young. So what comes once and goes, such as conversations, does not push out what comes
back, such as workers. Of steady tables, whose rows change rarely and which nearly every unit reads, the answers of SELECTs are
remembered too.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

from .tables import Key, Table, Value
from .writes import Kind, WriteSet

Place = tuple[str, Key]
Question = tuple[str, tuple[Value, ...]]

# For each table.
_GENERATION = 2000
_MOST_FOUND = 100  # answers, of any number of rows

UNKNOWN: Final = object()


class _Rows:
    """The facts of a table by key."""

    __slots__ = ("elder", "young")

    def __init__(self) -> None:
        self.young: dict[Key, Any] = {}
        self.elder: dict[Key, Any] = {}

    def keep(self, key: Key, fact: object) -> None:
        if len(self.young) >= _GENERATION:
            self.age()
        self.young[key] = fact

    def age(self) -> None:
        self.elder, self.young = self.young, {}


class Memory:
    """Facts by table and key, None where there is no such row; and answers."""

    def __init__(self) -> None:
        self._rows: defaultdict[str, _Rows] = defaultdict(_Rows)
        self._found: dict[Table[Any], dict[Question, Sequence[Any]]] = {}

    def fact(self, place: Place) -> Any:  # noqa: ANN401 - a fact of any table
        """The row, None if it is known that there is none, or ``UNKNOWN``."""
        name, key = place
        rows = self._rows[name]
        fact = rows.young.get(key, UNKNOWN)
        if fact is UNKNOWN:
            fact = rows.elder.get(key, UNKNOWN)
            if fact is not UNKNOWN:
                rows.keep(key, fact)
        return fact

    def keep(self, place: Place, fact: object) -> None:
        """A row was read, or is about to be written."""
        name, key = place
        self._rows[name].keep(key, fact)

    def found(self, table: Table[Any], question: Question) -> Sequence[Any] | None:
        """The answer of a SELECT that depends on this table alone."""
        return self._found.get(table, {}).get(question)

    def keep_found(self, table: Table[Any], question: Question, facts: Sequence[Any]) -> None:
        """A SELECT was answered."""
        found = self._found.setdefault(table, {})
        if len(found) >= _MOST_FOUND:
            found.clear()
        found[question] = facts

    def learn(self, writes: WriteSet) -> None:
        """A unit is about to leave these rows so."""
        if writes.sweeps:
            self.clear()
        for (name, key), write in writes.rows.items():
            table = write.table
            if table.remembered:
                rows = self._rows[name]
                if len(rows.young) >= _GENERATION:
                    rows.age()
                rows.young[key] = write.fact if write.kind.leaves else None
                if table.steady and write.kind is not Kind.GUARD:
                    self._found.pop(table, None)

    def clear(self) -> None:
        """What was read or written may have been rolled back."""
        self._rows.clear()
        self._found.clear()
