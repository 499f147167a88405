"""Files as chunks of a stream, read off the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from paints_undo_daemon.errors import NotFoundError
from paints_undo_daemon.server.core import CHUNK_BYTES
from paints_undo_daemon.store.pictures import PictureFiles, PictureLostError

_SMALL_BYTES = 4 * CHUNK_BYTES


async def open_picture(files: PictureFiles, digest: str) -> tuple[int, AsyncIterator[bytes]]:
    """A stored picture's size and its bytes, at most 1 MiB at a time, compared with its name on the way.

    A small picture is compared before anything of it is sent; the stream of a large one that is damaged breaks off at
    its end. Raises `PictureLostError`.
    """
    size = files.size(digest)
    if size is None:
        raise PictureLostError(digest, damaged=False)
    if size <= _SMALL_BYTES:
        return size, _all(await asyncio.to_thread(lambda: list(files.chunks(digest))))
    return size, _read(files, digest)


async def file_chunks(path: Path) -> AsyncIterator[bytes]:
    """The bytes of a temporary file, at most 1 MiB at a time. Raises `NotFoundError` when it is gone."""
    try:
        with path.open("rb") as file:
            while chunk := await asyncio.to_thread(file.read, CHUNK_BYTES):
                yield chunk
    except FileNotFoundError:
        raise NotFoundError("What was made is not there any more.") from None


async def _all(chunks: list[bytes]) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


async def _read(files: PictureFiles, digest: str) -> AsyncIterator[bytes]:
    chunks = files.chunks(digest)
    try:
        while (chunk := await asyncio.to_thread(next, chunks, None)) is not None:
            yield chunk
    finally:
        chunks.close()  # type: ignore[attr-defined]
