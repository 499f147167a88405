"""Branches in the service: what they take over, masks, and what earlier states are restored with."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import grpc
import numpy as np
import pytest
from PIL import Image

from paints_undo.v1 import jobs_pb2, pictures_pb2
from paints_undo_daemon.client import wire
from paints_undo_engine import png

from .conftest import Client, few, small_painting


def mask_of(width: int, height: int) -> bytes:
    """The right half."""
    pixels = np.zeros((height, width), np.uint8)
    pixels[:, width // 2 :] = 255
    with io.BytesIO() as file:
        Image.fromarray(pixels).save(file, "PNG")
        return file.getvalue()


def branched(*branches: jobs_pb2.Branch, **fields: Any) -> jobs_pb2.ProcessParameters:
    return few(procedural=jobs_pb2.ProceduralParameters(branches=branches, **fields))


def pixels(client: Client, picture_hash: str) -> np.ndarray:
    request = pictures_pb2.DownloadPictureRequest(hash=picture_hash)
    return png.decode(b"".join(part.chunk for part in client.pictures.DownloadPicture(request)))


def hashes(client: Client, job_id: str) -> dict[float, str]:
    return {header.frame.operation_step: header.frame.picture_hash for header, _ in client.frames(job_id)}


def test_a_branch_takes_over_the_intervals_before_it(client: Client, painting: str) -> None:
    base, _ = client.finish(painting, parameters=few())
    wanted = branched(jobs_pb2.Branch(operation_step=600, candidate=2))
    job, events = client.finish(painting, parameters=wanted, base_job_id=base.job_id)
    records = {
        event.unit_finished.record.unit: event.unit_finished.record
        for event in events
        if event.HasField("unit_finished")
    }
    assert records["interval-0"].attempts == 0
    assert records["interval-0"].versions
    assert records["interval-1"].attempts == 1
    old, new = hashes(client, base.job_id), hashes(client, job.job_id)
    alone, _ = client.finish(painting, parameters=wanted)
    assert new == hashes(client, alone.job_id)
    assert all((old[step] == new[step]) == (step >= 600) for step in old)
    assert (job.painting_width, job.painting_height) == (base.painting_width, base.painting_height)


@pytest.mark.parametrize("steps", [[300, 600, 800], [150, 300, 600], [600]])
def test_intervals_are_taken_over_beside_another_keyframe(client: Client, painting: str, steps: list[int]) -> None:
    base, _ = client.finish(painting, parameters=few())
    wanted = few()
    del wanted.keyframes.operation_steps[:]
    wanted.keyframes.operation_steps.extend(steps)
    job, _ = client.finish(painting, parameters=wanted, base_job_id=base.job_id)
    alone, _ = client.finish(painting, parameters=wanted)
    assert hashes(client, job.job_id) == hashes(client, alone.job_id)


def test_the_same_job_again_has_nothing_left_to_do(client: Client, painting: str) -> None:
    base, _ = client.finish(painting, parameters=few())
    job, events = client.finish(painting, parameters=few(), base_job_id=base.job_id)
    assert job.state == jobs_pb2.JOB_STATE_FINISHED
    assert not any(event.HasField("started") for event in events)
    assert hashes(client, job.job_id) == hashes(client, base.job_id)


def test_outside_of_a_mask_the_old_process_goes_on(client: Client, painting: str) -> None:
    base, _ = client.finish(painting, parameters=few())
    mask = client.upload(mask_of(96, 64))
    wanted = branched(jobs_pb2.Branch(operation_step=600, candidate=4, mask_hash=mask))
    job, _ = client.finish(painting, parameters=wanted, base_job_id=base.job_id)
    old, new = hashes(client, base.job_id), hashes(client, job.job_id)
    for step in (0, 300):
        before, after = pixels(client, old[step]), pixels(client, new[step])
        assert np.array_equal(before[:, :48], after[:, :48])
        assert not np.array_equal(before[:, 48:], after[:, 48:])


def test_a_mask_of_another_size_gets_its_sentence(client: Client, painting: str) -> None:
    mask = client.upload(mask_of(50, 40))
    wanted = branched(jobs_pb2.Branch(operation_step=600, candidate=4, mask_hash=mask))
    job, _ = client.finish(painting, parameters=wanted)
    assert job.failure.code == "INVALID_ARGUMENT"
    assert "mask is 50 x 40 pixels, but must be 96 x 64 pixels, as the painting." in job.failure.message


@pytest.mark.parametrize(
    ("mask", "code"),
    [("0" * 64, grpc.StatusCode.NOT_FOUND), ("no hash", grpc.StatusCode.INVALID_ARGUMENT)],
)
def test_a_mask_that_is_not_there_is_refused(client: Client, painting: str, mask: str, code: grpc.StatusCode) -> None:
    wanted = branched(jobs_pb2.Branch(operation_step=600, candidate=4, mask_hash=mask))
    with pytest.raises(grpc.RpcError) as refused:
        client.create(painting, parameters=wanted)
    assert refused.value.code() is code


def test_a_mask_stays_for_as_long_as_a_job_needs_it(client: Client, painting: str) -> None:
    mask = client.upload(mask_of(96, 64))
    wanted = branched(jobs_pb2.Branch(operation_step=600, candidate=1, mask_hash=mask))
    client.finish(painting, parameters=wanted)
    with pytest.raises(grpc.RpcError) as refused:
        client.pictures.DeletePicture(pictures_pb2.DeletePictureRequest(hash=mask))
    assert refused.value.code() is grpc.StatusCode.FAILED_PRECONDITION


def test_each_state_is_restored_with_the_picture_that_it_is_a_state_of(client: Client) -> None:
    painting = client.upload(small_painting(width=400, height=300))
    base, _ = client.finish(painting, parameters=branched(max_side=100))
    first = jobs_pb2.Branch(operation_step=600, candidate=2)
    job, _ = client.finish(painting, parameters=branched(first, max_side=100), base_job_id=base.job_id)
    second = branched(first, jobs_pb2.Branch(operation_step=300, candidate=6), max_side=100)
    last, _ = client.finish(painting, parameters=second, base_job_id=job.job_id)
    size = jobs_pb2.FRAME_SIZE_PAINTING

    def restored(job_id: str) -> dict[float, bytes]:
        return {header.frame.operation_step: data for header, data in client.frames(job_id, size=size)}

    def apart(one: dict[float, bytes], other: dict[float, bytes]) -> dict[float, float]:
        """How far the pictures of two processes are from each other, in levels, by their operation steps."""
        return {
            step: float(np.abs(png.decode(one[step]).astype(int) - png.decode(other[step])).mean())
            for step in one.keys() & other.keys()
        }

    of_base, of_first, of_last = (restored(one.job_id) for one in (base, job, last))
    assert png.decode(of_last[300]).shape == (300, 400, 3)
    for before, after, leaves in ((of_base, of_first, 600), (of_first, of_last, 300)):
        away = apart(before, after)
        assert max(away[step] for step in away if step >= leaves) < 1
        assert away[0] > 5


def test_layers_of_a_branch_show_its_end(client: Client, painting: str) -> None:
    job, _ = client.finish(painting, parameters=branched(jobs_pb2.Branch(operation_step=600, candidate=4)))
    options = jobs_pb2.ExportOptions(format=jobs_pb2.EXPORT_FORMAT_ORA, layer_content=jobs_pb2.LAYER_CONTENT_SPLIT)
    request = jobs_pb2.ExportJobRequest(job_id=job.job_id, options=options)
    data = b"".join(part.chunk for part in client.jobs.ExportJob(request))
    with Image.open(io.BytesIO(zipfile.ZipFile(io.BytesIO(data)).read("mergedimage.png"))) as merged:
        shown = np.asarray(merged.convert("RGB"))
    assert np.array_equal(shown, pixels(client, job.keyframes[-1].picture_hash))


def test_candidates_have_names(client: Client) -> None:
    named = {engine.name: list(engine.candidates) for engine in client.info().engines}
    assert len(named["procedural"]) == 8
    assert named["procedural"][1] == "dusk"
    assert named["diffusion"] == []


def test_an_end_alone_is_asked_for_with_what_decides_it() -> None:
    """The seeds and the given pictures of the keyframes that branches leave from, and of no others."""
    job = jobs_pb2.Job(job_id="old", painting_hash="p")
    keyframes = job.parameters.keyframes
    keyframes.operation_steps.extend([200, 600, 800])
    for step in (200, 600):
        keyframes.seeds.add(operation_step=step, seed=step)
    keyframes.own.add(operation_step=800, picture_hash="own")
    job.parameters.procedural.branches.add(operation_step=800, candidate=1)
    message = wire.branch_request(job, 600, 2, mask_hash="", redo=None, end_only=True, request_id=None)
    asked = message.parameters.keyframes
    assert list(asked.operation_steps) == [600]
    assert [(each.operation_step, each.seed) for each in asked.seeds] == [(600, 600)]
    assert [(each.operation_step, each.picture_hash) for each in asked.own] == [(800, "own")]
