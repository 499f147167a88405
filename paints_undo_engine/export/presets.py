"""Exports by name, as data: those that come with the package, and those that people add. Standard library only."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from paints_undo_engine.errors import ExportError, PaintsUndoError
from paints_undo_engine.export.effect import refuse_idle_options
from paints_undo_engine.export.options import ExportOptions
from paints_undo_engine.parameters import with_values

FILE_NAME = "presets.toml"
"""What the file is called in the home folder."""
_OWN = Path(__file__).with_name(FILE_NAME)
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_MOST_BYTES, _LONGEST_SUMMARY = 1 << 18, 200


@dataclass(frozen=True, slots=True)
class ExportPreset:
    """An export by name: `summary` says what for, `values` are those fields of `ExportOptions` that it sets."""

    name: str
    summary: str
    values: Mapping[str, Any]

    @property
    def options(self) -> ExportOptions:
        """The options with everything else as it is by default.

        >>> load_presets()["chat"].options.max_side
        480
        """
        return with_values(ExportOptions(), self.values)


def load_presets(*files: Path) -> dict[str, ExportPreset]:
    """The package's presets, then those of `files` that exist; a later one replaces one of the same name.

    Raises `ExportError`, which names the file, for one that cannot be read or sets what an export has not.
    """
    presets = _read(_OWN)
    for file in files:
        presets |= _read(file) if file.is_file() else {}
    return presets


def preset_called(name: str, *files: Path) -> ExportPreset:
    """The preset of a name. Raises `ExportError` where there is none, and what `load_presets` raises."""
    presets = load_presets(*files)
    if name not in presets:
        raise ExportError(f"There is no preset {name!r}, only {', '.join(presets)}.")
    return presets[name]


def _read(file: Path) -> dict[str, ExportPreset]:
    try:
        with file.open("rb") as opened:
            text = opened.read(_MOST_BYTES + 1)
        if len(text) > _MOST_BYTES:
            raise ExportError(f"{file} is larger than a file of presets may be ({_MOST_BYTES} bytes).")
        tables = tomllib.loads(text.decode("utf-8"))
    except (OSError, ValueError) as error:
        raise ExportError(f"The presets in {file} cannot be read: {error}") from error
    return {name: _preset(file, name, table) for name, table in tables.items()}


def _preset(file: Path, name: str, table: Any) -> ExportPreset:
    where = f"The preset {name!r} in {file}"
    if not _NAME.fullmatch(name):
        raise ExportError(f"{where} has a name that is not made of a to z, 0 to 9 and hyphens, at most 40.")
    if not isinstance(table, dict):
        raise ExportError(f"{where} is no table: it begins with [{name}] on a line of its own.")
    values = dict(table)
    summary = values.pop("summary", "")
    if not isinstance(summary, str) or len(summary) > _LONGEST_SUMMARY:
        raise ExportError(f"{where} has a summary that is no text of at most {_LONGEST_SUMMARY} characters.")
    preset = ExportPreset(name, summary, values)
    try:
        refuse_idle_options(values, preset.options.format)
    except (PaintsUndoError, TypeError) as error:
        raise ExportError(f"{where} is not valid: {error}") from error
    return preset
