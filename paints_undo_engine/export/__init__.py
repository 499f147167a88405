"""Exports: a process as video, animation, image sequence, layered file or contact sheet.

    for step, of in export(source, Path("process.mp4"), ExportOptions(format=ExportFormat.MP4)):
        ...

This package's name gives the light parts only; the writers (PyAV, psd-tools) are loaded by `export` as needed.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from paints_undo_engine.export.options import (
    Aspect,
    ExportFormat,
    ExportOptions,
    Fill,
    FrameSize,
    Language,
    LayerContent,
    Pace,
    format_of,
    options_for,
)

if TYPE_CHECKING:
    from paints_undo_engine.export.source import ProcessSource, Steps
    from paints_undo_engine.provenance.signing import SigningKey

__all__ = [
    "Aspect",
    "ExportFormat",
    "ExportOptions",
    "Fill",
    "FrameSize",
    "Language",
    "LayerContent",
    "Pace",
    "export",
    "format_of",
    "options_for",
]


def export(
    source: ProcessSource,
    path: Path,
    options: ExportOptions,
    key: SigningKey | None = None,
    *,
    signed_later: bool = False,
) -> Steps:
    """Write `source` to `path` in `options.format` and yield (step, of) after each step.

    Frames are restored to the size that the options ask for. A PNG sequence is written as an archive when `path` ends
    in ``.zip``, and as a folder otherwise. The file appears under its name when it is complete; closing the generator
    cancels and leaves nothing behind. Returns what a video was encoded by, as FFmpeg calls it.

    With a `key`, and the extra ``provenance``, the file is signed; the claim of a format that cannot hold one is put
    beside it, under its name and ``.c2pa``. Without, a file carries a seal alone. With `signed_later` it is made so
    that `provenance.signing.sign` can sign it, in another process, say.

    Raises `ExportError` when it cannot be written (no permission, no space, no such folder, too large for the format),
    and what reading the source raises.
    """
    from paints_undo_engine.export.estimate import check_budget
    from paints_undo_engine.export.sizing import sized, with_size
    from paints_undo_engine.export.writing import write_atomically

    painting = source.painting
    options = with_size(painting, options)
    if shown := source.frames or source.keyframes:
        check_budget(painting.width, painting.height, len(shown), options, len(source.keyframes))
    return (yield from write_atomically(sized(source, options), path, options, key, signed_later=signed_later))
