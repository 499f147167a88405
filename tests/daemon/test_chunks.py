"""Pictures on their way out of the daemon: chunks as messages, and pictures that are read before their turn."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.message import DecodeError
from hypothesis import given
from hypothesis import strategies as st

from paints_undo.v1 import jobs_pb2, pictures_pb2
from paints_undo_daemon.chunk_message import ChunkMessage
from paints_undo_daemon.client.chunks import ReceivedChunk, reader
from paints_undo_daemon.server import chunks
from paints_undo_daemon.server.chunks import PlacesAhead, ReadAhead
from paints_undo_daemon.store.pictures import PictureFiles, PictureLostError


@given(
    st.integers(1, 300_000),
    st.sampled_from(
        [
            jobs_pb2.DownloadFramesResponse,
            jobs_pb2.DownloadLayersResponse,
            jobs_pb2.ExportJobResponse,
            pictures_pb2.DownloadPictureResponse,
        ]
    ),
)
def test_a_chunk_is_written_as_protobuf_writes_it(length: int, kind: type) -> None:
    data = bytes(length)
    written = kind(chunk=data).SerializeToString()
    assert ChunkMessage(kind, data).SerializeToString() == written
    assert reader(kind)(written) == ReceivedChunk(memoryview(data))


@given(st.binary(max_size=40), st.integers(0, 9))
def test_what_is_no_chunk_alone_is_left_to_protobuf(data: bytes, cut: int) -> None:
    """Bytes of any kind, messages cut short, and chunks with other fields beside them."""
    kind = pictures_pb2.DownloadPictureResponse
    chunk = kind(chunk=data).SerializeToString()
    header = kind(picture=pictures_pb2.Picture(hash="a")).SerializeToString()
    for written in (data, b"\x12" + data, chunk[: len(chunk) - cut], chunk + chunk[:cut], chunk + header, header):
        try:
            expected = kind.FromString(written)
        except DecodeError:
            with pytest.raises(DecodeError):
                reader(kind)(written)
        else:
            received: Any = reader(kind)(written)
            assert bytes(received.chunk) == expected.chunk


@pytest.fixture
def files(tmp_path: Path) -> PictureFiles:
    made = PictureFiles(tmp_path)
    made.prepare()
    return made


async def _bytes_of(opened: chunks.Opened[bytes]) -> bytes:
    size, parts = opened
    data = b"".join([part async for part in parts])
    assert len(data) == size
    return data


@pytest.mark.parametrize("size", [10, chunks._SMALL_BYTES + 5])
def test_pictures_come_in_their_turn_whether_they_were_read_ahead_or_not(files: PictureFiles, size: int) -> None:
    pictures = [bytes([number]) * size for number in range(4)]
    names = [files.add_bytes(data) for data in pictures]

    async def run() -> list[bytes]:
        ahead = ReadAhead(files, PlacesAhead(1), bytes)
        got = []
        for turn, upcoming in ((0, 1), (1, 3), (2, 3), (3, None)):  # after 1 another one comes than was said
            opened = await ahead.open(names[turn])
            if upcoming is not None:
                ahead.begin(names[upcoming])
            got.append(await _bytes_of(opened))
        ahead.close()
        return got

    assert asyncio.run(run()) == pictures


def test_a_damaged_picture_is_named_in_its_own_turn(files: PictureFiles) -> None:
    names = [files.add_bytes(bytes([number]) * 1000) for number in range(2)]
    files.path(names[1]).write_bytes(b"\1" * 999 + b"\0")

    async def run() -> None:
        ahead = ReadAhead(files, PlacesAhead(1), bytes)
        opened = await ahead.open(names[0])
        ahead.begin(names[1])
        assert await _bytes_of(opened) == b"\0" * 1000
        with pytest.raises(PictureLostError, match=names[1]):
            await ahead.open(names[1])

    asyncio.run(run())


def test_what_all_streams_hold_ahead_is_bounded(files: PictureFiles) -> None:
    names = [files.add_bytes(bytes([number]) * 10) for number in range(3)]

    async def run() -> list[int]:
        places = PlacesAhead(2)
        streams = [ReadAhead(files, places, bytes) for _ in range(3)]
        left = []
        for stream in streams:
            stream.begin(names[0])
            left.append(places.taken)
        for stream in streams:
            stream.close()
            left.append(places.taken)
        return left

    assert asyncio.run(run()) == [1, 2, 2, 1, 0, 0]
