"""SQLite off the event loop: one thread writes, a few read.

Writes that wait together are committed together, each in a savepoint of its own, and are answered after the commit has
reached the disk (WAL, `synchronous=FULL`): what is announced survives the end of any process and a power loss.
"""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from paints_undo_daemon.errors import CallError, ResourceExhaustedError
from paints_undo_daemon.store import schema

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

_BATCH = 64
_READERS = 2
_FULL = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE)


def is_full(error: BaseException) -> bool:
    """Whether SQLite says that the disk is full, also by having found no room for the index of its journal."""
    return isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode in _FULL


@dataclass(slots=True)
class _Write:
    run: Callable[[sqlite3.Connection], Any]
    future: Future[Any]
    result: Any = None
    error: BaseException | None = None


class Database:
    """The connection to the database file. Functions given to `read` and `write` take a `sqlite3.Connection` first."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._writes: queue.SimpleQueue[_Write | None] = queue.SimpleQueue()
        self._local = threading.local()
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="store-read")
        self._connection = self._connect()
        schema.prepare(self._connection)
        self._thread = threading.Thread(target=self._write_all, name="store-write", daemon=True)
        self._thread.start()

    async def write(
        self,
        function: Callable[Concatenate[sqlite3.Connection, Arguments], Result],
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> Result:
        """Run `function` in a transaction and return its result once it is durable.

        Raises what the function raises (then nothing of it is kept), `ResourceExhaustedError` when the disk is full.
        """
        future: Future[Result] = Future()
        self._writes.put(_Write(lambda connection: function(connection, *args, **kwargs), future))
        return await asyncio.shield(asyncio.wrap_future(future))

    async def read(
        self,
        function: Callable[Concatenate[sqlite3.Connection, Arguments], Result],
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> Result:
        """Run `function` on a connection that sees what is committed."""
        return await asyncio.wrap_future(
            self._readers.submit(lambda: function(self._reading_connection(), *args, **kwargs))
        )

    def close(self) -> None:
        """Finish the writes that wait, then close the file."""
        self._writes.put(None)
        self._thread.join()
        self._readers.shutdown()
        self._connection.close()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._file, isolation_level=None, check_same_thread=False, timeout=30)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        return connection

    def _reading_connection(self) -> sqlite3.Connection:
        if not hasattr(self._local, "connection"):
            self._local.connection = self._connect()
            self._local.connection.execute("PRAGMA query_only=ON")
        connection: sqlite3.Connection = self._local.connection
        return connection

    def _write_all(self) -> None:
        while (first := self._writes.get()) is not None:
            batch = [first]
            last = False
            while len(batch) < _BATCH and not last:
                try:
                    item = self._writes.get_nowait()
                except queue.Empty:
                    break
                if item is None:
                    last = True
                else:
                    batch.append(item)
            self._commit(batch)
            if last:
                return

    def _commit(self, batch: list[_Write]) -> None:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            for write in batch:
                self._apply(write)
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            for write in batch:
                write.error = write.error or error
        for write in batch:
            if write.error is None:
                write.future.set_result(write.result)
            else:
                write.future.set_exception(_translated(write.error))

    def _apply(self, write: _Write) -> None:
        self._connection.execute("SAVEPOINT one")
        try:
            write.result = write.run(self._connection)
        except (sqlite3.Error, CallError, ValueError, KeyError, OSError) as error:
            if not self._connection.in_transaction:
                raise
            write.error = error
            self._connection.execute("ROLLBACK TO one")
        self._connection.execute("RELEASE one")


def _translated(error: BaseException) -> BaseException:
    if is_full(error):
        return ResourceExhaustedError("The disk is full: free some space, then try again.")
    return error
