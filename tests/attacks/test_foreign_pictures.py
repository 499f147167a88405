"""What strangers have made is decoded by workers without rights, also for an engine whose worker needs its rights."""

from __future__ import annotations

import asyncio
import hashlib
import io
import shutil
import struct
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from daemon.conftest import SECONDS, Client, RunningDaemon, small_painting
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from paints_undo.v1 import jobs_pb2, pictures_pb2
from paints_undo.worker.v1 import worker_pb2
from paints_undo_daemon.scheduler.normalising import Normaliser, NotNormalisedError
from paints_undo_daemon.store.claims import ClaimedUnit
from paints_undo_daemon.store.database import Database
from paints_undo_daemon.store.pictures import PictureFiles
from paints_undo_daemon.workers.loading import Pictures
from paints_undo_daemon.workers.tasks import TaskRunner
from paints_undo_engine import painting as paintings
from paints_undo_engine import png
from paints_undo_engine.errors import DamagedPictureError, PaintingError

GOLDEN = Path(__file__).parents[1] / "parity" / "golden"
KINDS = ["PNG", "WEBP", "AVIF", "JPEG", "GIF", "TIFF", "BMP"]


def sent(kind: str, seed: int = 1) -> bytes:
    """A painting as another program writes it."""
    file = io.BytesIO()
    Image.fromarray(png.decode(small_painting(seed=seed))).save(file, kind)
    return file.getvalue()


def task_for(data: bytes, engine: str, files: PictureFiles) -> worker_pb2.Task:
    stored = worker_pb2.StoredPicture(hash=files.add_bytes(data), encoding=pictures_pb2.PICTURE_ENCODING_PNG)
    unit = worker_pb2.RunUnit(
        unit="tags",
        parameters=jobs_pb2.ProcessParameters(engine=engine, tags=jobs_pb2.TagsParameters()),
        painting=stored,
    )
    return worker_pb2.Task(task_id=1, run_unit=unit)


@pytest.mark.parametrize("kind", KINDS)
def test_a_worker_that_keeps_its_rights_decodes_nothing_whatever_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    files = PictureFiles(tmp_path)
    files.prepare()
    decoded: list[bytes] = []
    monkeypatch.setattr(paintings, "decode", lambda data: decoded.append(data))
    reports: list[worker_pb2.Report] = []
    TaskRunner(tmp_path, "cpu", decodes=False).run(task_for(sent(kind), "procedural", files), reports.append)
    assert reports[-1].failure.code == "INVALID_ARGUMENT"
    assert not decoded
    reports.clear()
    own = task_for(small_painting(), "procedural", files)
    TaskRunner(tmp_path, "cpu", decodes=False).run(own, reports.append)
    assert reports[-1].HasField("done"), reports[-1]
    assert not decoded


def test_a_normalised_mask_keeps_the_name_that_branches_have_for_it_and_a_painting_its_notes(tmp_path: Path) -> None:
    files = PictureFiles(tmp_path)
    files.prepare()
    stored = worker_pb2.StoredPicture(
        hash=files.add_bytes(small_painting()), encoding=pictures_pb2.PICTURE_ENCODING_PNG, notes=["It was CMYK."]
    )
    mask = worker_pb2.StoredPicture(hash=stored.hash, encoding=stored.encoding, sent_hash="as it was sent")
    painting = Pictures(files, decodes=False).masked(stored, [mask])
    assert list(painting.masks) == ["as it was sent"]
    assert painting.notes == ("It was CMYK.",)


def test_a_painting_has_no_notes_of_another_one_with_the_same_pixels(tmp_path: Path) -> None:
    files = PictureFiles(tmp_path)
    files.prepare()
    digest, pictures = files.add_bytes(small_painting()), Pictures(files, decodes=False)
    for notes in (["It was CMYK."], []):
        stored = worker_pb2.StoredPicture(hash=digest, encoding=pictures_pb2.PICTURE_ENCODING_PNG, notes=notes)
        assert pictures.painting(stored).notes == tuple(notes)


def test_a_worker_that_says_it_has_read_and_shows_nothing_ends_the_unit(tmp_path: Path) -> None:
    files = PictureFiles(tmp_path)
    files.prepare()
    task = task_for(small_painting(), "diffusion", files).run_unit
    plan = ClaimedUnit(1, "job", task.unit, task, task.parameters, "", 0)

    async def say_done(task: worker_pb2.Task, on_report: Callable[[worker_pb2.Report], None]) -> None:
        on_report(worker_pb2.Report(done=jobs_pb2.UnitRecord()))

    with closing(Database(tmp_path / "database")) as database, pytest.raises(NotNormalisedError, match="no picture"):
        asyncio.run(Normaliser(database, files, say_done).normalise(plan))


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def file_of(*chunks: bytes) -> bytes:
    return png.SIGNATURE + b"".join(chunks)


HEADER = chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 2, 8, 2, 0, 0, 0))
ROWS = bytes([2, *range(6), 2, *range(6)])
DATA, END = chunk(b"IDAT", zlib.compress(ROWS)), chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        png.SIGNATURE,
        file_of(HEADER, END),
        file_of(DATA, END),
        file_of(HEADER, DATA),
        file_of(HEADER, DATA, END) + b"x",
        file_of(HEADER, HEADER, DATA, END),
        file_of(HEADER, chunk(b"tEXt", b"a\0b"), DATA, END),
        file_of(HEADER, DATA, chunk(b"iCCP", b"x" * 99), END),
        file_of(HEADER, DATA, END)[:-1] + b"!",
        file_of(HEADER, chunk(b"IDAT", zlib.compress(ROWS[:-1])), END),
        file_of(HEADER, chunk(b"IDAT", zlib.compress(ROWS + b"x")), END),
        file_of(HEADER, chunk(b"IDAT", zlib.compress(b"\0" * 10**8, 9)), END),
        file_of(HEADER, chunk(b"IDAT", zlib.compress(ROWS)[:-1]), END),
        file_of(HEADER, chunk(b"IDAT", zlib.compress(ROWS) + b"x"), END),
        file_of(HEADER, chunk(b"IDAT", b"no stream"), END),
        file_of(HEADER, chunk(b"IDAT", zlib.compress(bytes([4]) + ROWS[1:])), END),
        file_of(chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 2, 8, 2, 0, 0, 1)), DATA, END),
        file_of(chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 2, 4, 3, 0, 0, 0)), DATA, END),
        file_of(chunk(b"IHDR", struct.pack(">IIBBBBB", 0, 2, 8, 2, 0, 0, 0)), DATA, END),
        file_of(chunk(b"IHDR", struct.pack(">IIBBBBB", 2**31, 2**31, 16, 6, 0, 0, 0)), DATA, END),
        file_of(chunk(b"IHDR", b"short"), DATA, END),
    ],
)
def test_no_other_png_is_read_as_one_of_our_own(data: bytes) -> None:
    with pytest.raises(PaintingError):
        png.decode(data)


def test_the_form_itself_is_read() -> None:
    assert png.decode(file_of(HEADER, DATA, END)).tolist() == [
        [[0, 1, 2], [3, 4, 5]],
        [[0, 2, 4], [6, 8, 10]],
    ]
    plain = zlib.compress(bytes([0, *range(6), 0, *range(6)]))
    assert png.decode(file_of(HEADER, chunk(b"IDAT", plain), END)).tolist() == [[[0, 1, 2], [3, 4, 5]]] * 2


@given(
    st.tuples(st.integers(1, 40), st.integers(1, 40), st.sampled_from([1, 3, 4])),
    st.sampled_from([np.uint8, np.uint16]),
    st.integers(1, 300),
    st.integers(0, 3),
)
def test_rows_come_whole_out_of_pieces_of_any_size(
    shape: tuple[int, int, int], kind: type[np.unsignedinteger[Any]], size: int, noise: int
) -> None:
    pixels = np.random.default_rng(noise).integers(0, [1, 2, 9, 256][noise], shape).astype(kind)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(png, "_PIECE_BYTES", size)
        read = png.decode(png.encode(pixels))
    assert (read.dtype, read.tolist()) == (np.dtype(kind), pixels.tolist())


def test_rows_come_whole_out_of_chunks_of_any_size() -> None:
    pixels = np.random.default_rng(4).integers(0, 256, (9, 31, 3), np.uint8)
    compressed = zlib.compress(b"".join(b"\0" + row.tobytes() for row in pixels), 0)
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 31, 9, 8, 2, 0, 0, 0))
    for size in (1, 2, 93, 94, 95, 400):
        parts = [chunk(b"IDAT", compressed[at : at + size]) for at in range(0, len(compressed), size)]
        assert np.array_equal(png.decode(file_of(header, *parts, END)), pixels)


@pytest.mark.parametrize("most", [0, 65535])
def test_reading_takes_little_more_memory_than_the_picture(most: int) -> None:
    pixels = np.random.default_rng(1).integers(0, most + 1, (1500, 2000, 3), np.uint16)
    data = png.encode(pixels)
    tracemalloc.start()
    try:
        read = png.decode(data)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert np.array_equal(read, pixels)
    assert peak < pixels.nbytes + 6 * 2**20


@given(st.data())
def test_mutated_pictures_of_our_own_are_refused_and_never_worse(data: st.DataObject) -> None:
    whole = bytearray(png.encode(np.arange(60, dtype=np.uint16).reshape(4, 5, 3)))
    place = data.draw(st.integers(0, len(whole) - 1))
    whole[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(DamagedPictureError):
        png.decode(bytes(whole))
    with pytest.raises(DamagedPictureError):
        png.decode(bytes(whole[:place]))


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Client, RunningDaemon]]:
    """A daemon with the small checkpoints on the processor."""
    home = tmp_path_factory.mktemp("device")
    for source, name in (("repos/single_frame", "single_frame"), ("repos/multi_frame", "multi_frame")):
        shutil.copytree(GOLDEN / source, home / "models" / f"paints_undo_{name}")
    shutil.copytree(GOLDEN / "tagger", home / "models" / "wd14_tagger")
    settings = {"devices": "cpu", "worker_threads": 1, "scrub_bytes_per_second": 0}  # damage is for workers to find
    running = RunningDaemon(home, settings).start()
    yield running.client(), running
    assert running.stop() == 0


def finish(client: Client, painting: str, parameters: jobs_pb2.ProcessParameters) -> tuple[jobs_pb2.Job, list[Any]]:
    """Run a job to its end, however long the models take to load on a crowded machine."""
    job = client.create(painting, parameters=parameters)
    events = list(client.watch(job.job_id, seconds=10 * SECONDS))
    return client.get(job.job_id), events


def tagged() -> jobs_pb2.ProcessParameters:
    return jobs_pb2.ProcessParameters(engine="diffusion", stop_after=jobs_pb2.STAGE_TAGS)


@pytest.mark.extra("diffusion")
def test_a_device_worker_needs_no_file_that_was_sent(client: tuple[Client, RunningDaemon]) -> None:
    """Each is overwritten as soon as a confined worker has read it: who reads it now finds it damaged.

    A worker keeps two paintings, so that it reads each of the four anew."""
    caller, daemon = client
    files = PictureFiles(daemon.home / "store")
    for number, kind in enumerate(["PNG", "WEBP", "AVIF", "JPEG"]):
        digest = caller.upload(sent(kind, seed=number))
        first, _ = finish(caller, digest, tagged())
        assert first.state == jobs_pb2.JOB_STATE_FINISHED, first.failure.message
        files.path(digest).write_bytes(bytes(len(sent(kind, seed=number))))
    for number, kind in enumerate(["PNG", "WEBP", "AVIF"]):
        digest = hashlib.sha256(sent(kind, seed=number)).hexdigest()
        again, _ = finish(caller, digest, tagged())
        assert again.state == jobs_pb2.JOB_STATE_FINISHED, again.failure.message
    data = sent("JPEG", seed=3)
    digest = hashlib.sha256(data).hexdigest()
    own = jobs_pb2.KeyframeParameters(
        operation_steps=[500], own=[jobs_pb2.OwnKeyframe(operation_step=500, picture_hash=digest)]
    )
    parameters = jobs_pb2.ProcessParameters(engine="diffusion", stop_after=jobs_pb2.STAGE_KEYFRAMES, keyframes=own)
    again, events = finish(caller, digest, parameters)
    assert again.state == jobs_pb2.JOB_STATE_FINISHED, again.failure.message
    made = [event.keyframe_stored.keyframe for event in events if event.HasField("keyframe_stored")]
    assert (again.painting_width, again.painting_height) == (made[-1].width, made[-1].height)
    assert np.array_equal(png.decode(files.read(made[-1].picture_hash)), paintings.decode(data).pixels)


@pytest.mark.extra("diffusion")
def test_what_cannot_be_decoded_ends_its_job_alone(client: tuple[Client, RunningDaemon]) -> None:
    caller, _ = client
    job, events = finish(caller, caller.upload(b"no picture"), tagged())
    assert (job.state, job.failure.code) == (jobs_pb2.JOB_STATE_FAILED, "INVALID_ARGUMENT")
    assert [event.WhichOneof("kind") for event in events][-1] == "failed"


@pytest.mark.extra("diffusion")
def test_a_normalised_painting_goes_with_the_last_job_that_has_it(client: tuple[Client, RunningDaemon]) -> None:
    caller, daemon = client
    files = PictureFiles(daemon.home / "store")
    data = sent("JPEG", seed=77)
    normalised = hashlib.sha256(paintings.normalised_png(paintings.decode(data))).hexdigest()
    one, other = (finish(caller, caller.upload(data), tagged())[0] for _ in range(2))
    caller.jobs.DeleteJob(jobs_pb2.DeleteJobRequest(job_id=one.job_id), timeout=SECONDS)
    assert files.path(normalised).exists()
    caller.jobs.DeleteJob(jobs_pb2.DeleteJobRequest(job_id=other.job_id), timeout=SECONDS)
    assert not files.path(normalised).exists()
    assert not (files.trash / normalised).exists()
