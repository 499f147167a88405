"""The daemon's log: one JSON object a line, with the job where there is one."""

from __future__ import annotations

import json
import logging
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

_MOST_BYTES = 16 * 2**20


class JsonFormatter(logging.Formatter):
    """`time` (ISO, UTC), `level`, `logger`, `message`, and `job_id`, `worker` and `error` where they apply."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        for name in ("job_id", "worker"):
            value = getattr(record, name, "")
            if value:
                line[name] = value
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


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


def start_logging(level: str) -> None:
    """Write the log to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
