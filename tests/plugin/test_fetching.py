"""In which order a job's small pictures are fetched."""

import asyncio
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from krita_plugin.undo_painting.background.fetching import Fetching
from krita_plugin.undo_painting.core.jobs import StoredFrame
from krita_plugin.undo_painting.core.mapping import Placement

ANY = StoredFrame(0, 500.0, "", 9, 9, Placement(0, 0, 9, 9))


def frame(index: int) -> StoredFrame:
    return replace(ANY, index=index, hash=str(index))


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


def test_one_picture_at_a_time_while_the_job_runs_the_newest_first_and_the_rest_in_order() -> None:
    fetched: list[int] = []
    go_on = asyncio.Event()

    async def fetch(picture: StoredFrame) -> bool:
        fetched.append(picture.index)
        await go_on.wait()
        return True

    async def follow() -> None:
        fetching = Fetching(fetch, frozenset("3"), rests=0.0)
        for index in range(6):
            fetching.add(frame(index))
            await settle()
        assert fetched == [0]
        go_on.set()
        await fetching.finish()
        assert sorted(fetched) == [0, 1, 2, 4, 5]
        assert fetched[1] == 1, "after the end in order"

    asyncio.run(follow())


def test_the_blank_canvas_and_the_painting_come_when_the_job_has_ended() -> None:
    fetched: list[float] = []

    async def fetch(picture: StoredFrame) -> bool:
        fetched.append(picture.operation_step)
        return True

    async def follow() -> None:
        fetching = Fetching(fetch, frozenset(), rests=0.0)
        for index, step in enumerate((1000.0, 700.0, 300.0, 0.0)):
            fetching.add(replace(frame(index), operation_step=step))
        await settle()
        assert fetched == [300.0, 700.0], "what the artist has not seen yet, the newest first"
        await fetching.finish()
        assert fetched[2:] == [1000.0, 0.0]

    asyncio.run(follow())


def test_a_rest_ends_with_the_job_and_with_a_cancel() -> None:
    fetched: list[int] = []

    async def fetch(picture: StoredFrame) -> bool:
        fetched.append(picture.index)
        await asyncio.sleep(0.01)
        return True

    async def follow() -> None:
        for finishes in (True, False):
            fetched.clear()
            fetching = Fetching(fetch, frozenset(), rests=1e6)
            for index in range(3):
                fetching.add(frame(index))
            await asyncio.sleep(0.05)
            assert fetched == [2], "it rests"
            if finishes:
                await fetching.finish()
                assert fetched == [2, 0, 1]
            else:
                fetching.cancel()
                await settle()
                assert fetched == [2]

    asyncio.run(follow())


def test_what_did_not_come_while_the_daemon_was_away_is_fetched_when_the_job_has_ended() -> None:
    fetched: list[int] = []

    async def fetch(picture: StoredFrame) -> bool:
        fetched.append(picture.index)
        return fetched.count(picture.index) > 1

    async def follow() -> None:
        fetching = Fetching(fetch, frozenset(), rests=0.0)
        fetching.add(frame(100))
        fetching.add(frame(1))
        await settle()
        assert sorted(fetched) == [1, 100]
        await fetching.finish()
        assert fetched[2:] == [1, 100]

    asyncio.run(follow())


@given(st.lists(st.tuples(st.integers(0, 20), st.sampled_from([0.0, 500.0, 1000.0]), st.booleans())))
def test_each_picture_is_fetched_once(told: list[tuple[int, float, bool]]) -> None:
    fetched: list[str] = []

    async def fetch(picture: StoredFrame) -> bool:
        await asyncio.sleep(0)
        fetched.append(picture.hash)
        return True

    async def follow() -> None:
        fetching = Fetching(fetch, frozenset({"7"}), rests=0.0)
        for index, step, pause in told:
            fetching.add(replace(frame(index), operation_step=step))
            if pause:
                await settle()
        await fetching.finish()

    asyncio.run(follow())
    assert sorted(fetched) == sorted({str(index) for index, _, _ in told} - {"7"})
