"""What a client may ask of an engine: one frozen, validated dataclass that is the whole truth of a job.

Only the standard library is used here, so that the daemon's front can check a request without loading an engine.
Every parameter is declared here and nowhere else: see `paints_undo_engine.parameters`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

from paints_undo_engine.descriptions import DEFAULT_ENGINE, ENGINE_NAMES, MEMORY_PLANS, Ability, describe, lack_of
from paints_undo_engine.errors import InvalidRequestError
from paints_undo_engine.parameters import Bound, check_parameters, group, parameter
from paints_undo_engine.stages import Stage

LAST_OPERATION_STEP = 999
MAX_OPERATION_STEPS = 64
MAX_TEXT = 4096
MAX_SEED = 2**32 - 1
MAX_VARIANTS = 8
VARIANT_STRIDE = 1000
"""How far the seeds of neighbouring variants are apart: more than the intervals of a process have."""


class Fit(StrEnum):
    """How a painting is brought to the working size."""

    CONTAIN = "contain"
    CROP = "crop"


class TemporalWindow(StrEnum):
    """Which neighbouring frames the interpolation model's spatial attention sees."""

    OFF = "off"
    PREVIOUS = "previous"
    FIRST = "first"
    ROLL = "roll"


class Preset(StrEnum):
    """Speed presets of the diffusion engine; everything but `exact` changes the result."""

    EXACT = "exact"
    BALANCED = "balanced"
    FAST = "fast"
    DRAFT = "draft"


class Method(StrEnum):
    """How the procedural engine's imagined artist works."""

    AUTO = "auto"
    LINE = "line"
    PARTS = "parts"
    LINELESS = "lineless"
    PAINTER = "painter"
    VALUES = "values"
    OUTLINE = "outline"
    PENCIL = "pencil"
    WATERCOLOUR = "watercolour"
    PIXEL = "pixel"
    FLAT = "flat"


class Control(StrEnum):
    """What of a half-done canvas the diffusion engine holds on to when it goes on another way.

    AUTO: by what there is: a sketch, line art, or flats; SCRIBBLE: where lines are, roughly; LINEART: every line;
    SOFTEDGE: the edges of colours, and the colours themselves.
    """

    AUTO = "auto"
    SCRIBBLE = "scribble"
    LINEART = "lineart"
    SOFTEDGE = "softedge"


class Corrections(StrEnum):
    """How much the procedural engine's imagined artist gets wrong and mends."""

    NONE = "none"
    FEW = "few"
    MANY = "many"


class KeyframeSeed(NamedTuple):
    """A seed of its own for the keyframe at one operation step."""

    operation_step: int
    seed: int


class Branch(NamedTuple):
    """Where a process leaves another one, and to which of the engine's candidates, 1 to 8.

    `mask` names one of the painting's masks (`Painting.with_masks`): only there something new may come; empty:
    everywhere.
    """

    operation_step: int
    candidate: int
    mask: str = ""


def branches_behind(branches: Sequence[Branch], operation_step: float) -> int:
    """How many of the branches lie behind a state: it is a state of what so many of them lead to.

    >>> [branches_behind([Branch(500, 1), Branch(200, 3)], step) for step in (700, 500, 499, 100)]
    [0, 0, 1, 2]
    """
    behind = (number for number in range(len(branches), 0, -1) if operation_step < branches[number - 1].operation_step)
    return next(behind, 0)


MAX_CANDIDATES = 8
MAX_BRANCHES = 16
_AUTOMATIC = {"zero_means": "automatic"}
_SEED = Bound(minimum=0, maximum=MAX_SEED)
_BRANCH_STEP = Bound(minimum=1, maximum=LAST_OPERATION_STEP)
_CANDIDATE = Bound(minimum=1, maximum=MAX_CANDIDATES)


@dataclass(frozen=True, slots=True)
class TagsParameters:
    """Stage 1. With `text` the tags are given and the tagger does not run."""

    text: str | None = parameter(
        None, "Comma-separated tags, instead of a description by the engine.", max_length=MAX_TEXT
    )
    general_threshold: float = parameter(
        0.35, "How sure the tagger must be of a tag.", advanced=True, minimum=0, maximum=1
    )
    character_threshold: float = parameter(
        0.85, "How sure the tagger must be of a character's name.", advanced=True, minimum=0, maximum=1
    )
    exclude: str = parameter("", "Comma-separated tags to leave out.", advanced=True, max_length=MAX_TEXT)


@dataclass(frozen=True, slots=True)
class KeyframeParameters:
    """Stage 2.

    `operation_steps` are ascending, from the latest state to the earliest; empty means the engine's own. `seeds` gives
    single keyframes a seed of their own; `own` names operation steps whose keyframe the artist supplies as a picture
    and the engine therefore does not make. `width` and `height` are the keyframe model's working size.
    """

    operation_steps: tuple[int, ...] = parameter(
        (),
        "Operation steps of the keyframes, ascending: 0 is the finished painting; without it the engine's own.",
        minimum=0,
        maximum=LAST_OPERATION_STEP,
        max_items=MAX_OPERATION_STEPS,
    )
    seed: int = parameter(12345, "Seed of the keyframes.", minimum=0, maximum=MAX_SEED)
    seeds: tuple[KeyframeSeed, ...] = ()
    own: tuple[int, ...] = ()
    width: int = parameter(
        0,
        "Working width; areas far from the published 512 x 640 are unjudged.",
        unit="pixels",
        advanced=True,
        minimum=256,
        maximum=1024,
        multiple_of=64,
        **_AUTOMATIC,
    )
    height: int = parameter(
        0,
        "Working height; areas far from the published 512 x 640 are unjudged.",
        unit="pixels",
        advanced=True,
        minimum=256,
        maximum=1024,
        multiple_of=64,
        **_AUTOMATIC,
    )
    steps: int = parameter(50, "Sampling steps.", minimum=1, maximum=100)
    guidance_scale: float = parameter(3.0, "Guidance scale.", advanced=True, minimum=1, maximum=32)
    negative_prompt: str = parameter(
        "lowres, bad anatomy, bad hands, cropped, worst quality", "What to avoid.", advanced=True, max_length=MAX_TEXT
    )


@dataclass(frozen=True, slots=True)
class InterpolationParameters:
    """Stage 3. `frames` counts both ends of an interval; the process keeps `frames` - 1 of them."""

    frames: int = parameter(
        16,
        "Pictures of an interval, both ends included; the diffusion model was trained for 16, others are unjudged.",
        minimum=2,
        maximum=64,
    )
    prompt: str = parameter("1girl, masterpiece, best quality", "Prompt.", advanced=True, max_length=MAX_TEXT)
    seed: int = parameter(123, "Seed of the intervals.", advanced=True, minimum=0, maximum=MAX_SEED)
    steps: int = parameter(50, "Sampling steps.", minimum=1, maximum=60)
    guidance_scale: float = parameter(7.5, "Guidance scale.", advanced=True, minimum=1, maximum=15)
    temporal_window: TemporalWindow = parameter(
        TemporalWindow.OFF,
        "Which neighbouring frames a frame's spatial attention sees; published is off, others are unjudged.",
        advanced=True,
    )
    chained: bool = parameter(
        False, "Make intervals of more than 16 frames of windows of 16 that share their ends; unjudged.", advanced=True
    )


@dataclass(frozen=True, slots=True)
class ProceduralParameters:
    """For the procedural engine; `branches` for every engine that can redo. `max_side` bounds the frames' longer side.

    `branches` leads from the painting's own process to another end: each leaves what came before it at its operation
    step (1 to 999), so that a later one may go further back.
    """

    method: Method = parameter(Method.AUTO, "How the imagined artist works.")
    corrections: Corrections = parameter(Corrections.FEW, "How much goes wrong on the way and is mended.")
    flip: bool = parameter(False, "Whether the view is mirrored now and then, for a look.")
    max_side: int = parameter(
        0, "Longer side of the frames.", unit="pixels", advanced=True, minimum=16, maximum=16384, **_AUTOMATIC
    )
    branches: tuple[Branch, ...] = ()


@dataclass(frozen=True, slots=True)
class RedoParameters:
    """How the diffusion engine goes on where a process has branches. `prompt` empty: the painting's tags."""

    control: Control = parameter(Control.AUTO, "What of the canvas is held on to.", advanced=True)
    prompt: str = parameter(
        "", "What is to come of it; without it the painting's tags.", advanced=True, max_length=MAX_TEXT
    )
    likeness: float = parameter(
        0.0, "How like the painting the end is: 0 free, 1 the same another way.", advanced=True, minimum=0, maximum=1
    )
    strength: float = parameter(
        0.0,
        "How much of the canvas' colours is painted over.",
        advanced=True,
        minimum=0.05,
        maximum=1,
        zero_means="automatic",
    )
    steps: int = parameter(25, "Sampling steps.", advanced=True, minimum=1, maximum=100)
    guidance_scale: float = parameter(7.0, "Guidance scale.", advanced=True, minimum=1, maximum=32)


@dataclass(frozen=True, slots=True)
class ExecutionParameters:
    """How the diffusion engine uses the machine.

    `allow_fp8` permits the plan that is not exact; `allow_slow` a job of many hours, as a whole one is on a CPU.
    """

    memory_plan: str = parameter("auto", "What sits in the device's memory when.", advanced=True, choices=MEMORY_PLANS)
    allow_fp8: bool = parameter(False, "Permit the plan with fp8 weights, which is not exact.", advanced=True)
    preset: Preset = parameter(Preset.EXACT, "Speed preset; all but exact change the result.")
    allow_slow: bool = parameter(False, "Run even where it takes many hours, as on a CPU.", advanced=True)


@dataclass(frozen=True, slots=True)
class ProcessRequest:
    """Everything that decides a process, beside the painting itself and the artist's own keyframe pictures.

    `variant` counts through the possible processes of one painting: it moves the seeds, and where the engine may choose
    a way of working, it takes another one. `reference` sets the published behaviour: 512 x 640, `crop`, the published
    buckets and fp16 timesteps.
    Raises `InvalidRequestError` when a value is out of its range.

    >>> ProcessRequest(keyframes=KeyframeParameters(seed=7)).operation_steps
    (143, 286, 429, 571, 714, 857)
    """

    engine: str = parameter(DEFAULT_ENGINE, "The engine.", choices=ENGINE_NAMES)
    stop_after: Stage = parameter(Stage.INTERPOLATION, "The last stage to run.")
    fit: Fit = parameter(Fit.CONTAIN, "How the painting is brought to the engine's working size.", advanced=True)
    reference: bool = parameter(False, "The published sizes, cropping and rounding.", advanced=True)
    tags: TagsParameters = group(TagsParameters(), "Tags")
    keyframes: KeyframeParameters = group(KeyframeParameters(), "Keyframes")
    interpolation: InterpolationParameters = group(InterpolationParameters(), "Interpolation")
    procedural: ProceduralParameters = group(ProceduralParameters(), "Procedural engine")
    variant: int = parameter(
        0,
        "Which of the possible processes of the painting: 0 is the first.",
        advanced=True,
        minimum=0,
        maximum=MAX_VARIANTS - 1,
    )
    execution: ExecutionParameters = group(ExecutionParameters(), "Diffusion engine")
    redo: RedoParameters = group(RedoParameters(), "Another way")

    def __post_init__(self) -> None:
        check_parameters(self)
        stages = describe(self.engine).stages
        if self.stop_after not in stages:
            raise InvalidRequestError("stop_after", str(self.stop_after), "one of " + ", ".join(stages))
        self._check_steps()
        self._check_branches()
        if self.variant and (problem := lack_of(self.engine, Ability.VARIANTS)):
            raise InvalidRequestError("variant", self.variant, f"0: {problem}")

    @property
    def operation_steps(self) -> tuple[int, ...]:
        """The operation steps of this request, ascending: the given ones, or the engine's own.

        Where an engine knows a state only as a keyframe, those at which branches leave are among them.
        """
        engine = describe(self.engine)
        steps = self.keyframes.operation_steps or engine.operation_steps
        if Ability.KEYFRAMES not in engine.abilities or not self.procedural.branches:
            return steps
        return tuple(sorted({*steps, *(branch.operation_step for branch in self.procedural.branches)}))

    @property
    def shared_states(self) -> frozenset[int]:
        """The operation steps at which branches leave from a keyframe that is given: it belongs to both processes."""
        return frozenset(self.keyframes.own) & {branch.operation_step for branch in self.procedural.branches}

    @property
    def keyframe_seed(self) -> int:
        """The seed of this variant's keyframes."""
        return (self.keyframes.seed + self.variant * VARIANT_STRIDE) % (MAX_SEED + 1)

    @property
    def interval_seed(self) -> int:
        """The seed of this variant's last interval; those before it have the next ones."""
        return (self.interpolation.seed + self.variant * VARIANT_STRIDE) % (MAX_SEED + 1)

    def _check_steps(self) -> None:
        given, steps = self.keyframes.operation_steps, self.operation_steps
        if list(given) != sorted(set(given)):
            raise InvalidRequestError("keyframes.operation_steps", given, "ascending and without repetition")
        for step, seed in self.keyframes.seeds:
            _SEED.check("keyframes.seeds", seed)
            _check_step("keyframes.seeds", step, steps)
        for step in self.keyframes.own:
            _check_step("keyframes.own", step, steps)
        _check_single("keyframes.seeds", [step for step, _ in self.keyframes.seeds])
        _check_single("keyframes.own", list(self.keyframes.own))

    def _check_branches(self) -> None:
        branches = self.procedural.branches
        if branches and (problem := lack_of(self.engine, Ability.REDO)):
            raise InvalidRequestError("procedural.branches", len(branches), f"0: {problem}")
        if len(branches) > MAX_BRANCHES:
            raise InvalidRequestError("procedural.branches", len(branches), f"at most {MAX_BRANCHES}")
        for step, candidate, _ in branches:
            _BRANCH_STEP.check("procedural.branches", step)
            _CANDIDATE.check("procedural.branches", candidate)


def variants_of(request: ProcessRequest, count: int) -> tuple[ProcessRequest, ...]:
    """The requests of the first `count` variants (1 to 8) of a process, otherwise the same.

    >>> [made.variant for made in variants_of(ProcessRequest(), 3)]
    [0, 1, 2]

    Raises `InvalidRequestError` for more of them, and for an engine that has no variants.
    """
    if not 1 <= count <= MAX_VARIANTS:
        raise InvalidRequestError("variants", count, f"1 to {MAX_VARIANTS}")
    return tuple(replace(request, variant=number) for number in range(count))


def _check_step(field: str, step: int, steps: tuple[int, ...]) -> None:
    if step not in steps:
        raise InvalidRequestError(field, step, f"one of the operation steps, {', '.join(map(str, steps))}")


def _check_single(field: str, steps: list[int]) -> None:
    if len(set(steps)) != len(steps):
        raise InvalidRequestError(field, steps, "without repetition")
