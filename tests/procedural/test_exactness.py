"""The same bytes whatever the order, the number of threads and the process, for any picture."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import blake2b
from itertools import pairwise

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from procedural import pictures

from paints_undo_engine.procedural import Document, Options, make_document
from paints_undo_engine.procedural.document import compositor
from paints_undo_engine.request import Corrections, Method

Pixels = NDArray[np.uint8]

SHARES = (0.07, 0.31, 0.52, 0.74, 0.93)
SMALL = settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def drawings(draw: st.DrawFn) -> Pixels:
    """Discs, bars and lines of any colours, with or without alpha, or plain noise."""
    shape = draw(st.tuples(st.integers(1, 72), st.integers(1, 72), st.sampled_from([3, 4])))
    if draw(st.booleans()):
        return draw(arrays(np.uint8, shape))
    picture = np.full(shape, draw(st.integers(0, 255)), np.uint8)
    colour = st.tuples(*[st.integers(0, 255)] * shape[2])
    place = st.tuples(st.integers(0, shape[1]), st.integers(0, shape[0]))
    for _ in range(draw(st.integers(0, 6))):
        if draw(st.booleans()):
            cv2.circle(picture, draw(place), draw(st.integers(1, 30)), draw(colour), -1)
        else:
            cv2.line(picture, draw(place), draw(place), draw(colour), draw(st.integers(1, 5)), cv2.LINE_AA)
    return picture


def digest(pixels: Pixels) -> str:
    """What tells pictures apart."""
    return blake2b(np.ascontiguousarray(pixels).data, digest_size=12).hexdigest()


def digests(document: Document, shares: tuple[float, ...] = SHARES) -> list[str]:
    """Of some states, in their order."""
    return [digest(document.render(document.count * share)) for share in shares]


@SMALL
@given(
    drawings(), st.integers(0, 2**32 - 1), st.sampled_from(list(Method)), st.sampled_from(list(Corrections)), st.data()
)
def test_any_moment_in_any_order(
    picture: Pixels, seed: int, method: Method, corrections: Corrections, data: st.DataObject
) -> None:
    document = make_document(picture, Options(seed, method, corrections, flip=True))
    shares = data.draw(st.lists(st.floats(0, 1), min_size=2, max_size=12))
    forward = {share: digest(document.render(document.count * share)) for share in sorted(shares)}
    assert [digest(document.render(document.count * share)) for share in shares] == [forward[s] for s in shares]
    assert np.array_equal(document.render(document.count), picture)


@pytest.mark.parametrize("method", list(Method))
def test_a_picture_in_which_nothing_is_seen_has_a_document(method: Method) -> None:
    picture = np.zeros((3, 2, 4), np.uint8)
    document = make_document(picture, Options(0, method))
    assert np.array_equal(document.render(document.count), picture)


@SMALL
@given(drawings(), st.integers(0, 2**32 - 1), st.sampled_from(list(Method)))
def test_no_operation_is_empty(picture: Pixels, seed: int, method: Method) -> None:
    document = make_document(picture, Options(seed, method))
    states = [digest(document.render(index)) for index in range(document.count + 1)]
    empty = [at for at in range(document.count) if states[at] == states[at + 1]]
    # A picture of nothing but paper has its one operation.
    assert not empty or document.count == 1


@pytest.mark.parametrize("seed", [6, 42, 44])
def test_no_operation_of_a_small_picture_is_empty(seed: int) -> None:
    chance = np.random.default_rng(seed)
    picture = np.full((72, 72, 3), 1, np.uint8)
    place, radius = chance.integers(0, 20, 2).tolist(), int(chance.integers(1, 6))
    cv2.circle(picture, place, radius, chance.integers(0, 255, 3).tolist(), -1)
    end, colour = chance.integers(1, 20, 2).tolist(), chance.integers(0, 255, 3).tolist()
    cv2.line(picture, (0, 0), end, colour, int(chance.integers(1, 4)), cv2.LINE_AA)
    document = make_document(picture, Options(0, Method.LINE))
    states = [digest(document.render(index)) for index in range(document.count + 1)]
    assert all(before != after for before, after in pairwise(states))


def test_a_first_jump_gives_what_going_there_step_by_step_gives() -> None:
    options = Options(seed=3, corrections=Corrections.MANY, method=Method.VALUES)
    picture = pictures.cartoon(300, 360)
    slowly = digests(make_document(picture, options))
    # Each share takes a plan of its own: the last ones have the most before them.
    for share, wanted in zip(SHARES[-2:], slowly[-2:], strict=True):
        fresh = make_document(picture, options)
        assert digest(fresh.render(fresh.count * share)) == wanted


@pytest.fixture
def threads() -> Iterator[None]:
    """OpenCV's number of threads, put back afterwards."""
    before = cv2.getNumThreads()
    yield
    cv2.setNumThreads(before)


@pytest.mark.usefixtures("threads")
def test_the_number_of_threads_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    picture, options = pictures.cartoon(300, 360), Options(seed=5, method=Method.PAINTER)
    cv2.setNumThreads(1)
    monkeypatch.setattr(compositor, "ThreadPoolExecutor", lambda _: ThreadPoolExecutor(1))
    alone = digests(make_document(picture, options))
    cv2.setNumThreads(4)
    monkeypatch.setattr(compositor, "ThreadPoolExecutor", lambda _: ThreadPoolExecutor(5))
    assert digests(make_document(picture, options)) == alone


def test_another_process_gives_the_same_bytes() -> None:
    picture, options = pictures.sticker(), Options(seed=2, corrections=Corrections.MANY)
    script = (
        "import sys; sys.path[:0] = sys.argv[1:]\n"
        "from procedural.test_exactness import *\n"
        "print(*digests(make_document(pictures.sticker(), Options(seed=2, corrections=Corrections.MANY))))"
    )
    told = subprocess.run(
        [sys.executable, "-c", script, *sys.path], capture_output=True, text=True, check=True, timeout=120
    )
    assert told.stdout.split() == digests(make_document(picture, options))


def test_little_memory_gives_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    picture, options = pictures.cartoon(300, 360), Options(seed=1, corrections=Corrections.MANY)
    plenty = digests(make_document(picture, options))
    monkeypatch.setattr(compositor, "_KEPT", 300_000)
    assert digests(make_document(picture, options)) == plenty
