"""The plugin's rotating log file, and the wrapper that lets no exception vanish."""

from __future__ import annotations

import contextlib
import functools
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

LOGGER = logging.getLogger("undo_painting")
FILE_NAME = "krita-plugin.log"
LARGEST = 512 * 1024
Result = TypeVar("Result")
_reports: list[Callable[[str], None]] = []


class RotatingHandler(logging.FileHandler):
    """Begins the file anew when it has reached `LARGEST` bytes, and keeps two older ones. The standard library's own
    handler would load sockets and pickle, a tenth of the plugin's start."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record."""
        super().emit(record)
        if self.stream is not None and self.stream.tell() >= LARGEST:
            self.close()
            kept = [Path(f"{self.baseFilename}{ending}") for ending in ("", ".1", ".2")]
            with contextlib.suppress(OSError):
                for newer, older in ((kept[1], kept[2]), (kept[0], kept[1])):
                    if newer.exists():
                        newer.replace(older)


def begin(folder: Path) -> Path:
    """Write the log to `folder` from now on. Returns the file."""
    path = folder / FILE_NAME
    if not any(isinstance(handler, RotatingHandler) for handler in LOGGER.handlers):
        folder.mkdir(parents=True, exist_ok=True)
        handler = RotatingHandler(path, encoding="utf-8", delay=True)
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        LOGGER.addHandler(handler)
        LOGGER.setLevel(logging.INFO)
        LOGGER.propagate = False
    return path


def report_to(listener: Callable[[str], None]) -> None:
    """Tell `listener` of every error from now on, beside the log."""
    _reports.append(listener)


def error(exception: BaseException) -> None:
    """Log an exception with its traceback, and tell the listeners in one line."""
    LOGGER.error("%s", exception, exc_info=(type(exception), exception, exception.__traceback__))
    for listener in list(_reports):
        try:
            listener(f"{type(exception).__name__}: {exception}")
        except Exception:
            LOGGER.exception("an error could not be shown")


def guarded(function: Callable[..., Result]) -> Callable[..., Result | None]:
    """For every slot: an exception is logged and shown, and goes no further. Krita would swallow it or show its own
    box.
    """

    @functools.wraps(function)
    def wrapper(*arguments: Any, **named: Any) -> Result | None:
        try:
            return function(*arguments, **named)
        except Exception as exception:
            error(exception)
            return None

    return wrapper
