"""The options of `undo` that decide a process, one for each parameter of `ProcessRequest`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from paints_undo_daemon.cli.export_options import FLAGS as EXPORT_FLAGS
from paints_undo_daemon.cli.flags import Flag, with_flags
from paints_undo_daemon.cli.problems import WrongUsageError
from paints_undo_engine.declarations import REQUEST
from paints_undo_engine.descriptions import ENGINES, describe
from paints_undo_engine.errors import ExportError, ExportTooLargeError, InvalidRequestError, PaintsUndoError
from paints_undo_engine.parameters import Parameter, with_values
from paints_undo_engine.request import KeyframeSeed, ProcessRequest

AUTO_ENGINE = "auto"

_PREFIXES = {"tags": "tags-", "keyframes": "keyframe-", "interpolation": "interpolation-"}
"""What an option's name has before the field's, by the field's group."""
_NAMES = {
    "tags.text": "--tags",
    "keyframes.operation_steps": "--operation-steps",
    "execution.allow_slow": "--yes",
}
"""Options that are not called after their group and field."""


def _flag(known: Parameter) -> Flag:
    group, _, field = known.name.rpartition(".")
    name = _NAMES.get(known.name, f"--{_PREFIXES.get(group, '')}{field.replace('_', '-')}")
    readers = [engine.name for engine in ENGINES if engine.reads_field(known.name)]
    note = "" if len(readers) == len(ENGINES) else f"only {', '.join(readers)}"
    return Flag(known, name, note, AUTO_ENGINE if known.name == "engine" else "")


FLAGS = tuple(_flag(known) for known in REQUEST)

_OPTIONS = {flag.parameter.name: flag.name for flag in (*FLAGS, *EXPORT_FLAGS)} | {
    "keyframes.seed": "--seed",
    "keyframes.seeds": "--keyframe-seed-at",
    "keyframes.own": "--keyframe",
    "max_side": "--size",
}
"""What a field of a request or of an export is called on the command line."""
_FIELD = re.compile(r"\b[a-z]+(?:_[a-z]+)+\b")
_OF_EXPORTS = "options."
"""What a daemon writes before the name of an export's field."""

with_request_flags = with_flags("given", FLAGS)
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
    values["keyframes.seeds"] = tuple(KeyframeSeed(*pair) for pair in seeds)
    values["keyframes.own"] = tuple(own)
    return with_values(ProcessRequest(), values)


@contextmanager
def in_option_names() -> Iterator[None]:
    """Within the block an error names the option that was given, not the field of the request or of the export."""
    try:
        yield
    except InvalidRequestError as error:
        name = _OPTIONS.get(error.field)
        if name is None:
            raise
        allowed = _FIELD.sub(lambda field: _OPTIONS.get(field[0], field[0]), error.allowed)
        raise WrongUsageError(f"{name} is {error.value!r}, but must be {allowed}.") from None
    except ExportTooLargeError as error:
        raise ExportError(f"{error.problem} The option is {_OPTIONS[error.field]}.") from None
    except PaintsUndoError as error:  # the same from a daemon
        fields = [field for field in getattr(error, "fields", ()) if field.startswith(_OF_EXPORTS)]
        names = [name for field in fields if (name := _OPTIONS.get(field.removeprefix(_OF_EXPORTS)))]
        if not names:
            raise
        raise ExportError(f"{error} The option is {names[0]}.") from None


def refuse_idle_options(given: Mapping[str, Any], engine: str) -> None:
    """Refuse options that the engine does not read, instead of taking them without effect. Raises `WrongUsageError`."""
    known = describe(engine)
    idle = [_OPTIONS[name] for name in given if not known.reads_field(name)]
    if idle:
        raise WrongUsageError(f"{', '.join(idle)}: no effect on the engine {engine}; leave it out.")


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
