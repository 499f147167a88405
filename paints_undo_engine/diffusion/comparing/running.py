"""Running the trials, one after the other, and comparing what they make with what `exact` made."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch

from paints_undo_engine import process
from paints_undo_engine.contract import Engine
from paints_undo_engine.diffusion.comparing.trials import Trial
from paints_undo_engine.diffusion.engine import DiffusionEngine
from paints_undo_engine.diffusion.presets import PRESETS, interval_calls
from paints_undo_engine.diffusion.residency.devices import release
from paints_undo_engine.errors import OutOfMemoryError
from paints_undo_engine.events import FrameMade, KeyframeMade, Progress, Tagged
from paints_undo_engine.painting import Painting
from paints_undo_engine.picture import Picture
from paints_undo_engine.process import Inputs
from paints_undo_engine.request import ProcessRequest
from paints_undo_engine.similarity import WINDOW, psnr, squared_error, ssim
from paints_undo_engine.stages import Stage, Unit

_WARM_UP = "warming up"
TAGS, KEYFRAMES = Unit(Stage.TAGS), Unit(Stage.KEYFRAMES)


@dataclass(frozen=True, slots=True)
class Described:
    """The painting's tags, with which all trials run, and the seconds that they took (loading included)."""

    tags: str
    seconds: float


@dataclass(frozen=True, slots=True)
class ComparisonStep:
    """Trial `number` of `of` is at `what`, `done` of `total` steps of it."""

    trial: Trial
    number: int
    of: int
    what: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Likeness:
    """Pictures compared with those of `exact`.

    PSNR in dB of them all together (infinite: equal), mean SSIM (None: smaller than its window), how many they are.
    """

    psnr: float
    ssim: float | None
    pictures: int


@dataclass(slots=True)
class Outcome:
    """What a trial took and made.

    `intervals` seconds of each interval that was made, of `of_intervals`; `peak_bytes` of memory that torch held on the
    device, None where it does not tell; calls of the networks, each side of the guidance apart, shallow ones without
    the deep levels; `frames` and `keyframes` by index; `failure` a sentence when it could not be finished.
    """

    trial: Trial
    of_intervals: int
    keyframes_seconds: float = 0.0
    intervals: list[float] = field(default_factory=list)
    peak_bytes: int | None = None
    keyframe_calls: int = 0
    whole_calls: int = 0
    shallow_calls: int = 0
    keyframe_likeness: Likeness | None = None
    frame_likeness: Likeness | None = None
    failure: str = ""
    keyframes: dict[int, Picture] = field(default_factory=dict)
    frames: dict[int, Picture] = field(default_factory=dict)

    @property
    def job_seconds(self) -> float | None:
        """Seconds of the whole job without tags; estimated from the intervals that were made, None without any."""
        if not self.intervals or self.failure:
            return None
        return self.keyframes_seconds + self.of_intervals * sum(self.intervals) / len(self.intervals)


def compare(
    engine: Engine, painting: Painting, request: ProcessRequest, trials: Sequence[Trial], device: torch.device
) -> Generator[Described | ComparisonStep | Outcome, None, None]:
    """Run `trials`, the first of which is `exact`; yields an `Outcome` when one is finished.

    What only a first run costs is done before the clock starts. A trial that runs out of memory has a `failure`, and
    the next one runs. Closing the generator ends the work within one step. Raises what the engine raises otherwise.
    """
    started = time.perf_counter()
    described = next(
        event.text for event in process.run_unit(engine, painting, request, TAGS, Inputs()) if isinstance(event, Tagged)
    )
    yield Described(described, time.perf_counter() - started)
    exact: Outcome | None = None
    for number, trial in enumerate(trials, start=1):
        outcome = Outcome(trial, len(request.operation_steps) + 1)
        run = _Run(engine, painting, trial.request(request, described), outcome, device)
        try:
            for what, done, total in run.steps():
                yield ComparisonStep(trial, number, len(trials), what, done, total)
        except OutOfMemoryError as error:
            outcome.failure = str(error)
        exact = exact or outcome
        if outcome is not exact:
            outcome.keyframe_likeness = likeness(outcome.keyframes, exact.keyframes)
            outcome.frame_likeness = likeness(outcome.frames, exact.frames)
        yield outcome


class _Run:
    """One trial."""

    def __init__(
        self, engine: Engine, painting: Painting, request: ProcessRequest, outcome: Outcome, device: torch.device
    ) -> None:
        self._engine = engine
        self._painting = painting
        self._request = request
        self._outcome = outcome
        self._device = device
        self._inputs = Inputs(request.tags.text or "")

    def steps(self) -> Iterator[tuple[str, int, int]]:
        """Warm up, measure; what runs and how far it is."""
        outcome, warm = self._outcome, self._outcome.trial.warm_up(self._request)
        yield from self._unit(warm, KEYFRAMES, _WARM_UP)
        yield from self._unit(warm, Unit(Stage.INTERPOLATION, 0), _WARM_UP)
        if isinstance(self._engine, DiffusionEngine):
            self._engine.settle()
        _reset_peak(self._device)
        outcome.keyframes_seconds = yield from self._measured(KEYFRAMES, "keyframes")
        outcome.keyframe_calls = self._keyframe_calls()
        for interval in range(1 if outcome.trial.one_interval else outcome.of_intervals):
            what = f"interval {interval + 1} of {outcome.of_intervals}"
            outcome.intervals.append((yield from self._measured(Unit(Stage.INTERPOLATION, interval), what)))
            guidance = self._request.interpolation.guidance_scale != 1
            whole, shallow = interval_calls(outcome.trial.preset, self._request.interpolation.steps, guidance=guidance)
            outcome.whole_calls += whole
            outcome.shallow_calls += shallow
            outcome.peak_bytes = _peak(self._device)

    def _measured(self, unit: Unit, what: str) -> Generator[tuple[str, int, int], None, float]:
        started = time.perf_counter()
        yield from self._unit(self._request, unit, what)
        return time.perf_counter() - started

    def _unit(self, request: ProcessRequest, unit: Unit, what: str) -> Iterator[tuple[str, int, int]]:
        keyframes: dict[int, KeyframeMade] = {}
        inputs = Inputs(self._inputs.tags) if unit == KEYFRAMES else self._inputs
        for event in process.run_unit(self._engine, self._painting, request, unit, inputs):
            match event:
                case Progress():
                    yield what, event.step, event.of
                case KeyframeMade():
                    keyframes[event.index] = event
                case FrameMade() if event.picture is not None and what != _WARM_UP:
                    self._outcome.frames[event.index] = event.picture
        if unit == KEYFRAMES:
            self._inputs = Inputs(self._inputs.tags, keyframes)
            if what != _WARM_UP:
                made = (k for k in keyframes.values() if 0 < k.index <= len(request.operation_steps))
                self._outcome.keyframes = {k.index: k.picture for k in made if k.picture is not None}

    def _keyframe_calls(self) -> int:
        parameters = self._request.keyframes
        sides = 1 if parameters.guidance_scale == 1 else 2
        return sides * PRESETS[self._outcome.trial.preset].steps(parameters.steps)


def likeness(made: dict[int, Picture], exact: dict[int, Picture]) -> Likeness | None:
    """Compare the pictures that both have; None when there are none."""
    pairs = [(made[index].pixels, exact[index].pixels) for index in sorted(made) if index in exact]
    if not pairs:
        return None
    squared = float(np.mean([squared_error(a, b) for a, b in pairs]))
    similar = [ssim(a, b) for a, b in pairs if min(a.shape[:2]) >= WINDOW]
    return Likeness(psnr(squared), float(np.mean(similar)) if similar else None, len(pairs))


def _reset_peak(device: torch.device) -> None:
    release(device)
    if device.type in ("cuda", "xpu"):
        torch.get_device_module(device.type).reset_peak_memory_stats(device)


def _peak(device: torch.device) -> int | None:
    if device.type not in ("cuda", "xpu"):
        return None
    return int(torch.get_device_module(device.type).max_memory_reserved(device))
