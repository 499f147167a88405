"""The seeds of a branch's intervals: those before it are the process's own, unless the client asks for others."""

from __future__ import annotations

from pathlib import Path

import pytest

from paints_undo.v1 import jobs_pb2
from paints_undo_daemon.convert import request_from_proto
from paints_undo_daemon.store import jobs
from paints_undo_engine.process import interval_seed

from .backend import CLIENT, Backend, FewMemory, with_backend
from .conftest import small_painting

SEED = 40
STEPS = (200, 600)


def parameters(*branches: int, seed: int = SEED) -> jobs_pb2.ProcessParameters:
    wanted = jobs_pb2.ProcessParameters(engine="diffusion")
    wanted.keyframes.operation_steps.extend(STEPS)
    wanted.interpolation.seed = seed
    for step in branches:
        wanted.procedural.branches.add(operation_step=step, candidate=1)
    return wanted


async def seeds(backend: Backend, painting: str, wanted: jobs_pb2.ProcessParameters, base: str = "") -> list[int]:
    """The seed of each interval of a job that is created and not run."""
    message = jobs_pb2.CreateJobRequest(
        request_id=str(wanted), painting_hash=painting, parameters=wanted, base_job_id=base
    )
    new = jobs.NewJob(CLIENT, "", message, request_from_proto(wanted), {})
    row, _ = await backend.database.write(jobs.create, new, jobs.QueueLimits(10, 10))
    request = request_from_proto(row.process_parameters())
    return [interval_seed(request, index) for index in range(len(request.operation_steps) + 1)]


@pytest.mark.parametrize(
    ("seed", "expected"),
    [
        pytest.param(SEED, [SEED + 2, SEED + 1, SEED, SEED - 1], id="the process's"),
        pytest.param(7, [7 + 3, 7 + 2, 7 + 1, 7], id="the client's own"),
    ],
)
def test_a_branch_between_keyframes(tmp_path: Path, seed: int, expected: list[int]) -> None:
    async def use(backend: Backend) -> None:
        painting = await backend.upload(small_painting())
        base = await backend.create(painting, parameters())
        assert await seeds(backend, painting, parameters(400, seed=seed), base.job_id) == expected

    with_backend(tmp_path, lambda _: FewMemory(), use)
