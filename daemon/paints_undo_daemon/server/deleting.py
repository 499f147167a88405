"""Deleting for good what a client wants gone: at once, and also on a full disk."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from typing import Any, Concatenate, TypeVar

from paints_undo_daemon.errors import ResourceExhaustedError
from paints_undo_daemon.server.core import Core
from paints_undo_daemon.store import retention

Result = TypeVar("Result")

_BATCH = 100


async def write_freeing(
    core: Core, function: Callable[Concatenate[sqlite3.Connection, ...], Result], *args: Any
) -> Result:
    """Write what makes room; on a full disk what is kept back for that is used. Raises as `Database.write`."""
    try:
        return await core.database.write(function, *args)
    except ResourceExhaustedError:
        if not core.dispatcher.reserve.give_up():
            raise
        return await core.database.write(function, *args)


async def erase(core: Core, digests: Sequence[str]) -> None:
    """Delete those of some pictures that nobody has any more. Raises as `Database.write`."""
    for start in range(0, len(digests), _BATCH):
        await write_freeing(core, retention.erase, core.files, list(digests[start : start + _BATCH]))
    await asyncio.to_thread(core.dispatcher.reserve.keep)
