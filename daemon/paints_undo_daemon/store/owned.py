"""Which pictures a client has: what it uploaded, and what its jobs made."""

from __future__ import annotations

import sqlite3
import time
from dataclasses import dataclass

from paints_undo.v1 import jobs_pb2, pictures_pb2
from paints_undo_daemon.errors import InvalidArgumentError, NotFoundError

_UNKNOWN = "There is no picture with this hash: upload it first."
_RAW = (pictures_pb2.PICTURE_ENCODING_RAW_RGB8, pictures_pb2.PICTURE_ENCODING_RAW_RGBA8)


@dataclass(frozen=True, slots=True)
class OwnedPicture:
    """A picture as one client knows it. `width` and `height` are 0 for files that nobody has decoded yet."""

    hash: str
    size_bytes: int
    encoding: int
    width: int
    height: int
    create_time: float

    def to_proto(self) -> pictures_pb2.Picture:
        """The picture as the service shows it."""
        message = pictures_pb2.Picture(
            hash=self.hash,
            size_bytes=self.size_bytes,
            encoding=pictures_pb2.PictureEncoding.ValueType(self.encoding),
            width=self.width,
            height=self.height,
        )
        message.create_time.FromNanoseconds(int(self.create_time * 1e9))
        return message


def add(connection: sqlite3.Connection, client: str, header: pictures_pb2.UploadHeader) -> OwnedPicture:
    """Note that a client has uploaded a picture, whose file is in place.

    Raises `InvalidArgumentError` when the same bytes are known in another raw shape.
    """
    raw = header.encoding in _RAW
    encoding = header.encoding or pictures_pb2.PICTURE_ENCODING_FILE
    width, height = (header.width, header.height) if raw else (0, 0)
    now = time.time()
    connection.execute("INSERT OR IGNORE INTO pictures VALUES (?, ?)", (header.hash, header.size_bytes))
    connection.execute(
        "INSERT INTO owned_pictures VALUES (?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET use_time = excluded.use_time",
        (client, header.hash, encoding, width, height, now, now),
    )
    picture = uploaded(connection, client, header.hash)
    if picture is None or picture.encoding != encoding or (raw and (picture.width, picture.height) != (width, height)):
        raise InvalidArgumentError("header.encoding", "The same bytes are already stored in another encoding or shape.")
    return picture


def uploaded(connection: sqlite3.Connection, client: str, digest: str) -> OwnedPicture | None:
    """A picture that this client has uploaded."""
    row = connection.execute(
        "SELECT hash, size_bytes, encoding, width, height, create_time FROM owned_pictures JOIN pictures USING (hash)"
        " WHERE client = ? AND hash = ?",
        (client, digest),
    ).fetchone()
    return OwnedPicture(*row) if row else None


def find(connection: sqlite3.Connection, client: str, digest: str) -> OwnedPicture:
    """A picture that this client has uploaded or that one of its jobs made. Raises `NotFoundError`."""
    picture = uploaded(connection, client, digest)
    if picture is not None:
        return picture
    row = connection.execute(
        "SELECT size_bytes, body, create_time FROM frames JOIN jobs ON jobs.number = frames.job"
        " JOIN pictures USING (hash) WHERE hash = ? AND client = ? LIMIT 1",
        (digest, client),
    ).fetchone()
    if row is None:
        raise NotFoundError(_UNKNOWN)
    frame = jobs_pb2.Frame.FromString(row["body"])
    return OwnedPicture(
        digest, row["size_bytes"], pictures_pb2.PICTURE_ENCODING_PNG, frame.width, frame.height, row["create_time"]
    )


def use(connection: sqlite3.Connection, client: str, digest: str) -> None:
    """Note that a picture is used now."""
    connection.execute(
        "UPDATE owned_pictures SET use_time = ? WHERE client = ? AND hash = ?", (time.time(), client, digest)
    )


def client_bytes(connection: sqlite3.Connection, client: str) -> int:
    """Bytes of all pictures of a client, each counted once."""
    row = connection.execute(
        "SELECT coalesce(sum(size_bytes), 0) FROM pictures WHERE hash IN ("
        " SELECT hash FROM owned_pictures WHERE client = :client"
        " UNION SELECT hash FROM frames JOIN jobs ON jobs.number = frames.job WHERE client = :client)",
        {"client": client},
    ).fetchone()
    return int(row[0])
