"""SQLite off the event loop: one thread writes, a few read.

Writes that wait together are committed together, each in a savepoint of its own, and are answered after the commit has
reached the disk (WAL, `synchronous=FULL`): what is announced survives the end of any process and a power loss.

Whatever a function raises fails its own call alone. If the writing thread ends all the same, or is given up
(`abandon`), every call that waits or comes later is refused at once with `UnavailableError`: nobody waits in silence.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import queue
import sqlite3
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from paints_undo_daemon.errors import UnavailableError
from paints_undo_daemon.store import marks, schema
from paints_undo_daemon.store.faults import explain
from paints_undo_daemon.store.problems import StoreError

log = logging.getLogger(__name__)

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

_BATCH = 64
_READERS = 2
_FIRST_SECONDS = 45.0
_PRAGMAS = (
    *("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"),
    *("trusted_schema=OFF", "cell_size_check=ON"),  # the file may be a stranger's: somebody's backup
)


@dataclass(slots=True)
class _Write:
    run: Callable[[sqlite3.Connection], Any]
    future: Future[Any]
    result: Any = None
    error: BaseException | None = None

    def settle(self) -> None:
        """Answer whoever waits, unless the wait has been given up."""
        with contextlib.suppress(InvalidStateError):
            if self.error is None:
                self.future.set_result(self.result)
            else:
                self.future.set_exception(explain(self.error))


class Database:
    """The connection to the database file. Functions given to `read` and `write` take a `sqlite3.Connection` first."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._writes: queue.SimpleQueue[_Write | None] = queue.SimpleQueue()
        self._waiting: set[Future[Any]] = set()
        self._broken: BaseException | None = None
        self._local = threading.local()
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="store-read")
        self._connection = connect(file)
        schema.prepare(self._connection)
        self._thread = threading.Thread(target=self._write_all, name="store-write", daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether the writing thread takes writes."""
        return self._broken is None and self._thread.is_alive()

    async def write(
        self,
        function: Callable[Concatenate[sqlite3.Connection, Arguments], Result],
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> Result:
        """Run `function` in a transaction and return its result once it is durable.

        Raises what the function raises (then nothing of it is kept), `ResourceExhaustedError` when the disk is full,
        `DataLossError` when the database is damaged, `UnavailableError` when nothing can be written any more.
        """
        if not self.alive:
            raise _given_up()
        future: Future[Result] = Future()
        self._waiting.add(future)
        future.add_done_callback(self._waiting.discard)
        self._writes.put(_Write(lambda connection: function(connection, *args, **kwargs), future))
        if not self.alive:
            self._refuse_waiting()
        return await asyncio.shield(asyncio.wrap_future(future))

    async def read(
        self,
        function: Callable[Concatenate[sqlite3.Connection, Arguments], Result],
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> Result:
        """Run `function` on a connection that sees what is committed. Raises as `write`."""
        return await asyncio.wrap_future(
            self._readers.submit(lambda: self._explained(lambda: function(self._reading_connection(), *args, **kwargs)))
        )

    def run_first(
        self,
        function: Callable[Concatenate[sqlite3.Connection, Arguments], Result],
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> Result:
        """Write before there is an event loop. Raises as `write`, and `StoreError` when nothing comes back for long."""
        write = _Write(lambda connection: function(connection, *args, **kwargs), Future())
        self._writes.put(write)
        try:
            result: Result = write.future.result(_FIRST_SECONDS)
        except TimeoutError as error:
            self.abandon(error)
            raise StoreError(f"{self._file} has taken no write for {_FIRST_SECONDS:.0f} seconds.") from None
        return result

    async def beat(self) -> None:
        """Write something, and wait until it is on the disk: the way of every write, tried. Raises as `write`."""
        await self.write(marks.put, "beat", "")

    async def try_writer(self) -> None:
        """Wait until the writing thread has had its turn; the disk is left asleep. Raises as `write`."""
        await self.write(_rest)

    def abandon(self, reason: BaseException) -> None:
        """Give the writing thread up; whoever waits for it is refused."""
        self._broken = self._broken or reason
        self._refuse_waiting()

    def close(self) -> None:
        """Finish the writes that wait, then close the file. A writer that was given up is left where it is."""
        if not self.alive:
            return
        self._writes.put(None)
        self._thread.join()
        self._readers.shutdown()
        self._connection.close()

    def _refuse_waiting(self) -> None:
        for future in list(self._waiting):
            with contextlib.suppress(InvalidStateError):
                future.set_exception(_given_up())

    def _reading_connection(self) -> sqlite3.Connection:
        if not hasattr(self._local, "connection"):
            self._local.connection = connect(self._file)
            self._local.connection.execute("PRAGMA query_only=ON")
        connection: sqlite3.Connection = self._local.connection
        return connection

    def _explained(self, run: Callable[[], Result]) -> Result:
        try:
            return run()
        except Exception as error:
            _close_cursors(error)
            translated = explain(error)
            if translated is error:
                raise
            raise translated from error

    def _write_all(self) -> None:
        try:
            self._serve()
        except BaseException as error:  # nothing may end this thread in silence
            log.critical("The thread that writes to the store has ended.", exc_info=error)
            self.abandon(error)

    def _serve(self) -> None:
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
        except Exception as error:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            for write in batch:
                write.error = write.error or error
        for write in batch:
            write.settle()

    def _apply(self, write: _Write) -> None:
        self._connection.execute("SAVEPOINT one")
        try:
            write.result = write.run(self._connection)
        except Exception as error:
            if not self._connection.in_transaction:
                raise
            write.error = error
            _close_cursors(error)
            self._connection.execute("ROLLBACK TO one")
        self._connection.execute("RELEASE one")


def connect(file: Path) -> sqlite3.Connection:
    """A connection that keeps to the store's rules: a journal, flushed commits, no remains of what is deleted."""
    connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False, timeout=30)
    connection.row_factory = sqlite3.Row
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    return connection


def look_into(file: Path) -> sqlite3.Connection:
    """A connection that changes nothing, and whose end does not write the journal into the file either."""
    connection = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None, timeout=30)
    connection.row_factory = sqlite3.Row
    for pragma in ("trusted_schema=OFF", "cell_size_check=ON"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _close_cursors(error: BaseException | None) -> None:
    """Let go of what the frames of a traceback hold: a query that is not read to its end keeps its connection in the
    past, where no write can follow.
    """
    while error is not None:
        traceback.clear_frames(error.__traceback__)
        error = error.__cause__ or error.__context__


def _rest(connection: sqlite3.Connection) -> None:
    """Write nothing."""


def _given_up() -> UnavailableError:
    return UnavailableError("The daemon cannot write to its store and starts again: try again in a moment.")
