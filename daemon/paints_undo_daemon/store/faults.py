"""What SQLite and damaged records raise, as the errors that calls end with."""

from __future__ import annotations

import sqlite3

from google.protobuf.message import DecodeError

from paints_undo_daemon.errors import DataLossError, ResourceExhaustedError, UnavailableError

_FULL = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE)
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_NOT_NOW = (
    *(sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR),
    *(sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN),
)
_PRIMARY = 0xFF
REPAIR = "Run `paints-undo store check` to see what, and `paints-undo store rebuild` to keep the rest."


def is_full(error: BaseException) -> bool:
    """Whether SQLite says that the disk is full, also by having found no room for the index of its journal."""
    return isinstance(error, sqlite3.OperationalError) and _code(error) in _FULL


def is_damaged(error: BaseException) -> bool:
    """Whether the database file, or a record in it, does not hold what was written."""
    if isinstance(error, sqlite3.Error):
        return _code(error) & _PRIMARY in _DAMAGED
    return isinstance(error, DecodeError | UnicodeDecodeError)


def explain(error: BaseException) -> BaseException:
    """The error of the call, where one says it better; otherwise `error` itself."""
    if is_full(error):
        return ResourceExhaustedError("The disk is full: free some space, then try again.")
    if is_damaged(error):
        return DataLossError(f"The daemon's database is damaged. {REPAIR}")
    if isinstance(error, sqlite3.OperationalError) and _code(error) & _PRIMARY in _NOT_NOW:
        return UnavailableError(f"The daemon's database cannot be used at the moment ({error}): try again.")
    return error


def _code(error: sqlite3.Error) -> int:
    return int(getattr(error, "sqlite_errorcode", 0) or 0)
