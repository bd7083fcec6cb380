"""Encrypting secrets anew with the first key, so that the keys behind it can be dropped.

Once at every start with several keys, slice by slice, while calls are answered; several nodes may do it side by side, for each row
is guarded. Nodes that seal with another first key go on doing so: a key is free when all nodes were started with the new one in
front, and that is what the doctor counts. The keyed hash in the receipt of an erasure stays: it cannot be made again.
"""

import asyncio
import logging
from collections.abc import Mapping
from functools import partial
from typing import Any

import msgspec

from cordboard.accounts.store.accounts import ACCOUNTS
from cordboard.accounts.store.canary import CANARY
from cordboard.accounts.store.erasures import ERASURES
from cordboard.accounts.store.kept_answers import KEPT_ANSWERS
from cordboard.accounts.store.keys import API_KEYS
from cordboard.kernel.errors import Unavailable
from cordboard.kernel.keyring import NAME_LENGTH, Keyring, WrongKey
from cordboard.kernel.pages import Page
from cordboard.storage.port import Database
from cordboard.storage.tables import Key, Query, Shape, Table
from cordboard.storage.unit import Unit, View

_log = logging.getLogger(__name__)

_ROWS = 200
_RETRY_S = 1.0

# Every column that holds something sealed; a test compares it with the migrations.
SEALED: Mapping[Table[Any], tuple[str, ...]] = {
    CANARY: ("sealed",),
    ACCOUNTS: ("sealed_token", "sealed_secondary_token", "sealed_retired_token"),
    API_KEYS: ("sealed_secret",),
    ERASURES: ("sealed_name",),
    KEPT_ANSWERS: ("sealed_body",),
}


class _Count(msgspec.Struct, frozen=True):
    name: str
    count: int


_COUNT: Shape[_Count] = Shape(_Count)


async def sealed_with(view: View) -> dict[str, int]:
    """How many secrets each key has sealed, by its id."""
    counts: dict[str, int] = {}
    for table, columns in SEALED.items():
        for column in columns:
            name = f"SUBSTR({column}, 1, {NAME_LENGTH})"
            sql = f"SELECT {name}, COUNT(*) FROM {table.name} WHERE {column} IS NOT NULL GROUP BY {name}"
            for found in await view.all(Query(sql, _COUNT)):
                counts[found.name] = counts.get(found.name, 0) + found.count
    return counts


class Resealing:
    """See system.Follower."""

    problem = None

    def __init__(self, db: Database, keyring: Keyring) -> None:
        self._db = db
        self._keyring = keyring
        self._done = not keyring.others

    @property
    def busy(self) -> bool:
        """Whether a secret may be left that another key than the first has sealed."""
        return not self._done

    async def start(self) -> None:
        """Nothing: it may take its time."""

    async def run(self) -> None:
        """Seal everything anew, once; then rest."""
        while not self._done:
            try:
                for table in SEALED:
                    await self._reseal(table)
                self._done = True
            except Unavailable as error:
                _log.warning("encrypting secrets anew waits: %s", error)
                await asyncio.sleep(_RETRY_S)
        await asyncio.Event().wait()

    async def _reseal(self, table: Table[Any]) -> None:
        everything = table.listing("1 = 1")

        async def take_slice(unit: Unit, cursor: Key | None) -> Key | None:
            found = await unit.page(everything, (), Page(_ROWS, cursor=cursor))
            for row in found.items:
                self._seal_anew(unit, table, row)
            return found.after

        cursor = await self._db.run(partial(take_slice, cursor=None))
        while cursor is not None:
            cursor = await self._db.run(partial(take_slice, cursor=cursor))

    def _seal_anew(self, unit: Unit, table: Table[Any], row: Any) -> None:  # noqa: ANN401 - a fact of any table
        old = tuple(f"{name}." for name in self._keyring.others)
        held = {column: getattr(row, column) for column in SEALED[table]}
        left = {column: sealed for column, sealed in held.items() if sealed is not None and sealed.startswith(old)}
        if not left:
            return
        try:
            changes = {column: self._keyring.seal(self._keyring.open(sealed)) for column, sealed in left.items()}
        except WrongKey:
            _log.exception("a secret in %s %s cannot be encrypted anew", table.name, table.key_of(row))
            return
        if table.version is None:
            unit.put(table, msgspec.structs.replace(row, **changes))
        else:
            # Nobody changed it: its date stays.
            stamp = {} if table.stamp is None else {table.stamp: getattr(row, table.stamp)}
            unit.update(table, row, **changes, **stamp)
