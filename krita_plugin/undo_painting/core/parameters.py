"""What the artist may set for a job, as plain data with its ranges, defaults and JSON form.

The ranges are the service's own (`ProcessParameters` in the protocol); they stand here so that a widget can be built
and a document's annotation can be read without a daemon. None means: the engine's own default.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

AUTO = "auto"
ENGINES = (AUTO, "procedural", "diffusion")
DEFAULT_STEPS: Mapping[str, tuple[int, ...]] = {
    "procedural": (143, 286, 429, 571, 714, 857),
    "diffusion": (400, 600, 800, 900, 950, 999),
}
TEMPORAL_WINDOWS = ("off", "previous", "first", "roll")
METHODS = (
    AUTO,
    "line",
    "parts",
    "lineless",
    "painter",
    "values",
    "outline",
    "pencil",
    "watercolour",
    "pixel",
    "flat",
)
CORRECTIONS = ("none", "few", "many")
SPEEDS = ("exact", "balanced", "fast", "draft")
STAGES = ("tags", "keyframes", "interpolation")
LAST_STEP = 999
MAX_STEPS = 64
MAX_SEED = 2**32 - 1
MAX_TEXT = 4096

RANGES: Mapping[str, tuple[float, float]] = {
    "seed": (0, MAX_SEED),
    "sampling_steps": (1, 100),
    "guidance": (1, 32),
    "frames": (2, 64),
    "interpolation_seed": (0, MAX_SEED),
    "interpolation_steps": (1, 60),
    "interpolation_guidance": (1, 15),
}
DEFAULTS: Mapping[str, float] = {
    "seed": 12345,
    "sampling_steps": 50,
    "guidance": 3.0,
    "frames": 16,
    "interpolation_seed": 123,
    "interpolation_steps": 50,
    "interpolation_guidance": 7.5,
}
CHOICES: Mapping[str, tuple[str, ...]] = {
    "engine": ENGINES,
    "stop_after": STAGES,
    "temporal_window": TEMPORAL_WINDOWS,
    "method": METHODS,
    "corrections": CORRECTIONS,
    "speed": SPEEDS,
}
WHOLE = ("seed", "sampling_steps", "frames", "interpolation_seed", "interpolation_steps")


def new_seed() -> int:
    """A seed by chance."""
    return int.from_bytes(os.urandom(4), "big")


@dataclass(frozen=True)
class Parameters:
    """Everything that decides a process beside the painting. `keyframe_seeds` and `own_keyframes` are keyed by
    operation step; an own keyframe is the hash of an uploaded picture."""

    engine: str = AUTO
    stop_after: str = "interpolation"
    tags: str | None = None
    operation_steps: tuple[int, ...] = ()
    seed: int | None = None
    keyframe_seeds: tuple[tuple[int, int], ...] = ()
    own_keyframes: tuple[tuple[int, str], ...] = ()
    sampling_steps: int | None = None
    guidance: float | None = None
    negative_prompt: str | None = None
    frames: int | None = None
    interpolation_prompt: str | None = None
    interpolation_seed: int | None = None
    interpolation_steps: int | None = None
    interpolation_guidance: float | None = None
    temporal_window: str = "off"
    method: str = AUTO
    corrections: str = "few"
    flip: bool = False
    speed: str = "exact"
    allow_fp8: bool = False

    def problem(self) -> str:
        """The first value that is out of range, in words; empty when all is well."""
        for name, (low, high) in RANGES.items():
            value = getattr(self, name)
            if value is not None and not low <= value <= high:
                return f"{name} is {value}, but must be {low:g} to {high:g}."
        for name, allowed in CHOICES.items():
            if getattr(self, name) not in allowed:
                return f"{name} is {getattr(self, name)!r}, but must be one of {', '.join(allowed)}."
        steps = self.operation_steps
        if len(steps) > MAX_STEPS or list(steps) != sorted(set(steps)) or any(not 0 <= s <= LAST_STEP for s in steps):
            return f"operation_steps must be at most {MAX_STEPS} different steps, 0 to {LAST_STEP}, in ascending order."
        return ""

    def steps_for(self, engine: str) -> tuple[int, ...]:
        """The operation steps with an engine, ascending."""
        return self.operation_steps or DEFAULT_STEPS.get(engine, DEFAULT_STEPS["procedural"])

    def frame_count(self, engine: str) -> int:
        """How many frames the finished process has, the painting included."""
        return ((self.frames or int(DEFAULTS["frames"])) - 1) * (len(self.steps_for(engine)) + 1) + 1

    def with_steps(self, steps: tuple[int, ...]) -> Parameters:
        """The same with other operation steps; seeds and own keyframes of steps that are gone go too."""
        return replace(
            self,
            operation_steps=steps,
            keyframe_seeds=tuple(item for item in self.keyframe_seeds if item[0] in steps),
            own_keyframes=tuple(item for item in self.own_keyframes if item[0] in steps),
        )

    def as_json(self) -> dict[str, Any]:
        """Only what differs from the defaults."""
        plain = Parameters()
        return {name: value for name, value in asdict(self).items() if value != getattr(plain, name)}


def from_json(data: Any) -> Parameters:
    """Read parameters from JSON, however old or damaged: what does not fit is left at its default."""
    if not isinstance(data, dict):
        return Parameters()
    result = Parameters()
    for item in fields(Parameters):
        if item.name not in data:
            continue
        try:
            changed = replace(result, **{item.name: _read(item.name, data[item.name])})
        except (TypeError, ValueError, OverflowError):
            continue
        if not changed.problem():
            result = changed
    return result.with_steps(result.operation_steps) if result.operation_steps else result


def _read(name: str, value: Any) -> Any:
    if name == "operation_steps":
        return tuple(int(step) for step in value)
    if name == "keyframe_seeds":
        return tuple((int(step), int(seed)) for step, seed in value if 0 <= int(seed) <= MAX_SEED)
    if name == "own_keyframes":
        return tuple((int(step), str(digest)) for step, digest in value)
    if name == "allow_fp8":
        return bool(value)
    if name in RANGES:
        if value is None:
            return None
        number = float(value)
        if not math.isfinite(number):
            raise ValueError(name)
        return int(number) if name in WHOLE else number
    if value is None and name in ("tags", "negative_prompt", "interpolation_prompt"):
        return None
    if not isinstance(value, str) or len(value) > MAX_TEXT:
        raise ValueError(name)
    return value
