"""The asynchronous client with a real daemon."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import pytest

from paints_undo_daemon.client import AsyncClient, CallRefusedError, Client, JobCancelledError, JobState, connect_async

from .conftest import LONG, SMALL, kill, painting


def together(home: Path, work: Callable[[AsyncClient], Awaitable[None]]) -> None:
    async def main() -> None:
        async with connect_async(home=home) as client:
            await work(client)

    asyncio.run(main())


async def numbers_of(client: AsyncClient, job_id: str, at: dict[int, Callable[[], Awaitable[object]]]) -> list[int]:
    """Watch a job to its end; when so many events have come, do what stands for that number."""
    numbers: list[int] = []
    async for update in client.watch(job_id):
        if update.event is None:
            continue
        numbers.append(update.event.sequence)
        if len(numbers) in at:
            await at[len(numbers)]()
    return numbers


def test_both_clients_have_the_same_calls():
    public = [name for name in vars(Client) if not name.startswith("_")]
    assert sorted(public) == sorted(name for name in vars(AsyncClient) if not name.startswith("_"))


def test_a_job_from_its_picture_to_its_frames(shared_home: Path, tmp_path: Path):
    async def work(client: AsyncClient) -> None:
        job = await client.submit(painting(), SMALL)
        numbers = [update.event.sequence async for update in client.watch(job.job_id) if update.event is not None]
        assert numbers == list(range(1, len(numbers) + 1))
        assert (await client.wait(job.job_id)).frames_stored == 7
        frames = [frame async for frame in client.frames(job.job_id)]
        assert [frame.frame.index for frame in frames] == list(range(7))
        assert hashlib.sha256(frames[0].data).hexdigest() == frames[0].frame.picture_hash
        assert (await client.export(job.job_id, tmp_path / "a.webp")).stat().st_size > 0
        assert job.job_id in [listed.job_id async for listed in client.jobs()]
        assert await client.download_picture(job.painting_hash) == painting()
        assert (await client.info()).client == "account"
        await client.delete(job.job_id)
        with pytest.raises(CallRefusedError):
            await client.job(job.job_id)

    together(shared_home, work)


def test_a_job_is_cancelled(shared_home: Path):
    async def work(client: AsyncClient) -> None:
        job = await client.submit(painting(), LONG)
        assert (await client.cancel(job.job_id)).state is JobState.CANCELLED
        with pytest.raises(JobCancelledError):
            await client.wait(job.job_id)

    together(shared_home, work)


def test_a_watch_goes_on_after_the_daemon_was_killed(home: Path):
    async def work(client: AsyncClient) -> None:
        job = await client.submit(painting(), LONG)
        cancel = partial(client.cancel, job.job_id)
        numbers = await numbers_of(client, job.job_id, {40: partial(asyncio.to_thread, kill, home), 120: cancel})
        assert numbers == list(range(1, len(numbers) + 1))
        assert (await client.job(job.job_id)).last_sequence == len(numbers)

    together(home, work)


def test_a_watch_goes_on_when_another_call_has_renewed_the_connection(home: Path):
    async def work(client: AsyncClient) -> None:
        job = await client.submit(painting(), LONG)
        cancel = partial(client.cancel, job.job_id)
        numbers = await numbers_of(client, job.job_id, {5: client.close, 40: cancel})
        assert numbers == list(range(1, len(numbers) + 1))

    together(home, work)


def test_calls_on_the_way_are_made_again_when_the_connection_is_renewed(shared_home: Path):
    async def work(client: AsyncClient) -> None:
        calls = [asyncio.ensure_future(client.info()) for _ in range(8)]
        await asyncio.sleep(0)
        await client.close()
        told = await asyncio.gather(*calls)
        assert len({each.version for each in told}) == 1

    together(shared_home, work)
