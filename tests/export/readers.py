"""Making an export and opening it again by readers that are not ours."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import numpy as np
from export.sources import process
from PIL import Image

from paints_undo_engine.export import export, options_for


def made(path: Path, source=None, **options) -> Path:
    source = source or process()
    steps = list(export(source, path, options_for(path, **options)))
    assert [step for step, _ in steps] == list(range(1, steps[0][1] + 1))
    assert not list(path.parent.glob(".*"))
    return path


def probed(path: Path) -> tuple[dict, dict]:
    command = ["ffprobe", "-v", "error", "-count_frames", "-show_streams", "-show_format", "-of", "json", str(path)]
    found = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return found["streams"][0], found["format"]


def decoded(path: Path, width: int, height: int) -> np.ndarray:
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    raw = subprocess.run(command, check=True, capture_output=True).stdout
    return np.frombuffer(raw, np.uint8).reshape(-1, height, width, 3)


def opened(path: Path) -> tuple[list[np.ndarray], list[float], dict]:
    frames, durations = [], []
    with Image.open(path) as image:
        info = dict(image.info)
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            frames.append(np.asarray(image.convert("RGBA")))
            durations.append(image.info["duration"])
        info |= image.info
    return frames, durations, info


def expected(source, number: int) -> np.ndarray:
    pixels = source.frames[number].read().pixels
    return pixels if pixels.shape[2] == 4 else np.dstack([pixels, np.full(pixels.shape[:2], 255, np.uint8)])
