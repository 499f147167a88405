"""The network's thread: an asyncio loop, a pool for work on pixels, and the way back to Krita's own thread."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Generic, TypeVar

from ..core import log
from .work import BackgroundTask

Owned = TypeVar("Owned")
Result = TypeVar("Result")

END_SECONDS = 1.0
POOL_THREADS = 2


class Loop(Generic[Owned]):
    """Made in the thread that it is to run in; `owned` is what the bridge's work is done on."""

    def __init__(self, make: Callable[[Loop[Owned]], Owned], emit: Callable[..., None]) -> None:
        self.emit = emit
        self._loop = asyncio.new_event_loop()
        self._pool = ThreadPoolExecutor(POOL_THREADS, thread_name_prefix="undo-painting-pixels")
        self._tasks: set[asyncio.Task[None]] = set()
        self.owned = make(self)

    def serve(
        self, orders: deque[Callable[[Loop[Owned]], object]], woken_by: Callable[[Callable[[], object]], None]
    ) -> None:
        """Take orders until one is to stop; `woken_by` gets the function that tells of a new one."""

        def take() -> None:
            while orders:
                order = orders.popleft()
                try:
                    order(self)
                except Exception as error:
                    self.emit(log.error, error)

        asyncio.set_event_loop(self._loop)
        woken_by(lambda: self._loop.call_soon_threadsafe(take))
        self._loop.call_soon(take)
        self._loop.run_forever()
        self._end()

    def begin(
        self,
        handle: BackgroundTask,
        work: Callable[[Owned], Coroutine[Any, Any, Result]],
        done: Callable[[Result], object] | None,
        failed: Callable[[Exception], object] | None,
    ) -> None:
        """Begin what `Bridge.run` was given."""
        if handle.cancelled:
            return
        handle.task = self._loop.create_task(self._guard(work(self.owned), done, failed))
        self._tasks.add(handle.task)
        handle.task.add_done_callback(self._tasks.discard)

    def stop(self) -> None:
        """End `serve`."""
        self._loop.stop()

    async def ask(self, function: Callable[..., Result], *arguments: Any) -> Result:
        """Have a call made by the thread that drains, and wait for what it returns: so large results never pile up.
        Raises what the call raised."""
        made: asyncio.Future[Result] = self._loop.create_future()

        def settle(result: Any, error: Exception | None) -> None:
            if made.done():
                return
            if error is None:
                made.set_result(result)
            else:
                made.set_exception(error)

        def call() -> None:
            result, failure = None, None
            try:
                result = function(*arguments)
            except Exception as error:
                failure = error
            if not self._loop.is_closed():
                self._loop.call_soon_threadsafe(settle, result, failure)

        self.emit(call)
        return await made

    async def in_pool(self, function: Callable[..., Result], *arguments: Any) -> Result:
        """Run a function on pixels in the pool, so that the loop stays free for the network."""
        return await self._loop.run_in_executor(self._pool, lambda: function(*arguments))

    async def _guard(
        self,
        work: Coroutine[Any, Any, Result],
        done: Callable[[Result], object] | None,
        failed: Callable[[Exception], object] | None,
    ) -> None:
        try:
            result = await work
        except Exception as error:
            self.emit(failed or log.error, error)
        else:
            if done is not None:
                self.emit(done, result)

    def _end(self) -> None:
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        try:
            self._loop.run_until_complete(asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), END_SECONDS))
        except (asyncio.TimeoutError, asyncio.CancelledError, RuntimeError):
            log.LOGGER.warning("some calls did not end in time")
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._loop.close()
