"""How long a job will take and how much memory, told before it starts.

The arithmetic of each part is counted at the published sizes (`docs/performance.md`) and grows with pixels and frames;
what the device sustains is timed with a few matrix products. Both are rough: times are right to a factor of two.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cache

import torch

from paints_undo_engine.diffusion.presets import PRESETS, interval_calls
from paints_undo_engine.diffusion.residency.needs import Demand
from paints_undo_engine.diffusion.windows import window_count
from paints_undo_engine.request import ProcessRequest
from paints_undo_engine.stages import Stage

_KEYFRAME_PIXELS, _CLIP_PIXELS = 640 * 512, 16 * 448 * 384
_KEYFRAME_CALL, _KEYFRAME_ENCODING, _KEYFRAME_DECODING = 1.042, 1.41, 3.154
_REDO_CALL = 1.41
_INTERVAL_CALL, _INTERVAL_ENCODING, _INTERVAL_DECODING = 13.27, 2.5, 40.2
"""TFLOP: of a call for one picture or clip and one side of the guidance, and of what is done once."""
_SHALLOW = 0.35
"""The share of a call that runs where a preset leaves the deep levels out."""
_SIDE = 1024
_REACHED = 0.5
"""How much of a matrix product's rate the networks reach."""


@dataclass(frozen=True, slots=True)
class JobEstimate:
    """`memory` in bytes of the device, `seconds` of its time for a whole job."""

    memory: int
    seconds: float

    def words(self) -> str:
        """``about 9.8 GB of memory and 4 minutes``."""
        return f"about {self.memory / 2**30:.1f} GB of memory and {_duration(self.seconds)}"


@dataclass(frozen=True, slots=True)
class Workload:
    """The arithmetic of a job's stages at full size, in 10^12 floating-point operations."""

    keyframes: float = 0.0
    redo: float = 0.0
    intervals: float = 0.0


def job_work(request: ProcessRequest, demand: Demand) -> Workload:
    """What the stages that a request runs cost."""
    if request.stop_after is Stage.TAGS:
        return Workload()
    intervals = _interval_work(request, demand) if request.stop_after is Stage.INTERPOLATION else 0.0
    return Workload(_keyframe_work(request, demand), _redo_work(request, demand), intervals)


def _keyframe_work(request: ProcessRequest, demand: Demand) -> float:
    parameters = request.keyframes
    sides = 1 if parameters.guidance_scale == 1 else 2
    calls = PRESETS[request.execution.preset].steps(parameters.steps) * sides
    made = len(request.operation_steps) - len(parameters.own)
    each = calls * _KEYFRAME_CALL + _KEYFRAME_DECODING
    return demand.keyframe_pixels / _KEYFRAME_PIXELS * (_KEYFRAME_ENCODING + made * each)


def _redo_work(request: ProcessRequest, demand: Demand) -> float:
    """Of all branches, as if none started from the canvas: then fewer steps run."""
    calls = request.redo.steps * (1 if request.redo.guidance_scale == 1 else 2)
    each = calls * _REDO_CALL + _KEYFRAME_ENCODING + _KEYFRAME_DECODING
    return len(request.procedural.branches) * demand.keyframe_pixels / _KEYFRAME_PIXELS * each


def _interval_work(request: ProcessRequest, demand: Demand) -> float:
    parameters = request.interpolation
    guided = parameters.guidance_scale != 1
    whole, shallow = interval_calls(request.execution.preset, parameters.steps, guidance=guided)
    clip = demand.frames * demand.frame_pixels / _CLIP_PIXELS
    one = clip * ((whole + _SHALLOW * shallow) * _INTERVAL_CALL + _INTERVAL_DECODING) + _INTERVAL_ENCODING
    return one * window_count(parameters) * (len(request.operation_steps) + 1)


@cache
def sustained_rate(device: torch.device, dtype: torch.dtype) -> float:
    """Floating-point operations a second that the networks may reach on a device, from a moment of matrix products."""
    matrix = torch.ones(_SIDE, _SIDE, dtype=dtype, device=device)
    _multiply(matrix, 1)
    repeats, seconds = 1, 0.0
    while seconds < 0.05 and repeats < 4096:
        repeats *= 4
        seconds = _multiply(matrix, repeats)
    return _REACHED * 2 * _SIDE**3 * repeats / max(seconds, 1e-9)


def _multiply(matrix: torch.Tensor, repeats: int) -> float:
    started = time.perf_counter()
    for _ in range(repeats):
        product = matrix @ matrix
    float(product[0, 0])  # waits for the device
    return time.perf_counter() - started


def _duration(seconds: float) -> str:
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= 1.5 * length:
            return f"{seconds / length:.0f} {unit}s"
    return "a minute" if seconds > 30 else "less than a minute"
