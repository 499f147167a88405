"""Pictures that the database does not know become those of one client, as if it had uploaded them."""

from __future__ import annotations

import re
import sqlite3

from paints_undo.v1 import pictures_pb2
from paints_undo_daemon.raw_pixels import NAMES
from paints_undo_daemon.store import clock
from paints_undo_daemon.store.pictures import PictureFiles
from paints_undo_daemon.store.retention import PROTECTED

_LINE = re.compile(rb"(RGB8|RGBA8) (\d{1,5}) (\d{1,5})\n")
_LONGEST_LINE = 32


def adopt(connection: sqlite3.Connection, files: PictureFiles, owner: str) -> int:
    """Take over what lies in the store, and end its protection; returns how many pictures were new."""
    adopted = 0
    known = {row["hash"] for row in connection.execute("SELECT hash FROM frames UNION SELECT hash FROM owned_pictures")}
    now = clock.stamp(connection)
    for digest in sorted(files.all()):
        size = files.size(digest)
        if size is None:
            continue
        connection.execute("INSERT OR IGNORE INTO pictures VALUES (?, ?)", (digest, size))
        if digest not in known:
            row = (owner, digest, *_form(files, digest), now, now)
            connection.execute("INSERT OR IGNORE INTO owned_pictures VALUES (?, ?, ?, ?, ?, ?, ?)", row)
            adopted += 1
    connection.execute("DELETE FROM marks WHERE name = ?", (PROTECTED,))
    return adopted


def _form(files: PictureFiles, digest: str) -> tuple[int, int, int]:
    """Encoding, width and height: raw pixels tell their shape in their first line."""
    with files.path(digest).open("rb") as file:
        line = _LINE.match(file.read(_LONGEST_LINE))
    if line is None:
        return pictures_pb2.PICTURE_ENCODING_FILE, 0, 0
    return NAMES[line[1].decode("ascii")], int(line[2]), int(line[3])
