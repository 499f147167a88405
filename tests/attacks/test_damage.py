"""Bits that change on the disk: damage is found whenever bytes are read, named, and healed; it is served to nobody."""

from __future__ import annotations

import asyncio
import hashlib
import os
import sqlite3
import struct
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest
from daemon.conftest import SECONDS, Client, RunningDaemon, few, kinds, small_painting

from krita_plugin.undo_painting.core.home import Endpoint as PluginEndpoint
from krita_plugin.undo_painting.net.daemon import Daemon as PluginDaemon
from krita_plugin.undo_painting.net.errors import CallError
from paints_undo.v1 import jobs_pb2, pictures_pb2, server_pb2
from paints_undo_daemon.client import RawPicture, connect
from paints_undo_daemon.client.errors import BrokenAnswerError
from paints_undo_daemon.client.pictures import FrameAssembler, PictureAssembler
from paints_undo_daemon.home import PROTOCOL_VERSION
from paints_undo_engine import png

RAW = pictures_pb2.PICTURE_ENCODING_RAW_RGB8


def place(daemon: RunningDaemon, digest: str) -> Path:
    return daemon.home / "store" / "pictures" / digest[:2] / digest


def flip(path: Path, position: int = -1) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2 if position < 0 else position] ^= 0x10
    path.write_bytes(data)


def refusal(call: Callable[[], Any]) -> grpc.Call:
    with pytest.raises(grpc.RpcError) as error:
        call()
    return error.value  # type: ignore[return-value]


def get(client: Client, digest: str) -> pictures_pb2.Picture:
    return client.pictures.GetPicture(pictures_pb2.GetPictureRequest(hash=digest), timeout=SECONDS)


def download(client: Client, digest: str) -> bytes:
    request = pictures_pb2.DownloadPictureRequest(hash=digest)
    return b"".join(part.chunk for part in client.pictures.DownloadPicture(request, timeout=SECONDS))


def harm(path: Path, how: str) -> None:
    if how == "flipped":
        flip(path)
    elif how == "cut":
        os.truncate(path, path.stat().st_size // 2)
    elif how == "emptied":
        os.truncate(path, 0)
    else:
        path.unlink()


HARMS = ("flipped", "cut", "emptied", "gone")


@pytest.mark.parametrize("how", HARMS)
def test_a_damaged_frame_is_made_again(daemon: RunningDaemon, client: Client, how: str) -> None:
    painting = client.upload(small_painting(HARMS.index(how) + 100))
    job, _ = client.finish(painting, parameters=few())
    before = client.frames(job.job_id)
    hashes = [header.frame.picture_hash for header, _ in before]
    harm(place(daemon, hashes[3]), how)
    harm(place(daemon, hashes[-1]), how)
    assert client.frames(job.job_id) == before
    keyframe = client.get(job.job_id).keyframes[1].picture_hash
    harm(place(daemon, keyframe), how)
    assert hashlib.sha256(download(client, keyframe)).hexdigest() == keyframe


def test_raw_pixels_and_exports_of_a_damaged_frame_are_right(daemon: RunningDaemon, client: Client) -> None:
    job, _ = client.finish(client.upload(small_painting(7)), parameters=few())
    right = client.frames(job.job_id, encoding=RAW)
    middle = right[4][0].frame.picture_hash
    flip(place(daemon, middle))
    assert client.frames(job.job_id, encoding=RAW) == right
    place(daemon, middle).unlink()
    options = jobs_pb2.ExportOptions(format=jobs_pb2.EXPORT_FORMAT_CONTACT_SHEET)
    request = jobs_pb2.ExportJobRequest(job_id=job.job_id, options=options)
    assert [part for part in client.jobs.ExportJob(request, timeout=SECONDS) if part.chunk]


def test_damage_that_cannot_be_healed_is_named_and_never_served(daemon: RunningDaemon, client: Client) -> None:
    painting = client.upload(small_painting(8))
    job, _ = client.finish(painting, parameters=few())
    client.finish(client.upload(small_painting(9)), parameters=few())
    client.finish(client.upload(small_painting(10)), parameters=few())  # the worker keeps the last two paintings only
    lost = client.frames(job.job_id)[5][0].frame.picture_hash
    for digest in (lost, painting):
        flip(place(daemon, digest))
    for call in (lambda: client.frames(job.job_id), lambda: download(client, lost)):
        refused = refusal(call)
        assert refused.code() is grpc.StatusCode.DATA_LOSS
        assert lost in refused.details()
        assert str(daemon.home) not in refused.details()


@pytest.mark.parametrize("how", HARMS)
def test_a_damaged_painting_is_asked_for_again(daemon: RunningDaemon, client: Client, how: str) -> None:
    data = small_painting(HARMS.index(how) + 200)
    painting = client.upload(data)
    harm(place(daemon, painting), how)
    refused = refusal(lambda: get(client, painting))
    assert refused.code() is grpc.StatusCode.NOT_FOUND
    assert "again" in refused.details()
    refused = refusal(lambda: client.create(painting, parameters=few()))
    assert refused.code() is grpc.StatusCode.NOT_FOUND
    assert client.upload(data) == painting
    assert download(client, painting) == data
    assert kinds(client.finish(painting, parameters=few())[1])[-1] == "finished"


@pytest.mark.parametrize("how", HARMS[:3])
def test_the_right_bytes_take_the_place_of_damaged_ones_unasked(
    daemon: RunningDaemon, client: Client, how: str
) -> None:
    data = small_painting(HARMS.index(how) + 300)
    painting = client.upload(data)
    harm(place(daemon, painting), how)
    client.upload(data)
    assert place(daemon, painting).read_bytes() == data


def test_a_job_never_runs_on_a_damaged_painting(daemon: RunningDaemon, client: Client) -> None:
    painting = client.upload(small_painting(400))
    flip(place(daemon, painting))
    job, events = client.finish(painting, parameters=few())
    assert job.failure.code == "DATA_LOSS"
    assert painting in job.failure.message
    assert str(daemon.home) not in job.failure.message
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))


def test_a_large_damaged_picture_breaks_off(daemon: RunningDaemon, client: Client) -> None:
    data = os.urandom(6 * 2**20)
    digest = client.upload(data)
    assert download(client, digest) == data
    flip(place(daemon, digest))
    assert refusal(lambda: download(client, digest)).code() is grpc.StatusCode.DATA_LOSS
    assert refusal(lambda: get(client, digest)).code() is grpc.StatusCode.NOT_FOUND


def test_what_was_set_aside_is_kept_for_whoever_looks_into_it(daemon: RunningDaemon, client: Client) -> None:
    digest = client.upload(small_painting(500))
    flip(place(daemon, digest))
    refusal(lambda: get(client, digest))
    assert [path.name[:64] for path in (daemon.home / "store" / "damaged").iterdir()].count(digest) == 1


def test_equal_pixels_in_two_shapes_are_two_paintings(daemon: RunningDaemon) -> None:
    assert daemon.endpoint is not None
    with connect(home=daemon.home, start=False) as client:
        blank = bytes([200]) * (64 * 32 * 3)
        wide, high = client.upload(RawPicture(blank, 64, 32)), client.upload(RawPicture(blank, 32, 64))
        assert wide != high
        assert (client.download_picture(wide), client.download_picture(high)) == (blank, blank)
        for digest, size in ((wide, (64, 32)), (high, (32, 64))):
            job, _ = daemon.client().finish(digest, parameters=few())
            assert (job.painting_width, job.painting_height) == size


def test_the_client_refuses_bytes_that_are_not_what_it_asked_for() -> None:
    data = png.encode(np.zeros((4, 4, 3), np.uint8))
    digest = hashlib.sha256(data).hexdigest()
    wrong = data[:-1] + bytes([data[-1] ^ 1])
    frames = FrameAssembler()
    header = jobs_pb2.PictureHeader(
        frame=jobs_pb2.Frame(picture_hash=digest), encoding=pictures_pb2.PICTURE_ENCODING_PNG, size_bytes=len(data)
    )
    frames.feed(jobs_pb2.DownloadFramesResponse(header=header))
    with pytest.raises(BrokenAnswerError, match=digest):
        frames.feed(jobs_pb2.DownloadFramesResponse(chunk=wrong))
    picture = PictureAssembler(digest)
    picture.feed(pictures_pb2.DownloadPictureResponse(picture=pictures_pb2.Picture(hash=digest, size_bytes=len(data))))
    picture.feed(pictures_pb2.DownloadPictureResponse(chunk=wrong))
    with pytest.raises(BrokenAnswerError, match=digest):
        picture.take()


class Damaging(grpc.GenericRpcHandler):
    """Sends `data` for every picture, whatever it is asked for."""

    def __init__(self, digest: str, data: bytes) -> None:
        picture = pictures_pb2.Picture(hash=digest, size_bytes=len(data), encoding=pictures_pb2.PICTURE_ENCODING_PNG)
        frame = jobs_pb2.PictureHeader(
            frame=jobs_pb2.Frame(picture_hash=digest),
            encoding=pictures_pb2.PICTURE_ENCODING_PNG,
            size_bytes=len(data),
        )
        self._answers: dict[str, list[Any]] = {
            "GetServerInfo": [server_pb2.ServerInfo(protocol_version=PROTOCOL_VERSION)],
            "DownloadPicture": [
                pictures_pb2.DownloadPictureResponse(picture=picture),
                pictures_pb2.DownloadPictureResponse(chunk=data),
            ],
            "DownloadFrames": [
                jobs_pb2.DownloadFramesResponse(header=frame),
                jobs_pb2.DownloadFramesResponse(chunk=data),
            ],
        }

    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler:
        answers = self._answers[details.method.rpartition("/")[2]]
        return grpc.unary_stream_rpc_method_handler(lambda *_: (one.SerializeToString() for one in answers))


@pytest.mark.parametrize("damaged", [True, False])
def test_so_does_the_plugin(tmp_path: Path, damaged: bool) -> None:
    data = png.encode(np.zeros((4, 4, 3), np.uint8))
    digest = hashlib.sha256(data).hexdigest()
    sent = data[:-1] + bytes([data[-1] ^ 1]) if damaged else data
    tmp_path.chmod(0o700)
    address = f"unix:{tmp_path}/daemon.sock"
    server = grpc.server(ThreadPoolExecutor(2), handlers=[Damaging(digest, sent)])
    server.add_insecure_port(address)
    server.start()

    async def frames(plugin: PluginDaemon) -> bytes:
        return b"".join([bytes(pixels.data) async for _, pixels in plugin.frames("job", 0, 0)])

    async def picture(plugin: PluginDaemon) -> bytes:
        return bytes((await plugin.picture(digest)).data)

    async def go() -> None:
        plugin, _ = await PluginDaemon.connect(PluginEndpoint(address, "token"), "test")
        for fetch in (picture, frames):
            if damaged:
                with pytest.raises(CallError) as error:
                    await fetch(plugin)
                assert error.value.status == "DATA_LOSS"
            else:
                assert await fetch(plugin) == data
        plugin.close()

    asyncio.run(go())
    server.stop(0).wait()


def changed(value: object) -> object:
    """A value with one bit of it flipped; of text and bytes, of the first character."""
    if isinstance(value, bytes):
        return bytes([value[0] ^ 1]) + value[1:]
    if isinstance(value, str):
        return chr(ord(value[0]) ^ 1) + value[1:] if value else "\x01"
    if isinstance(value, float):
        return struct.unpack("<d", struct.pack("<Q", struct.unpack("<Q", struct.pack("<d", value))[0] ^ 1 << 40))[0]
    return int(value or 0) ^ 256  # type: ignore[call-overload]


def answer_or_none(call: Callable[[], Any]) -> Any:
    """None where it is refused with DATA_LOSS."""
    try:
        return call()
    except grpc.RpcError as error:
        assert error.code() is grpc.StatusCode.DATA_LOSS
        return None


def is_named(shown: Any, job: jobs_pb2.Job) -> bool:
    """Whether a job is shown as damaged, with nothing that is not its own."""
    told = {field.name: value for field, value in shown.ListFields() if field.name not in ("state", "failure")}
    own = {field.name: value for field, value in job.ListFields()}
    return shown.failure.code == "DATA_LOSS" and told.items() <= own.items()


@pytest.mark.parametrize(
    ("table", "keys"),
    [("jobs", {"number", "job_id", "client"}), ("units", {"job"}), ("frames", {"job"}), ("events", {"job", "key"})],
)
def test_no_value_of_a_row_is_served_when_a_bit_of_it_has_flipped(
    daemon: RunningDaemon, client: Client, table: str, keys: set[str]
) -> None:
    """`keys` say whose the row is: with another one there it is somebody else's, or nobody's."""
    job, events = client.finish(client.upload(small_painting(500)), parameters=few(), title="a title")
    right = [job, client.frames(job.job_id), events]

    def answers() -> list[object]:
        calls = (client.get, client.frames, lambda job_id: list(client.watch(job_id)))
        return [answer_or_none(partial(call, job.job_id)) for call in calls]

    database = sqlite3.connect(daemon.home / "store" / "jobs.sqlite3", isolation_level=None)
    database.row_factory = sqlite3.Row
    number = database.execute("SELECT number FROM jobs WHERE job_id = ?", (job.job_id,)).fetchone()[0]
    of = "number" if table == "jobs" else "job"
    row = dict(database.execute(f"SELECT * FROM {table} WHERE {of} = ?", (number,)).fetchone())
    try:
        for column in row.keys() - keys:
            harmed = {**row, column: changed(row[column])}
            where = " AND ".join(f"{name} IS ?" for name in row)
            put = f"UPDATE {table} SET {column} = ? WHERE {where}"
            assert database.execute(put, (harmed[column], *row.values())).rowcount == 1
            named, *rest = answers()
            assert [named, *rest] != right, column
            assert all(found in (None, true) for found, true in zip(rest, right[1:], strict=True)), column
            assert named == job or is_named(named, job), column
            assert database.execute(put, (row[column], *harmed.values())).rowcount == 1
            assert answers() == right, column
    finally:
        database.close()


def test_a_job_whose_row_is_damaged_can_be_deleted_and_harms_no_start(tmp_path: Path) -> None:
    running = RunningDaemon(tmp_path / "home").start()
    try:
        client = running.client()
        painting = client.upload(small_painting(501))
        waiting = [client.create(painting) for _ in range(2)]
        running.kill()
        database = sqlite3.connect(running.home / "store" / "jobs.sqlite3", isolation_level=None)
        database.execute("UPDATE jobs SET engine = 'procedurak' WHERE job_id = ?", (waiting[0].job_id,))
        database.close()
        client = running.start().client()
        assert client.get(waiting[0].job_id).failure.code == "DATA_LOSS"
        assert refusal(lambda: client.cancel(waiting[0].job_id)).code() is grpc.StatusCode.DATA_LOSS
        client.jobs.DeleteJob(jobs_pb2.DeleteJobRequest(job_id=waiting[0].job_id), timeout=SECONDS)
        listed = client.jobs.ListJobs(jobs_pb2.ListJobsRequest(), timeout=SECONDS).jobs
        assert [job.job_id for job in listed] == [waiting[1].job_id]
        assert client.cancel(waiting[1].job_id).state == jobs_pb2.JOB_STATE_CANCELLED
    finally:
        running.stop()


def test_who_watches_a_job_learns_that_its_row_is_damaged(tmp_path: Path) -> None:
    running = RunningDaemon(tmp_path / "home").start()
    try:
        client = running.client()
        job = client.create(client.upload(small_painting(502, 1024, 768)))
        watched = client.watch(job.job_id)
        assert next(watched).sequence == 1
        database = sqlite3.connect(running.home / "store" / "jobs.sqlite3", isolation_level=None, timeout=30)
        database.execute("UPDATE jobs SET frame_count = frame_count + 1 WHERE job_id = ?", (job.job_id,))
        database.close()
        list(watched)
        assert refusal(lambda: list(client.watch(job.job_id))).code() is grpc.StatusCode.DATA_LOSS
        assert client.get(job.job_id).failure.code == "DATA_LOSS"
    finally:
        running.stop()
