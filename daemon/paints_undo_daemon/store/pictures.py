"""Pictures on disk, named by the SHA-256 of their bytes, and compared with that name whenever they are read.

The front's uploads and the workers' frames both go through `add_file`/`add_bytes`: a temporary file in the store's own
folder, flushed to the disk, then renamed, and the folder flushed too. A picture that is there already is compared with
the new bytes, which take its place if it differs, and touched, so that the sweep spares it.

A file that does not match its name is set aside in the folder `damaged`: from then on the picture is missing, until it
is sent or made again.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import logging
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

from paints_undo_daemon import durable

log = logging.getLogger(__name__)

_HASH = re.compile(r"[0-9a-f]{64}")


def is_hash(text: str) -> bool:
    """Whether `text` can be a picture's hash."""
    return _HASH.fullmatch(text) is not None


_CHUNK_BYTES = 2**20
_UNREADABLE = (errno.EIO, errno.EUCLEAN) if hasattr(errno, "EUCLEAN") else (errno.EIO,)
"""What a disk says of a file that it can read no more."""


class PictureLostError(Exception):
    """A stored picture is damaged or missing; the message names it."""

    def __init__(self, digest: str, *, damaged: bool) -> None:
        state = "damaged" if damaged else "missing"
        super().__init__(f"The stored picture {digest} is {state}: send it again, or run the job that made it again.")
        self.digest = digest
        self.damaged = damaged


class PictureFiles:
    """The folder of pictures below a store folder. Has no state: front and workers each have one."""

    def __init__(self, store: Path) -> None:
        self.store = store
        self._folder = store / "pictures"
        self.temporary = store / "temporary"
        self.damaged = store / "damaged"
        self.trash = store / "trash"

    def prepare(self) -> None:
        """Create the folders, and empty the one for temporary files. For the front, before anything else runs."""
        for number in range(256):
            (self._folder / f"{number:02x}").mkdir(parents=True, exist_ok=True)
        durable.flush_folder(self._folder)
        for folder in (self.temporary, self.damaged, self.trash):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for path in self.temporary.rglob("*"):
            if not path.is_dir():
                with contextlib.suppress(PermissionError):  # Windows: a worker of the last daemon has not ended yet
                    path.unlink(missing_ok=True)
        for path in sorted(self.temporary.rglob("*"), reverse=True):
            with contextlib.suppress(OSError):
                path.rmdir()

    def path(self, digest: str) -> Path:
        """Where the picture of this hash is or would be. Raises `ValueError` when it is no hash."""
        if not is_hash(digest):
            raise ValueError(f"{digest!r} is no SHA-256 hash.")
        return self._folder / digest[:2] / digest

    def new_temporary(self) -> Path:
        """A name for a new temporary file or folder."""
        return self.temporary / secrets.token_hex(16)

    def add_bytes(self, data: bytes) -> str:
        """Store a picture; returns its hash once it is on the disk. Raises `OSError`."""
        digest = hashlib.sha256(data).hexdigest()
        if not self._holds(digest, data):
            temporary = self.new_temporary()
            try:
                with temporary.open("wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                self._put(temporary, digest, len(data))
            finally:
                temporary.unlink(missing_ok=True)
        return digest

    def add_file(self, temporary: Path, digest: str, size_bytes: int) -> None:
        """Put a temporary file in place, already flushed, whose hash the caller has computed. Raises `OSError`.

        It takes the place of a file of that name: which of the two is whole is known of the new one only.
        """
        self._put(temporary, digest, size_bytes)

    def touch(self, digest: str, size_bytes: int) -> bool:
        """Whether the picture is there, whole; if so, it counts as used now."""
        path = self.path(digest)
        try:
            if path.stat().st_size != size_bytes:
                return False
            os.utime(path)
        except OSError:
            return False
        return True

    def size(self, digest: str) -> int | None:
        """Bytes of a picture, None when it is not there."""
        for _ in range(2):
            try:
                return self.path(digest).stat().st_size
            except OSError:
                self._take_back(digest)
        return None

    def read(self, digest: str) -> bytes:
        """A picture's bytes, compared with its name. Raises `PictureLostError`, `OSError`."""
        return b"".join(self.chunks(digest, whole=True))

    def chunks(self, digest: str, *, whole: bool = False) -> Iterator[bytes]:
        """A picture's bytes, at most 1 MiB at a time (or at once); the end tells whether they were right.

        Raises `PictureLostError` in place of the end, or of the beginning when the file is not there; `OSError`.
        """
        found = hashlib.sha256()
        self.size(digest)
        try:
            with self.path(digest).open("rb") as file:
                while chunk := file.read(-1 if whole else _CHUNK_BYTES):
                    found.update(chunk)
                    yield chunk
        except FileNotFoundError:
            raise PictureLostError(digest, damaged=False) from None
        except OSError as error:
            if error.errno not in _UNREADABLE:
                raise
            self.set_aside(digest)
            raise PictureLostError(digest, damaged=True) from error
        if found.hexdigest() != digest:
            self.set_aside(digest)
            raise PictureLostError(digest, damaged=True)

    def is_whole(self, digest: str) -> bool:
        """Read a picture, which is set aside when it is damaged; whether it is there. Raises `OSError`."""
        try:
            for _ in self.chunks(digest):
                pass
        except PictureLostError:
            return False
        return True

    def set_aside(self, digest: str) -> None:
        """Move a damaged file out of the way, so that it is served to nobody and the right one can come."""
        log.error("The stored picture %s is damaged and set aside.", digest)
        with contextlib.suppress(FileNotFoundError):
            self.path(digest).replace(self.damaged / f"{digest}.{secrets.token_hex(4)}")

    def lost(self) -> set[str]:
        """The hashes of pictures that were found damaged, whenever that was, and have not come again."""
        names = {path.name.partition(".")[0] for path in self.damaged.iterdir()} if self.damaged.is_dir() else set()
        return {name for name in names if is_hash(name) and self.size(name) is None}

    def erase(self, digest: str) -> bool:
        """Delete a picture for good, from the trash too; false when somebody holds it (Windows). Raises `OSError`."""
        try:
            for path in (self.path(digest), self.trash / digest):
                path.unlink(missing_ok=True)
        except PermissionError:
            return False
        return True

    def any(self) -> bool:
        """Whether there is any picture at all."""
        return any(is_hash(path.name) for folder in self.folders() for path in folder.iterdir())

    def all(self) -> Iterator[str]:
        """The hashes of all pictures, in no order."""
        for folder in self.folders():
            yield from (path.name for path in folder.iterdir() if is_hash(path.name))

    def free_bytes(self) -> int:
        """What the disk still takes."""
        return shutil.disk_usage(self._folder).free

    def folders(self) -> list[Path]:
        """The folders that hold pictures."""
        return [path for path in self._folder.iterdir() if path.is_dir()]

    def _take_back(self, digest: str) -> None:
        with contextlib.suppress(OSError):
            (self.trash / digest).replace(self.path(digest))
            os.utime(self.path(digest))

    def _holds(self, digest: str, data: bytes) -> bool:
        """Whether just these bytes are in place; if so, they count as used now."""
        path = self.path(digest)
        try:
            if path.stat().st_size != len(data) or path.read_bytes() != data:
                return False
            os.utime(path)
        except OSError:
            return False
        return True

    def _put(self, temporary: Path, digest: str, size_bytes: int) -> None:
        try:
            durable.put(temporary, self.path(digest))
        except PermissionError:
            # Windows replaces no file that is being read. Whoever reads it finds out whether it is the same picture.
            if not self.touch(digest, size_bytes):
                raise
            temporary.unlink(missing_ok=True)
