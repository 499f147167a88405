"""The flags of `undo` and `export` that decide how a process is exported."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from paints_undo_daemon.cli import completing
from paints_undo_daemon.cli.flags import Flag, with_flags
from paints_undo_daemon.cli.problems import WrongUsageError
from paints_undo_daemon.home import home_folder
from paints_undo_engine.declarations import EXPORT
from paints_undo_engine.errors import ExportError
from paints_undo_engine.export.effect import idle_options
from paints_undo_engine.export.options import ExportFormat, ExportOptions, FrameSize, format_of, language_of
from paints_undo_engine.export.presets import FILE_NAME, preset_called
from paints_undo_engine.parameters import Parameter, ParameterKind, with_values

_PANEL = "Export"
_NAMES = {
    "frames_per_second": "--fps",
    "duration_seconds": "--duration",
    "hold_last_seconds": "--hold",
    "result_first_seconds": "--result-first",
    "layer_content": "--layers",
    "omit_metadata": "--no-metadata",
    "omit_provenance": "--no-provenance",
    "omit_end_card": "--no-end-card",
    "omit_corrections": "--without-corrections",
    "omit_layers": "--without-layers",
}
"""Options that are not called after their field."""
_GIVEN_OTHERWISE = {"format", "max_side", "size"}
"""By the output's ending and ``--size``."""

_PRESET = Flag(
    Parameter(
        "export_preset", ParameterKind.TEXT, None, "Export as a preset says; other options go before it.", group=_PANEL
    ),
    "--export-preset",
    "'paints-undo export-presets' lists them",
    completion=completing.export_presets,
)
_FIELDS = tuple(
    Flag(known, _NAMES.get(known.name, f"--{known.name.replace('_', '-')}"))
    for known in EXPORT
    if known.name not in _GIVEN_OTHERWISE
)

FLAGS = (_PRESET, *_FIELDS)

with_export_flags = with_flags("export_given", FLAGS)
"""Gives a command all of `FLAGS`, as its parameter `export_given`."""

SizeOption = Annotated[
    str | None,
    typer.Option(
        metavar="NUMBER",
        help="Longer side in pixels; or 'painting' (default) or 'model', the engine's size.",
        rich_help_panel=_PANEL,
    ),
]


SoundOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Lay this sound under each video, cut to its length and faded; it does not leave this machine.",
        rich_help_panel=_PANEL,
    ),
]


def build_options(output: Path, given: Mapping[str, Any], *, size: str | None) -> ExportOptions:
    """The options for one output. Raises `ExportError`, `InvalidRequestError` and `WrongUsageError`."""
    kind = _kind_of(output)
    values: dict[str, Any] = {"language": language_of(_locale()), **_preset_values(given, output, kind)}
    for flag in _FIELDS:
        if flag.parameter.name in given:
            value, words = given[flag.parameter.name], type(flag.parameter.default)
            values[flag.parameter.name] = _member(words, value, flag.name) if issubclass(words, StrEnum) else value
    if size in tuple(FrameSize):
        values["size"] = FrameSize(size)
    elif size is not None:
        if not size.isdecimal():
            raise WrongUsageError(f"--size is {size!r}, but must be a number of pixels, 'painting' or 'model'.")
        values["max_side"] = int(size)
    return with_values(ExportOptions(), values | {"format": kind})


def refuse_idle_exports(
    outputs: Iterable[Path], given: Mapping[str, Any], *, size: str | None, processes: int = 1
) -> None:
    """Refuse options that none of the outputs, each of so many processes, reads. Raises `WrongUsageError`."""
    names = {flag.parameter.name: flag.name for flag in _FIELDS} | {"size": f"--size {size}"}
    asked = {name: value for name, value in given.items() if name in names}
    if size in tuple(FrameSize):
        asked["size"] = size
    kinds = {_kind_of(output) for output in outputs}
    if idle := idle_options(asked, kinds, side_by_side=processes > 1):
        if "fill" in idle:
            names["fill"] = f"--fill {given['fill']}"
        of = " and ".join(sorted(kinds)) + (f" of {processes} variants" if processes > 1 else "")
        raise WrongUsageError(f"{', '.join(names[name] for name in idle)}: no effect on {of}; leave it out.")


def left_out_signs(outputs: Iterable[ExportOptions]) -> Iterator[str]:
    """A sentence for each title or author that is drawn without some of its signs, by the fonts of this machine. Raises
    `ExportError` for one that cannot be drawn."""
    texts = {text: None for options in outputs if options.is_video for text in (options.title, options.author) if text}
    if texts:
        from paints_undo_engine.export.lettering import unwritable

        for text in texts:
            if signs := unwritable(text):
                yield f"{text!r} is written without {signs}: no font that is looked for on this machine has it."


def _kind_of(output: Path) -> ExportFormat:
    try:
        return format_of(output)
    except ExportError as error:
        raise WrongUsageError(str(error)) from None


def _preset_values(given: Mapping[str, Any], output: Path, kind: ExportFormat) -> dict[str, Any]:
    """What the preset that was asked for sets, but for what given options take the place of."""
    if "export_preset" not in given:
        return {}
    preset = preset_called(given["export_preset"], home_folder() / FILE_NAME)
    values = dict(preset.values)
    wanted = values.pop("format", kind)
    if wanted != kind:
        raise WrongUsageError(
            f"The preset {preset.name} makes {wanted}, and {output.name} would be {kind}: "
            f"call it {output.stem}{ExportFormat(wanted).suffix}."
        )
    for option, replaced in (("frames_per_second", "duration_seconds"), ("pace_curve", "pace")):
        if option in given:
            values.pop(replaced, None)
        if replaced in given:
            values.pop(option, None)
    return values


def _locale() -> str:
    """The locale of the terminal's messages."""
    return next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")


def _member(words: type[StrEnum], text: str, flag: str) -> Any:
    try:
        return words(text)
    except ValueError:
        choices = ", ".join(word.value for word in words)
        raise WrongUsageError(f"{flag} is {text!r}, but must be one of {choices}.") from None
