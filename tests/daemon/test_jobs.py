"""Jobs from end to end: real gRPC, a real worker process, the procedural engine."""

from __future__ import annotations

import hashlib
import io
import json
import time
import zipfile

import grpc
import numpy as np
import pytest

from paints_undo.v1 import jobs_pb2, pictures_pb2
from paints_undo_engine import png

from .conftest import Client, few, kinds, small_painting


def test_a_job_tells_its_whole_history_once_and_in_order(client: Client, painting: str) -> None:
    job, events = client.finish(painting, parameters=few(), title="mine")
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    told = kinds(events)
    assert told[0] == "accepted"
    assert told[1] == "started"
    assert told[-1] == "finished"
    assert told.count("tags_stored") == 1
    assert told.count("keyframe_stored") == 4
    assert told.count("frame_stored") == 10
    units = [event.unit_finished.record.unit for event in events if event.HasField("unit_finished")]
    assert units == ["tags", "keyframes", "interval-0", "interval-1", "interval-2"]
    frames = [event.frame_stored.frame.index for event in events if event.HasField("frame_stored")]
    assert frames == list(range(10))
    assert job.state == jobs_pb2.JOB_STATE_FINISHED
    assert (job.frame_count, job.frames_stored, job.units_finished, job.unit_count) == (10, 10, 5, 5)
    assert (job.painting_width, job.painting_height, job.title) == (96, 64, "mine")
    assert [frame.operation_step for frame in job.keyframes] == [1000, 600, 300, 0]
    assert job.tags
    assert job.last_sequence == len(events)


def test_frames_are_what_their_hashes_say_and_the_last_is_the_painting(client: Client, painting: str) -> None:
    job, _ = client.finish(painting, parameters=few())
    frames = client.frames(job.job_id)
    for header, data in frames:
        assert hashlib.sha256(data).hexdigest() == header.frame.picture_hash
        assert len(data) == header.size_bytes
        assert png.decode(data).shape[:2] == (header.frame.height, header.frame.width)
    assert np.array_equal(png.decode(frames[-1][1]), png.decode(small_painting()))
    assert frames[-1][0].frame.operation_step == 0


def test_ranges_strides_keyframes_and_raw_pixels(client: Client, painting: str) -> None:
    job, _ = client.finish(painting, parameters=few())
    assert [h.frame.index for h, _ in client.frames(job.job_id, begin=2, end=9, stride=3)] == [2, 5, 8]
    assert [h.frame.index for h, _ in client.frames(job.job_id, keyframes=True)] == [0, 1, 2, 3]
    encoded = client.frames(job.job_id, begin=9)[0][1]
    header, raw = client.frames(job.job_id, begin=9, encoding=pictures_pb2.PICTURE_ENCODING_RAW_RGB8)[0]
    pixels = np.frombuffer(raw, np.uint8).reshape(header.frame.height, header.frame.width, 3)
    assert np.array_equal(pixels, png.decode(encoded))
    _, raw = client.frames(job.job_id, begin=9, encoding=pictures_pb2.PICTURE_ENCODING_RAW_RGBA8)[0]
    assert np.array_equal(np.frombuffer(raw, np.uint8).reshape(*pixels.shape[:2], 4)[..., :3], pixels)


def test_the_same_request_makes_one_job_and_another_content_none(client: Client, painting: str) -> None:
    first = client.create(painting, request_id="same", parameters=few())
    assert client.create(painting, request_id="same", parameters=few()).job_id == first.job_id
    with pytest.raises(grpc.RpcError) as error:
        client.create(painting, request_id="same", parameters=few(), title="other")
    assert error.value.code() is grpc.StatusCode.ALREADY_EXISTS
    client.cancel(first.job_id)


def test_a_watcher_goes_on_after_any_event(client: Client, painting: str) -> None:
    job, events = client.finish(painting, parameters=few())
    for after in (0, 1, 7, len(events) - 1, len(events)):
        assert [event.sequence for event in client.watch(job.job_id, after)] == list(range(after + 1, len(events) + 1))
    with pytest.raises(grpc.RpcError) as error:
        list(client.watch(job.job_id, len(events) + 1))
    assert error.value.code() is grpc.StatusCode.OUT_OF_RANGE


def test_many_watchers_see_the_same(client: Client, painting: str) -> None:
    job = client.create(painting, parameters=few())
    request = jobs_pb2.WatchJobRequest(job_id=job.job_id)
    calls = [client.jobs.WatchJob(request, timeout=60) for _ in range(10)]
    seen = [[item.event.sequence for item in call if item.HasField("event")] for call in calls]
    assert all(numbers == list(range(1, len(seen[0]) + 1)) for numbers in seen)
    assert len(seen[0]) == client.get(job.job_id).last_sequence


def test_cancel_ends_exactly_this_job(client: Client, painting: str) -> None:
    long = client.create(painting)
    other = client.create(painting, parameters=few())
    watcher = client.watch(long.job_id)
    next(event for event in watcher if event.HasField("frame_stored"))
    assert client.cancel(long.job_id).state == jobs_pb2.JOB_STATE_CANCELLED
    rest = list(watcher)
    assert kinds(rest)[-1] == "cancelled"
    stored = client.get(long.job_id).frames_stored
    assert kinds(list(client.watch(other.job_id)))[-1] == "finished"
    after = client.get(long.job_id)
    assert (after.state, after.frames_stored) == (jobs_pb2.JOB_STATE_CANCELLED, stored)
    assert client.cancel(long.job_id).last_sequence == after.last_sequence
    assert len(client.frames(long.job_id)) == stored


def test_a_deleted_job_is_gone(client: Client, painting: str) -> None:
    job, _ = client.finish(painting, parameters=few())
    client.jobs.DeleteJob(jobs_pb2.DeleteJobRequest(job_id=job.job_id))
    with pytest.raises(grpc.RpcError) as error:
        client.get(job.job_id)
    assert error.value.code() is grpc.StatusCode.NOT_FOUND
    running = client.create(painting)
    with pytest.raises(grpc.RpcError) as error:
        client.jobs.DeleteJob(jobs_pb2.DeleteJobRequest(job_id=running.job_id))
    assert error.value.code() is grpc.StatusCode.FAILED_PRECONDITION
    client.cancel(running.job_id)


def test_stages_stop_where_the_client_says(client: Client, painting: str) -> None:
    tags, _ = client.finish(painting, parameters=few(stop_after=jobs_pb2.STAGE_TAGS))
    assert (tags.unit_count, len(tags.keyframes), tags.frames_stored) == (1, 0, 0)
    keyframes, _ = client.finish(painting, parameters=few(stop_after=jobs_pb2.STAGE_KEYFRAMES))
    assert (keyframes.unit_count, len(keyframes.keyframes), keyframes.frames_stored) == (2, 4, 0)


def test_own_tags_and_own_keyframes_are_used(client: Client, painting: str) -> None:
    own = client.upload(small_painting(seed=7))
    parameters = few(tags=jobs_pb2.TagsParameters(text="one, two"))
    parameters.keyframes.own.add(operation_step=300, picture_hash=own)
    job, events = client.finish(painting, parameters=parameters)
    assert job.tags == "one, two"
    keyframe = next(frame for frame in job.keyframes if frame.operation_step == 300)
    sent = png.decode(small_painting(seed=7))
    stored = b"".join(
        part.chunk
        for part in client.pictures.DownloadPicture(pictures_pb2.DownloadPictureRequest(hash=keyframe.picture_hash))
    )
    assert np.array_equal(png.decode(stored), sent)
    assert kinds(events)[-1] == "finished"


def test_a_job_takes_over_what_still_holds(client: Client, painting: str) -> None:
    base, _ = client.finish(painting, parameters=few())
    parameters = few()
    parameters.keyframes.seeds.add(operation_step=300, seed=5)
    job, events = client.finish(painting, parameters=parameters, base_job_id=base.job_id)
    told = kinds(events)
    assert told.index("tags_stored") < told.index("started")
    before = [
        event.keyframe_stored.keyframe.operation_step
        for event in events[: told.index("started")]
        if event.HasField("keyframe_stored")
    ]
    assert before == [1000, 600, 0]
    assert [frame.operation_step for frame in job.keyframes] == [1000, 600, 300, 0]
    assert job.frames_stored == 10


def test_lists_have_pages(client: Client) -> None:
    picture = client.upload(small_painting(seed=99))
    made = [client.create(picture, parameters=few(), priority=jobs_pb2.PRIORITY_BATCH).job_id for _ in range(5)]
    listed, token = [], ""
    while True:
        request = jobs_pb2.ListJobsRequest(page_size=2, page_token=token, painting_hash=picture)
        answer = client.jobs.ListJobs(request)
        listed += [job.job_id for job in answer.jobs]
        token = answer.next_page_token
        if not token:
            break
    assert listed == made[::-1]
    for job_id in made:
        client.cancel(job_id)
    states = [jobs_pb2.JOB_STATE_CANCELLED, jobs_pb2.JOB_STATE_FINISHED]
    assert len(client.jobs.ListJobs(jobs_pb2.ListJobsRequest(painting_hash=picture, states=states)).jobs) == 5


def test_the_first_event_comes_at_once_and_idle_workers_can_be_unloaded(client: Client, painting: str) -> None:
    client.finish(painting, parameters=few())
    assert any(engine.loaded for engine in client.info().engines)
    from paints_undo.v1 import server_pb2

    deadline = time.monotonic() + 30
    while client.server.Unload(server_pb2.UnloadRequest()).workers_ended == 0:
        assert time.monotonic() < deadline
    assert not any(engine.loaded for engine in client.info().engines)


def test_exports_are_streamed(client: Client, painting: str) -> None:
    job, _ = client.finish(painting, parameters=few())
    options = jobs_pb2.ExportOptions(format=jobs_pb2.EXPORT_FORMAT_GIF)
    parts = list(client.jobs.ExportJob(jobs_pb2.ExportJobRequest(job_id=job.job_id, options=options)))
    header = next(part.header for part in parts if part.HasField("header"))
    data = b"".join(part.chunk for part in parts)
    assert data[:6] == b"GIF89a"
    assert (header.file_name, header.media_type, header.size_bytes) == ("process.gif", "image/gif", len(data))
    assert any(part.HasField("progress") for part in parts)


def test_a_video_tells_what_encoded_it(client: Client, painting: str) -> None:
    job, _ = client.finish(painting, parameters=few())
    options = jobs_pb2.ExportOptions(format=jobs_pb2.EXPORT_FORMAT_MP4, max_side=64)
    parts = list(client.jobs.ExportJob(jobs_pb2.ExportJobRequest(job_id=job.job_id, options=options)))
    assert next(part.header for part in parts if part.HasField("header")).encoder == "libx264"


def test_an_export_above_the_budget_is_refused_before_a_picture_is_read(client: Client, painting: str) -> None:
    job, _ = client.finish(painting, parameters=few())
    options = jobs_pb2.ExportOptions(format=jobs_pb2.EXPORT_FORMAT_GIF, max_side=16_384)
    asked = (
        lambda: client.jobs.EstimateExport(jobs_pb2.EstimateExportRequest(job_id=job.job_id, options=options)),
        lambda: next(client.jobs.ExportJob(jobs_pb2.ExportJobRequest(job_id=job.job_id, options=options))),
    )
    for ask in asked:
        with pytest.raises(grpc.RpcError, match="would fit") as error:
            ask()
        assert error.value.code() is grpc.StatusCode.FAILED_PRECONDITION


def test_an_export_is_told_before_it_is_made(client: Client, painting: str) -> None:
    job, _ = client.finish(painting, parameters=few())
    options = jobs_pb2.ExportOptions(format=jobs_pb2.EXPORT_FORMAT_PNG_SEQUENCE, max_side=64)
    told = client.jobs.EstimateExport(jobs_pb2.EstimateExportRequest(job_id=job.job_id, options=options))
    asked = jobs_pb2.ExportJobRequest(job_id=job.job_id, options=options)
    data = b"".join(part.chunk for part in client.jobs.ExportJob(asked))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        timing = json.loads(archive.read("timing.json"))
    assert (told.width, told.height) == (timing["width"], timing["height"])
    assert told.seconds == pytest.approx(timing["seconds"])
    assert told.least_bytes / 4 < len(data) < told.most_bytes * 4
    with pytest.raises(grpc.RpcError) as error:
        client.jobs.EstimateExport(jobs_pb2.EstimateExportRequest(job_id=job.job_id))
    assert error.value.code() is grpc.StatusCode.INVALID_ARGUMENT


def test_operations_are_told_in_order(client: Client, painting: str) -> None:
    job, _ = client.finish(painting, parameters=few())
    request = jobs_pb2.ListOperationsRequest(job_id=job.job_id)
    operations = [item for answer in client.jobs.ListOperations(request) for item in answer.operations]
    assert [operation.index for operation in operations] == list(range(len(operations)))
    assert all(operation.phase and operation.label for operation in operations)
    assert all(0 <= operation.operation_step <= 1000 for operation in operations)
    for operation in operations:
        assert operation.bounds.x + operation.bounds.width <= job.painting_width
        assert operation.bounds.y + operation.bounds.height <= job.painting_height
