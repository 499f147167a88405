"""Every kind of file that the docker exports, opened by what others would open it with."""

from __future__ import annotations

import importlib.util
import itertools
import zipfile
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import av
import numpy as np
import pytest
from krita_harness import Profile, run
from PIL import Image
from psd_tools import PSDImage

from paints_undo_engine.provenance.verifying import Mark, Verdict, verify

pytestmark = [pytest.mark.krita, pytest.mark.slow]

FRAMES = 106
CARD = 1.5
"""Seconds."""
BESIDE = ("frames.zip", "layers.ora", "layers.psd", "layers-2.psd") if importlib.util.find_spec("c2pa") else ()
"""What cannot hold its signed claim, where files are signed."""
NAMES = [
    "first.mp4",
    "frames.zip",
    "layers.ora",
    "layers.psd",
    "sheet.png",
    "square.mp4",
    "there-and-back.gif",
    "told.mp4",
    "upright.mp4",
    "wide.mp4",
    "without.png",
]


def test_exports_open_elsewhere(profile: Profile, small_picture: Path, tmp_path: Path) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    found = run(profile, "exports.py", small_picture, EXPORTS=str(folder))
    claims = {name: [f"{name}.c2pa"] if name in BESIDE else [] for name in [*NAMES, "layers-2.psd"]}
    assert found["left"] == sorted([*claims, *itertools.chain(*claims.values())]), "nothing half made is left"
    for name in NAMES:
        encoder = {".mp4": " (libx264)", ".webm": " (libvpx-vp9)"}.get(Path(name).suffix, "")
        assert found[name][:2] == [f"Saved: {' + '.join([name, *claims[name]])}{encoder}", False]
        assert found[name][3] == ["Show in folder", "Play", "Copy"]
        assert found[name][2] == f"{found['title'] or 'process'}{Path(name).suffix}"
    assert sorted(found["told"]) == NAMES
    found["told"].pop("without.png")  # what a layer leaves behind is not known beforehand
    for name, told in found["told"].items():
        # How many layers a painting has is not known beforehand: their range is told twice as wide.
        furthest = 4 if name.startswith("layers") else 2.5
        assert 1 / furthest < told < furthest, (name, told)
    painting = _pixels(Image.open(small_picture))
    _videos(folder, painting)
    curve = [(float(time), float(work)) for time, work in (point.split(":") for point in found["curve"].split(","))]
    assert len(curve) == 3
    assert curve[1] == pytest.approx((0.6, 0.2), abs=0.02), "the point is where it was dragged to"
    _animations(folder, curve)
    _layered(folder, painting)
    assert found["copied"] == ["layers.psd", *claims["layers.psd"]], "a claim goes where its file goes"
    for name in BESIDE:
        verified = verify(folder / name)
        assert verified.verdict is Verdict.HOLDS
        assert Mark.SIGNATURE in {finding.mark for finding in verified.findings}
    assert found["layers"], "what a film can leave out"
    assert "16 pictures of 3840 x 2400 pixels are too much" in found["refused"], "told before it is asked for"
    whole, without = (_pixels(Image.open(folder / name)) for name in ("sheet.png", "without.png"))
    assert whole.shape == without.shape
    assert (whole != without).any()
    assert "ERROR" not in profile.log()


def _videos(folder: Path, painting: np.ndarray) -> None:
    size, seconds, pictures = _video(folder / "square.mp4")
    assert size == (200, 200)
    assert 14.8 <= seconds <= 15.2
    assert _alike(_before_the_card(pictures, seconds), painting[:, 60:260])
    size, seconds, pictures = _video(folder / "upright.mp4")
    assert size[1] / size[0] == pytest.approx(16 / 9, rel=0.03)
    assert size[0] >= 318, "nothing is cut off"
    assert 29.8 <= seconds <= 30.2
    bar = (size[1] - 200) // 2
    last = _before_the_card(pictures, seconds)
    assert _alike(last[bar : bar + 200], painting)
    beside = np.concatenate([last[: bar - 4], last[bar + 204 :]])
    assert beside.mean() == pytest.approx(0.75 * painting.mean(), rel=0.15), "a darkened part above and below"
    size, seconds, pictures = _video(folder / "first.mp4")
    assert size == (320, 200)
    assert abs(seconds - (1.5 + FRAMES / 25 + CARD)) < 0.1
    assert _alike(pictures[0], painting)
    assert _alike(_before_the_card(pictures, seconds), painting)
    early = pictures[round(len(pictures) * (1.5 + 0.05 * FRAMES / 25) / seconds)]
    assert early.std() < 0.5 * painting.std(), "soon after the result there is bare ground"
    size, seconds, pictures = _video(folder / "told.mp4")
    assert size == (320, 200)
    assert seconds == pytest.approx(6, abs=0.2)
    drawn, near, sketch = (pictures[round(when * len(pictures) / seconds)] for when in (2.9, 3.5, 4.7))
    off = np.abs(drawn.astype(float) - painting)
    assert off[185:190].mean() > 5 * off[20:170].mean(), "below runs the bar of progress, until half of the time"
    assert not _alike(near, painting), "then a detail is seen from near"
    assert not _alike(sketch, painting), "and the sketch beside the painting"


def _animations(folder: Path, curve: list[tuple[float, float]]) -> None:
    size, seconds, pictures = _animation(folder / "there-and-back.gif")
    assert size == (320, 200)
    assert len(pictures) == 2 * FRAMES - 1
    assert abs(seconds - len(pictures) / 20 - 1) < 0.1, "the painting stays for a second"
    assert np.array_equal(pictures[10], pictures[-11]), "the way back shows the same pictures"
    assert not np.array_equal(pictures[10], pictures[FRAMES - 1])
    size, seconds, pictures = _video(folder / "wide.mp4")
    assert size == (320, 180)
    assert abs(seconds - (FRAMES / 20 + 2 + CARD)) < 0.1
    with zipfile.ZipFile(folder / "frames.zip") as archive:
        names = sorted(name for name in archive.namelist() if name.endswith(".png"))
        states = [_pixels(Image.open(BytesIO(archive.read(name))))[10:190].astype(float) for name in names]
    for share in (0.2, 0.4, 0.6, 0.7, 0.8, 0.9):
        at = round(share * FRAMES / 20 * len(pictures) / seconds)
        shown = pictures[at].astype(float)
        nearest = np.argmin([np.abs(state - shown).mean() for state in states])
        reached = at * seconds / len(pictures) * 20 / (FRAMES - 1)
        wanted = np.interp(reached, [point[0] for point in curve], [point[1] for point in curve]) * (FRAMES - 1)
        assert abs(nearest - wanted) <= 4, (share, nearest, wanted)
    with Image.open(folder / "sheet.png") as sheet:
        assert min(sheet.size) > 200


def _layered(folder: Path, painting: np.ndarray) -> None:
    with zipfile.ZipFile(folder / "frames.zip") as archive:
        assert archive.testzip() is None
        names = sorted(name for name in archive.namelist() if name.endswith(".png"))
        assert np.array_equal(_pixels(Image.open(BytesIO(archive.read(names[-1])))), painting)
    assert len(names) == FRAMES
    with zipfile.ZipFile(folder / "layers.ora") as archive:
        assert archive.read("mimetype") == b"image/openraster"
        assert sum(name.startswith("data/") for name in archive.namelist()) >= 3
        assert np.array_equal(_pixels(Image.open(BytesIO(archive.read("mergedimage.png")))), painting)
    layered = PSDImage.open(folder / "layers.psd")
    assert layered.size == (320, 200)
    layers = [layer for layer in layered.descendants() if not layer.is_group()]
    assert 3 <= len(layers) < FRAMES, "the painting taken apart"
    composed = layered.composite(force=True)
    assert composed is not None
    off = np.abs(_pixels(composed).astype(int) - painting.astype(int))
    assert off.max() <= 2, f"psd-tools rounds each blending by itself; off by {off.max()}"


def _video(path: Path) -> tuple[tuple[int, int], float, list[np.ndarray]]:
    """Size, seconds from the first picture to the end of the last, and the decoded pictures."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        rate = stream.average_rate or Fraction(25)
        frames = list(container.decode(stream))
        times = [float(frame.time or 0.0) for frame in frames]
        pictures = [frame.to_ndarray(format="rgb24") for frame in frames]
        return (stream.width, stream.height), times[-1] - times[0] + float(1 / rate), pictures


def _before_the_card(pictures: list[np.ndarray], seconds: float) -> np.ndarray:
    """The last picture before the end card; the card is seen to be one: darker than that, with white words."""
    count = round(CARD * len(pictures) / seconds)
    before, card = pictures[-count - 2], pictures[1 - count :]
    for picture in card:
        assert np.median(picture) < np.median(before) / 2, "the darkened painting"
        assert 0.002 < (picture.min(axis=2) > 200).mean() < 0.3, "the words"
    return before


def _animation(path: Path) -> tuple[tuple[int, int], float, list[np.ndarray]]:
    """Size, seconds and pictures of an animated picture."""
    pictures, milliseconds = [], 0.0
    with Image.open(path) as image:
        for place in range(getattr(image, "n_frames", 1)):
            image.seek(place)
            pictures.append(_pixels(image))
            milliseconds += float(image.info["duration"])
        return image.size, milliseconds / 1000, pictures


def _pixels(image: Image.Image) -> np.ndarray:
    return np.asarray(image.convert("RGB"))


def _alike(shown: np.ndarray, wanted: np.ndarray) -> bool:
    """Equal but for a video's losses: mean difference over the common middle below six levels."""
    height, width = (min(a, b) for a, b in zip(shown.shape[:2], wanted.shape[:2], strict=True))
    pair = (shown[:height, :width].astype(float), wanted[:height, :width].astype(float))
    return bool(np.abs(pair[0] - pair[1]).mean() < 6)
