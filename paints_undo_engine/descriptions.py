"""What each engine is, needs and can do, told without loading it. Only the standard library.

A new engine is a package with a module that has ``create(settings) -> Engine``, and one entry in `ENGINES`. Nothing
else names an engine: whoever wants to know what one can do asks its `Description`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from paints_undo_engine.errors import EngineUnavailableError, UnknownEngineError
from paints_undo_engine.stages import Stage

GIB = 2**30


class Ability(StrEnum):
    """What an engine can do beyond the three stages.

    LAYERS: split a painting into layers (`contract.LayeredEngine`); OPERATIONS: list what its imagined artist does
    (`contract.OperationsEngine`); REDO: continue a process differently from an operation step; VARIANTS: give visibly
    other processes for other seeds; KEYFRAMES: lead each interval from its one keyframe to the other, so that a single
    keyframe may be made anew or replaced.
    """

    LAYERS = "layers"
    OPERATIONS = "operations"
    REDO = "redo"
    VARIANTS = "variants"
    KEYFRAMES = "keyframes"


_LACKING: Mapping[Ability, str] = {
    Ability.LAYERS: "no layer split",
    Ability.OPERATIONS: "no operations",
    Ability.REDO: "no way to continue a process differently",
    Ability.VARIANTS: "no variants",
    Ability.KEYFRAMES: "no intervals that follow single keyframes",
}


@dataclass(frozen=True, slots=True)
class Package:
    """A package from an index: the module that is imported and the distribution that is installed."""

    module: str
    distribution: str


@dataclass(frozen=True, slots=True)
class MemoryPlan:
    """What sits on the device when: its name, whether results stay exact, and the device memory it needs in bytes."""

    name: str
    exact: bool
    needs: int


@dataclass(frozen=True, slots=True)
class Description:
    """An engine as it can be known without loading it.

    `module` has ``create(settings)``. `packages` must be installed, by the project's extra `extra` unless that is
    empty; `models` are ids of `checkpoints.catalogue`, `redo_models` those that a redo needs beside them,
    `optional_models` those that change what it gives where they are here. With `needs_accelerator` it would take hours
    on a processor.
    `operation_steps` are its own, ascending; `memory_plans` go from the richest to the leanest, and are empty for an
    engine that does not choose. `reads` names the request's groups and fields that have an effect, by dotted name.
    `candidates` are the names of the ends that a branch can have, by their numbers from 1; empty where each is another
    draw of chance. `is_trained`: its results come from a trained model, which the metadata of exports says.
    """

    name: str
    summary: str
    module: str
    packages: tuple[Package, ...]
    operation_steps: tuple[int, ...]
    reads: tuple[str, ...]
    extra: str = ""
    models: tuple[str, ...] = ()
    redo_models: tuple[str, ...] = ()
    optional_models: tuple[str, ...] = ()
    stages: tuple[Stage, ...] = tuple(Stage)
    memory_plans: tuple[MemoryPlan, ...] = ()
    needs_accelerator: bool = False
    abilities: frozenset[Ability] = frozenset()
    is_trained: bool = False
    candidates: tuple[str, ...] = ()

    @property
    def is_confined(self) -> bool:
        """Whether its workers can do without their rights: it drives no device and loads no models."""
        return not (self.needs_accelerator or self.models)

    def candidate(self, number: int) -> str:
        """What a branch's candidate is, by its number from 1, such as "dusk"; empty where it has no name."""
        return self.candidates[number - 1] if number <= len(self.candidates) else ""

    def reads_field(self, name: str) -> bool:
        """Whether a field of the request, such as ``keyframes.steps``, has an effect on this engine."""
        return any(name == known or name.startswith(f"{known}.") for known in self.reads)

    def is_leaner(self, plan: str, other: str) -> bool:
        """Whether `plan` needs less memory than `other`; false where either is none that runs."""
        names = [known.name for known in self.memory_plans]
        return plan in names and other in names and names.index(plan) > names.index(other)

    def leaner_plan(self, plan: str, *, allow_inexact: bool) -> str | None:
        """The next allowed memory plan below `plan` (``auto`` stands for the richest); None when there is none."""
        names = [known.name for known in self.memory_plans]
        start = names.index(plan) + 1 if plan in names else 1
        return next((known.name for known in self.memory_plans[start:] if known.exact or allow_inexact), None)


_PROCESS = ("engine", "stop_after", "tags", "variant")
_KEYFRAMES = ("operation_steps", "seed", "seeds", "own")

ENGINES: tuple[Description, ...] = (
    Description(
        name="procedural",
        summary="takes the painting apart into human-like operations and replays them",
        module="paints_undo_engine.procedural.engine",
        packages=(
            Package("numpy", "numpy"),
            Package("cv2", "opencv-python-headless"),
            Package("PIL", "pillow"),
        ),
        optional_models=("figures",),
        operation_steps=(143, 286, 429, 571, 714, 857),
        reads=(*_PROCESS, *(f"keyframes.{name}" for name in _KEYFRAMES), "interpolation.frames", "procedural"),
        abilities=frozenset({Ability.LAYERS, Ability.OPERATIONS, Ability.REDO, Ability.VARIANTS}),
        candidates=(
            *("complementary palette", "dusk", "flat tones", "night"),
            *("analogous palette", "three colours", "triad palette", "morning"),
        ),
    ),
    Description(
        name="diffusion",
        summary="the published Paints-Undo models",
        module="paints_undo_engine.diffusion.engine",
        packages=(
            Package("torch", "torch"),
            Package("diffusers", "diffusers"),
            Package("transformers", "transformers"),
            Package("safetensors", "safetensors"),
            Package("einops", "einops"),
            Package("onnxruntime", "onnxruntime"),
            Package("huggingface_hub", "huggingface-hub"),
        ),
        extra="diffusion",
        models=("paints_undo_single_frame", "paints_undo_multi_frame", "wd14_tagger"),
        redo_models=("redo_base", "redo_scribble", "redo_lineart", "redo_softedge"),
        operation_steps=(400, 600, 800, 900, 950, 999),
        reads=(
            *(*_PROCESS, "fit", "reference"),
            *("keyframes", "interpolation", "execution", "procedural.branches", "redo"),
        ),
        memory_plans=(
            MemoryPlan("resident", True, 14 * GIB),
            MemoryPlan("16gb", True, 11 * GIB),
            MemoryPlan("12gb", True, 41 * GIB // 4),
            MemoryPlan("8gb", True, 6 * GIB),
            MemoryPlan("6gb", True, 5 * GIB),
            MemoryPlan("4gb", True, 11 * GIB // 4),
            MemoryPlan("4gb-fp8", False, 5 * GIB // 2),
        ),
        needs_accelerator=True,
        abilities=frozenset({Ability.KEYFRAMES, Ability.REDO, Ability.VARIANTS}),
        is_trained=True,
    ),
)
"""Every engine. The first one is the default, and runs on any machine; the last one that can run is recommended."""

_BY_NAME: Mapping[str, Description] = {engine.name: engine for engine in ENGINES}

ENGINE_NAMES = tuple(_BY_NAME)
DEFAULT_ENGINE = ENGINES[0].name
MEMORY_PLANS = ("auto", *dict.fromkeys(plan.name for engine in ENGINES for plan in engine.memory_plans))


def describe(name: str) -> Description:
    """The description of the engine called `name`. Raises `UnknownEngineError`.

    >>> Ability.LAYERS in describe("procedural").abilities
    True
    """
    try:
        return _BY_NAME[name]
    except KeyError:
        raise UnknownEngineError(f"There is no engine {name!r}, only {', '.join(_BY_NAME)}.") from None


def lack_of(name: str, ability: Ability) -> str:
    """Why an engine cannot do something, in one sentence; empty when it can. Raises `UnknownEngineError`."""
    return "" if ability in describe(name).abilities else f"The engine {name} has {_LACKING[ability]}."


def require(name: str, ability: Ability) -> None:
    """Raise `EngineUnavailableError` when an engine cannot do something."""
    if problem := lack_of(name, ability):
        raise EngineUnavailableError(problem)
