"""What an exporter reads: a process whose pictures are fetched one at a time, and where it comes from."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

from paints_undo_engine.contract import BLANK_OPERATION_STEP
from paints_undo_engine.errors import ExportError
from paints_undo_engine.painting import Painting
from paints_undo_engine.picture import Picture, SplitLayer
from paints_undo_engine.provenance import Provenance

Steps = Generator[tuple[int, int], None, str]
"""(step, of) after each step; it returns what a video was encoded by, as FFmpeg calls it, and else nothing."""

_NUMBER = re.compile(r"[\s#]*\d+$")


@dataclass(frozen=True, slots=True)
class Still:
    """A frame or keyframe that is read when it is needed. `read` raises what its store raises.

    `of` gives the picture that it is a state of, where that is not what the process ends in: before a branch. `glance`
    reads it in the engine's own size, where `read` enlarges it.
    """

    operation_step: float
    read: Callable[[], Picture]
    label: str = ""
    of: Callable[[], Painting] | None = None
    glance: Callable[[], Picture] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class ProcessSource:
    """A process to be exported.

    `frames` and `keyframes` are chronological; the last of each is the painting (`Painting.picture`). `layers` is the
    procedural engine's layer split, bottom first, or empty. `sound` is a file that is laid under a video. Nothing is
    held in memory but the painting.
    """

    painting: Painting
    provenance: Provenance
    frames: Sequence[Still]
    keyframes: Sequence[Still] = ()
    layers: Sequence[SplitLayer] = ()
    sound: Path | None = None

    @property
    def states(self) -> Sequence[Still]:
        """What an animation shows: the frames, or the keyframes of a process that stopped there.

        Raises `ExportError` when there is neither.
        """
        if not (self.frames or self.keyframes):
            raise ExportError("There is nothing to export yet: the process has neither frames nor keyframes.")
        return self.frames or self.keyframes

    @property
    def phases(self) -> Sequence[str]:
        """What is being done in each of the `states`: the word before the comma of its label, such as "flats".

        A state without a label counts to its fifth of the operation steps. Blank canvas and painting count to their
        neighbours.
        """
        states = self.states
        named = [
            still.label.partition(",")[0] or f"fifth {min(4, int(still.operation_step / BLANK_OPERATION_STEP * 5))}"
            for still in states
        ]
        return _with_neighbours(named)

    @property
    def operations(self) -> Sequence[str]:
        """What is being done in each of the `states`, more closely: its whole label without a number at its end, such
        as "flats, hair". Blank canvas and painting count to their neighbours."""
        return _with_neighbours([_NUMBER.sub("", still.label) for still in self.states])

    def sample(self) -> Picture:
        """A picture in the engine's own resolution (the blank canvas and the painting have another one)."""
        if len(self.frames) > 1:
            return self.frames[0].read()
        return self.keyframes[1].read() if len(self.keyframes) > 2 else self.painting.picture()


def _with_neighbours(named: list[str]) -> list[str]:
    """The names, with those of the first and the last state taken from the ones beside them."""
    return [named[min(max(number, 1), len(named) - 2)] for number in range(len(named))] if len(named) > 2 else named
