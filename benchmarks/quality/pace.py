"""How the time is spent: shares of the kinds of work, and the last frame of a video."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import numpy as np

from .measures import Frame

LAST_FRAME_LEVELS = 10
"""A pixel jumps in the last frame when a channel changes by more than this."""
VIDEO_FRAMES = 106
"""Of a default video."""


class Work(StrEnum):
    """The kinds of work that an illustrator divides the time into."""

    ROUGH = "rough"
    LINE = "line"
    FLATS = "flats"
    SHADING = "shading"
    SOFT = "soft"
    BACKGROUND = "background"
    PAINT = "paint"
    EFFECTS = "effects"


_WORDS: tuple[tuple[Work, tuple[str, ...]], ...] = (
    (Work.SOFT, ("soft", "airbrush", "glow", "blush")),
    (Work.BACKGROUND, ("background", "ground", "sky", "backdrop")),
    (Work.EFFECTS, ("effect", "adjust", "curve", "highlight", "finish", "correct")),
    (Work.ROUGH, ("construct", "sketch", "rough", "guide", "thumbnail", "gesture", "draft")),
    (Work.SHADING, ("shad", "cel", "hatch", "tone", "glaze", "light")),
    (Work.FLATS, ("flat", "fill", "block", "wash")),
    (Work.LINE, ("ink", "line", "letter", "outline", "pixel")),
)


def work_of(phase: str) -> Work:
    """Which kind of work a phase is, by its words."""
    words = phase.lower().replace("_", " ")
    for work, stems in _WORDS:
        if any(stem in words for stem in stems):
            return work
    return Work.PAINT


def time_shares(spans: Sequence[tuple[float, float]], phases: Sequence[str]) -> dict[Work, float]:
    """Share of the process, 0..1, that each kind of work takes; operations at the same time share it."""
    lengths: dict[Work, float] = dict.fromkeys(Work, 0.0)
    for (begin, end), phase in zip(spans, phases, strict=True):
        lengths[work_of(phase)] += max(end - begin, 0.0)
    total = sum(lengths.values()) or 1.0
    return {work: length / total for work, length in lengths.items()}


def last_frame_change(before_last: Frame, painting: Frame) -> float:
    """Share of the pixels that jump in the last frame, 0..1."""
    return float((np.abs(before_last.astype(np.int16) - painting).max(axis=2) > LAST_FRAME_LEVELS).mean())
