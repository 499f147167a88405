"""PictureService: uploads and downloads of pictures."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, BinaryIO, cast

from paints_undo.v1 import pictures_pb2, pictures_pb2_grpc
from paints_undo.worker.v1 import worker_pb2
from paints_undo_daemon.chunk_message import ChunkMessage
from paints_undo_daemon.errors import (
    DeadlineExceededError,
    InvalidArgumentError,
    NotFoundError,
    ResourceExhaustedError,
)
from paints_undo_daemon.raw_pixels import CHANNELS, shape_line
from paints_undo_daemon.scheduler.dispatcher import HELPER
from paints_undo_daemon.server.caller import caller, most_bytes
from paints_undo_daemon.server.chunks import open_picture, temporary_folder
from paints_undo_daemon.server.core import CHUNK_BYTES, Core
from paints_undo_daemon.server.deleting import erase, write_freeing
from paints_undo_daemon.server.healing import Healer
from paints_undo_daemon.server.places import Limits, Places
from paints_undo_daemon.server.reports import call_reports
from paints_undo_daemon.store import owned
from paints_undo_daemon.store.claims import stored_picture
from paints_undo_daemon.store.pictures import PictureLostError, is_hash

_UPLOADED = (
    pictures_pb2.PICTURE_ENCODING_UNSPECIFIED,
    pictures_pb2.PICTURE_ENCODING_FILE,
    pictures_pb2.PICTURE_ENCODING_RAW_RGB8,
    pictures_pb2.PICTURE_ENCODING_RAW_RGBA8,
)
_SLOWEST_BYTES_PER_SECOND = 20_000
"""An upload that is slower on the whole holds its place in vain."""

Upload = AsyncIterator[pictures_pb2.UploadPictureRequest]


def checked_hash(field: str, text: str) -> str:
    """`text`, when it is a hash. Raises `InvalidArgumentError`."""
    if not is_hash(text):
        raise InvalidArgumentError(field, f"{field} must be a SHA-256 hash: 64 lower-case hexadecimal digits.")
    return text


async def check_picture(core: Core, digest: str, field: str = "hash") -> None:
    """Compare a stored picture with its name. Raises `NotFoundError`, so that whoever has it sends it again.

    It is read piece by piece: many who ask for large pictures keep no thread from others for long.
    """
    try:
        _, chunks = await open_picture(core.files, digest, bytes)
        async for _ in chunks:
            pass
    except PictureLostError:
        raise NotFoundError(f"The stored picture {digest} was damaged or lost: upload it again.", field=field) from None


class PictureService(pictures_pb2_grpc.PictureServiceServicer):
    """See `proto/paints_undo/v1/pictures.proto`."""

    def __init__(self, core: Core) -> None:
        self._core = core
        settings = core.settings
        limits = Limits(settings.max_uploads, settings.max_uploads_per_client, settings.max_uploads_per_connection)
        self._uploads = Places("uploads", limits)
        self._coming: Counter[str] = Counter()
        self._healer = Healer(core)

    async def UploadPicture(self, request_iterator: Upload, context: Any) -> pictures_pb2.UploadPictureResponse:
        """Receive a picture into a temporary file; it is stored when its hash is right."""
        client = caller.get().client
        with self._uploads.taken(caller.get()):
            header = await self._header(request_iterator)
            temporary = self._core.files.new_temporary()
            self._coming[client] += header.size_bytes
            try:
                await self._check_quota(client, header)
                with temporary.open("wb") as file:
                    await self._receive_in_time(request_iterator, header, file)
                picture = await self._core.database.write(self._keep, temporary, client, header)
            finally:
                self._coming[client] -= header.size_bytes
                temporary.unlink(missing_ok=True)
        return pictures_pb2.UploadPictureResponse(picture=picture.to_proto())

    async def GetPicture(self, request: pictures_pb2.GetPictureRequest, context: Any) -> pictures_pb2.Picture:
        """Whether a picture is there, whole; if so, the sweep spares it for a while."""
        digest = checked_hash("hash", request.hash)
        picture = await self._core.database.write(self._touch, caller.get().client, digest)
        await check_picture(self._core, digest)
        return picture.to_proto()

    async def DeletePicture(
        self, request: pictures_pb2.DeletePictureRequest, context: Any
    ) -> pictures_pb2.DeletePictureResponse:
        """Give up an upload; its file goes at once, unless somebody else has the same."""
        digest = checked_hash("hash", request.hash)
        await write_freeing(self._core, owned.delete, caller.get().client, digest)
        await erase(self._core, [digest])
        return pictures_pb2.DeletePictureResponse()

    async def VerifyFile(
        self, request: pictures_pb2.VerifyFileRequest, context: Any
    ) -> pictures_pb2.VerifyFileResponse:
        """What an upload says of how it was made; a helper worker looks."""
        task = worker_pb2.VerifyFile(file=await self._given("hash", request.hash))
        if request.sidecar_hash:
            task.sidecar.CopyFrom(await self._given("sidecar_hash", request.sidecar_hash))
        with temporary_folder(self._core.files) as folder:
            folder.mkdir()
            task.folder = str(folder)
            reports = call_reports(self._core, worker_pb2.Task(verify_file=task), HELPER)
            found = [report.verified async for report in reports if report.HasField("verified")]
        return found[0]

    async def _given(self, field: str, digest: str) -> worker_pb2.StoredPicture:
        """An upload of the caller's. Raises `InvalidArgumentError`, `NotFoundError`."""
        client = caller.get().client
        await self._core.database.read(owned.require, client, checked_hash(field, digest), field)
        return await self._core.database.read(stored_picture, client, digest)

    async def DownloadPicture(
        self,
        request: pictures_pb2.DownloadPictureRequest,
        context: Any,
    ) -> AsyncIterator[pictures_pb2.DownloadPictureResponse]:
        """Send a picture's bytes."""
        digest = checked_hash("hash", request.hash)
        picture = await self._core.database.read(owned.find, caller.get().client, digest)
        _, chunks = await self._open(digest)
        yield pictures_pb2.DownloadPictureResponse(picture=picture.to_proto())
        skipped = len(picture.shape_line)
        async for chunk in chunks:
            self._core.metrics.sent_bytes.inc(len(chunk))
            part = ChunkMessage(pictures_pb2.DownloadPictureResponse, chunk[skipped:])
            yield cast("pictures_pb2.DownloadPictureResponse", part)
            skipped = 0

    async def _open(self, digest: str) -> tuple[int, AsyncIterator[bytes]]:
        """A picture, made again by its job where it is lost. Raises `PictureLostError`."""
        try:
            return await open_picture(self._core.files, digest, bytes)
        except PictureLostError:
            found = await self._core.database.read(owned.made_by, caller.get().client, digest)
            if found is None:
                raise
            row, frame, is_keyframe = found
            await self._healer.heal(row, [frame], keyframes=is_keyframe)
            return await open_picture(self._core.files, digest, bytes)

    async def _header(self, messages: Upload) -> pictures_pb2.UploadHeader:
        first = await anext(aiter(messages), None)
        if first is None or not first.HasField("header"):
            raise InvalidArgumentError("header", "The first message of an upload must carry the header.")
        header = first.header
        checked_hash("header.hash", header.hash)
        if header.encoding not in _UPLOADED:
            raise InvalidArgumentError("header.encoding", "Pictures are uploaded as FILE, RAW_RGB8 or RAW_RGBA8.")
        if header.size_bytes < 1:
            raise InvalidArgumentError("header.size_bytes", "header.size_bytes must be at least 1.")
        settings = self._core.settings
        if header.size_bytes > settings.max_picture_bytes:
            raise ResourceExhaustedError(
                f"The picture has {header.size_bytes} bytes, but at most {settings.max_picture_bytes} are taken.",
                field="header.size_bytes",
            )
        if header.encoding in CHANNELS:
            self._check_shape(header)
        return header

    def _check_shape(self, header: pictures_pb2.UploadHeader) -> None:
        settings = self._core.settings
        for name in ("width", "height"):
            if not 1 <= getattr(header, name) <= settings.max_picture_side:
                raise InvalidArgumentError(
                    f"header.{name}", f"header.{name} must be 1 to {settings.max_picture_side} for raw pixels."
                )
        if header.width * header.height > settings.max_picture_pixels:
            raise ResourceExhaustedError(
                f"The picture has more than {settings.max_picture_pixels} pixels: make it smaller.",
                field="header.width",
            )
        if header.size_bytes != header.width * header.height * CHANNELS[header.encoding]:
            raise InvalidArgumentError("header.size_bytes", "header.size_bytes does not fit the raw picture's shape.")

    async def _check_quota(self, client: str, header: pictures_pb2.UploadHeader) -> None:
        """What else of the client's is on its way counts as stored. Raises `ResourceExhaustedError`."""
        settings = self._core.settings
        used = await self._core.database.read(owned.client_bytes, client)
        if used + self._coming[client] > most_bytes(settings):
            raise ResourceExhaustedError(
                f"You store {used} bytes of {most_bytes(settings)} already: delete jobs and pictures."
            )
        if self._core.free_disk_bytes() < settings.min_free_disk_bytes + header.size_bytes:
            raise ResourceExhaustedError("The disk is full: free some space, then try again.")

    async def _receive_in_time(self, messages: Upload, header: pictures_pb2.UploadHeader, file: BinaryIO) -> None:
        seconds = self._core.settings.stall_seconds + header.size_bytes / _SLOWEST_BYTES_PER_SECOND
        try:
            async with asyncio.timeout(seconds):
                await self._receive(messages, header, file)
        except TimeoutError:
            raise DeadlineExceededError(f"The upload has taken more than {seconds:.0f} seconds.") from None

    async def _receive(self, messages: Upload, header: pictures_pb2.UploadHeader, file: BinaryIO) -> None:
        digest, received = hashlib.sha256(), 0
        _add(shape_line(header.encoding, header.width, header.height), digest, file)
        async for message in messages:
            if message.WhichOneof("part") != "chunk":
                raise InvalidArgumentError("part", "Every message of an upload but the first must carry a chunk.")
            if len(message.chunk) > CHUNK_BYTES:
                raise InvalidArgumentError("chunk", "A chunk has at most 1 MiB.")
            received += len(message.chunk)
            if received > header.size_bytes:
                raise InvalidArgumentError("header.size_bytes", "More bytes came than the header says.")
            await asyncio.to_thread(_add, message.chunk, digest, file)
        if received != header.size_bytes:
            raise InvalidArgumentError(
                "header.size_bytes", f"{received} bytes came, but the header says {header.size_bytes}."
            )
        if digest.hexdigest() != header.hash:
            raise InvalidArgumentError("header.hash", "The bytes that came have another hash than the header says.")
        await asyncio.to_thread(_flush, file)

    def _keep(
        self, connection: Any, temporary: Path, client: str, header: pictures_pb2.UploadHeader
    ) -> owned.OwnedPicture:
        self._core.files.add_file(temporary, header.hash, temporary.stat().st_size)
        return owned.add(connection, client, header)

    def _touch(self, connection: Any, client: str, digest: str) -> owned.OwnedPicture:
        picture = owned.find(connection, client, digest)
        owned.use(connection, client, digest)
        return picture


def _add(chunk: bytes, digest: Any, file: BinaryIO) -> None:
    digest.update(chunk)
    file.write(chunk)


def _flush(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())
