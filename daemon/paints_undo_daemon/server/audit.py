"""The audit log: one JSON object a line for every call that sends, takes, changes or ends something, or is refused.

`time` (ISO, UTC), `client` (empty without a valid token), `peer`, `method`, `outcome` (``done`` or the name of a gRPC
status), and where the call names them `job_id`, `picture`, `model`, `engine`. No titles, tags or pixels.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import grpc

from paints_undo_daemon.durable import is_disk_full
from paints_undo_daemon.errors import CallError
from paints_undo_daemon.store.pictures import PictureLostError

log = logging.getLogger(__name__)

DONE = "done"
BROKEN_OFF = grpc.StatusCode.CANCELLED.name
"""The client has hung up before the end."""
_QUIET = ("Get", "List", "Watch", "Check", "Verify")
"""Calls whose names begin so only look: they are told when they are refused."""
_FIELDS = {
    "job_id": "job_id",
    "hash": "picture",
    "painting_hash": "picture",
    "model_id": "model",
    "engine": "engine",
    "client": "of_client",
}
_MOST_BYTES = 16 * 2**20
_KEPT = 9


class Audit:
    """Appends to `path`; None notes nothing. A file of 16 MiB is set aside as `NAME.1`, and nine of those are kept."""

    def __init__(self, path: Path | None, most_bytes: int = _MOST_BYTES) -> None:
        self._path = path
        self._most_bytes = most_bytes
        self._file: IO[str] | None = None
        self._failing = False

    def note(
        self, context: Any, method: str, client: str, outcome: str, request: Any = None, answer: Any = None
    ) -> None:
        """A call has ended. A disk that takes no line ends no call; the daemon's log says so."""
        if self._path is None or (outcome == DONE and method.startswith(_QUIET)):
            return
        line: dict[str, str] = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "client": client,
            "peer": context.peer(),
            "method": method,
            "outcome": outcome,
        }
        for message in (answer, request):
            line |= _named(message)
        try:
            self._write(json.dumps(line))
        except OSError as error:
            if not self._failing:
                log.error("The audit log cannot be written: %s", error.strerror)
            self._failing = True
        else:
            self._failing = False

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _write(self, line: str) -> None:
        if self._file is None:
            assert self._path is not None
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            self._file = os.fdopen(descriptor, "a", encoding="utf-8")
        self._file.write(line + "\n")
        self._file.flush()
        if self._file.tell() >= self._most_bytes:
            self.close()
            self._rotate()

    def _rotate(self) -> None:
        assert self._path is not None
        for number in range(_KEPT, 0, -1):
            older = self._path.with_name(f"{self._path.name}.{number - 1}") if number > 1 else self._path
            with contextlib.suppress(FileNotFoundError):
                older.replace(self._path.with_name(f"{self._path.name}.{number}"))


def outcome_of(error: BaseException) -> str:
    """The name of the status that a call ends with."""
    if isinstance(error, CallError):
        return error.code.name
    if isinstance(error, PictureLostError):
        return grpc.StatusCode.DATA_LOSS.name
    if is_disk_full(error):
        return grpc.StatusCode.RESOURCE_EXHAUSTED.name
    return grpc.StatusCode.INTERNAL.name


def _named(message: Any) -> dict[str, str]:
    """What a message names, where it is one and not a stream of them."""
    fields = getattr(getattr(message, "DESCRIPTOR", None), "fields_by_name", {})
    found = {word: str(getattr(message, name)) for name, word in _FIELDS.items() if name in fields}
    if "picture" in fields and hasattr(message.picture, "hash"):
        found["picture"] = message.picture.hash
    return {word: value for word, value in found.items() if value}
