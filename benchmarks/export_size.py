"""How far off an export's size is that was told before it was made.

    python benchmarks/export_size.py [PICTURE ...] [--max-side 640] [--json export_size.json]

Each picture's process is made by the embedded engine and written in every format; the table shows the file's bytes
divided by the estimate (`export/estimate.py`), whose numbers were fitted to other pictures.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from paints_undo_engine import engines, painting
from paints_undo_engine.export import Aspect, ExportFormat, ExportOptions, Fill, Pace
from paints_undo_engine.request import ProceduralParameters, ProcessRequest
from paints_undo_engine.result import Result
from paints_undo_engine.stages import Stage

ROOT = Path(__file__).resolve().parents[1]
PICTURES = [ROOT / "assets" / f"{name}.png" for name in ("watercolour", "comic", "illustration")]
TALL: Mapping[str, Any] = {"aspect": Aspect.TALL, "max_side": 640, "duration_seconds": 6}
CASES: Mapping[str, ExportOptions] = {
    **{kind.value: ExportOptions(format=kind) for kind in ExportFormat},
    "mp4, eased": ExportOptions(format=ExportFormat.MP4, pace=Pace.EASED, **TALL),
    "mp4, camera": ExportOptions(format=ExportFormat.MP4, fill=Fill.FOLLOW, **TALL),
    "mp4, drawn over": ExportOptions(
        format=ExportFormat.MP4, show_operation=True, show_progress=True, show_palette=True, show_brush=True, **TALL
    ),
    "mp4, zoom and wipe": ExportOptions(format=ExportFormat.MP4, zoom_seconds=2, wipe_seconds=2, **TALL),
    "gif, small": ExportOptions(format=ExportFormat.GIF, max_side=320, duration_seconds=5),
}
OF_KEYFRAMES: Mapping[str, ExportOptions] = {
    f"{kind.value}, keyframes alone": ExportOptions(format=kind)
    for kind in (ExportFormat.MP4, ExportFormat.WEBM, ExportFormat.GIF, ExportFormat.WEBP)
}
"""What few pictures become, each of which differs much from the one before."""


@dataclass(frozen=True)
class Told:
    """The bytes of a file, and what was told of it."""

    case: str
    picture: str
    size_bytes: int
    told: int
    inside: bool

    @property
    def ratio(self) -> float:
        """1 where the estimate was right."""
        return self.size_bytes / self.told


def main() -> None:
    """Make the files and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pictures", type=Path, nargs="*", default=PICTURES)
    parser.add_argument("--max-side", type=int, default=640, help="longer side of the frames")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    found = [told for picture in given.pictures for told in measure(picture, given.max_side)]
    print("| export | file / estimate: least | median | most | inside its range |\n|---|---|---|---|---|")
    for case in (*CASES, *OF_KEYFRAMES):
        ratios = [told.ratio for told in found if told.case == case]
        inside = sum(told.inside for told in found if told.case == case)
        figures = f"{min(ratios):.2f} | {statistics.median(ratios):.2f} | {max(ratios):.2f}"
        print(f"| {case} | {figures} | {inside} of {len(ratios)} |")
    if given.json:
        given.json.write_text(json.dumps([vars(told) for told in found], indent=1))


def measure(picture: Path, max_side: int) -> Iterator[Told]:
    """The process of one picture in every format, then its keyframes alone."""
    request = ProcessRequest(engine="procedural", procedural=ProceduralParameters(max_side=max_side))
    yield from _told(picture, request, CASES)
    yield from _told(picture, replace(request, stop_after=Stage.KEYFRAMES), OF_KEYFRAMES)


def _told(picture: Path, request: ProcessRequest, cases: Mapping[str, ExportOptions]) -> Iterator[Told]:
    engine = engines.load(request.engine)
    with Result(engine, painting.decode(picture), request) as result, tempfile.TemporaryDirectory() as folder:
        for _ in result.run():
            pass
        for case, options in cases.items():
            path = Path(folder) / f"process{options.format.suffix}"
            for _ in result.export(path, options):
                pass
            told, size = result.estimate(options), path.stat().st_size
            yield Told(case, picture.name, size, told.size_bytes, told.least_bytes <= size <= told.most_bytes)


if __name__ == "__main__":
    main()
