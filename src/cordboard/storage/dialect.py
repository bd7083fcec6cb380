"""Every difference between the two databases' SQL, each with a name. Above this file there is one text for both.

SQL is written with ``?``. Least versions: SQLite 3.40, PostgreSQL 15. PostgreSQL takes a placeholder's type from what it is
compared with or put into, so a SELECT says ``column = ?``, never ``? IS NULL``.
"""

from functools import cache


@cache
def numbered(sql: str) -> str:
    """PostgreSQL's ``$1, $2`` for ``?``. The texts are ours and hold no question mark in a literal."""
    parts = sql.split("?")
    return "".join(f"{part}${index}" for index, part in enumerate(parts[:-1], 1)) + parts[-1]


def postgres_ddl(sql: str) -> str:
    """Texts sort by code point, as in SQLite, whatever the database's locale is; a table that is its index is SQLite's alone."""
    return sql.replace(" TEXT", ' TEXT COLLATE "C"').replace(") WITHOUT ROWID", ")")


def postgres_locked(sql: str) -> str:
    """A SELECT whose rows nobody changes before the transaction ends; on SQLite any SELECT of the one writer."""
    return f"{sql} FOR UPDATE"


def postgres_shared(sql: str) -> str:
    """The same, but as many as want may hold these rows at a time."""
    return f"{sql} FOR SHARE"


def among(column: str, count: int) -> str:
    """``column IN (?, ?, ...)`` for both; the count is rounded up by the caller's padding (see ``padded``)."""
    return f"{column} IN ({', '.join('?' * count)})"


def padded(keys: list[str]) -> list[str]:
    """Repeat the last key up to a power of two, so that few statements are ever prepared."""
    size = 1
    while size < len(keys):
        size *= 2
    return keys + keys[-1:] * (size - len(keys))
