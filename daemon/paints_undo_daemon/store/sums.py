"""Checksums over the columns of a row that no message holds.

SQLite notices a damaged tree, but no bit that flips within a value. A row that changes is compared first, so that no
change ever gives a damaged row the sum of a whole one.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Mapping
from typing import TypeAlias

from paints_undo_daemon.errors import DataLossError

Value: TypeAlias = "int | float | str | bytes | None"

_OWN_SUM = ("parameters", "failure")
"""Columns with messages, which have checksums of their own (`messages`); of them only the presence counts here."""
_SUM = "checksum"
_KEYS = {"jobs": ("number",), "units": ("job", "unit")}


def sum_of(row: Mapping[str, Value]) -> int:
    """The CRC-32 over the values of a row, in the order of their names.

    >>> sum_of({"number": 1, "title": "a"}) == sum_of({"number": 1, "title": "b"})
    False
    """
    values = [value is None if name in _OWN_SUM else value for name, value in sorted(row.items()) if name != _SUM]
    return zlib.crc32(ascii(values).encode())


def is_whole(row: sqlite3.Row) -> bool:
    """Whether a row of `SELECT *` has the values that were stored."""
    return bool(row[_SUM] == sum_of(dict(row)))


def seal(connection: sqlite3.Connection, table: str, *key: Value) -> None:
    """Give a new row of a table its checksum; `key` are the values of its primary key."""
    row = connection.execute(f"SELECT * FROM {table} WHERE {_where(table)}", key).fetchone()  # noqa: S608
    connection.execute(f"UPDATE {table} SET {_SUM} = ? WHERE {_where(table)}", (sum_of(dict(row)), *key))  # noqa: S608


def change(connection: sqlite3.Connection, table: str, *key: Value, **values: Value) -> None:
    """Change columns of a row, and its checksum with them. Raises `DataLossError` when it is damaged or gone."""
    row = connection.execute(f"SELECT * FROM {table} WHERE {_where(table)}", key).fetchone()  # noqa: S608
    if row is None or not is_whole(row):
        raise DataLossError("The job's record is damaged: start the job again.")
    put = {**values, _SUM: sum_of({**dict(row), **values})}
    columns = ", ".join(f"{name} = ?" for name in put)
    connection.execute(f"UPDATE {table} SET {columns} WHERE {_where(table)}", (*put.values(), *key))  # noqa: S608


def _where(table: str) -> str:
    return " AND ".join(f"{name} = ?" for name in _KEYS[table])
