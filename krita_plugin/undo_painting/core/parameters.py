"""What the artist has set for a job, as plain data with its JSON form. What can be set stands in the schema."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from . import schema
from .schema import Schema

AUTO = "auto"
STAGES = ("tags", "keyframes", "interpolation")
LAST_STEP = 999
MAX_STEPS = 64
MAX_SEED = 2**32 - 1
MAX_BRANCHES = 16
MAX_CANDIDATE = 8

STEPS = "keyframes.operation_steps"
SEED = "keyframes.seed"
FRAMES_SEED = "interpolation.seed"
FRAMES = "interpolation.frames"
TAGS = "tags.text"
STOP_AFTER = "stop_after"
SIDE = "procedural.max_side"
VARIANT = "variant"


def new_seed() -> int:
    """A seed by chance."""
    return int.from_bytes(os.urandom(4), "big")


class Branch(NamedTuple):
    """Where a process goes another way: from an operation step (1 to 999) on to a candidate (1 to 8), and, unless it is
    everywhere, only within a mask, which is the hash of an uploaded picture of the painting's size."""

    step: int
    candidate: int
    mask: str = ""


@dataclass(frozen=True)
class Parameters:
    """Everything that decides a process beside the painting. `values` are those that differ from the defaults, by their
    dotted names; `keyframe_seeds` and `own_keyframes` are keyed by operation step, an own keyframe is the hash of an
    uploaded picture. Each of `branches` leaves the one before."""

    engine: str = AUTO
    values: tuple[tuple[str, Any], ...] = ()
    keyframe_seeds: tuple[tuple[int, int], ...] = ()
    own_keyframes: tuple[tuple[int, str], ...] = ()
    branches: tuple[Branch, ...] = ()

    def chosen(self, name: str) -> Any:
        """What was set, or None: then the daemon's default counts."""
        return dict(self.values).get(name)

    def get(self, name: str, known: Schema | None = None) -> Any:
        """What counts: what was set, or the default."""
        value = self.chosen(name)
        found = (known or schema.packed()).fields.get(name)
        return value if value is not None or found is None else found.default

    def set(self, changes: Mapping[str, Any]) -> Parameters:
        """With other values; None takes one back to its default."""
        made = {**dict(self.values), **changes}
        return replace(self, values=tuple(sorted((name, value) for name, value in made.items() if value is not None)))

    @property
    def operation_steps(self) -> tuple[int, ...]:
        """The artist's own operation steps; empty: the engine's."""
        return tuple(self.chosen(STEPS) or ())

    @property
    def pictures(self) -> frozenset[str]:
        """The hashes of the pictures that must be at the daemon beside the painting."""
        masks = (each.mask for each in self.branches if each.mask)
        return frozenset((*(digest for _, digest in self.own_keyframes), *masks))

    @property
    def tags(self) -> str | None:
        """The artist's own tags."""
        value = self.chosen(TAGS)
        return None if value is None else str(value)

    def problem(self, known: Schema | None = None) -> str:
        """The first value that is out of range, in words; empty when all is well."""
        fields = (known or schema.packed()).fields
        found = (fields[name].problem(value) for name, value in self.values if name in fields)
        return next((words for words in found if words), "")

    def steps_for(self, engine: str, known: Schema | None = None) -> tuple[int, ...]:
        """The operation steps with an engine, ascending."""
        own = (known or schema.packed()).steps
        return self.operation_steps or own.get(engine) or next(iter(own.values()), ())

    def frame_count(self, engine: str) -> int:
        """How many frames the finished process has, the painting included."""
        return (int(self.get(FRAMES)) - 1) * (len(self.steps_for(engine)) + 1) + 1

    def with_steps(self, steps: tuple[int, ...]) -> Parameters:
        """The same with other operation steps; seeds and own keyframes of steps that are gone go too."""
        return replace(
            self.set({STEPS: steps or None}),
            keyframe_seeds=tuple(item for item in self.keyframe_seeds if item[0] in steps),
            own_keyframes=tuple(item for item in self.own_keyframes if item[0] in steps),
        )

    def as_json(self) -> dict[str, Any]:
        """Only what differs from the defaults."""
        made: dict[str, Any] = {name: list(value) if isinstance(value, tuple) else value for name, value in self.values}
        if self.engine != AUTO:
            made["engine"] = self.engine
        if self.keyframe_seeds:
            made["keyframe_seeds"] = [list(item) for item in self.keyframe_seeds]
        if self.own_keyframes:
            made["own_keyframes"] = [list(item) for item in self.own_keyframes]
        if self.branches:
            made["branches"] = [list(item) for item in self.branches]
        return made


def from_json(data: Any, known: Schema | None = None) -> Parameters:
    """Read parameters from JSON, however old or damaged: what does not fit is left at its default."""
    if not isinstance(data, dict):
        return Parameters()
    fields = (known or schema.packed()).fields
    values: dict[str, Any] = {}
    for name, value in data.items():
        if name in fields and name != "engine" and value is not None:
            try:
                values[name] = fields[name].read(value)
            except (ValueError, TypeError, OverflowError):
                continue
    engine = data.get("engine")
    engines = fields["engine"].choices if "engine" in fields else ()
    made = Parameters(engine if engine in engines else AUTO).set(values)
    steps = made.operation_steps
    seeds = [(step, seed) for step, seed in _pairs(data.get("keyframe_seeds"), int) if 0 <= seed <= MAX_SEED]
    own = _pairs(data.get("own_keyframes"), str)
    return replace(
        made,
        keyframe_seeds=tuple(item for item in seeds if item[0] in steps),
        own_keyframes=tuple(item for item in own if item[0] in steps),
        branches=tuple(_branches(data.get("branches"))[:MAX_BRANCHES]),
    )


def _branches(data: Any) -> list[Branch]:
    """A list of (operation step, candidate, mask), the last of which may be missing, without what is none."""
    made = []
    for item in data if isinstance(data, list) else ():
        try:
            step, candidate, *mask = item
            branch = Branch(int(step), int(candidate), *map(str, mask))
        except (ValueError, TypeError, OverflowError):
            continue
        if 1 <= branch.step <= LAST_STEP and 1 <= branch.candidate <= MAX_CANDIDATE:
            made.append(branch)
    return made


def _pairs(data: Any, kind: type[Any]) -> list[tuple[int, Any]]:
    """A list of (operation step, value), without what is none."""
    made = []
    for item in data if isinstance(data, list) else ():
        try:
            step, value = item
            made.append((int(step), kind(value)))
        except (ValueError, TypeError, OverflowError):
            continue
    return made
