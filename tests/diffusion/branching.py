"""Processes with branches on tiny checkpoints, for the tests of what they keep and where they end."""

from __future__ import annotations

from typing import Any

import numpy as np

from paints_undo_engine import process
from paints_undo_engine.diffusion.engine import DiffusionEngine
from paints_undo_engine.events import KeyframeMade
from paints_undo_engine.painting import Painting
from paints_undo_engine.picture import Picture
from paints_undo_engine.request import (
    Branch,
    Control,
    ExecutionParameters,
    InterpolationParameters,
    KeyframeParameters,
    KeyframeSeed,
    ProceduralParameters,
    ProcessRequest,
    RedoParameters,
    TagsParameters,
)
from paints_undo_engine.stages import Stage

SIZE = 256


def wanted(*branches: Branch, seeds: tuple[KeyframeSeed, ...] = (), **redo: Any) -> ProcessRequest:
    """The keyframes at 200, 500 and 800 and the ends of branches, in as few steps as can be."""
    return ProcessRequest(
        engine="diffusion",
        stop_after=Stage.KEYFRAMES,
        tags=TagsParameters(text="a fox"),
        keyframes=KeyframeParameters(
            operation_steps=(200, 500, 800), steps=2, width=SIZE, height=SIZE, seed=5, seeds=seeds
        ),
        interpolation=InterpolationParameters(frames=3, steps=1),
        execution=ExecutionParameters(allow_slow=True),
        procedural=ProceduralParameters(branches=branches),
        redo=RedoParameters(**{"steps": 2, "control": Control.LINEART, **redo}),
    )


def keyframes(
    engine: DiffusionEngine, painting: Painting, request: ProcessRequest, own: dict[int, Picture] | None = None
) -> dict[float, np.ndarray]:
    """The keyframes that have a picture, by operation step; 0 is the end, which a process without branches lacks."""
    events = process.run(engine, painting, request, own)
    made = [event for event in events if isinstance(event, KeyframeMade)]
    return {event.operation_step: event.picture.pixels for event in made if event.picture is not None}


def nearly(one: np.ndarray, other: np.ndarray) -> bool:
    """Equal but for the rounding of sums whose order follows from how many keyframes are made at once."""
    return int(np.abs(one.astype(int) - other).max()) <= 2
