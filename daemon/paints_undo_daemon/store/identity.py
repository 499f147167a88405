"""Is this database the one that knows these pictures?

A note beside the database tells which one was opened here last, and how often. A database that has been opened less
often than the note says is a copy from before: it does not know the newer pictures, which are kept then.
"""

from __future__ import annotations

import json
import logging
import secrets
import sqlite3
from pathlib import Path

from paints_undo_daemon import durable
from paints_undo_daemon.store import marks
from paints_undo_daemon.store.retention import PROTECTED

log = logging.getLogger(__name__)

_FILE = "identity.json"
_NAME, _OPENED = "store", "opened"


def note_opening(connection: sqlite3.Connection, store: Path) -> None:
    """Count an opening in the database and in the note; protect unknown pictures where the two disagree."""
    file = store / _FILE
    noted_name, noted = _read(file)
    name = marks.get(connection, _NAME) or secrets.token_hex(8)
    opened = int(marks.get(connection, _OPENED) or "0")
    if noted_name and (noted_name != name or noted > opened):
        log.warning(
            "The database in %s is older than its pictures. Those that it does not know are kept until you run "
            "`paints-undo store adopt`.",
            store,
        )
        marks.put(connection, PROTECTED, "1")
    count = max(opened, noted) + 1
    durable.write(file, json.dumps({_NAME: name, _OPENED: count}).encode())
    marks.put(connection, _NAME, name)
    marks.put(connection, _OPENED, str(count))


def forget(store: Path) -> None:
    """Whatever database comes next is the right one."""
    (store / _FILE).unlink(missing_ok=True)


def _read(file: Path) -> tuple[str, int]:
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        return str(data[_NAME]), int(data[_OPENED])
    except (OSError, ValueError, KeyError, TypeError):
        return "", 0
