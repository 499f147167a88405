"""What a client may ask of an engine: one frozen, validated dataclass that is the whole truth of a job.

Only the standard library is used here, so that the daemon's front can check a request without loading an engine.
Field ranges are declared once, as `Bound` metadata, and serve validation, help texts and the server's answer about its
engines alike.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from enum import StrEnum
from typing import Any

from paints_undo_engine.descriptions import DEFAULT_ENGINE, ENGINE_NAMES, MEMORY_PLANS, describe
from paints_undo_engine.errors import InvalidRequestError
from paints_undo_engine.stages import Stage

LAST_OPERATION_STEP = 999
MAX_OPERATION_STEPS = 64
MAX_TEXT = 4096
MAX_SEED = 2**32 - 1


class Fit(StrEnum):
    """How a painting is brought to the working size."""

    CONTAIN = "contain"
    CROP = "crop"


class TemporalWindow(StrEnum):
    """Which neighbouring frames the interpolation model's spatial attention sees."""

    OFF = "off"
    PREVIOUS = "prv"
    FIRST = "first"
    ROLL = "roll"


class Preset(StrEnum):
    """Speed presets of the diffusion engine; everything but `exact` changes the result."""

    EXACT = "exact"
    BALANCED = "balanced"
    FAST = "fast"
    DRAFT = "draft"


class PaintingMode(StrEnum):
    """How the procedural engine takes a painting apart."""

    AUTO = "auto"
    LINE = "line"
    FLAT = "flat"
    PAINT = "paint"
    PIXEL = "pixel"


class OrderTemplate(StrEnum):
    """In which order the procedural engine's imagined artist works."""

    AUTO = "auto"
    FACE_FIRST = "face-first"
    BACKGROUND_FIRST = "background-first"
    INKER = "inker"
    PAINTER = "painter"
    TOP_DOWN = "top-down"


@dataclass(frozen=True, slots=True)
class Bound:
    """The allowed values of a field: an inclusive number range with a grid, a set of words, or a text length."""

    minimum: float | None = None
    maximum: float | None = None
    multiple_of: int | None = None
    zero_means: str | None = None
    choices: tuple[str, ...] = ()
    max_length: int | None = None
    max_items: int | None = None

    def words(self) -> str:
        """The range in words, as error messages and help texts show it."""
        if self.choices:
            return "one of " + ", ".join(self.choices)
        parts = []
        if self.max_length is not None:
            return f"at most {self.max_length} characters"
        if self.max_items is not None:
            parts.append(f"at most {self.max_items} values,")
        if self.minimum is not None or self.maximum is not None:
            parts.append(f"{_number(self.minimum)} to {_number(self.maximum)}")
        if self.multiple_of is not None:
            parts.append(f"in multiples of {self.multiple_of}")
        if self.zero_means is not None:
            parts.append(f"or 0 for {self.zero_means}")
        return " ".join(parts)

    def check(self, name: str, value: Any) -> None:
        """Raise `InvalidRequestError` with the field's name, the value and the range when `value` lies outside."""
        if self.choices:
            if value not in self.choices:
                raise InvalidRequestError(name, value, self.words())
        elif self.max_length is not None:
            if not isinstance(value, str) or len(value) > self.max_length:
                raise InvalidRequestError(name, value, self.words())
        elif self.max_items is not None:
            if len(value) > self.max_items or not all(self._holds(item) for item in value):
                raise InvalidRequestError(name, value, self.words())
        elif not self._holds(value):
            raise InvalidRequestError(name, value, self.words())

    def _holds(self, value: Any) -> bool:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            return False
        if value == 0 and self.zero_means is not None:
            return True
        if self.minimum is not None and value < self.minimum:
            return False
        if self.maximum is not None and value > self.maximum:
            return False
        return self.multiple_of is None or value % self.multiple_of == 0


def _number(value: float | None) -> str:
    if value is None:
        return "any"
    return str(int(value)) if float(value).is_integer() else str(value)


def _bounded(default: Any, **bound: Any) -> Any:
    return field(default=default, metadata={"bound": Bound(**bound)})


def _words(default: StrEnum) -> Any:
    return _bounded(default, choices=tuple(type(default)))


_SEED = Bound(minimum=0, maximum=MAX_SEED)
_TEXT = Bound(max_length=MAX_TEXT)


@dataclass(frozen=True, slots=True)
class TagsParameters:
    """Stage 1. With `text` the tags are given and the tagger does not run."""

    text: str | None = None
    general_threshold: float = _bounded(0.35, minimum=0, maximum=1)
    character_threshold: float = _bounded(0.85, minimum=0, maximum=1)
    exclude: str = _bounded("", max_length=MAX_TEXT)


@dataclass(frozen=True, slots=True)
class KeyframeParameters:
    """Stage 2.

    `operation_steps` are ascending, from the latest state to the earliest; empty means the engine's own. `seeds` gives
    single keyframes a seed of their own (operation step, seed); `own` names operation steps whose keyframe the artist
    supplies as a picture and the engine therefore does not make. `width` and `height` are the keyframe model's working
    size in pixels.
    """

    operation_steps: tuple[int, ...] = _bounded(
        (), minimum=0, maximum=LAST_OPERATION_STEP, max_items=MAX_OPERATION_STEPS
    )
    seed: int = _bounded(12345, minimum=0, maximum=MAX_SEED)
    seeds: tuple[tuple[int, int], ...] = ()
    own: tuple[int, ...] = _bounded((), minimum=0, maximum=LAST_OPERATION_STEP, max_items=MAX_OPERATION_STEPS)
    width: int = _bounded(0, minimum=256, maximum=1024, multiple_of=64, zero_means="automatic")
    height: int = _bounded(0, minimum=256, maximum=1024, multiple_of=64, zero_means="automatic")
    steps: int = _bounded(50, minimum=1, maximum=100)
    guidance_scale: float = _bounded(3.0, minimum=1, maximum=32)
    negative_prompt: str = _bounded("lowres, bad anatomy, bad hands, cropped, worst quality", max_length=MAX_TEXT)


@dataclass(frozen=True, slots=True)
class InterpolationParameters:
    """Stage 3. `frames` counts both ends of an interval; the process keeps `frames` - 1 of them."""

    frames: int = _bounded(16, minimum=2, maximum=64)
    prompt: str = _bounded("1girl, masterpiece, best quality", max_length=MAX_TEXT)
    seed: int = _bounded(123, minimum=0, maximum=MAX_SEED)
    steps: int = _bounded(50, minimum=1, maximum=60)
    guidance_scale: float = _bounded(7.5, minimum=1, maximum=15)
    temporal_window: TemporalWindow = _words(TemporalWindow.OFF)


@dataclass(frozen=True, slots=True)
class ProceduralParameters:
    """Only for the procedural engine. `max_side` bounds the frames' longer side in pixels."""

    mode: PaintingMode = _words(PaintingMode.AUTO)
    order: OrderTemplate = _words(OrderTemplate.AUTO)
    max_side: int = _bounded(0, minimum=16, maximum=16384, zero_means="automatic")


@dataclass(frozen=True, slots=True)
class ExecutionParameters:
    """How the diffusion engine uses the machine. `allow_fp8` permits the plan that is not exact."""

    memory_plan: str = _bounded("auto", choices=MEMORY_PLANS)
    allow_fp8: bool = False
    preset: Preset = _words(Preset.EXACT)


@dataclass(frozen=True, slots=True)
class ProcessRequest:
    """Everything that decides a process, beside the painting itself and the artist's own keyframe pictures.

    `reference` sets the published behaviour: 512 x 640, `crop`, the published buckets and fp16 timesteps.
    Raises `InvalidRequestError` when a value is out of its range.
    """

    engine: str = _bounded(DEFAULT_ENGINE, choices=ENGINE_NAMES)
    stop_after: Stage = _words(Stage.INTERPOLATION)
    fit: Fit = _words(Fit.CONTAIN)
    reference: bool = False
    tags: TagsParameters = TagsParameters()
    keyframes: KeyframeParameters = KeyframeParameters()
    interpolation: InterpolationParameters = InterpolationParameters()
    procedural: ProceduralParameters = ProceduralParameters()
    execution: ExecutionParameters = ExecutionParameters()

    def __post_init__(self) -> None:
        for name, value, bound in bounded_fields(self):
            bound.check(name, value)
        if self.tags.text is not None:
            _TEXT.check("tags.text", self.tags.text)
        stages = describe(self.engine).stages
        if self.stop_after not in stages:
            raise InvalidRequestError("stop_after", str(self.stop_after), "one of " + ", ".join(stages))
        self._check_steps()

    @property
    def operation_steps(self) -> tuple[int, ...]:
        """The operation steps of this request, ascending: the given ones, or the engine's own."""
        return self.keyframes.operation_steps or describe(self.engine).operation_steps

    def _check_steps(self) -> None:
        steps = self.operation_steps
        if list(steps) != sorted(set(steps)):
            raise InvalidRequestError("keyframes.operation_steps", steps, "ascending and without repetition")
        for step, seed in self.keyframes.seeds:
            _SEED.check("keyframes.seeds", seed)
            if step not in steps:
                raise InvalidRequestError("keyframes.seeds", step, "one of the operation steps")
        for step in self.keyframes.own:
            if step not in steps:
                raise InvalidRequestError("keyframes.own", step, "one of the operation steps")


def bounded_fields(request: Any, prefix: str = "") -> Iterator[tuple[str, Any, Bound]]:
    """Every bounded field of a request (or of one of its groups): dotted name, value, bound."""
    for item in fields(request):
        value = getattr(request, item.name)
        name = prefix + item.name
        if is_dataclass(value):
            yield from bounded_fields(value, name + ".")
        elif "bound" in item.metadata:
            yield name, value, item.metadata["bound"]
