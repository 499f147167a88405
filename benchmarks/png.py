"""Which lossless PNG settings are fastest: `python benchmarks/png.py [PICTURES...] [--json FILE]`.

Encodes and decodes each picture (by default three drawn ones: flat colour with lines, soft shading, noise) in every
way; median of five. Rates are megabytes of pixels per second, `ratio` is encoded size by pixel size.
"""

from __future__ import annotations

import argparse
import io
import json
import statistics
import struct
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from paints_undo_engine.painting import decode

Encoder = Callable[[NDArray[Any]], bytes]
_STRATEGIES = {
    "default": cv2.IMWRITE_PNG_STRATEGY_DEFAULT,
    "filtered": cv2.IMWRITE_PNG_STRATEGY_FILTERED,
    "huffman": cv2.IMWRITE_PNG_STRATEGY_HUFFMAN_ONLY,
    "rle": cv2.IMWRITE_PNG_STRATEGY_RLE,
    "fixed": cv2.IMWRITE_PNG_STRATEGY_FIXED,
}
_FILTERS = {
    "sub": cv2.IMWRITE_PNG_FILTER_SUB,
    "up": cv2.IMWRITE_PNG_FILTER_UP,
    "none": cv2.IMWRITE_PNG_FILTER_NONE,
    "fast": cv2.IMWRITE_PNG_FAST_FILTERS,
    "all": cv2.IMWRITE_PNG_ALL_FILTERS,
}


def opencv(level: int, strategy: str, row_filter: str) -> Encoder:
    flags = [cv2.IMWRITE_PNG_COMPRESSION, level, cv2.IMWRITE_PNG_STRATEGY, _STRATEGIES[strategy]]
    flags += [cv2.IMWRITE_PNG_FILTER, _FILTERS[row_filter]]

    def encode(pixels: NDArray[Any]) -> bytes:
        code = cv2.COLOR_RGB2BGR if pixels.shape[2] == 3 else cv2.COLOR_RGBA2BGRA
        return bytes(cv2.imencode(".png", cv2.cvtColor(pixels, code), flags)[1])

    return encode


def pillow(level: int, strategy: int) -> Encoder:
    def encode(pixels: NDArray[Any]) -> bytes:
        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, "PNG", compress_level=level, compress_type=strategy)
        return buffer.getvalue()

    return encode


def by_hand(level: int, strategy: int, row_filter: int) -> Encoder:
    """numpy filters every row in the same way (0 none, 1 sub, 2 up), zlib compresses."""

    def encode(pixels: NDArray[Any]) -> bytes:
        height, width, channels = pixels.shape
        rows = np.empty((height, 1 + width * channels), np.uint8)
        rows[:, 0] = row_filter
        flat = pixels.reshape(height, width * channels)
        if row_filter == 0:
            rows[:, 1:] = flat
        elif row_filter == 1:
            rows[:, 1 : 1 + channels] = flat[:, :channels]
            np.subtract(flat[:, channels:], flat[:, :-channels], out=rows[:, 1 + channels :])
        else:
            rows[0, 1:] = flat[0]
            np.subtract(flat[1:], flat[:-1], out=rows[1:, 1:])
        packer = zlib.compressobj(level, zlib.DEFLATED, 15, 8, strategy)
        body = packer.compress(rows.data) + packer.flush()
        header = struct.pack(">IIBBBBB", width, height, 8, 2 if channels == 3 else 6, 0, 0, 0)
        return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*c) for c in ((b"IHDR", header), (b"IDAT", body), (b"IEND", b"")))

    return encode


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(data, zlib.crc32(name)))


def candidates() -> dict[str, Encoder]:
    ways: dict[str, Encoder] = {}
    for strategy in _STRATEGIES:
        for row_filter in _FILTERS:
            ways[f"opencv level 1 {strategy} {row_filter}"] = opencv(1, strategy, row_filter)
    ways["opencv level 0"] = opencv(0, "default", "none")
    ways["opencv level 3 filtered fast"] = opencv(3, "filtered", "fast")
    for name, zlib_strategy in (
        ("default", zlib.Z_DEFAULT_STRATEGY),
        ("rle", zlib.Z_RLE),
        ("huffman", zlib.Z_HUFFMAN_ONLY),
    ):
        ways[f"pillow level 1 {name}"] = pillow(1, zlib_strategy)
        for number, row_filter in enumerate(("none", "sub", "up")):
            ways[f"by hand level 1 {name} {row_filter}"] = by_hand(1, zlib_strategy, number)
    ways["by hand level 0"] = by_hand(0, zlib.Z_DEFAULT_STRATEGY, 0)
    return ways


def drawn(size: int = 1024) -> dict[str, NDArray[np.uint8]]:
    """Pictures like a process shows: flat colour with ink, soft shading over it, and paint with grain."""
    rng = np.random.default_rng(7)
    flat = np.full((size, size, 3), 255, np.uint8)
    for _ in range(30):
        centre, axes = rng.integers(0, size, 2), rng.integers(size // 20, size // 5, 2)
        shape = (tuple(map(int, centre)), tuple(map(int, axes)), float(rng.integers(0, 180)), 0, 360)
        cv2.ellipse(flat, *shape, tuple(map(int, rng.integers(60, 256, 3))), -1, cv2.LINE_AA)
        cv2.ellipse(flat, *shape, (30, 20, 20), 3, cv2.LINE_AA)
    light = cv2.resize(rng.uniform(0.6, 1.0, (9, 9, 1)).astype(np.float32), (size, size), interpolation=cv2.INTER_CUBIC)
    soft = np.clip(flat * light[:, :, None], 0, 255).astype(np.uint8)
    grain = np.clip(soft + rng.normal(0, 4, soft.shape), 0, 255).astype(np.uint8)
    return {"flat": flat, "soft": soft, "grain": grain}


def measure(encode: Encoder, pixels: NDArray[Any], repeats: int = 5) -> dict[str, float]:
    data = encode(pixels)
    if not np.array_equal(decode(data).pixels, pixels):
        raise SystemExit("an encoder is not lossless")
    packed, unpacked = [], []
    for _ in range(repeats):
        start = time.perf_counter()
        encode(pixels)
        packed.append(time.perf_counter() - start)
        start = time.perf_counter()
        cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
        unpacked.append(time.perf_counter() - start)
    megabytes = pixels.nbytes / 1e6
    return {
        "encode_mb_per_s": megabytes / statistics.median(packed),
        "decode_mb_per_s": megabytes / statistics.median(unpacked),
        "ratio": len(data) / pixels.nbytes,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pictures", nargs="*", type=Path)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    pictures: dict[str, NDArray[Any]] = {p.name: decode(p).pixels8() for p in arguments.pictures} or drawn()
    rows = {name: [measure(way, pixels) for pixels in pictures.values()] for name, way in candidates().items()}
    print("means over:", ", ".join(pictures))
    print(f"{'way':36} {'encode MB/s':>12} {'decode MB/s':>12} {'ratio':>7}")
    summary = {
        name: {key: statistics.harmonic_mean([r[key] for r in results]) for key in results[0]}
        | {"ratio": statistics.mean([r["ratio"] for r in results])}
        for name, results in rows.items()
    }
    for name, row in sorted(summary.items(), key=lambda item: -item[1]["encode_mb_per_s"]):
        print(f"{name:36} {row['encode_mb_per_s']:12.0f} {row['decode_mb_per_s']:12.0f} {row['ratio']:7.3f}")
    if arguments.json:
        arguments.json.write_text(json.dumps({"pictures": list(pictures), "ways": rows}, indent=1))


if __name__ == "__main__":
    main()
