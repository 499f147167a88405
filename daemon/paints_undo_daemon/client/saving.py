"""Saving an export where the artist wants it: the format by the name's ending, whole or not at all."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from paints_undo.v1 import jobs_pb2
from paints_undo_daemon.client.chunks import ReceivedChunk
from paints_undo_daemon.client.errors import BrokenAnswerError
from paints_undo_daemon.client.pictures import CHUNK_BYTES
from paints_undo_engine.errors import ExportError
from paints_undo_engine.export.options import format_of

_SEQUENCE_FILE = re.compile(r"\d{4,}\.png|timing\.json(\.c2pa)?")
_SIDECAR = ".c2pa"
"""What is appended to a file's name for its signed claim."""


def is_folder(output: Path) -> bool:
    """Whether an output is a folder of PNG files rather than one file."""
    return output.is_dir() or output.suffix == ""


def check_output(output: Path, *, overwrite: bool) -> None:
    """Check that an output can be written, before any work is done for it.

    Raises `ExportError` (unknown ending, a parent folder that is missing or takes no files), `FileExistsError` (it
    exists and `overwrite` is false, or it is a folder that holds more than an earlier sequence), `PermissionError`.
    """
    format_of(output)
    parent = output.absolute().parent
    if not parent.is_dir():
        raise ExportError(f"{output} cannot be written, because the folder {parent} does not exist.")
    try:
        tempfile.TemporaryFile(dir=parent).close()
    except PermissionError:
        raise PermissionError(f"{output} cannot be written, because you may not write in {parent}.") from None
    except OSError as error:
        raise ExportError(
            f"{output} cannot be written, because no file can be made in {parent} ({error.strerror})."
        ) from error
    if is_folder(output):
        _check_folder(output, overwrite=overwrite)
    elif output.exists() and not overwrite:
        raise FileExistsError(f"{output} exists already; allow it to be replaced (--force), or choose another name.")


def _check_folder(output: Path, *, overwrite: bool) -> None:
    if not output.exists():
        return
    if not output.is_dir():
        raise FileExistsError(f"{output} exists already and is a file; choose another name for the folder.")
    names = [entry.name for entry in output.iterdir()]
    if names and not overwrite:
        raise FileExistsError(f"The folder {output} is not empty; allow its replacement (--force), or choose another.")
    strange = [name for name in names if not _SEQUENCE_FILE.fullmatch(name)]
    if strange:
        raise FileExistsError(
            f"The folder {output} holds more than an earlier sequence ({strange[0]}); choose another name."
        )


class AtomicOutput:
    """A place beside an output where it is written, to be moved into place when it is complete.

    A context manager: leaving it without `commit` leaves nothing behind. `folder` says whether the output is a folder;
    `path` is what to write, a file name that does not exist yet or an empty folder.
    """

    def __init__(self, output: Path) -> None:
        self._output = output
        self.folder = is_folder(output)

    def __enter__(self) -> Self:
        self._scratch = Path(tempfile.mkdtemp(prefix=".paints-undo-", dir=self._output.absolute().parent))
        self.path = self._scratch / self._output.name
        if self.folder:
            self.path.mkdir()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        shutil.rmtree(self._scratch, ignore_errors=True)

    def commit(self, sidecar: bytes = b"") -> Path:
        """Move what was written into place, and its sidecar beside it; returns the output's path."""
        if self.folder and self._output.exists():
            self._output.replace(self._scratch / "replaced")
        self.path.replace(self._output)
        if not self.folder:
            self._put_beside(sidecar)
        return self._output

    def _put_beside(self, sidecar: bytes) -> None:
        """Put a file's sidecar in place, or take away what an earlier file of this name has left. A link that others
        may have put there is replaced and never followed."""
        beside = self._output.with_name(self._output.name + _SIDECAR)
        if not sidecar:
            beside.unlink(missing_ok=True)
            return
        written = self._scratch / beside.name
        written.write_bytes(sidecar)
        written.replace(beside)


class Receiver:
    """Writes the messages of `ExportJob` beside the output and moves the whole into place."""

    def __init__(self, output: Path) -> None:
        self._place = AtomicOutput(output)
        self._missing: int | None = None
        self._sidecar = b""
        self.encoder = ""
        """What a video was encoded by; known with the header."""

    def __enter__(self) -> Self:
        self._place.__enter__()
        path = self._place.path
        self._archive = path.with_name(path.name + ".zip") if self._place.folder else path
        self._file: IO[bytes] = self._archive.open("xb")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        self._place.__exit__(kind, error, trace)

    def take(
        self, message: jobs_pb2.ExportJobResponse | ReceivedChunk, progress: Callable[[int, int], None] | None = None
    ) -> None:
        """Take one message of the stream."""
        if isinstance(message, ReceivedChunk) or message.HasField("chunk"):
            self._file.write(message.chunk)
            self._missing = (self._missing or 0) - len(message.chunk)
        elif message.HasField("header"):
            self._missing = message.header.size_bytes
            self._sidecar, self.encoder = message.header.sidecar, message.header.encoder
        elif message.HasField("progress") and progress is not None:
            progress(message.progress.step, message.progress.of)

    def finish(self) -> Path:
        """Everything has arrived: move it into place. Raises `BrokenAnswerError` when something is missing."""
        if self._missing != 0:
            raise BrokenAnswerError("The daemon's export is not complete.")
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        if self._place.folder:
            _unpack(self._archive, self._place.path)
            return self._place.commit()
        return self._place.commit(self._sidecar)


def _unpack(archive: Path, folder: Path) -> None:
    """Unpack a sequence's archive, whose entries are plain files."""
    with zipfile.ZipFile(archive) as zipped:
        for entry in zipped.infolist():
            if not _SEQUENCE_FILE.fullmatch(entry.filename):
                raise BrokenAnswerError(f"The daemon's sequence holds a file of an unexpected name: {entry.filename}.")
            with zipped.open(entry) as source, (folder / entry.filename).open("xb") as target:
                shutil.copyfileobj(source, target, CHUNK_BYTES)


def total_bytes(path: Path) -> int:
    """The size of a file, or of all files in a folder."""
    return sum(item.stat().st_size for item in path.iterdir()) if path.is_dir() else path.stat().st_size
