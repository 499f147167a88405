"""A thread with an asyncio loop, and the queue by which its results come back to the caller's thread.

Coroutines run in the loop's thread. Whatever they hand over (`done`, `failed`, `emit`) is only queued; `drain` calls
it, in the thread that calls `drain` (Krita's own, from a timer, a few milliseconds at a time).
"""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from ..core import log

Call = Callable[[], None]


class Bridge:
    """Starts its thread at the first `run`; `close` ends it."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[Call] = queue.SimpleQueue()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._closed = False
        self.pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="undo-painting-pixels")

    def run(
        self,
        work: Coroutine[Any, Any, Any],
        done: Callable[[Any], None] | None = None,
        failed: Callable[[Exception], None] | None = None,
    ) -> Future[None]:
        """Run a coroutine in the loop's thread. One of `done` and `failed` is called, unless it is cancelled."""
        return asyncio.run_coroutine_threadsafe(self._guard(work, done, failed), self._start())

    def emit(self, function: Callable[..., None], *arguments: Any) -> None:
        """Queue a call for the thread that drains; may be called from any thread."""
        self._queue.put(lambda: function(*arguments))

    async def emit_and_wait(self, function: Callable[..., None], *arguments: Any) -> None:
        """Queue a call and wait until it was made: so large results never pile up. Raises what the call raised."""
        loop = asyncio.get_running_loop()
        made: asyncio.Future[None] = loop.create_future()

        def settle(error: Exception | None) -> None:
            if not made.done():
                if error is None:
                    made.set_result(None)
                else:
                    made.set_exception(error)

        def call() -> None:
            failure: Exception | None = None
            try:
                function(*arguments)
            except Exception as error:
                failure = error
            if not loop.is_closed():
                loop.call_soon_threadsafe(settle, failure)

        self._queue.put(call)
        await made

    async def in_pool(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Run a function on pixels in the pool, so that the loop stays free for the network."""
        return await asyncio.get_running_loop().run_in_executor(self.pool, function, *arguments)

    def drain(self, budget: float = 0.008) -> int:
        """Make the queued calls, until none is left or `budget` seconds are over. Returns how many were made."""
        end = time.monotonic() + budget
        count = 0
        while True:
            try:
                call = self._queue.get_nowait()
            except queue.Empty:
                return count
            log.guarded(call)()
            count += 1
            if time.monotonic() >= end:
                return count

    def close(self, timeout: float = 2.0) -> None:
        """Cancel what runs and end the thread; what is still queued is dropped."""
        self._closed = True
        if self._loop is not None and self._thread is not None:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(timeout)
        self.pool.shutdown(wait=False, cancel_futures=True)

    def _start(self) -> asyncio.AbstractEventLoop:
        if self._closed:
            raise RuntimeError("the plugin is closing")
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._thread = threading.Thread(
                target=self._work, args=(self._loop,), name="undo-painting-net", daemon=True
            )
            self._thread.start()
        return self._loop

    @staticmethod
    def _work(loop: asyncio.AbstractEventLoop) -> None:
        asyncio.set_event_loop(loop)
        loop.run_forever()
        tasks = asyncio.all_tasks(loop)
        for task in tasks:
            task.cancel()
        try:
            loop.run_until_complete(asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 1.0))
        except (asyncio.TimeoutError, asyncio.CancelledError, RuntimeError):
            log.LOGGER.warning("some calls did not end in time")
        loop.close()

    async def _guard(
        self,
        work: Coroutine[Any, Any, Any],
        done: Callable[[Any], None] | None,
        failed: Callable[[Exception], None] | None,
    ) -> None:
        try:
            result = await work
        except Exception as error:
            self.emit(failed or log.error, error)
        else:
            if done is not None:
                self.emit(done, result)
