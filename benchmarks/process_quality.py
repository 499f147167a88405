"""Is the embedded engine's process believable? Measures, verdicts, fakes and contact sheets.

    python benchmarks/process_quality.py PICTURES… [--json FILE] [--sheets FOLDER]

Every picture is planned at no more than 640 pixels a side, measured on 100 frames and on every single operation, and
judged by the bands in `quality/bands.py`. Three cheap fakes of the same picture go through the same measures: each of
them must break a band, or the measures say nothing. Half of the pictures, chosen by a hash of their names, are for
tuning the engine; the other half is held out.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from quality.bands import BANDS, broken_bands, broken_operations
from quality.fakes import FAKES
from quality.measures import Frame, Measures, OperationShares, diversity, measure, operation_shares
from quality.sheet import contact_sheet

from paints_undo_engine.procedural import Plan, ProceduralOptions, make_plan

SIDE, FRAMES, STATES = 640, 100, 16
SEEDS = (0, 1, 2)
SEED_SHARES = (0.05, 0.3, 0.45, 0.6, 0.8)


@dataclass(frozen=True)
class Study:
    """All that was found out about one picture."""

    picture: str
    half: str
    mode: str
    measures: Measures
    operations: OperationShares
    broken: list[str]
    fakes: dict[str, list[str]]
    """For every fake the bands that it breaks."""
    diversity: list[float]

    @property
    def passes(self) -> bool:
        """Nothing broken, and no fake that gets through."""
        return not self.broken and all(self.fakes.values())


def half_of(name: str) -> str:
    """Which half a picture belongs to: decided by its name alone."""
    return "tuning" if hashlib.sha256(name.encode()).digest()[0] % 2 else "held out"


def load(path: Path) -> NDArray[np.uint8]:
    """The picture as RGB, or RGBA where it has transparency, at most `SIDE` pixels a side."""
    with Image.open(path) as image:
        transparent = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
        picture = image.convert("RGBA" if transparent else "RGB")
    if max(picture.size) > SIDE:
        picture.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    return np.array(picture)


def on_white(pixels: NDArray[np.uint8]) -> Frame:
    """RGB as it is, RGBA laid on white."""
    if pixels.shape[2] == 3:
        return pixels
    alpha = pixels[..., 3:].astype(np.float32) / 255
    return np.floor(pixels[..., :3] * alpha + 255 * (1 - alpha) + 0.5).astype(np.uint8)


def state(plan: Plan, share: float) -> Frame:
    """The canvas when `share` (0..1) of the operations are done."""
    return on_white(plan.render(share * len(plan.operations)))


def ink_end_of(plan: Plan) -> float:
    """The share of the process at which the line drawing is done; without ink, the sketch is the line drawing."""
    return plan.phase_ends.get("ink", plan.phase_ends["sketch"]) / len(plan.operations)


def study(path: Path, sheets: Path | None = None) -> Study:
    """Plan the picture, measure its process and its fakes; with `sheets` also draw its contact sheet."""
    picture = load(path)
    painting = on_white(picture)
    plans = [make_plan(picture, ProceduralOptions(seed=seed)) for seed in SEEDS]
    plan = plans[0]
    if sheets:
        write_sheet(plan, sheets / f"{path.stem}.png")
    ink_end = ink_end_of(plan)
    measures = measure((state(plan, i / FRAMES) for i in range(1, FRAMES + 1)), painting, ink_end)
    shares = operation_shares(
        (on_white(plan.render(count)) for count in range(len(plan.operations) + 1)),
        [operation.phase for operation in plan.operations],
    )
    return Study(
        picture=path.name,
        half=half_of(path.name),
        mode=plan.mode,
        measures=measures,
        operations=shares,
        broken=broken_bands(measures, plan.mode) + broken_operations(shares),
        fakes={
            name: broken_bands(measure(fake(painting, FRAMES), painting, ink_end), plan.mode)
            for name, fake in FAKES.items()
        },
        diversity=diversity([[state(plan, share) for share in SEED_SHARES] for plan in plans]),
    )


def write_sheet(plan: Plan, path: Path) -> None:
    """16 states of the process as a picture."""
    shares = [0.004, *((i / (STATES - 1)) for i in range(1, STATES))]
    captions = [f"operation {round(share * len(plan.operations))}" for share in shares]
    path.parent.mkdir(parents=True, exist_ok=True)
    contact_sheet([state(plan, share) for share in shares], captions).save(path)


def print_study(found: Study) -> None:
    """One line of figures, and one for what is wrong."""
    figures = " ".join(f"{getattr(found.measures, name):8.3f}" for name in BANDS)
    verdict = "pass" if found.passes else "FAIL"
    print(
        f"{found.picture[:28]:28} {found.half:8} {found.mode:5} {verdict} {figures}"
        f" {found.operations.count:5d} {sum(found.operations.empty.values()):5d} {found.operations.largest:7.3f}"
        f" {np.mean(found.diversity):7.3f}",
        flush=True,
    )
    if found.broken:
        print(f"    broken: {', '.join(found.broken)}")
    for name, broken in found.fakes.items():
        if not broken:
            print(f"    the {name} passes for a painting process")


def print_summary(studies: list[Study]) -> None:
    """How many pass, by half and in all, and whether every fake was caught."""
    for half in ("tuning", "held out"):
        of_half = [found for found in studies if found.half == half]
        print(f"{half}: {sum(found.passes for found in of_half)} of {len(of_half)} pass")
    caught = sum(bool(broken) for found in studies for broken in found.fakes.values())
    print(f"fakes caught: {caught} of {len(FAKES) * len(studies)}")


def as_json(found: Study) -> dict[str, Any]:
    """The study with its verdict, ready to be written."""
    return {**asdict(found), "passes": found.passes}


def main() -> None:
    """Measure the pictures given on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pictures", nargs="+", type=Path, metavar="PICTURE")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures to FILE")
    parser.add_argument("--sheets", type=Path, metavar="FOLDER", help="write a contact sheet per picture into FOLDER")
    arguments = parser.parse_args()
    cv2.setNumThreads(2)
    headings = " ".join(f"{name[:8]:>8}" for name in BANDS)
    print(f"{'picture':28} {'half':8} {'mode':5} {'':4} {headings} {'ops':>5} {'empty':>5} {'largest':>7} {'seeds':>7}")
    studies = []
    for path in arguments.pictures:
        studies.append(study(path, arguments.sheets))
        print_study(studies[-1])
    print_summary(studies)
    if arguments.json:
        bands = {name: asdict(band) for name, band in BANDS.items()}
        arguments.json.write_text(
            json.dumps({"bands": bands, "pictures": [as_json(found) for found in studies]}, indent=1)
        )


if __name__ == "__main__":
    main()
