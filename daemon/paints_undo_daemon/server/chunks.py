"""Files as chunks of a stream, read off the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from paints_undo_daemon.errors import NotFoundError
from paints_undo_daemon.server.core import CHUNK_BYTES

_SMALL_BYTES = 4 * CHUNK_BYTES


async def file_chunks(path: Path) -> AsyncIterator[bytes]:
    """The bytes of a file, at most 1 MiB at a time. Raises `NotFoundError` when it is gone."""
    try:
        size = path.stat().st_size
        if size <= _SMALL_BYTES:
            data = await asyncio.to_thread(path.read_bytes)
            for start in range(0, len(data), CHUNK_BYTES):
                yield data[start : start + CHUNK_BYTES]
            return
        with path.open("rb") as file:
            while chunk := await asyncio.to_thread(file.read, CHUNK_BYTES):
                yield chunk
    except FileNotFoundError:
        raise NotFoundError("The picture is not stored any more.") from None
