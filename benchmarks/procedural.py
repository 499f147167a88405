"""How fast is the embedded engine, and how much memory does it take?

    python benchmarks/procedural.py [PICTURES…] [--json FILE] [--runs 5] [--sizes 512x640 1024x1280 …] [--cut-out]

For every size the time runs from the picture's file to the hundredth full-size 8-bit frame, handed to a consumer that
drops it: decoding and analysis included, imports not, a fresh plan each time. `preview` is 16 states at no more than
512 pixels a side. `cpu` is what all processors spent on that, `state` the worst of ten states in random order
afterwards. With `--cut-out` pictures are transparent around an ellipse.

Each run is a process of its own, whose peak of resident memory is the machine's own count; figures are medians.
Pictures are scaled to fill the size and cut to it; without one, the repository's illustration is used.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import statistics
import sys
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter, ImageOps

ROOT = Path(__file__).resolve().parents[1]
SIZES = ("512x640", "1024x1280", "2048x2560", "4096x4096")
TARGETS = {"512x640": 3.0, "1024x1280": 5.0, "2048x2560": 12.0, "4096x4096": 30.0, "preview": 1.2}
MEMORY_TARGET_MB = 1536
STATES = (0.95, 0.3, 0.8, 0.15, 0.6, 0.9, 0.45, 0.7, 0.05, 0.5)
FRAMES, PREVIEW_STATES, PREVIEW_SIDE = 100, 16, 512


def run(path: str, frames: int, answer: Connection) -> None:
    """One measurement, in its own process: seconds of each part, and the peak of memory in MB."""
    sys.path.insert(0, str(ROOT))
    from paints_undo_engine.painting import decode
    from paints_undo_engine.procedural import make_document

    begin, spent = time.perf_counter(), time.process_time()
    pixels = decode(Path(path)).pixels8()
    decoded = time.perf_counter()
    document = make_document(pixels)
    planned = time.perf_counter()
    for number in range(1, frames + 1):
        document.render(document.count * number / frames)
    end, spent = time.perf_counter(), time.process_time() - spent
    worst = 0.0
    for share in STATES:
        asked = time.perf_counter()
        document.render(document.count * share)
        worst = max(worst, time.perf_counter() - asked)
    answer.send((decoded - begin, planned - decoded, end - planned, end - begin, spent, worst, peak_mb()))


def peak_mb() -> float:
    """This process's peak of resident memory; 0 where the system does not say."""
    try:
        import resource
    except ImportError:
        return 0.0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def measured(path: Path, frames: int, runs: int) -> dict[str, float]:
    """Medians of `runs` runs, each in a fresh process."""
    context = multiprocessing.get_context("spawn")
    results = []
    for _ in range(runs):
        mine, theirs = context.Pipe(duplex=False)
        process = context.Process(target=run, args=(str(path), frames, theirs))
        process.start()
        theirs.close()
        results.append(mine.recv())
        process.join()
    columns = ("decode_s", "plan_s", "frames_s", "total_s", "cpu_s", "state_s", "peak_mb")
    return {
        name: round(statistics.median(values), 3)
        for name, values in zip(columns, zip(*results, strict=True), strict=True)
    }


def scaled(picture: Path, size: tuple[int, int], folder: Path, *, cut_out: bool) -> Path:
    """The picture as a PNG file that fills a size, cut out as an ellipse where that is asked for."""
    with Image.open(picture) as image:
        fitted = ImageOps.fit(ImageOps.exif_transpose(image).convert("RGB"), size, Image.Resampling.LANCZOS)
    if cut_out:
        mask = Image.new("L", size)
        ImageDraw.Draw(mask).ellipse((size[0] * 0.08, size[1] * 0.05, size[0] * 0.92, size[1] * 0.95), fill=255)
        fitted.putalpha(mask.filter(ImageFilter.GaussianBlur(size[0] / 400)))
    path = folder / f"{picture.stem}-{size[0]}x{size[1]}.png"
    fitted.save(path, compress_level=1)
    return path


def default_pictures() -> list[Path]:
    """The repository's own illustration."""
    return [ROOT / "assets" / "illustration.png"]


def main() -> None:
    """Measure, print a table, and write the figures where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pictures", nargs="*", type=Path)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--sizes", nargs="+", default=[*SIZES, "preview"])
    parser.add_argument("--cut-out", action="store_true", help="make the pictures transparent around an ellipse")
    arguments = parser.parse_args()
    figures: dict[str, dict[str, dict[str, float]]] = {}
    print(
        f"{'picture':24} {'size':>10} {'decode':>7} {'plan':>7} {'frames':>7} {'total':>7} {'cpu':>7}"
        f" {'state':>7} {'target':>7} {'peak MB':>8}"
    )
    with tempfile.TemporaryDirectory() as folder:
        for picture in arguments.pictures or default_pictures():
            for name in arguments.sizes:
                preview = name == "preview"
                width, height = (410, PREVIEW_SIDE) if preview else (int(side) for side in name.split("x"))
                path = scaled(picture, (width, height), Path(folder), cut_out=arguments.cut_out)
                found = measured(path, PREVIEW_STATES if preview else FRAMES, arguments.runs)
                figures.setdefault(picture.name, {})[name] = found
                seconds = " ".join(
                    f"{found[key]:7.2f}" for key in ("decode_s", "plan_s", "frames_s", "total_s", "cpu_s", "state_s")
                )
                target = TARGETS.get(name)
                print(
                    f"{picture.name[:24]:24} {name:>10} {seconds} {target or float('nan'):7.1f} {found['peak_mb']:8.0f}"
                    f"{'' if target is None or found['total_s'] <= target else '  over'}"
                    f"{'' if found['peak_mb'] <= MEMORY_TARGET_MB else '  too much memory'}",
                    flush=True,
                )
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
