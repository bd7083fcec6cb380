"""The transaction of a group of units on SQLite: who is written when, and what becomes of one that cannot be written.

What units collect waits in a batch until somebody reads the file, or the group ends. *A unit that cannot be written* leaves
nothing behind, and its neighbours' writes stay. A SAVEPOINT around each unit would do, at a tenth of what a unit costs, for one unit
in thousands. So the group's first failure rolls the transaction back and writes again what everybody had collected, one unit after the
other, each within a savepoint; who fails then runs again. The rest of the group is written like that too, so that no
caller can make it happen twice.

*While the group is committed* the connection belongs to the thread that does it. Units of the next group are taken over all the
same: what they collect waits in the batch anyway. One that needs the connection now gets ``Lent``, and begins again when it is back.
"""

import sqlite3
from collections.abc import Callable

from .sqlite_batch import Batch
from .sqlite_feed import Positions
from .sqlite_reading import Remembering
from .unit import LostRace
from .writes import WriteSet

_TAKEN = {sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY}


class TransactionLost(Exception):
    """An error has taken the transaction along, with all that was written in it. ``reason`` is the error."""

    def __init__(self, reason: sqlite3.Error) -> None:
        super().__init__(str(reason))
        self.reason = reason


class Lent(Exception):
    """The connection is needed and is with the thread that commits."""


class Transaction:
    """One after the other on the writing connection. Units read through ``reader``, which shows what was taken before.

    ``lose`` is called as soon as something that was taken over turns out to be such as cannot be written.
    """

    def __init__(self, connection: sqlite3.Connection, lose: Callable[[WriteSet], None]) -> None:
        self._batch = Batch()
        self.reader = Remembering(connection, self.write, self._batch.__contains__)
        self._connection = connection
        self._positions = Positions(connection, self._need_connection)
        self._units: list[WriteSet] = []
        self._failed: list[WriteSet] = []
        self._lose = lose
        self._careful = False
        self._lent = False

    def take(self, writes: WriteSet) -> None:
        """Take over what a unit collected. Raises LostRace, TransactionLost, Lent, or what else speaks against writing it."""
        if not self._careful and not self._batch.takes(writes):
            self.write()
        if self._careful:
            self._alone(writes)
        else:
            self._add(writes)
        self.reader.memory.learn(writes)
        self._units.append(writes)

    def write(self) -> None:
        """Write what was taken over. Raises TransactionLost, Lent."""
        self._need_connection()
        if not self._batch:
            return
        try:
            self._begin()
            self._batch.write(self._connection)
        except Exception as error:  # noqa: BLE001 - whose fault it is will be found out
            self._lost_by(error)
            self._one_by_one()
        self._batch.clear()

    def failed(self) -> list[WriteSet]:
        """What was taken over and could not be written since this was asked last."""
        failed, self._failed = self._failed, []
        return failed

    def finish(self) -> bool:
        """Write what is left before the COMMIT; whether there is anything to commit. Raises TransactionLost.

        If there is, the connection is lent until ``committed`` or ``roll_back``; who is taken over meanwhile is of the next group.
        """
        self.write()
        self._end_group()
        if not self._connection.in_transaction:
            return False
        self._positions.write()
        self._lent = True
        return True

    def committed(self) -> None:
        """The connection is back."""
        self._lent = False

    def roll_back(self) -> None:
        """Nothing of this group stays, nor what was taken over while it was committed."""
        self._lent = False
        try:
            if self._connection.in_transaction:
                self._connection.rollback()
        finally:
            self._end_group()
            self._forget()
            self._failed.clear()

    def _end_group(self) -> None:
        self._units = []
        self._careful = False

    def _need_connection(self) -> None:
        if self._lent:
            raise Lent

    def _begin(self) -> None:
        if not self._connection.in_transaction:
            self._connection.execute("BEGIN IMMEDIATE")

    def _add(self, writes: WriteSet) -> None:
        self._positions.begin_unit()
        try:
            self._batch.add(writes, self._place(writes))
        except Exception:
            self._positions.give_back()
            raise

    def _place(self, writes: WriteSet) -> dict[str, int]:
        last = {sid: self._positions.take(sid, count) for sid, count in writes.appended().items()}
        writes.place(last)
        return last

    def _one_by_one(self) -> None:
        units, self._units = self._units, []
        self._careful = True
        try:
            self._connection.rollback()
            self._forget()
            self._begin()
        except sqlite3.Error as error:
            raise TransactionLost(error) from error
        for writes in units:
            try:
                self._alone(writes)
            except TransactionLost:
                raise
            except Exception:  # noqa: BLE001 - it runs again, and then its caller is told
                self._failed.append(writes)
                self._lose(writes)
            else:
                self._units.append(writes)

    def _alone(self, writes: WriteSet) -> None:
        """Write a batch of one unit within a savepoint."""
        connection = self._connection
        batch = Batch()
        self._positions.begin_unit()
        try:
            self._begin()
            connection.execute("SAVEPOINT unit")
            batch.add(writes, self._place(writes))
            batch.write(connection)
            connection.execute("RELEASE unit")
        except Exception as error:
            self._lost_by(error)
            connection.execute("ROLLBACK TO unit")
            connection.execute("RELEASE unit")
            self._positions.give_back()
            if isinstance(error, sqlite3.IntegrityError) and error.sqlite_errorcode in _TAKEN:
                raise LostRace from error
            raise

    def _lost_by(self, error: Exception) -> None:
        if isinstance(error, sqlite3.Error) and not self._connection.in_transaction:
            raise TransactionLost(error) from error

    def _forget(self) -> None:
        self._batch.clear()
        self._positions.forget()
        self.reader.memory.clear()
