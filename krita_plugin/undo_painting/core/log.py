"""The plugin's rotating log file, and the wrapper that lets no exception vanish."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any, TypeVar

LOGGER = logging.getLogger("undo_painting")
FILE_NAME = "krita-plugin.log"
Result = TypeVar("Result")
_reports: list[Callable[[str], None]] = []


def begin(folder: Path) -> Path:
    """Write the log to `folder` from now on, at most three files of 512 KB. Returns the file."""
    path = folder / FILE_NAME
    if not any(isinstance(handler, RotatingFileHandler) for handler in LOGGER.handlers):
        folder.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(path, maxBytes=512 * 1024, backupCount=2, encoding="utf-8", delay=True)
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
