"""The published application's three examples, run as published, to be laid beside the published pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from paints_undo_daemon.cli.progress import Display
from paints_undo_engine.engines import EngineSettings
from paints_undo_engine.errors import InvalidRequestError
from paints_undo_engine.export.options import ExportFormat, ExportOptions
from paints_undo_engine.request import ExecutionParameters, InterpolationParameters, KeyframeParameters, ProcessRequest


@dataclass(frozen=True, slots=True)
class Example:
    """The seeds that the published application has beside one of its example pictures."""

    keyframe_seed: int
    interpolation_seed: int


EXAMPLES = (Example(12345, 123), Example(37000, 12345), Example(3000, 3000))
"""In the published order; all else of them is the application's default."""
PUBLISHED_FRAMES_PER_SECOND = 4.0


def request_of(example: Example, *, allow_slow: bool = False) -> ProcessRequest:
    """An example as the published application runs it; `allow_slow`: even where that takes many hours."""
    return ProcessRequest(
        engine="diffusion",
        reference=True,
        keyframes=KeyframeParameters(seed=example.keyframe_seed),
        interpolation=InterpolationParameters(seed=example.interpolation_seed),
        execution=ExecutionParameters(allow_slow=allow_slow),
    )


def run(
    pictures: Sequence[Path], folder: Path, settings: EngineSettings, display: Display, *, allow_slow: bool = False
) -> None:
    """Make a sheet and a video of each example from its picture, in the published order.

    Raises `InvalidRequestError` for more pictures than there are examples, and what the engine, the decoding and the
    exporters raise.
    """
    from paints_undo_daemon.cli import in_process

    if len(pictures) > len(EXAMPLES):
        raise InvalidRequestError("pictures", len(pictures), f"at most {len(EXAMPLES)}, in the published order")
    folder.mkdir(parents=True, exist_ok=True)
    for number, (picture, example) in enumerate(zip(pictures, EXAMPLES, strict=False), start=1):
        sheet = ExportOptions(format=ExportFormat.CONTACT_SHEET)
        video = ExportOptions(format=ExportFormat.MP4, frames_per_second=PUBLISHED_FRAMES_PER_SECOND)
        outputs = [
            in_process.Output(folder / f"example-{number}.png", sheet),
            in_process.Output(folder / f"example-{number}.mp4", video),
        ]
        in_process.run(picture, request_of(example, allow_slow=allow_slow), {}, outputs, settings, display)
