"""How well are small frames brought to the painting's size? Compared with states whose truth is known.

    python benchmarks/restoring.py [PICTURES…] [--states 8] [--pixels 1300000] [--only NAME…] [--json FILE]
                                  [--autoencoder FOLDER] [--upscaler FOLDER] [--cache FOLDER]
    python benchmarks/restoring.py --large 100    one frame of so many megapixels: processor time, and peak memory

The embedded engine renders true states at full size. Each is shrunk to the area of the interpolation model's frames
(320 x 512), degraded as a model's decoder does it (`exact`: not at all; `soft`: blur of 0.6 pixels, noise of 3 levels;
`softer`: 0.9 and 5), restored, and compared with the truth beside plain bicubic enlarging. How frames are degraded is
not told: it is measured on one nearly finished frame, as the daemon does it.

With `--autoencoder`, the folder of a small autoencoder (`small_autoencoder.py`), frames go through it: `round` once,
`soft-round` after a blur of 0.6 and noise of 3, `two-rounds` twice, `half-round` once at half their size, which stands
for a VAE that keeps less. `--only` names the degradations to measure.

Columns, each restored minus bicubic: PSNR in dB (mean, and the worst single frame), PSNR of the gradients, SSIM, PSNR
only where the state differs from the finished painting (below 0: later paint shines through), and the error of the
change between neighbouring frames as a ratio (below 1: it flickers less). `s/MP`: processor seconds a megapixel.
`--upscaler` names the folder of a learned upscaler's weights. `--cache` keeps the true states and what the autoencoder
made of them, which take most of the time; empty it when either has changed. Without arguments the repository's own
pictures are used.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import resource
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine import png
from paints_undo_engine.painting import Painting, decode, resize
from paints_undo_engine.picture import Picture
from paints_undo_engine.procedural.build import make_document
from paints_undo_engine.procedural.options import Options
from paints_undo_engine.restoring import Upscaler, calibrate, restore

ROOT = Path(__file__).resolve().parents[1]
FRAME_AREA = 320 * 512
UNPAINTED = 24
"""Levels by which a state differs from the painting where it counts as not yet painted."""
PICTURES = ("comic", "figure", "illustration", "landscape", "pencil", "watercolour")

Pixels = NDArray[np.uint8]
Round = Callable[[Pixels], Pixels]


@dataclass(frozen=True, slots=True)
class Degradation:
    """What is done to a small frame: a blur in pixels, noise in levels, then rounds through an autoencoder."""

    blur: float = 0.0
    noise: float = 0.0
    rounds: int = 0
    halved: bool = False


DEGRADATIONS = {
    "exact": Degradation(),
    "soft": Degradation(0.6, 3),
    "softer": Degradation(0.9, 5),
    "round": Degradation(rounds=1),
    "soft-round": Degradation(0.6, 3, rounds=1),
    "two-rounds": Degradation(rounds=2),
    "half-round": Degradation(rounds=1, halved=True),
}


@dataclass(frozen=True, slots=True)
class Row:
    """What one picture gave with one degradation; see the module for the columns."""

    picture: str
    degradation: str
    bicubic: float
    psnr: float
    worst: float
    gradients: float
    ssim: float
    unpainted: float
    flicker: float
    seconds: float


def true_states(
    path: Path, states: int, pixels: int, cache: Path | None = None
) -> tuple[Painting, list[Pixels], Pixels]:
    """The painting, its states evenly over the work, and one that is nearly finished; kept in the folder `cache`."""
    if cache is None:
        return _rendered(path, states, pixels)
    named = f"{path.stem}-{hashlib.sha256(path.read_bytes()).hexdigest()[:12]}-{states}-{pixels}.npy"
    kept = cache / named
    if kept.is_file():
        painting, *truths, nearly = np.load(kept, allow_pickle=False)
        return Painting(painting), truths, nearly
    known, truths, nearly = _rendered(path, states, pixels)
    cache.mkdir(parents=True, exist_ok=True)
    np.save(kept, np.stack([known.pixels, *truths, nearly]))
    return known, truths, nearly


def _rendered(path: Path, states: int, pixels: int) -> tuple[Painting, list[Pixels], Pixels]:
    picture = decode(path).rgb8()
    scale = min(1.0, (pixels / (picture.shape[0] * picture.shape[1])) ** 0.5)
    picture = np.ascontiguousarray(resize(picture, round(picture.shape[1] * scale), round(picture.shape[0] * scale)))
    document = make_document(picture, Options(seed=1))
    moments = (document.count * (number + 0.5) / states for number in range(states))
    return Painting(picture), [document.render(moment) for moment in moments], document.render(0.97 * document.count)


def degraded(state: Pixels, how: Degradation, chance: np.random.Generator, through: Round | None = None) -> Pixels:
    """A state as a model would give it."""
    scale = min(0.5, (FRAME_AREA / (state.shape[0] * state.shape[1])) ** 0.5)
    small = resize(state, round(state.shape[1] * scale), round(state.shape[0] * scale)).astype(np.float32)
    if how.blur:
        small = np.asarray(cv2.GaussianBlur(small, (0, 0), how.blur), np.float32)
    frame = np.clip(np.rint(small + chance.normal(0, how.noise, small.shape)), 0, 255).astype(np.uint8)
    height, width = frame.shape[:2]
    for _ in range(how.rounds):
        if through is None:
            raise ValueError("There is no autoencoder.")
        frame = resize(through(resize(frame, width // 2, height // 2)), width, height) if how.halved else through(frame)
    return frame


def rows(
    path: Path,
    states: int,
    pixels: int,
    degradations: Mapping[str, Degradation],
    upscaler: Upscaler | None = None,
    through: Round | None = None,
    cache: Path | None = None,
) -> Iterator[Row]:
    """Measure one picture."""
    painting, truths, nearly = true_states(path, states, pixels, cache)
    for name, how in degradations.items():
        chance = np.random.default_rng(7)
        calibration = calibrate(Picture(degraded(nearly, how, chance, through), painting.placement), painting)
        plain, restored, seconds = [], [], []
        for truth in truths:
            frame = Picture(degraded(truth, how, chance, through), painting.placement)
            plain.append(resize(frame.pixels, painting.width, painting.height))
            begun = time.process_time()
            restored.append(restore(frame, painting, calibration, upscaler=upscaler).pixels)
            seconds.append((time.process_time() - begun) / (painting.width * painting.height / 1e6))
        yield Row(path.stem, name, *compared(painting.rgb8(), truths, plain, restored), statistics.median(seconds))


def compared(
    painting: Pixels, truths: list[Pixels], plain: list[Pixels], restored: list[Pixels]
) -> tuple[float, float, float, float, float, float, float]:
    """Bicubic's PSNR, then the differences of the table."""
    gains, gradients, likeness, unpainted = [], [], [], []
    for truth, before, after in zip(truths, plain, restored, strict=True):
        gains.append(psnr(truth, after) - psnr(truth, before))
        gradients.append(psnr(gradient(truth), gradient(after)) - psnr(gradient(truth), gradient(before)))
        likeness.append(ssim(truth, after) - ssim(truth, before))
        at = np.abs(truth.astype(np.int16) - painting).max(axis=2) > UNPAINTED
        if at.mean() > 0.01:
            unpainted.append(psnr(truth[at], after[at]) - psnr(truth[at], before[at]))
    bicubic = statistics.mean(psnr(truth, before) for truth, before in zip(truths, plain, strict=True))
    flicker = change_error(truths, restored) / max(change_error(truths, plain), 1e-9)
    mean = statistics.mean
    return (
        bicubic,
        mean(gains),
        min(gains),
        mean(gradients),
        mean(likeness),
        mean(unpainted or [0.0]),
        flicker,
    )


def psnr(truth: NDArray[Any], other: NDArray[Any]) -> float:
    """Of values 0 to 255, in dB; 80 at most."""
    error = float(np.mean(np.square(truth.astype(np.float32) - other.astype(np.float32))))
    return -10 * float(np.log10(max(error / 255**2, 1e-8)))


def gradient(pixels: Pixels) -> NDArray[np.float32]:
    """Differences to the right and downwards."""
    values = pixels.astype(np.float32)
    return np.concatenate([np.diff(values, axis=0)[:, :-1], np.diff(values, axis=1)[:-1]], axis=2)


def ssim(truth: Pixels, other: Pixels) -> float:
    """Structural similarity of the grey values (Wang et al. 2004)."""
    first, second = (np.asarray(cv2.cvtColor(item, cv2.COLOR_RGB2GRAY), np.float32) for item in (truth, other))

    def mean(values: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(cv2.GaussianBlur(values, (11, 11), 1.5), np.float32)

    one, two = mean(first), mean(second)
    spread = mean(first * first) - one * one + mean(second * second) - two * two
    together = mean(first * second) - one * two
    low, high = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    return float(np.mean((2 * one * two + low) * (2 * together + high) / ((one**2 + two**2 + low) * (spread + high))))


def change_error(truths: list[Pixels], made: list[Pixels]) -> float:
    """Mean error, in levels, of what changes from a frame to the next."""
    wrong = [item.astype(np.int16) - truth for truth, item in zip(truths, made, strict=True)]
    return statistics.mean(float(np.abs(later - earlier).mean()) for earlier, later in itertools.pairwise(wrong))


def large(megapixels: float) -> str:
    """What it costs to restore one frame of a picture of so many megapixels (enlarged), and to write it as PNG."""
    source = decode(ROOT / "assets" / "illustration.png").rgb8()
    scale = (megapixels * 1e6 / (source.shape[0] * source.shape[1])) ** 0.5
    pixels = resize(source, round(source.shape[1] * scale), round(source.shape[0] * scale))
    painting = Painting(np.ascontiguousarray(pixels))
    frame = Picture(degraded(source, DEGRADATIONS["soft"], np.random.default_rng(7)), painting.placement)
    before, begun, started = peak_mb(), time.process_time(), time.perf_counter()
    restored = restore(frame, painting, calibrate(frame, painting))
    restoring, seconds, passed = peak_mb(), time.process_time() - begun, time.perf_counter() - started
    size = len(png.encode(restored.pixels)) / 1e6
    return (
        f"{painting.width} x {painting.height} ({painting.pixels.nbytes / 1e6:.0f} MB of pixels): "
        f"{seconds:.2f} s of processor time in {passed:.2f} s; "
        f"peak {before:.0f} MB before, {restoring:.0f} MB restoring, "
        f"{peak_mb():.0f} MB with its PNG of {size:.0f} MB, {time.process_time() - begun - seconds:.1f} s"
    )


def peak_mb() -> float:
    """The most memory that this process has had, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def load_upscaler(folder: Path) -> Upscaler:
    """The upscaler whose weights are there; torch is loaded for it alone."""
    from paints_undo_engine.upscaling.upscaler import load

    return load(folder)


def load_autoencoder(folder: Path, cache: Path | None = None) -> Round:
    """One round through the small autoencoder of a folder; torch is loaded for it alone. Results stay in `cache`."""
    from small_autoencoder import load

    through = load(folder)
    if cache is None:
        return through

    def known(pixels: Pixels) -> Pixels:
        kept = cache / f"{folder.name}-{hashlib.sha256(pixels.tobytes()).hexdigest()[:24]}.npy"
        if not kept.is_file():
            cache.mkdir(parents=True, exist_ok=True)
            np.save(kept, through(pixels))
        return np.load(kept, allow_pickle=False)

    return known


def line(row: Row) -> str:
    """A row of the table."""
    return (
        f"{row.picture[:24]:24} {row.degradation:10} {row.bicubic:7.1f} {row.psnr:+6.2f} {row.worst:+6.2f} "
        f"{row.gradients:+6.2f} {row.ssim:+7.4f} {row.unpainted:+7.2f} {row.flicker:7.2f} {row.seconds:6.3f}"
    )


def main() -> None:
    """Measure, print a table, and write the figures where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pictures", nargs="*", type=Path)
    parser.add_argument("--states", type=int, default=8)
    parser.add_argument("--pixels", type=int, default=1_300_000)
    parser.add_argument("--upscaler", type=Path, metavar="FOLDER")
    parser.add_argument("--autoencoder", type=Path, metavar="FOLDER")
    parser.add_argument("--cache", type=Path, metavar="FOLDER")
    parser.add_argument("--only", nargs="+", choices=DEGRADATIONS, metavar="NAME")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--large", type=float, metavar="MEGAPIXELS")
    arguments = parser.parse_args()
    if arguments.large:
        print(large(arguments.large))
        return
    upscaler = load_upscaler(arguments.upscaler) if arguments.upscaler else None
    through = load_autoencoder(arguments.autoencoder, arguments.cache) if arguments.autoencoder else None
    degradations = {
        name: how
        for name, how in DEGRADATIONS.items()
        if (through is not None or not how.rounds) and name in (arguments.only or DEGRADATIONS)
    }
    found: list[Row] = []
    print(
        f"{'picture':24} {'frames':10} {'bicubic':>7} {'PSNR':>6} {'worst':>6} {'grad':>6} {'SSIM':>7} {'unptd':>7} "
        f"{'flicker':>7} {'s/MP':>6}"
    )
    for path in arguments.pictures or [ROOT / "assets" / f"{name}.png" for name in PICTURES]:
        for row in rows(path, arguments.states, arguments.pixels, degradations, upscaler, through, arguments.cache):
            found.append(row)
            print(line(row), flush=True)
    for name in degradations:
        among = [row for row in found if row.degradation == name]
        columns = ("bicubic", "psnr", "gradients", "ssim", "unpainted", "flicker", "seconds")
        means = {column: statistics.mean(getattr(row, column) for row in among) for column in columns}
        print(line(Row(f"all {len(among)}", name, worst=min(row.worst for row in among), **means)))
    if arguments.json:
        arguments.json.write_text(json.dumps([asdict(row) for row in found], indent=2) + "\n")


if __name__ == "__main__":
    main()
