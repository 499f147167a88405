"""A finished process: its frames, and the files that can be made of it."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.course import Course, course_of
from paints_undo_engine.export.effect import refuse_idle_options
from paints_undo_engine.export.options import ExportOptions, options_for
from paints_undo_engine.export.side_by_side import export_side_by_side
from paints_undo_engine.export.source import Still
from paints_undo_engine.parameters import with_values
from paints_undo_engine.picture import Picture, SplitLayer
from paints_undo_engine.provenance.signing import SigningKey
from paints_undo_engine.result import Result

if TYPE_CHECKING:
    from PIL.Image import Image


@dataclass(frozen=True)
class Frame:
    """One picture of a process.

    `index` is chronological from 0, `operation_step` counts back from 1000 (the blank canvas) to 0 (the painting),
    `label` says what is being painted, where the engine knows it.
    """

    index: int
    operation_step: float
    label: str
    _picture: Callable[[], Picture]

    @cached_property
    def pixels(self) -> NDArray[np.uint8]:
        """uint8 [height, width, 3 or 4], sRGB, straight alpha."""
        return self._picture().pixels

    @property
    def image(self) -> Image:
        """The same as a PIL image."""
        from PIL import Image

        return Image.fromarray(self.pixels)

    @property
    def done(self) -> float:
        """The share of the work that is done, 0 to 1."""
        return 1 - self.operation_step / 1000

    def __repr__(self) -> str:
        label = f", {self.label!r}" if self.label else ""
        return f"<Frame {self.index}, {self.done:.0%} painted{label}>"

    def _repr_png_(self) -> bytes:
        with io.BytesIO() as buffer:
            self.image.save(buffer, "PNG")
            return buffer.getvalue()


class Process:
    """A finished process: its frames, its keyframes, its layers, and the files that can be made of it.

    Pictures lie in a temporary folder until the process is closed or forgotten. A notebook shows a contact sheet.
    """

    def __init__(self, result: Result) -> None:
        self._result = result

    @property
    def frames(self) -> list[Frame]:
        """All frames, chronological; the last is the painting."""
        return _listed(self._result.frames)

    @property
    def keyframes(self) -> list[Frame]:
        """The blank canvas, the states at the operation steps, the painting."""
        return _listed(self._result.keyframes)

    @property
    def layers(self) -> tuple[SplitLayer, ...]:
        """The painting as an artist's layers, bottom first. Raises `EngineUnavailableError` for an engine without."""
        return self._result.layers

    @property
    def tags(self) -> str:
        """What the engine sees in the picture, comma-separated."""
        return self._result.tags

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the engine has said about the process, such as that its models were not trained for what was asked."""
        return tuple(self._result.warnings)

    @property
    def course(self) -> Course:
        """How far each frame is from the end, and how much of the time each phase takes.

        >>> [process.course.distance_at(0.5) for process in paints_undo.variants("in.png")]
        """
        stills = self._result.frames or self._result.keyframes
        return course_of((still.read().pixels for still in stills), (still.label for still in stills))

    def export(
        self, path: str | Path, options: ExportOptions | None = None, *, sound: str | Path | None = None, **given: Any
    ) -> Path:
        """Write a video, an animation, a layered file, a contact sheet or a folder; the name's ending chooses.

        `sound` is a file that is laid under a video, cut to its length and faded. `given` are fields of
        `ExportOptions`: ``process.export("reel.mp4", duration_seconds=15, aspect="9:16")``. The file appears under its
        name when it is complete. Raises `ExportError` and `InvalidRequestError`.
        """
        path = Path(path)
        chosen = with_values(options or options_for(path), given)
        refuse_idle_options(given, chosen.format)
        for _ in self._result.export(path, chosen, _key(chosen), Path(sound) if sound else None):
            pass
        return path

    def beside(self, others: Sequence[Process], path: str | Path, **given: Any) -> Path:
        """Write this process and others, numbered from 1, side by side: a grid at equal time, on a contact sheet rows.

        ``first.beside(rest, "variants.mp4", duration_seconds=10)``. Raises `ExportError` and `InvalidRequestError`.
        """
        path = Path(path)
        options = with_values(options_for(path), given)
        refuse_idle_options(given, options.format, side_by_side=True)
        sources = [process._result.source_for(options) for process in (self, *others)]
        for _ in export_side_by_side(sources, path, options, _key(options)):
            pass
        return path

    def close(self) -> None:
        """Delete the pictures."""
        self._result.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __len__(self) -> int:
        return len(self._result.frames)

    def __repr__(self) -> str:
        width, height = self._result.painting.width, self._result.painting.height
        return f"<Process of a {width} x {height} painting: {len(self)} frames>"

    def _repr_png_(self) -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            return self.export(Path(folder) / "sheet.png").read_bytes()


def _key(options: ExportOptions) -> SigningKey | None:
    """This account's key, where files are signed."""
    from paints_undo_daemon import signing_key
    from paints_undo_daemon.home import home_folder

    pair = signing_key.for_export(options, home_folder())
    return SigningKey(*pair) if pair else None


def _listed(stills: list[Still]) -> list[Frame]:
    return [Frame(index, still.operation_step, still.label, still.read) for index, still in enumerate(stills)]
