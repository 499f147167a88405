"""The synchronous client with a real daemon, worker and engine."""

from __future__ import annotations

import hashlib
import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageSequence

from paints_undo.v1 import jobs_pb2, pictures_pb2
from paints_undo_daemon.client import (
    CallRefusedError,
    Client,
    DaemonUnavailableError,
    Job,
    JobCancelledError,
    JobFailedError,
    JobState,
    RawPicture,
    UpdateKind,
    connect,
    locate,
)
from paints_undo_engine.errors import ExportTooLargeError
from paints_undo_engine.export.options import ExportFormat, ExportOptions, FrameSize, format_of
from paints_undo_engine.provenance.verifying import Mark, Verdict, verify
from paints_undo_engine.request import KeyframeParameters, ProceduralParameters, ProcessRequest
from paints_undo_engine.stages import Stage

from .conftest import LONG, SMALL, kill, painting


def finished(client: Client, seed: int = 0, request: ProcessRequest = SMALL) -> Job:
    return client.wait(client.submit(painting(seed), request).job_id)


def test_a_job_from_its_picture_to_its_frames(client: Client):
    job = client.submit(painting(), SMALL, title="a blob")
    updates = list(client.watch(job.job_id))
    numbers = [update.event.sequence for update in updates if update.event is not None]
    assert numbers == list(range(1, len(numbers) + 1))
    assert updates[0].kind == "accepted"
    assert updates[-1].kind == "finished"
    job = client.wait(job.job_id)
    assert (job.title, job.frame_count, job.frames_stored) == ("a blob", 7, 7)
    frames = list(client.frames(job.job_id))
    assert [frame.frame.index for frame in frames] == list(range(7))
    for frame in frames[:-1]:
        assert hashlib.sha256(frame.data).hexdigest() == frame.frame.picture_hash
    last = np.asarray(Image.open(io.BytesIO(frames[-1].data)).convert("RGB"))
    assert np.array_equal(last, np.asarray(Image.open(io.BytesIO(painting())).convert("RGB")))


@pytest.mark.parametrize("raw", [False, True])
@pytest.mark.parametrize("count", [1, 3])
def test_a_job_for_an_export_that_is_too_large_is_refused_before_anything_is_sent(
    client: Client, raw: bool, count: int
):
    size = (64, 48)
    data = painting(51)
    picture = RawPicture(np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).tobytes(), *size) if raw else data
    before = [job.job_id for job in client.jobs()]
    fits, large = (ExportOptions(format=ExportFormat.CONTACT_SHEET, max_side=side) for side in (300, 16_384))

    def submit(*exports: ExportOptions) -> list[Job]:
        if count > 1:
            return client.submit_variants(picture, SMALL, count=count, exports=exports)
        return [client.submit(picture, SMALL, exports=exports)]

    with pytest.raises(ExportTooLargeError, match="would fit"):
        submit(fits, large)
    assert [job.job_id for job in client.jobs()] == before
    assert len(submit(fits)) == count


def test_a_job_and_its_news_are_plain_values(client: Client):
    begin = datetime.now(UTC) - timedelta(seconds=5)
    made = client.submit(painting(), SMALL, title="a blob")
    updates = list(client.watch(made.job_id))
    job = client.job(made.job_id)
    assert job.state is JobState.FINISHED
    assert job.state.ended
    assert job.request == SMALL
    assert job.ended_at is not None
    assert begin <= job.created_at <= job.ended_at <= datetime.now(UTC) + timedelta(seconds=5)
    assert repr(job) == f"<Job {job.job_id} 'a blob', finished, 7 of 7 frames>"
    frames = [update.frame.index for update in updates if update.frame and update.kind is UpdateKind.FRAME_STORED]
    assert sorted(frames) == list(range(7))
    times = [update.time for update in updates if update.time is not None]
    assert times == sorted(times)
    assert repr(updates[-1]) == f"<Update {updates[-1].sequence} finished>"
    assert [update.text for update in updates if update.kind is UpdateKind.TAGS_STORED] == [job.tags]
    (shown,) = client.frames(job.job_id, 3, 4)
    (raw,) = client.frames(job.job_id, 3, 4, encoding=pictures_pb2.PICTURE_ENCODING_RAW_RGB8)
    assert np.array_equal(shown.picture.pixels[..., :3], raw.picture.pixels)
    assert Image.open(io.BytesIO(raw._repr_png_())).size == (shown.frame.width, shown.frame.height)
    assert repr(shown).startswith("<Frame 3 at operation step ")


def test_every_word_of_the_protocol_is_known():
    kinds = {field.name for field in jobs_pb2.Event.DESCRIPTOR.oneofs_by_name["kind"].fields}
    assert set(UpdateKind) == kinds | {"progress"}


def test_ranges_strides_and_keyframes(client: Client):
    job_id = finished(client).job_id
    assert [frame.frame.index for frame in client.frames(job_id, 1, 6, 2)] == [1, 3, 5]
    assert [frame.frame.index for frame in client.frames(job_id, keyframes=True)] == [0, 1, 2, 3]


def test_raw_frames_are_the_png_frames(client: Client):
    job_id = finished(client).job_id
    (png,) = client.frames(job_id, 2, 3)
    (raw,) = client.frames(job_id, 2, 3, encoding=pictures_pb2.PICTURE_ENCODING_RAW_RGB8)
    pixels = np.asarray(Image.open(io.BytesIO(png.data)).convert("RGB"))
    assert raw.data == pixels.tobytes()
    assert (raw.frame.height, raw.frame.width) == pixels.shape[:2]


def test_small_frames_come_in_the_paintings_size_where_that_is_asked_for(client: Client):
    small = replace(SMALL, procedural=ProceduralParameters(max_side=32))
    job_id = finished(client, request=small).job_id
    (stored,) = client.frames(job_id, 4, 5)
    (large,) = client.frames(job_id, 4, 5, size=FrameSize.PAINTING)
    (between,) = client.frames(job_id, 4, 5, max_side=40)
    sizes = [(item.frame.width, item.frame.height) for item in (stored, large, between)]
    assert sizes == [(32, 24), (64, 48), (40, 30)]
    assert large.frame.placement == stored.frame.placement
    assert large.frame.picture_hash == hashlib.sha256(large.data).hexdigest() != stored.frame.picture_hash
    (raw,) = client.frames(job_id, 4, 5, encoding=pictures_pb2.PICTURE_ENCODING_RAW_RGB8, size=FrameSize.PAINTING)
    assert raw.data == Image.open(io.BytesIO(large.data)).convert("RGB").tobytes()
    with pytest.raises(CallRefusedError, match="max_side must be 16 to 16384"):
        list(client.frames(job_id, 4, 5, max_side=15))


def test_a_branch_of_a_branch_keeps_every_state_before_it(client: Client, tmp_path: Path):
    whole = finished(client)
    first = client.wait(client.branch(whole.job_id, 600, 2).job_id)
    second = client.wait(client.branch(first.job_id, 300, 3).job_id)
    branches = [(item.operation_step, item.candidate) for item in second.request.procedural.branches]
    assert branches == [(600, 2), (300, 3)]

    def hashes(job: Job) -> dict[float, str]:
        return {item.frame.operation_step: item.frame.picture_hash for item in client.frames(job.job_id)}

    of_whole, of_first, of_second = hashes(whole), hashes(first), hashes(second)
    assert all(of_first[step] == of_whole[step] for step in of_whole if step >= 600)
    assert all(of_second[step] == of_first[step] for step in of_first if step >= 300)
    assert len({of_whole[0.0], of_first[0.0], of_second[0.0]}) == 3

    end = client.wait(client.branch(whole.job_id, 600, 2, end_only=True).job_id)
    assert [item.operation_step for item in end.keyframes] == [1000, 600, 0]
    assert end.keyframes[-1].picture_hash == of_first[0.0]

    last = client.export(second.job_id, tmp_path / "frames", overwrite=True) / "0006.png"
    (final,) = client.frames(second.job_id, 6, 7)
    exported = Image.open(last).convert("RGB")
    assert exported.tobytes() == Image.open(io.BytesIO(final.data)).convert("RGB").tobytes()
    with pytest.raises(CallRefusedError, match="1 to 999"):
        client.branch(whole.job_id, 1000, 1)
    with pytest.raises(CallRefusedError, match="1 to 8"):
        client.branch(whole.job_id, 500, 9)


def test_variants_are_jobs_that_are_exported_side_by_side(client: Client, tmp_path: Path):
    jobs = client.submit_variants(painting(), SMALL, count=3, request_id="three")
    assert [job.request.variant for job in jobs] == [0, 1, 2]
    again = client.submit_variants(painting(), SMALL, count=3, request_id="three")
    assert [job.job_id for job in again] == [job.job_id for job in jobs]
    first, *others = [client.wait(job.job_id).job_id for job in jobs]
    hashes = {client.job(job_id).keyframes[1].picture_hash for job_id in (first, *others)}
    assert len(hashes) == 3
    client.export(first, tmp_path / "rows.png", beside=others)
    client.export(first, tmp_path / "grid.gif", beside=others)
    assert len(ImageSequence.all_frames(Image.open(tmp_path / "grid.gif"))) == 7
    assert Image.open(tmp_path / "rows.png").height > Image.open(client.export(first, tmp_path / "one.png")).height
    with pytest.raises(CallRefusedError, match="one process"):
        client.export(first, tmp_path / "layers.ora", beside=others)
    with pytest.raises(CallRefusedError, match="no such job"):
        client.export(first, tmp_path / "none.gif", beside=["0" * 16])
    with pytest.raises(CallRefusedError, match="more than 7"):
        client.export(first, tmp_path / "many.gif", beside=others * 4)


def test_a_job_tells_which_one_it_came_from(client: Client):
    whole = client.wait(client.submit(painting(), SMALL).job_id)
    branch = client.wait(client.branch(whole.job_id, 500, 1).job_id)
    assert (whole.base_job_id, branch.base_job_id) == ("", whole.job_id)


def test_a_picture_is_sent_once_and_comes_back_as_it_was(client: Client, tmp_path: Path):
    data = painting(3)
    digest = client.upload(data)
    assert digest == hashlib.sha256(data).hexdigest() == client.upload(data)
    assert client.download_picture(digest) == data
    path = tmp_path / "picture.png"
    path.write_bytes(data)
    assert client.upload(path) == digest
    client.delete_picture(digest)
    for call in (client.download_picture, client.delete_picture):
        with pytest.raises(CallRefusedError, match="no picture"):
            call(digest)


def test_raw_pixels_are_a_painting_too(client: Client):
    pixels = np.full((20, 30, 4), (200, 30, 60, 255), np.uint8)
    pixels[5:15, 5:15] = (20, 20, 120, 255)
    job = client.submit(RawPicture(pixels.tobytes(), 30, 20, channels=4), SMALL)
    done = client.wait(job.job_id)
    assert (done.painting_width, done.painting_height) == (30, 20)


def test_the_same_request_id_is_the_same_job(client: Client):
    first = client.submit(painting(), SMALL, request_id="once")
    assert client.submit(painting(), SMALL, request_id="once").job_id == first.job_id
    with pytest.raises(CallRefusedError) as refusal:
        client.submit(painting(1), SMALL, request_id="once")
    assert refusal.value.code == "ALREADY_EXISTS"


def test_own_keyframes_are_used(client: Client):
    own = Image.new("RGB", (64, 48), (10, 200, 30))
    data = io.BytesIO()
    own.save(data, "PNG")
    job = client.submit(painting(), SMALL, own_keyframes={600: data.getvalue()})
    client.wait(job.job_id)
    keyframes = list(client.frames(job.job_id, keyframes=True))
    assert keyframes[1].frame.operation_step == 600
    pixels = np.asarray(Image.open(io.BytesIO(keyframes[1].data)).convert("RGB"))
    assert np.array_equal(pixels, np.asarray(own))


def test_jobs_are_listed_newest_first_and_deleted(client: Client):
    older, newer = finished(client, 1), finished(client, 2)
    listed = [job.job_id for job in client.jobs([JobState.FINISHED], page_size=1)]
    assert listed.index(newer.job_id) < listed.index(older.job_id)
    client.delete(older.job_id)
    assert older.job_id not in [job.job_id for job in client.jobs()]
    with pytest.raises(CallRefusedError) as refusal:
        client.job(older.job_id)
    assert refusal.value.code == "NOT_FOUND"


def test_a_cancelled_job_ends_and_says_so(client: Client):
    job = client.submit(painting(), LONG)
    for update in client.watch(job.job_id):
        if update.kind == "frame_stored":
            break
    assert client.cancel(job.job_id).state is JobState.CANCELLED
    with pytest.raises(JobCancelledError):
        client.wait(job.job_id)


def test_a_painting_that_is_none_fails_the_job_with_a_sentence(client: Client):
    job = client.submit(b"certainly no picture", SMALL)
    with pytest.raises(JobFailedError) as failure:
        client.wait(job.job_id)
    assert failure.value.code == "INVALID_ARGUMENT"
    assert str(failure.value).endswith(".")


def test_a_refusal_names_the_field(client: Client):
    with pytest.raises(CallRefusedError) as refusal:
        client.submit(painting(), SMALL, request_id="not allowed!")
    assert (refusal.value.code, refusal.value.fields) == ("INVALID_ARGUMENT", ("request_id",))


def test_a_wrong_token_is_refused(client: Client, shared_home: Path):
    client.info()
    right = locate(shared_home, start=False)
    with connect(replace(right, token="wrong")) as stranger, pytest.raises(CallRefusedError) as refusal:
        stranger.info()
    assert refusal.value.code == "UNAUTHENTICATED"


def test_exports_are_saved_by_their_ending(client: Client, tmp_path: Path):
    job_id = finished(client).job_id
    steps: list[tuple[int, int]] = []
    client.export(job_id, tmp_path / "a.gif", progress=lambda step, of: steps.append((step, of)))
    assert Image.open(tmp_path / "a.gif").format == "GIF"
    assert steps[-1][0] == steps[-1][1]
    client.export(job_id, tmp_path / "frames")
    assert len(list((tmp_path / "frames").glob("*.png"))) == 7
    options = ExportOptions(format=ExportFormat.GIF, reverse=True, frames_per_second=5)
    with pytest.raises(FileExistsError):
        client.export(job_id, tmp_path / "a.gif", options)
    client.export(job_id, tmp_path / "a.gif", options, overwrite=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.gif", "frames"]


@pytest.mark.parametrize("name", ["a.gif", "a.ora"])
def test_what_a_daemon_makes_is_signed_by_its_own_key(client: Client, tmp_path: Path, name: str):
    pytest.importorskip("c2pa")
    job = finished(client)
    signed = verify(client.export(job.job_id, tmp_path / name))
    assert signed.verdict is Verdict.HOLDS
    assert (signed.findings[-1].mark, signed.findings[-1].holds) == (Mark.SIGNATURE, True)
    assert signed.provenance is not None
    assert signed.provenance.engine == SMALL.engine
    plain = ExportOptions(format=format_of(tmp_path / name), omit_provenance=True)
    sealed = verify(client.export(job.job_id, tmp_path / name, plain, overwrite=True))
    assert [each.mark for each in sealed.findings] == [Mark.NOTE, Mark.SEAL]


def test_a_job_may_stop_after_a_stage(client: Client):
    tags = finished(client, request=ProcessRequest(stop_after=Stage.TAGS))
    assert tags.tags
    keyframes = finished(
        client,
        request=ProcessRequest(stop_after=Stage.KEYFRAMES, keyframes=KeyframeParameters(operation_steps=(500,))),
    )
    assert len(keyframes.keyframes) == 3


def test_a_watch_goes_on_after_the_daemon_was_killed(home: Path):
    with connect(home=home) as client:
        job = client.submit(painting(), LONG)
        numbers = []
        for update in client.watch(job.job_id):
            if update.event is None:
                continue
            numbers.append(update.event.sequence)
            if len(numbers) in (40, 150):
                kill(home)
        assert numbers == list(range(1, client.job(job.job_id).last_sequence + 1))
        assert client.wait(job.job_id).frames_stored == job.frame_count


def test_a_download_goes_on_after_the_daemon_was_killed(home: Path):
    with connect(home=home) as client:
        job_id = finished(client).job_id
        indices = []
        for frame in client.frames(job_id):
            indices.append(frame.frame.index)
            if frame.frame.index == 2:
                kill(home)
        assert indices == list(range(7))


def test_patience_ends_when_nothing_starts_the_daemon_again(home: Path):
    with connect(home=home) as client:
        job_id = finished(client).job_id
    with connect(home=home, start=False, patience_seconds=0.3) as client:
        client.job(job_id)
        kill(home)
        with pytest.raises(DaemonUnavailableError):
            client.job(job_id)
