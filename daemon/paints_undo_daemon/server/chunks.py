"""Files as chunks of a stream, read off the event loop."""

from __future__ import annotations

import asyncio
import os
import shutil
import stat
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Generic, TypeAlias, TypeVar

from paints_undo_daemon.errors import NotFoundError
from paints_undo_daemon.server.core import CHUNK_BYTES
from paints_undo_daemon.store.pictures import PictureFiles, PictureLostError

_SMALL_BYTES = 4 * CHUNK_BYTES

T = TypeVar("T")
Opened: TypeAlias = tuple[int, AsyncIterator[T]]
Write: TypeAlias = Callable[[bytes], T]
"""What makes a message of a chunk, in the thread that reads."""


async def open_picture(files: PictureFiles, digest: str, write: Write[T]) -> Opened[T]:
    """A stored picture's size and its bytes, at most 1 MiB at a time, compared with its name on the way.

    A small picture is compared before anything of it is sent; the stream of a large one that is damaged breaks off at
    its end. Raises `PictureLostError`.
    """
    size, small = await asyncio.to_thread(_read_small, files, digest, write)
    return size, _read(files, digest, write) if small is None else _all(small)


def _read_small(files: PictureFiles, digest: str, write: Write[T]) -> tuple[int, list[T] | None]:
    """A picture's size, and its chunks if it is small."""
    size = files.size(digest)
    if size is None:
        raise PictureLostError(digest, damaged=False)
    return size, list(map(write, files.chunks(digest))) if size <= _SMALL_BYTES else None


@contextmanager
def temporary_folder(files: PictureFiles) -> Iterator[Path]:
    """The path of a folder among the store's temporary files, for the caller to make; it is removed in the end."""
    folder = files.new_temporary()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def made_file(folder: Path, told: str) -> Path:
    """Where the file lies that a worker tells it has made: in the folder that it was given for this, whatever it tells.

    A worker that has become somebody else's could have the daemon send, sign or delete what itself it may not touch.
    Raises `NotFoundError` when there is no such file, or it is a link or something else.
    """
    path = folder / Path(told).name
    try:
        if stat.S_ISREG(path.lstat().st_mode):
            return path
    except OSError:
        pass
    raise NotFoundError("The worker has told of a file that it has not made.")


async def file_chunks(path: Path, write: Write[T]) -> AsyncIterator[T]:
    """The bytes of a temporary file, at most 1 MiB at a time. Raises `NotFoundError` when it is gone."""
    try:
        with open(path, "rb", opener=_open_itself) as file:
            written = map(write, iter(partial(file.read, CHUNK_BYTES), b""))
            while (chunk := await asyncio.to_thread(next, written, None)) is not None:
                yield chunk
    except FileNotFoundError:
        raise NotFoundError("What was made is not there any more.") from None


def _open_itself(path: str, flags: int) -> int:
    """Open a file, and nothing that a link leads to."""
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0))


async def _all(chunks: list[T]) -> AsyncIterator[T]:
    for chunk in chunks:
        yield chunk


async def _read(files: PictureFiles, digest: str, write: Write[T]) -> AsyncIterator[T]:
    """The chunks of a large picture, the next one read while the present one is sent."""
    chunks = files.chunks(digest)
    written = map(write, chunks)
    coming = _in_thread(next, written, None)
    try:
        while (chunk := await coming) is not None:
            coming = _in_thread(next, written, None)
            yield chunk
    finally:
        await asyncio.wait([coming])
        chunks.close()  # type: ignore[attr-defined]


def _in_thread(function: Callable[..., T], *args: Any) -> asyncio.Task[T]:
    return asyncio.create_task(asyncio.to_thread(function, *args))


@dataclass(slots=True)
class PlacesAhead:
    """How many pictures are read ahead in all streams together, and how many at most: they are held in memory."""

    most: int
    taken: int = 0


class ReadAhead(Generic[T]):
    """Opens the pictures of one stream, and the next one already while the present one is sent.

    `places` are shared by all streams. To be closed.
    """

    def __init__(self, files: PictureFiles, places: PlacesAhead, write: Write[T]) -> None:
        self._files = files
        self._places = places
        self._write = write
        self._coming: tuple[str, asyncio.Task[Opened[T]]] | None = None

    async def open(self, digest: str) -> Opened[T]:
        """As `open_picture`. Raises `PictureLostError`."""
        coming, self._coming = self._coming, None
        if coming is None:
            return await open_picture(self._files, digest, self._write)
        self._places.taken -= 1
        if coming[0] == digest:
            return await coming[1]
        coming[1].add_done_callback(_forget)
        return await open_picture(self._files, digest, self._write)

    def begin(self, digest: str) -> None:
        """Read the picture that will be opened next, if there is a place for it."""
        if self._coming is None and self._places.taken < self._places.most:
            self._places.taken += 1
            self._coming = digest, asyncio.create_task(open_picture(self._files, digest, self._write))

    def close(self) -> None:
        """Forget what was read ahead."""
        if self._coming is not None:
            self._places.taken -= 1
            self._coming[1].add_done_callback(_forget)
            self._coming = None


def _forget(task: asyncio.Task[Any]) -> None:
    """Take the exception of a task that nobody waits for."""
    if not task.cancelled():
        task.exception()
