"""Lists of a workspace's rows with whatever filters a caller gave, and the vendor's limits on their number."""

from collections.abc import Mapping
from functools import cache

import msgspec

from cordboard.kernel.errors import Invalid
from cordboard.storage.dialect import among, padded
from cordboard.storage.tables import Direction, F, Listing, Query, Shape, Table, Value
from cordboard.storage.unit import View

Filters = Mapping[str, Value | list[str]]
OLDEST_FIRST: tuple[tuple[str, Direction], ...] = (("created_at", "ASC"),)


def select(
    table: Table[F],
    filters: Filters,
    order: tuple[tuple[str, Direction], ...] = OLDEST_FIRST,
) -> tuple[Listing[F], list[Value]]:
    """The listing of rows whose columns have these values (one of them, for a list that is not empty) and its arguments.

    None leaves a column out. The columns are the program's, never a caller's.
    """
    conditions: list[str] = []
    arguments: list[Value] = []
    for column, value in filters.items():
        if isinstance(value, list):
            values = padded(value)
            conditions.append(among(column, len(values)))
            arguments += values
        elif value is not None:
            conditions.append(f"{column} = ?")
            arguments.append(int(value) if isinstance(value, bool) else value)
    return table.listing(" AND ".join(conditions), *order), arguments


async def refuse_beyond(view: View, table: Table[F], column: str, value: str, most: int) -> None:
    """Raise Invalid if ``most`` rows have this value already. Two calls at once may pass it together; it is no hard limit."""
    (counted,) = await view.all(_counting(table.name, column), value)
    if counted.rows >= most:
        message = f"{value} already has {most} {table.name.replace('_', ' ')}, which is the most"
        raise Invalid(message)


class _Counted(msgspec.Struct, frozen=True):
    rows: int


@cache
def _counting(table: str, column: str) -> Query[_Counted]:
    return Query(f"SELECT COUNT(*) FROM {table} WHERE {column} = ?", Shape(_Counted))
