"""Which pictures a client has: what it uploaded, and what its jobs made."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from paints_undo.v1 import jobs_pb2, pictures_pb2
from paints_undo_daemon import raw_pixels
from paints_undo_daemon.errors import FailedPreconditionError, NotFoundError
from paints_undo_daemon.store import clock
from paints_undo_daemon.store.messages import unpack
from paints_undo_daemon.store.rows import JobRow

_UNKNOWN = "There is no picture with this hash: upload it first."


@dataclass(frozen=True, slots=True)
class OwnedPicture:
    """A picture as one client knows it.

    `size_bytes` is its file's size; `width` and `height` are 0 for files that nobody has decoded yet.
    """

    hash: str
    size_bytes: int
    encoding: int
    width: int
    height: int
    create_time: float

    @property
    def shape_line(self) -> bytes:
        """What precedes raw pixels in the file."""
        return raw_pixels.shape_line(pictures_pb2.PictureEncoding.ValueType(self.encoding), self.width, self.height)

    def to_proto(self) -> pictures_pb2.Picture:
        """The picture as the service shows it."""
        message = pictures_pb2.Picture(
            hash=self.hash,
            size_bytes=self.size_bytes - len(self.shape_line),
            encoding=pictures_pb2.PictureEncoding.ValueType(self.encoding),
            width=self.width,
            height=self.height,
        )
        message.create_time.FromNanoseconds(int(self.create_time * 1e9))
        return message


def add(connection: sqlite3.Connection, client: str, header: pictures_pb2.UploadHeader) -> OwnedPicture:
    """Note that a client has uploaded a picture, whose file is in place."""
    raw = header.encoding in raw_pixels.CHANNELS
    encoding = header.encoding or pictures_pb2.PICTURE_ENCODING_FILE
    width, height = (header.width, header.height) if raw else (0, 0)
    size = header.size_bytes + len(raw_pixels.shape_line(header.encoding, header.width, header.height))
    now = clock.stamp(connection)
    connection.execute("INSERT OR IGNORE INTO pictures VALUES (?, ?)", (header.hash, size))
    connection.execute(
        "INSERT INTO owned_pictures VALUES (?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET use_time = excluded.use_time, encoding = excluded.encoding,"
        " width = CASE encoding WHEN excluded.encoding THEN width ELSE excluded.width END,"
        " height = CASE encoding WHEN excluded.encoding THEN height ELSE excluded.height END",
        (client, header.hash, encoding, width, height, now, now),
    )
    picture = uploaded(connection, client, header.hash)
    if picture is None:
        raise NotFoundError(_UNKNOWN)
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
    frame = unpack(jobs_pb2.Frame, row["body"])
    return OwnedPicture(
        digest, row["size_bytes"], pictures_pb2.PICTURE_ENCODING_PNG, frame.width, frame.height, row["create_time"]
    )


def require(connection: sqlite3.Connection, client: str, digest: str, field: str) -> None:
    """Raise `NotFoundError` with the field when the client has no such picture."""
    try:
        find(connection, client, digest)
    except NotFoundError as error:
        raise NotFoundError(error.message, field=field) from None


def use(connection: sqlite3.Connection, client: str, digest: str) -> None:
    """Note that a picture is used now."""
    connection.execute(
        "UPDATE owned_pictures SET use_time = ? WHERE client = ? AND hash = ?",
        (clock.stamp(connection), client, digest),
    )


def jobs_with(connection: sqlite3.Connection, client: str, digest: str) -> list[str]:
    """The ids of a client's jobs that were given a picture."""
    rows = connection.execute(
        "SELECT job_id FROM jobs WHERE client = ? AND (painting_hash = ?"
        " OR number IN (SELECT job FROM supplied_keyframes WHERE hash = ?)) ORDER BY number",
        (client, digest, digest),
    )
    return [row["job_id"] for row in rows]


def delete(connection: sqlite3.Connection, client: str, digest: str) -> None:
    """Give up a client's claim on an upload. Raises `NotFoundError`, `FailedPreconditionError` while jobs need it."""
    if uploaded(connection, client, digest) is None:
        raise NotFoundError(_UNKNOWN, field="hash")
    needed = jobs_with(connection, client, digest)
    if needed:
        raise FailedPreconditionError(
            f"Delete the jobs that need the picture first: {', '.join(needed[:5])}.", field="hash"
        )
    connection.execute("DELETE FROM owned_pictures WHERE client = ? AND hash = ?", (client, digest))


def client_bytes(connection: sqlite3.Connection, client: str) -> int:
    """Bytes of all pictures of a client, each counted once."""
    row = connection.execute(
        "SELECT coalesce(sum(size_bytes), 0) FROM pictures WHERE hash IN ("
        " SELECT hash FROM owned_pictures WHERE client = :client"
        " UNION SELECT hash FROM frames JOIN jobs ON jobs.number = frames.job WHERE client = :client)",
        {"client": client},
    ).fetchone()
    return int(row[0])


def made_by(connection: sqlite3.Connection, client: str, digest: str) -> tuple[JobRow, jobs_pb2.Frame, bool] | None:
    """A job of the client's that made a picture, its frame or keyframe, and whether it is a keyframe."""
    row = connection.execute(
        "SELECT job, body, keyframe FROM frames JOIN jobs ON jobs.number = frames.job WHERE hash = ? AND client = ?"
        " LIMIT 1",
        (digest, client),
    ).fetchone()
    if row is None:
        return None
    job = connection.execute("SELECT * FROM jobs WHERE number = ?", (row["job"],)).fetchone()
    return JobRow.of(job), unpack(jobs_pb2.Frame, row["body"]), bool(row["keyframe"])
