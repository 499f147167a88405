"""The daemon's log: one JSON object a line, or a line for people where a terminal shows it."""

from __future__ import annotations

import json
import logging
import os
import sys
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from paints_undo_daemon.privacy import without_controls

_MOST_BYTES = 16 * 2**20
_DETAILS = ("job_id", "client", "peer", "engine", "state", "seconds", "work_seconds", "worker")
_CHATTY = ("grpc", "asyncio", "urllib3", "filelock")


class LogFormat(StrEnum):
    """How the log is written; `AUTO` is `TEXT` on a terminal and `JSON` elsewhere."""

    AUTO = "auto"
    JSON = "json"
    TEXT = "text"


class JsonFormatter(logging.Formatter):
    """`time` (ISO, UTC), `level`, `logger`, `message`, and where they apply `job_id`, `client`, `peer`, `engine`,
    `state`, `seconds`, `work_seconds`, `worker` and `error`.
    """

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= _details(record)
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


class TextFormatter(logging.Formatter):
    """``09:15:02 info    The job is finished after 3.2 seconds. [job_id=3f2a… client=account …]``, in local time."""

    def format(self, record: logging.LogRecord) -> str:
        time = datetime.fromtimestamp(record.created).astimezone().strftime("%H:%M:%S")
        details = " ".join(f"{name}={value}" for name, value in _details(record).items())
        message = without_controls(record.getMessage()).replace("\n", " ")
        text = f"{time} {record.levelname.lower():8}{message}" + (f" [{without_controls(details)}]" if details else "")
        return f"{text}\n{without_controls(self.formatException(record.exc_info))}" if record.exc_info else text


def _details(record: logging.LogRecord) -> dict[str, Any]:
    return {name: value for name in _DETAILS if (value := getattr(record, name, "")) not in ("", None)}


def rotate(path: Path, most_bytes: int = _MOST_BYTES) -> bool:
    """Begin a new file when the one that standard error goes to is too long; one earlier file is kept, as `NAME.1`.

    Does nothing when standard error goes elsewhere. Returns whether it was time.
    """
    try:
        named, written = path.stat(), os.fstat(2)
        if (named.st_dev, named.st_ino) != (written.st_dev, written.st_ino) or written.st_size < most_bytes:
            return False
        path.replace(path.with_name(f"{path.name}.1"))
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    except OSError:  # Windows renames no open file; the next start does
        return False
    os.dup2(descriptor, 2)
    os.close(descriptor)
    return True


def start_logging(level: str, form: str = LogFormat.AUTO) -> None:
    """Write the log to standard error. Libraries say what is wrong there, never what they do, whatever the level."""
    handler = logging.StreamHandler(sys.stderr)
    as_text = form == LogFormat.TEXT or (form == LogFormat.AUTO and sys.stderr.isatty())
    handler.setFormatter(TextFormatter() if as_text else JsonFormatter())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.captureWarnings(True)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
