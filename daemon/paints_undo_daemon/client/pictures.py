"""Pictures on their way: how they are sent, and how they are put together again. No input or output but files."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from paints_undo.v1 import jobs_pb2, pictures_pb2
from paints_undo_daemon.client.chunks import ReceivedChunk
from paints_undo_daemon.client.errors import BrokenAnswerError
from paints_undo_daemon.client.results import DownloadedFrame, read_frame
from paints_undo_daemon.raw_pixels import CHANNELS, shape_line

CHUNK_BYTES = 1 << 20
_RAW = {channels: encoding for encoding, channels in CHANNELS.items()}


@dataclass(frozen=True, slots=True)
class RawPicture:
    """8-bit sRGB pixels, rows from the top without padding; `channels` 3 (RGB) or 4 (RGBA, straight alpha)."""

    data: bytes
    width: int
    height: int
    channels: int = 3


PictureLike = str | Path | bytes | RawPicture


@dataclass(frozen=True, slots=True)
class DownloadedLayer:
    """One layer of the layer split: its description, and its picture as PNG."""

    layer: jobs_pb2.LayerHeader
    data: bytes


class Upload:
    """A picture that is to be sent: its header, and its bytes in chunks (as often as they are asked for)."""

    def __init__(self, picture: PictureLike) -> None:
        self._path = Path(picture) if isinstance(picture, str | Path) else None
        self._shape = b""
        if isinstance(picture, RawPicture):
            self._shape = shape_line(_RAW[picture.channels], picture.width, picture.height)
        self._data = picture.data if isinstance(picture, RawPicture) else picture if isinstance(picture, bytes) else b""
        self.header = pictures_pb2.UploadHeader(hash=self._digest(), size_bytes=self._size())
        if isinstance(picture, RawPicture):
            self.header.encoding = _RAW[picture.channels]
            self.header.width, self.header.height = picture.width, picture.height

    def messages(self) -> Iterator[pictures_pb2.UploadPictureRequest]:
        """The messages of the call, the header first."""
        yield pictures_pb2.UploadPictureRequest(header=self.header)
        for chunk in self._chunks():
            yield pictures_pb2.UploadPictureRequest(chunk=chunk)

    def _chunks(self) -> Iterator[bytes]:
        if self._path is None:
            for begin in range(0, len(self._data), CHUNK_BYTES):
                yield self._data[begin : begin + CHUNK_BYTES]
            return
        with self._path.open("rb") as file:
            yield from _read_chunks(file)

    def _digest(self) -> str:
        if self._path is None:
            return _digest(self._shape, self._data)
        with self._path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def _size(self) -> int:
        return len(self._data) if self._path is None else self._path.stat().st_size


def _read_chunks(file: BinaryIO) -> Iterator[bytes]:
    return itertools.takewhile(bool, iter(lambda: file.read(CHUNK_BYTES), None))


def check_bytes(digest: str, data: bytes, shape: bytes = b"") -> None:
    """Compare what has arrived with its name; `shape` is the line before raw pixels. Raises `BrokenAnswerError`."""
    if _digest(shape, data) != digest:
        raise BrokenAnswerError(f"The bytes that have arrived are not those of the picture {digest}.")


def _digest(shape: bytes, data: bytes) -> str:
    found = hashlib.sha256(shape)
    found.update(data)
    return found.hexdigest()


class _Header(Protocol):
    @property
    def size_bytes(self) -> int: ...


class Assembler:
    """Puts pictures together that arrive as a header and chunks."""

    def __init__(self) -> None:
        self._header: _Header | None = None
        self._chunks: list[bytes | memoryview] = []
        self._missing = 0

    def feed_header(self, header: _Header) -> bool:
        """Take a header; true when its picture is complete already (it has no bytes)."""
        if self._missing:
            raise BrokenAnswerError("The daemon began a new picture before the last one was complete.")
        self._header, self._chunks, self._missing = header, [], header.size_bytes
        return not self._missing

    def feed_chunk(self, chunk: bytes | memoryview) -> bool:
        """Take a chunk; true when the picture is complete."""
        self._missing -= len(chunk)
        if self._header is None or self._missing < 0:
            raise BrokenAnswerError("The daemon sent more bytes than it had announced.")
        self._chunks.append(chunk)
        return not self._missing

    def take(self) -> bytes:
        """The bytes of the picture that is complete."""
        data = b"".join(self._chunks)
        self._header, self._chunks = None, []
        return data

    def close(self) -> None:
        """Raise `BrokenAnswerError` when the stream ended within a picture."""
        if self._missing:
            raise BrokenAnswerError("The daemon's answer ended in the middle of a picture.")


class PictureAssembler(Assembler):
    """A stored picture out of the messages of `DownloadPicture`, compared with the hash that it was asked for by."""

    def __init__(self, digest: str) -> None:
        super().__init__()
        self._digest = digest
        self._shape = b""

    def feed(self, message: pictures_pb2.DownloadPictureResponse | ReceivedChunk) -> None:
        """Take a message. Raises `BrokenAnswerError`."""
        if not isinstance(message, ReceivedChunk) and message.HasField("picture"):
            picture = message.picture
            self._shape = shape_line(picture.encoding, picture.width, picture.height)
            self.feed_header(picture)
        else:
            self.feed_chunk(message.chunk)

    def take(self) -> bytes:
        """The bytes of the picture that is complete. Raises `BrokenAnswerError`."""
        self.close()
        data = super().take()
        check_bytes(self._digest, data, self._shape)
        return data


class FrameAssembler(Assembler):
    """Frames out of the messages of `DownloadFrames`; PNG is compared with its hash."""

    def feed(self, message: jobs_pb2.DownloadFramesResponse | ReceivedChunk) -> DownloadedFrame | None:
        """Take a message; the frame that it completes, if it does."""
        if not isinstance(message, ReceivedChunk) and message.HasField("header"):
            self._picture = message.header
            done = self.feed_header(message.header)
        else:
            done = self.feed_chunk(message.chunk)
        if not done:
            return None
        data = self.take()
        if self._picture.encoding == pictures_pb2.PICTURE_ENCODING_PNG:
            check_bytes(self._picture.frame.picture_hash, data)
        return DownloadedFrame(read_frame(self._picture.frame), self._picture.encoding, data)


class LayerAssembler(Assembler):
    """Layers out of the messages of `DownloadLayers`."""

    def feed(self, message: jobs_pb2.DownloadLayersResponse | ReceivedChunk) -> DownloadedLayer | None:
        """Take a message; the layer that it completes, if it does."""
        if not isinstance(message, ReceivedChunk) and message.HasField("header"):
            self._layer = message.header
            done = self.feed_header(message.header)
        else:
            done = self.feed_chunk(message.chunk)
        return DownloadedLayer(self._layer, self.take()) if done else None
