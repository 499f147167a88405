"""What was measured, for programs; files appear whole or not at all."""

from __future__ import annotations

import math
import platform
import re
import secrets
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

import paints_undo_engine
from paints_undo_engine import png
from paints_undo_engine.diffusion.comparing.running import Likeness, Outcome
from paints_undo_engine.diffusion.residency.devices import device_name


def as_json(outcome: Outcome) -> dict[str, Any]:
    """A run as JSON values. `docs/performance.md`, "On your card", names the keys."""
    trial = outcome.trial
    return {
        "name": trial.name,
        "preset": str(trial.preset),
        "memory_plan": trial.plan,
        "other_seed": trial.other_seed,
        "keyframes_seconds": round(outcome.keyframes_seconds, 3),
        "interval_seconds": [round(seconds, 3) for seconds in outcome.intervals],
        "intervals_of_the_job": outcome.of_intervals,
        "job_seconds": None if outcome.job_seconds is None else round(outcome.job_seconds, 3),
        "peak_bytes": outcome.peak_bytes,
        "keyframe_unet_calls": outcome.keyframe_calls,
        "interval_unet_calls": outcome.whole_calls,
        "interval_unet_shallow_calls": outcome.shallow_calls,
        "keyframes": _likeness(outcome.keyframe_likeness),
        "frames": _likeness(outcome.frame_likeness),
        "failure": outcome.failure or None,
    }


def machine(device: torch.device) -> dict[str, Any]:
    """The device and the software, as JSON values."""
    return {
        "device": str(device),
        "device_name": device_name(device),
        "system": platform.platform(),
        "torch": torch.__version__,
        "paints_undo": paints_undo_engine.__version__,
    }


def write_pictures(folder: Path, outcome: Outcome) -> None:
    """Write a run's keyframes and frames as PNG files into a folder of its own in `folder`. Raises `OSError`."""
    place = folder / re.sub(r"[^a-z0-9]+", "-", outcome.trial.name)
    with tempfile.TemporaryDirectory(prefix=".paints-undo-", dir=folder) as scratch:
        made = Path(scratch) / place.name
        made.mkdir()
        for index, picture in outcome.keyframes.items():
            (made / f"keyframe-{index:02}.png").write_bytes(png.encode(picture.pixels))
        for index, picture in outcome.frames.items():
            (made / f"{index:04}.png").write_bytes(png.encode(picture.pixels))
        if place.exists():
            place.replace(Path(scratch) / "replaced")
        made.replace(place)


def write(path: Path, data: bytes) -> None:
    """Write a file beside its place and move it there. Raises `OSError`."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        temporary.write_bytes(data)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _likeness(found: Likeness | None) -> dict[str, Any] | None:
    """JSON has no infinity: equal pictures have no PSNR and say so."""
    if found is None:
        return None
    return asdict(found) | {"psnr": None if math.isinf(found.psnr) else found.psnr, "equal": math.isinf(found.psnr)}
