"""The flags of `undo` that decide a process, one for each field of `ProcessRequest`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from paints_undo_daemon.cli.flags import Flag, all_fields, with_flags
from paints_undo_daemon.cli.problems import WrongUsageError
from paints_undo_engine.errors import InvalidRequestError
from paints_undo_engine.request import ProcessRequest

AUTO_ENGINE = "auto"
_PROCESS, _TAGS, _KEYFRAMES, _INTERPOLATION = "Process", "Tags", "Keyframes", "Interpolation"
_PROCEDURAL, _DIFFUSION = "Procedural engine", "Diffusion engine"

FLAGS = (
    Flag("engine", "--engine", "The engine, or auto for what suits the machine.", _PROCESS, AUTO_ENGINE),
    Flag("stop_after", "--stop-after", "The last stage to run.", _PROCESS),
    Flag("fit", "--fit", "How the painting is brought to the engine's working size.", _PROCESS),
    Flag("reference", "--reference", "The published sizes, cropping and rounding.", _PROCESS),
    Flag("tags.text", "--tags", "Comma-separated tags, instead of a description by the engine.", _TAGS),
    Flag("tags.general_threshold", "--tags-general-threshold", "How sure the tagger must be of a tag.", _TAGS),
    Flag("tags.character_threshold", "--tags-character-threshold", "The same for a character's name.", _TAGS),
    Flag("tags.exclude", "--tags-exclude", "Comma-separated tags to leave out.", _TAGS),
    Flag(
        "keyframes.operation_steps",
        "--operation-steps",
        "Operation steps of the keyframes, ascending and comma-separated: 0 is the finished painting; without it the "
        "engine's own.",
        _KEYFRAMES,
    ),
    Flag("keyframes.seed", "--keyframe-seed", "Seed of the keyframes, instead of --seed.", _KEYFRAMES),
    Flag("keyframes.width", "--keyframe-width", "Working width in pixels.", _KEYFRAMES),
    Flag("keyframes.height", "--keyframe-height", "Working height in pixels.", _KEYFRAMES),
    Flag("keyframes.steps", "--keyframe-steps", "Sampling steps (diffusion).", _KEYFRAMES),
    Flag("keyframes.guidance_scale", "--keyframe-guidance-scale", "Guidance scale (diffusion).", _KEYFRAMES),
    Flag("keyframes.negative_prompt", "--keyframe-negative-prompt", "What to avoid (diffusion).", _KEYFRAMES),
    Flag(
        "interpolation.frames",
        "--interpolation-frames",
        "Pictures of an interval, both ends included.",
        _INTERPOLATION,
    ),
    Flag("interpolation.prompt", "--interpolation-prompt", "Prompt (diffusion).", _INTERPOLATION),
    Flag("interpolation.seed", "--interpolation-seed", "Seed of the intervals, instead of --seed.", _INTERPOLATION),
    Flag("interpolation.steps", "--interpolation-steps", "Sampling steps (diffusion).", _INTERPOLATION),
    Flag("interpolation.guidance_scale", "--interpolation-guidance-scale", "Guidance scale.", _INTERPOLATION),
    Flag(
        "interpolation.temporal_window",
        "--interpolation-temporal-window",
        "Which neighbouring frames a frame's spatial attention sees (diffusion).",
        _INTERPOLATION,
    ),
    Flag("procedural.mode", "--mode", "How the painting is taken apart.", _PROCEDURAL),
    Flag("procedural.order", "--order", "In which order the imagined artist works.", _PROCEDURAL),
    Flag("procedural.max_side", "--max-side", "Longer side of the frames in pixels.", _PROCEDURAL),
    Flag("execution.memory_plan", "--memory-plan", "What sits in the device's memory when.", _DIFFUSION),
    Flag("execution.allow_fp8", "--allow-fp8", "Permit the plan with fp8 weights, which is not exact.", _DIFFUSION),
    Flag("execution.preset", "--preset", "Speed preset; all but exact change the result.", _DIFFUSION),
)


with_request_flags = with_flags("given", ProcessRequest(), FLAGS)
"""Gives a command all of `FLAGS`, as its parameter `given`."""


def build_request(
    given: Mapping[str, Any], *, seed: int | None, seeds: Iterable[tuple[int, int]], own: Iterable[int]
) -> ProcessRequest:
    """The request that the flags describe. Raises `InvalidRequestError` for what is out of range."""
    values = dict(given)
    if seed is not None:
        values = {"keyframes.seed": seed, "interpolation.seed": seed} | values
    if "keyframes.operation_steps" in values:
        values["keyframes.operation_steps"] = _steps(values["keyframes.operation_steps"])
    defaults = {name: value for name, value, _ in all_fields(ProcessRequest())}
    values = {name: _word(defaults[name], value) for name, value in values.items()}
    values["keyframes.seeds"] = tuple(seeds)
    values["keyframes.own"] = tuple(own)
    groups: dict[str, dict[str, Any]] = {}
    for name, value in values.items():
        group, _, item = name.rpartition(".")
        groups.setdefault(group, {})[item] = value
    request = ProcessRequest()
    top = groups.pop("", {})
    parts = {group: replace(getattr(request, group), **items) for group, items in groups.items()}
    return replace(request, **top, **parts)


def _word(default: Any, value: Any) -> Any:
    """A word as the enum's member; what is no word of the enum is left for the request's own check to refuse."""
    if isinstance(default, StrEnum) and value in tuple(type(default)):
        return type(default)(value)
    return value


def _steps(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(step) for step in text.split(","))
    except ValueError:
        raise InvalidRequestError("keyframes.operation_steps", text, "whole numbers, comma-separated") from None


def pairs(texts: Iterable[str], flag: str) -> list[tuple[int, str]]:
    """The values of a repeated ``STEP=VALUE`` flag. Raises `WrongUsageError`."""
    found = []
    for text in texts:
        step, equals, value = text.partition("=")
        if not equals or not value or not step.strip().isdecimal():
            raise WrongUsageError(f"{flag} is {text!r}, but must be an operation step and a value, such as 400=…")
        found.append((int(step), value))
    return found


def seed_pairs(texts: Iterable[str]) -> list[tuple[int, int]]:
    """The values of ``--keyframe-seed-at``. Raises `WrongUsageError`."""
    found = []
    for step, value in pairs(texts, "--keyframe-seed-at"):
        if not value.isdecimal():
            raise WrongUsageError(f"--keyframe-seed-at is {step}={value}, but the seed must be a whole number.")
        found.append((step, int(value)))
    return found


def own_pictures(texts: Iterable[str]) -> dict[int, Path]:
    """The values of ``--keyframe``. Raises `WrongUsageError`."""
    return {step: Path(value) for step, value in pairs(texts, "--keyframe")}
