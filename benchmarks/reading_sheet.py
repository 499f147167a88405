"""One sheet for each picture of what the embedded engine reads in it, to be looked at.

`python benchmarks/reading_sheet.py OUT PICTURE...` writes a JPEG for each picture: the picture with faces, boxes of
lettering and panels; the figure on magenta; the ink; the picture without lines; flats with their names; hard tones;
perspective. A line for each goes to standard output.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.painting import decode
from paints_undo_engine.procedural.reading import read
from paints_undo_engine.procedural.reading.model import Reading

Pixels = NDArray[np.uint8]
_MARK = (255, 0, 200)


def main() -> None:
    """Read the pictures that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("pictures", type=Path, nargs="+")
    parser.add_argument("--side", type=int, default=560, help="the longer side of each cell, in pixels")
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    for path in chosen.pictures:
        pixels = decode(path).pixels8()
        alpha = np.ascontiguousarray(pixels[..., 3]) if pixels.shape[2] == 4 else None
        begin = time.process_time()
        found = read(np.ascontiguousarray(pixels[..., :3]), alpha)
        spent = time.process_time() - begin
        cv2.imwrite(
            str(chosen.out / f"{path.stem}.jpg"), sheet(found, chosen.side)[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 88]
        )
        scores = " ".join(f"{kind}={score:.2f}" for kind, score in found.scores.items() if score > 0.05)
        print(
            f"{path.name:32} {found.kind:12} {found.subject:7} {found.figure.source:12} faces {len(found.faces)}"
            f" flats {len(found.regions):3} (figure {sum(r.figure is not None for r in found.regions):2})"
            f" cels {len(found.cels):3} ink {found.ink.explained:.2f} {found.ink.connected:.2f} {found.ink.length:5.1f}"
            f" text {len(found.text)} panels {len(found.panels)} vp {len(found.perspective.points)}"
            f" {spent:.1f} s | {scores}",
            flush=True,
        )


def sheet(found: Reading, side: int) -> Pixels:
    """All cells in two rows: uint8 [H, W, 3]."""
    cells = [_marked(found), _figure(found), _ink(found), found.clean]
    cells += [_flats(found), _named(found), _cels(found), _perspective(found)]
    scale = side / max(found.shape)
    size = (round(found.shape[1] * scale), round(found.shape[0] * scale))
    small = [np.asarray(cv2.resize(cell, size, interpolation=cv2.INTER_AREA)) for cell in cells]
    framed = [cv2.copyMakeBorder(cell, 0, 4, 0, 4, cv2.BORDER_CONSTANT, value=(90, 90, 90)) for cell in small]
    return np.vstack([np.hstack(framed[:4]), np.hstack(framed[4:])])


def _marked(found: Reading) -> Pixels:
    picture = found.pixels.copy()
    boxes = [(face.box, (0, 160, 0)) for face in found.faces] + [(line.box, _MARK) for line in found.text]
    for box, colour in [*boxes, *((panel, (0, 90, 255)) for panel in found.panels)]:
        start, end = (round(box.x), round(box.y)), (round(box.x + box.width), round(box.y + box.height))
        cv2.rectangle(picture, start, end, colour, 3)
    for face in found.faces:
        for eye in face.eyes:
            axes = (max(1, round(eye.radius[0])), max(1, round(eye.radius[1])))
            cv2.ellipse(picture, (round(eye.centre[0]), round(eye.centre[1])), axes, 0, 0, 360, (0, 90, 255), 2)
        cv2.circle(picture, (round(face.chin[0]), round(face.chin[1])), 4, (0, 90, 255), -1)
    return picture


def _figure(found: Reading) -> Pixels:
    share = found.figure.cover[..., None].astype(np.float32) / 255
    return (found.pixels * share + np.array(_MARK) * (1 - share)).astype(np.uint8)


def _ink(found: Reading) -> Pixels:
    share = found.ink.cover[..., None].astype(np.float32) / 255
    return (found.ink.colour * share + 255 * (1 - share)).astype(np.uint8)


def _flats(found: Reading) -> Pixels:
    palette = np.array([*(region.colour for region in found.regions), (255, 255, 255)], np.uint8)
    return palette[found.labels]


def _named(found: Reading) -> Pixels:
    count = len(found.regions)
    hues = (np.arange(count) * 37 + 11) % 180
    hsv = np.stack([hues, 90 + (np.arange(count) * 53) % 110, 170 + (np.arange(count) * 29) % 80], axis=1)
    palette = cv2.cvtColor(hsv.astype(np.uint8)[None], cv2.COLOR_HSV2RGB)[0]
    picture = np.vstack([palette, [[255, 255, 255]]]).astype(np.uint8)[found.labels]
    for region in sorted(found.regions, key=lambda region: -region.area)[:40]:
        mask = cv2.distanceTransform((found.labels == region.label).astype(np.uint8), cv2.DIST_L2, 3)
        y, x = np.unravel_index(int(mask.argmax()), mask.shape)
        place = (max(0, int(x) - 5 * len(region.name)), int(y) + 6)
        cv2.putText(picture, region.name, place, cv2.FONT_HERSHEY_SIMPLEX, 0.6, (0, 0, 0), 2, cv2.LINE_AA)
    return picture


def _cels(found: Reading) -> Pixels:
    palette = np.array([*(cel.colour for cel in found.cels), (255, 255, 255)], np.uint8)
    return palette[found.cel_labels]


def _perspective(found: Reading) -> Pixels:
    picture = (found.pixels // 2 + 127).astype(np.uint8)
    for lines, colour, width in (
        (found.perspective.segments, (220, 60, 0), 1),
        (found.perspective.guides, (0, 60, 220), 1),
    ):
        for x0, y0, x1, y1 in np.clip(lines, -20000, 20000):
            cv2.line(picture, (round(x0), round(y0)), (round(x1), round(y1)), colour, width, cv2.LINE_AA)
    if found.perspective.horizon:
        (x0, y0), (x1, y1) = found.perspective.horizon
        cv2.line(picture, (round(x0), round(y0)), (round(x1), round(y1)), _MARK, 2, cv2.LINE_AA)
    for path in found.ink.paths[:0]:
        cv2.polylines(picture, [np.round(path.points).astype(np.int32)], False, (0, 120, 0), 1, cv2.LINE_AA)
    return picture


if __name__ == "__main__":
    main()
