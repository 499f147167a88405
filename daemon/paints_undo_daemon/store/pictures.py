"""Pictures on disk, named by the SHA-256 of their bytes.

The front's uploads and the workers' frames both go through `add_file`/`add_bytes`: a temporary file in the store's own
folder, flushed to the disk, then renamed, and the folder flushed too. A picture that is there already is touched, so
that the sweep spares it.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
import shutil
from pathlib import Path

from paints_undo_daemon import durable

_HASH = re.compile(r"[0-9a-f]{64}")


def is_hash(text: str) -> bool:
    """Whether `text` can be a picture's hash."""
    return _HASH.fullmatch(text) is not None


class PictureFiles:
    """The folder of pictures below a store folder. Has no state: front and workers each have one."""

    def __init__(self, store: Path) -> None:
        self.store = store
        self._folder = store / "pictures"
        self.temporary = store / "temporary"

    def prepare(self) -> None:
        """Create the folders, and empty the one for temporary files. For the front, before anything else runs."""
        for number in range(256):
            (self._folder / f"{number:02x}").mkdir(parents=True, exist_ok=True)
        durable.flush_folder(self._folder)
        self.temporary.mkdir(parents=True, exist_ok=True)
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
        if not self.touch(digest, len(data)):
            temporary = self.new_temporary()
            try:
                with temporary.open("wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                self._put(temporary, digest)
            finally:
                temporary.unlink(missing_ok=True)
        return digest

    def add_file(self, temporary: Path, digest: str, size_bytes: int) -> None:
        """Take over a temporary file, already flushed, whose hash the caller has computed. Raises `OSError`."""
        if self.touch(digest, size_bytes):
            temporary.unlink(missing_ok=True)
        else:
            self._put(temporary, digest)

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
        try:
            return self.path(digest).stat().st_size
        except OSError:
            return None

    def free_bytes(self) -> int:
        """What the disk still takes."""
        return shutil.disk_usage(self._folder).free

    def folders(self) -> list[Path]:
        """The folders that hold pictures."""
        return [path for path in self._folder.iterdir() if path.is_dir()]

    def _put(self, temporary: Path, digest: str) -> None:
        try:
            durable.put(temporary, self.path(digest))
        except PermissionError:
            # Windows replaces no file that is being read. Under this name it can only be the same picture.
            if not self.touch(digest, temporary.stat().st_size):
                raise
            temporary.unlink(missing_ok=True)
