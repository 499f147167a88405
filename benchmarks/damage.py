"""What the soak does to the machine below a running daemon: bits, clocks, disks and connections that go wrong."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import random
import shutil
import socket
import subprocess
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc
from daemons import Stubs

from paints_undo.v1 import pictures_pb2

DAY = 86400
FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
_PAGE = 4096
_STALLED = 4


class Damage:
    """Does one kind of harm after the other to the daemon of a home folder, and counts them.

    The clock jumps only with libfaketime (Debian: `libfaketime`), the disk fills up only on a disk of its own (`disk`).
    """

    def __init__(self, home: Path, rng: random.Random, disk: bool) -> None:
        self._home = home
        self._random = rng
        self._time = home.parent / "time"
        self.counts: Counter[str] = Counter()
        self._kinds: list[Callable[[Callable[[], Stubs]], Awaitable[None]]] = [self._flip, self._flip, self._stall]
        if FAKETIME is not None:
            self._time.write_text("+0")
            self._kinds.append(self._jump)
        if disk:
            self._kinds.append(self._fill)

    def environment(self) -> dict[str, str]:
        """What the daemon needs in its environment."""
        if FAKETIME is None:
            return {}
        names = {"LD_PRELOAD": str(FAKETIME), "FAKETIME_TIMESTAMP_FILE": str(self._time)}
        return names | {"FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1"}

    async def strike(self, connect: Callable[[], Stubs]) -> None:
        """Do some harm; returns when it is over, except for what stays on the disk."""
        await self._random.choice(self._kinds)(connect)

    def flip_database(self, count: int) -> None:
        """Change random bytes of the database of a daemon that does not run, and destroy a page of it."""
        file = self._home / "store" / "jobs.sqlite3"
        size = file.stat().st_size
        with file.open("r+b") as opened:
            for _ in range(count):
                opened.seek(self._random.randrange(size))
                opened.write(bytes([self._random.randrange(256)]))
            opened.seek(self._random.choice((0, self._random.randrange(size // _PAGE))) * _PAGE)
            opened.write(self._random.randbytes(_PAGE))
        self.counts["database bytes changed"] += count
        self.counts["database pages destroyed"] += 1

    async def _flip(self, connect: Callable[[], Stubs]) -> None:  # noqa: ARG002
        """One bit of one stored picture."""
        paths = [path for path in (self._home / "store" / "pictures").rglob("*") if path.is_file()]
        if not paths:
            return
        with contextlib.suppress(FileNotFoundError), self._random.choice(paths).open("r+b") as file:
            position = self._random.randrange(max(1, os.fstat(file.fileno()).st_size))
            file.seek(position)
            byte = file.read(1)
            if byte:
                file.seek(position)
                file.write(bytes([byte[0] ^ 1 << self._random.randrange(8)]))
                self.counts["bits flipped"] += 1

    async def _jump(self, connect: Callable[[], Stubs]) -> None:  # noqa: ARG002
        """The clock is wrong by up to forty days for a moment, or for long."""
        self._time.write_text(f"{self._random.choice((-1, 1)) * self._random.uniform(0, 40) * DAY:+.0f}")
        self.counts["clock jumps"] += 1
        await asyncio.sleep(self._random.uniform(0.2, 3.0))
        if self._random.random() < 0.7:
            self._time.write_text("+0")

    async def _fill(self, connect: Callable[[], Stubs]) -> None:  # noqa: ARG002
        """The disk is full for a moment."""
        filler = self._home / "filler"
        try:
            with contextlib.suppress(OSError), filler.open("ab", buffering=0) as file:
                while (free := shutil.disk_usage(self._home).free) > 0:
                    file.write(bytes(min(free, 2**20)))
            self.counts["full disks"] += 1
            await asyncio.sleep(self._random.uniform(0.2, 2.0))
        finally:
            filler.unlink(missing_ok=True)

    async def _stall(self, connect: Callable[[], Stubs]) -> None:
        """Connections that say nothing, and uploads that stop half way."""
        halves = [_half_open(connect().channel_address) for _ in range(_STALLED)]
        stubs = connect()
        calls = [stubs.pictures.UploadPicture(_stalling(), metadata=stubs.metadata) for _ in range(2)]
        self.counts["stalled connections"] += len(halves) + len(calls)
        await asyncio.sleep(self._random.uniform(0.5, 3.0))
        for call in calls:
            call.cancel()
            with contextlib.suppress(grpc.RpcError, asyncio.CancelledError):
                await call
        await stubs.channel.close()
        for half in halves:
            if half is not None:
                half.close()


async def _stalling() -> AsyncIterator[pictures_pb2.UploadPictureRequest]:
    data = os.urandom(1000)
    header = pictures_pb2.UploadHeader(hash=hashlib.sha256(data).hexdigest(), size_bytes=len(data))
    yield pictures_pb2.UploadPictureRequest(header=header)
    yield pictures_pb2.UploadPictureRequest(chunk=data[:10])
    await asyncio.sleep(3600)


def _half_open(address: str) -> socket.socket | None:
    """A connection on which nothing is ever said."""
    with contextlib.suppress(OSError):
        if address.startswith("unix:"):
            opened = socket.socket(socket.AF_UNIX)
            opened.connect(address.removeprefix("unix:"))
            return opened
        host, _, port = address.rpartition(":")
        return socket.create_connection((host.strip("[]"), int(port)), 1.0)
    return None


@contextmanager
def small_disk(folder: Path, mebibytes: int) -> Iterator[Path]:
    """A disk of its own in memory, where the account may mount one (root); with 0 the folder as it is."""
    if not mebibytes:
        yield folder
        return
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m", "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)
