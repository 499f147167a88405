"""Intervals of more frames than the model was trained for, as a chain of windows that share their ends.

A first window over the whole interval gives the states in between; each pair of neighbours among them is the two ends
of a window of its own. The model never sees a clip of another length than it was trained for.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from itertools import pairwise
from typing import Any

from paints_undo_engine.contract import Interval, StateMade
from paints_undo_engine.diffusion.windows import WINDOW, window_bounds
from paints_undo_engine.events import KeyframeMade, Progress, Warned

_NEXT_SEED = 1000
"""From window to window; neighbouring intervals have neighbouring seeds."""

RunWindow = Callable[[Interval], Iterator[Progress | Warned | StateMade]]


def run_chained(run: RunWindow, interval: Interval) -> Iterator[Progress | Warned | StateMade]:
    """An interval's pictures as `run` would give them, made by windows of 16.

    `run` makes one window. Of the chain's pictures those nearest in time are taken. Closing this closes the window
    that runs. Raises what `run` raises.
    """
    bounds = window_bounds(interval.frames)
    of, started = len(bounds), time.monotonic()
    coarse: list[StateMade] = []
    for event in _window(run, replace(interval, frames=WINDOW), 0, of, started):
        if isinstance(event, StateMade):
            coarse.append(event)
        else:
            yield event
    states = [interval.earlier, *(_keyframe(interval, state) for state in coarse[:-1]), interval.later]
    chain: list[StateMade] = []
    for number, (start, end) in enumerate(pairwise(bounds), start=1):
        seed = (interval.seed + _NEXT_SEED * number) % 2**32
        window = Interval(interval.index, states[start], states[end], WINDOW, seed)
        for event in _window(run, window, number, of, started):
            if isinstance(event, StateMade):
                chain.append(event)
            elif isinstance(event, Progress):  # the first window has said what there is to warn of
                yield event
    yield from _spread(interval, chain)


def _window(run: RunWindow, window: Interval, number: int, of: int, started: float) -> Iterator[Any]:
    """One window's events, its progress counted over all of them."""
    events: Any = run(window)
    with closing(events):
        for event in events:
            if not isinstance(event, Progress):
                yield event
                continue
            done, total = number * event.of + event.step, of * event.of
            left = (time.monotonic() - started) / done * (total - done)
            yield Progress(done, total, left, event.preview)


def _keyframe(interval: Interval, state: StateMade) -> KeyframeMade:
    return KeyframeMade(interval.index, state.operation_step, state.picture)


def _spread(interval: Interval, chain: list[StateMade]) -> Iterator[StateMade]:
    """The interval's frames after its earlier end, out of the chain's, evenly in time."""
    count = interval.frames - 1
    start, end = interval.earlier.operation_step, interval.later.operation_step
    for number in range(1, interval.frames):
        position = number / count
        picture = chain[round(position * len(chain)) - 1].picture
        yield StateMade(position, start + (end - start) * position, picture)
