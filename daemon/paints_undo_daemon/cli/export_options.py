"""The flags of `undo` and `export` that decide how a process is exported."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from paints_undo_daemon.cli.flags import Flag, with_flags
from paints_undo_daemon.cli.problems import WrongUsageError
from paints_undo_engine.declarations import EXPORT
from paints_undo_engine.export.options import Aspect, ExportOptions, FrameSize, LayerContent, format_of

_PANEL = "Export"
_NAMES = {
    "frames_per_second": "--fps",
    "duration_seconds": "--duration",
    "hold_last_seconds": "--hold",
    "result_first_seconds": "--result-first",
    "layer_content": "--layers",
    "omit_metadata": "--no-metadata",
}
"""Options that are not called after their field."""
_GIVEN_OTHERWISE = {"format", "aspect", "letterbox", "max_side", "size"}
"""By the output's ending, ``--crop``, ``--letterbox`` and ``--size``."""

FLAGS = tuple(
    Flag(known, _NAMES.get(known.name, f"--{known.name.replace('_', '-')}"))
    for known in EXPORT
    if known.name not in _GIVEN_OTHERWISE
)

with_export_flags = with_flags("export_given", FLAGS)
"""Gives a command all of `FLAGS`, as its parameter `export_given`."""

CropOption = Annotated[
    str | None, typer.Option(metavar="ASPECT", help="Crop to 1:1, 4:5, 9:16 or 16:9.", rich_help_panel=_PANEL)
]
LetterboxOption = Annotated[
    str | None, typer.Option(metavar="ASPECT", help="The same with bars instead of cropping.", rich_help_panel=_PANEL)
]
SizeOption = Annotated[
    str | None,
    typer.Option(
        metavar="NUMBER",
        help="Longer side in pixels; or 'painting' (default) or 'model', the engine's size.",
        rich_help_panel=_PANEL,
    ),
]


def build_options(
    output: Path, given: Mapping[str, Any], *, crop: str | None, letterbox: str | None, size: str | None
) -> ExportOptions:
    """The options for one output. Raises `ExportError`, `InvalidRequestError` and `WrongUsageError`."""
    values = dict(given)
    if "layer_content" in values:
        values["layer_content"] = _member(LayerContent, values["layer_content"], "--layers")
    if crop is not None and letterbox is not None:
        raise WrongUsageError("--crop and --letterbox exclude each other.")
    if crop is not None:
        values["aspect"] = _member(Aspect, crop, "--crop")
    if letterbox is not None:
        values |= {"aspect": _member(Aspect, letterbox, "--letterbox"), "letterbox": True}
    if size in tuple(FrameSize):
        values["size"] = FrameSize(size)
    elif size is not None:
        if not size.isdecimal():
            raise WrongUsageError(f"--size is {size!r}, but must be a number of pixels, 'painting' or 'model'.")
        values["max_side"] = int(size)
    return ExportOptions(format=format_of(output), **values)


def _member(words: type[Any], text: str, flag: str) -> Any:
    try:
        return words(text)
    except ValueError:
        choices = ", ".join(word for word in words if word != "own")
        raise WrongUsageError(f"{flag} is {text!r}, but must be one of {choices}.") from None
