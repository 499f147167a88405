"""Where encoded pictures go."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from av.container import OutputContainer

from paints_undo_engine.export.options import ExportFormat
from paints_undo_engine.export.sound import Sound


@dataclass(frozen=True, slots=True)
class Target:
    """A video that is being written: its container and format, its size in pixels, `rate` ticks in a second, `length`
    of them in all, and the file of sound that is laid under it, if one is."""

    container: OutputContainer
    kind: ExportFormat
    width: int
    height: int
    rate: Fraction
    length: int
    sound_file: Path | None = None

    def sound(self) -> Sound | None:
        """The sound, as one more stream of the container. Raises `ExportError` where the file holds none."""
        if self.sound_file is None:
            return None
        return Sound(self.container, self.kind, self.sound_file, self.length / self.rate)
