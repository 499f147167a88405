"""Fetching one file: in pieces, continued where a broken transfer left off, and checked against its digest."""

from __future__ import annotations

import io
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from paints_undo_engine.checkpoints.narrowing import read_head
from paints_undo_engine.checkpoints.record import FileEntry
from paints_undo_engine.errors import DownloadError

if TYPE_CHECKING:
    import httpx2

PART_SUFFIX = ".part"
PIECE = 1 << 20
"""Progress is told after so many bytes."""
RETRIES = 5
TIMEOUT = 30.0
FIRST_PAUSE = 0.25
"""Seconds before the first new try; doubled for each further one."""


def fetch(session: httpx2.Client, url: str, headers: dict[str, str], target: Path, entry: FileEntry) -> Iterator[int]:
    """Download `url` to `target` and yield how many bytes of it are there. The part stays when the generator is closed.

    Raises `DownloadError` when the server cannot be reached after some tries, refuses, or sends something else than
    `entry` says; a part that turned out wrong is deleted.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + PART_SUFFIX)
    with part.open("ab+") as file:
        digest = entry.hasher()
        done = _take_over(file, entry, digest)
        yield done
        failures = 0
        while done < entry.size:
            before, told, trouble = done, done, "the connection ended early"
            try:
                for piece in _pieces(session, url, headers, done, file):
                    if piece is None:
                        digest, done = entry.hasher(), 0
                        continue
                    file.write(piece)
                    digest.update(piece)
                    done += len(piece)
                    if done - told >= PIECE:
                        told = done
                        yield done
                    if done > entry.size:
                        break
            except _broken() as error:
                trouble = str(error) or type(error).__name__
            failures = 0 if done > before else failures + 1
            if failures > RETRIES:
                raise DownloadError(
                    f"{target.name} could not be fetched: {trouble}. Try again later; what has arrived is kept.",
                    "unreachable",
                )
            if done < entry.size:
                time.sleep(min(8.0, FIRST_PAUSE * 2**failures))
        file.flush()
        os.fsync(file.fileno())
    if done != entry.size or digest.hexdigest() != entry.digest:
        part.unlink()
        raise DownloadError(
            f"{target.name} is not what the hub announced: its {entry.kind} does not match. Download it again.",
            "digest",
        )
    part.replace(target)


def fetch_head(session: httpx2.Client, url: str, headers: dict[str, str]) -> dict[str, Any]:
    """The head of a safetensors file on a server, of which no more is asked for or read.

    Empty where the server cannot be reached or the file is none.
    """
    asked = {**headers, "Accept-Encoding": "identity", "Range": f"bytes=0-{PIECE - 1}"}
    try:
        with session.stream("GET", url, headers=asked, timeout=TIMEOUT) as response:
            if response.status_code not in (200, 206):
                return {}
            return read_head(cast("BinaryIO", _Beginning(response.iter_bytes())))
    except ValueError:
        return {}
    except _broken():
        return {}


class _Beginning(io.RawIOBase):
    """What has arrived of a transfer, as a file that is read from its beginning."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._held = pieces, b""

    def read(self, size: int = -1) -> bytes:
        """The next `size` bytes."""
        while len(self._held) < size and (piece := next(self._pieces, b"")):
            self._held += piece
        taken, self._held = self._held[:size], self._held[size:]
        return taken


def _take_over(file: BinaryIO, entry: FileEntry, digest: object) -> int:
    """Hash what an earlier transfer left; what is too long for the file is dropped."""
    if file.seek(0, os.SEEK_END) > entry.size:
        file.truncate(0)
    file.seek(0)
    done = 0
    while piece := file.read(PIECE):
        digest.update(piece)  # type: ignore[attr-defined]
        done += len(piece)
    return done


def _pieces(
    session: httpx2.Client, url: str, headers: dict[str, str], start: int, file: BinaryIO
) -> Iterator[bytes | None]:
    """The bytes from `start` on; None first when the server begins from 0 again, after the part has been emptied."""
    asked = {**headers, "Accept-Encoding": "identity"}
    if start:
        asked["Range"] = f"bytes={start}-"
    with session.stream("GET", url, headers=asked, timeout=TIMEOUT) as response:
        if response.status_code == 416 or (start and response.status_code == 200):
            file.truncate(0)
            yield None
            if response.status_code == 416:
                return
        elif response.status_code == 206 and not _continues(response.headers.get("Content-Range", ""), start):
            raise DownloadError(f"{url} was continued at another place than asked for.", "refused")
        elif response.status_code >= 500 or response.status_code in (408, 429):
            response.raise_for_status()
        elif response.status_code not in (200, 206):
            raise DownloadError(f"The hub answered {response.status_code} for {url}.", "refused")
        yield from response.iter_bytes()


def _continues(content_range: str, start: int) -> bool:
    return content_range.startswith(f"bytes {start}-")


def _broken() -> tuple[type[Exception], ...]:
    import httpx2

    return (httpx2.TransportError, httpx2.HTTPStatusError)
