"""Construction: what is drawn before the drawing. Different artists build in different ways."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.model import Phase, Tool
from paints_undo_engine.procedural.reading.model import Box, Face, Kind, Point
from paints_undo_engine.procedural.script import Step
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.arriving import Points
from paints_undo_engine.procedural.techniques.heads import (
    Build,
    face_in,
    features_placed,
    guess_head,
    head_built,
    measure_head,
)
from paints_undo_engine.procedural.techniques.masses import massed
from paints_undo_engine.procedural.techniques.sketching import Pencil, wobbled

_MOST_FIGURES = 6
_DOWN, _BREADTHS = (0.0, 0.5, 2.0, 4.0, 7.0), (2.2, 2.8, 2.2, 2.6, 2.4)
"""How many face heights below the chin a drawn body is at most how many face widths broad: shoulders, waist, hips."""
_BREADTH, _HEADS = 1.7, 9.0
"""In a face's widths and heights: how far a body reaches from its face to each side, and down."""


def constructed(source: Source, pencil: Pencil) -> list[Step]:
    """The construction of the picture: heads and bodies of figures, perspective and large forms of scenes."""
    chance = source.chance("construction")
    build = list(Build)[int(chance.integers(len(Build)))]
    reading = source.reading
    steps: list[Step] = []
    if reading.kind is Kind.COMIC and reading.panels:
        steps += _panels(source, pencil)
    if reading.text:
        steps += _lettering(source, pencil)
    for face in reading.faces[:_MOST_FIGURES]:
        gesture = _gesture(source, pencil, _body_of(source, face), face.box, face.chin, chance)
        head = [*head_built(pencil, measure_head(face), build, chance), *features_placed(pencil, face, chance)]
        steps += [*gesture, *head] if build is Build.GESTURE else [*head, *gesture]
    for box in reading.heads[:_MOST_FIGURES]:
        chin = box.centre[0], box.y + box.height
        gesture = _gesture(source, pencil, reading.figure.cover > 127, face_in(box), chin, chance)
        head = head_built(pencil, guess_head(box), build, chance)
        steps += [*gesture, *head] if build is Build.GESTURE else [*head, *gesture]
    if reading.faces or reading.heads:
        return steps
    if reading.figure.boxes:
        steps += massed(source, pencil, chance)
    else:
        steps += _perspective(source, pencil) + _large_forms(source, pencil, chance)
    return steps


def _body_of(source: Source, face: Face) -> NDArray[np.bool_]:
    """bool [h, w]: the figure, or where there are several faces what lies about and under this one."""
    cover = source.reading.figure.cover > 127
    if len(source.reading.faces) == 1:
        return cover
    reach = _BREADTH * face.box.width
    near = [other for other in source.reading.faces if other is not face]
    x = np.arange(cover.shape[1])
    beside = np.abs(x - face.box.centre[0]) < reach
    for other in near:
        if abs(other.box.centre[1] - face.box.centre[1]) < 3 * face.box.height:
            beside &= np.abs(x - face.box.centre[0]) < np.abs(x - other.box.centre[0])
    below = np.arange(cover.shape[0]) > face.box.y
    deep = np.arange(cover.shape[0]) < face.box.y + _HEADS * face.box.height
    return np.asarray(cover & beside[None] & (below & deep)[:, None], bool)


def _gesture(
    source: Source, pencil: Pencil, cover: NDArray[np.bool_], face: Box, chin: Point, chance: np.random.Generator
) -> list[Step]:
    """The line of action through a figure, bool [h, w], under a face, its shoulders and hips, and the body's sides."""
    rows = np.flatnonzero(cover.any(axis=1))
    if len(rows) < 8:
        return []
    top = int(np.clip(chin[1], rows[0], rows[-1] - 4))
    spots = np.linspace(top, rows[-1], 24).astype(int)
    widths, middles = [], []
    for row in spots:
        columns = np.flatnonzero(cover[max(0, row - 2) : row + 3].any(axis=0))
        middles.append(float(np.median(columns)) if len(columns) else np.nan)
        # Hair, skirts and what is held in the hands are wider than the body under them.
        broad = face.width * float(np.interp((row - top) / max(face.height, 1), _DOWN, _BREADTHS))
        widths.append(min(float(np.ptp(columns)), broad) if len(columns) else 0.0)
    known = ~np.isnan(middles)
    across = np.interp(spots, spots[known], np.array(middles)[known])
    # The neck stands under the chin, and no body strays far from there at once.
    leeway = face.width * (0.15 + 0.3 * (spots - top) / max(face.height, 1))
    across = np.clip(across, chin[0] - leeway, chin[0] + leeway)
    line = np.stack([across, spots.astype(float)], axis=1)
    smooth = np.asarray(cv2.GaussianBlur(line.astype(np.float32)[:, None], (1, 9), 0)[:, 0], np.float32)
    stray = 0.002 * source.diagonal
    steps = [pencil.line(wobbled(smooth, stray, chance), Phase.CONSTRUCTION, "figure, line of action", strength=0.7)]
    for share, name in ((0.12, "shoulders"), (0.62, "hips")):
        at = int(share * (len(spots) - 1))
        half = widths[at] * 0.46
        if half < 0.02 * source.diagonal or (
            name == "hips" and rows[-1] >= cover.shape[0] - 3 and chance.random() < 0.5
        ):
            continue
        tilt = chance.uniform(-0.12, 0.12)
        x, y = smooth[at]
        ends = np.array([[x - half, y - half * tilt], [x, y], [x + half, y + half * tilt]], np.float32)
        steps.append(pencil.line(wobbled(ends, stray, chance), Phase.CONSTRUCTION, f"figure, {name}", strength=0.7))
    for side in (-1, 1):
        edge = smooth + np.stack([side * 0.46 * np.array(widths, np.float32), np.zeros(len(spots), np.float32)], axis=1)
        edge = np.asarray(cv2.GaussianBlur(edge.astype(np.float32)[:, None], (1, 11), 0)[:, 0], np.float32)
        for begin, end in ((1, 9), (9, 16), (15, 23)):
            if chance.random() < 0.75:
                piece = wobbled(edge[begin:end], stray, chance)
                steps.append(pencil.line(piece, Phase.CONSTRUCTION, "figure, side of the body", strength=0.5))
    return steps


def _perspective(source: Source, pencil: Pencil) -> list[Step]:
    """Horizon and guides with the ruler."""
    found = source.reading.perspective
    steps = []
    if found.horizon is not None:
        line = np.array(found.horizon, np.float32)
        steps.append(pencil.line(line, Phase.CONSTRUCTION, "horizon", strength=0.7, tool=Tool.RULER))
    for guide in found.guides[:14]:
        line = guide.reshape(2, 2).astype(np.float32)
        steps.append(pencil.line(line, Phase.CONSTRUCTION, "perspective, guide", strength=0.45, tool=Tool.RULER))
    return steps


def _large_forms(source: Source, pencil: Pencil, chance: np.random.Generator) -> list[Step]:
    """The outlines of a scene's largest regions, simplified to a few straight strokes."""
    steps = []
    height, width = source.reading.shape
    regions = sorted(source.reading.regions, key=lambda region: -region.area)[:7]
    for region in regions:
        if not 0.01 < region.area / (height * width) < 0.75:
            continue
        mask = (source.reading.labels == region.label).astype(np.uint8)
        mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((7, 7), np.uint8))
        outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        for outline in sorted(outlines, key=len, reverse=True)[:1]:
            for piece in outline_pieces(outline[:, 0], (height, width), 0.012 * source.diagonal):
                line = wobbled(piece, 0.0015 * source.diagonal, chance)
                steps.append(pencil.line(line, Phase.CONSTRUCTION, f"{region.called}, outline", strength=0.6))
    return steps


def outline_pieces(
    outline: NDArray[np.integer | np.floating], shape: tuple[int, int], tolerance: float
) -> list[Points]:
    """A closed outline as simplified strokes of two to four corners, without what runs along the picture's border."""
    simple = cv2.approxPolyDP(outline.astype(np.float32)[:, None], tolerance, True)[:, 0]
    if len(simple) < 3:
        return []
    ring = np.vstack([simple, simple[:1]])
    height, width = shape
    along = [
        (min(a[0], b[0]) < 3 and max(a[0], b[0]) < 3)
        or (min(a[0], b[0]) > width - 4)
        or (max(a[1], b[1]) < 3)
        or (min(a[1], b[1]) > height - 4)
        for a, b in pairwise(ring)
    ]
    pieces: list[Points] = []
    current = [ring[0]]
    for number, corner in enumerate(ring[1:]):
        if along[number]:
            if len(current) > 1:
                pieces.append(np.array(current, np.float32))
            current = [corner]
            continue
        current.append(corner)
        if len(current) == 4:
            pieces.append(np.array(current, np.float32))
            current = [corner]
    if len(current) > 1:
        pieces.append(np.array(current, np.float32))
    return pieces


def _panels(source: Source, pencil: Pencil) -> list[Step]:
    steps = []
    for box in source.reading.panels:
        x, y, right, bottom = box.x, box.y, box.x + box.width, box.y + box.height
        ring = np.array([[x, y], [right, y], [right, bottom], [x, bottom], [x, y]], np.float32)
        steps.append(pencil.line(ring, Phase.CONSTRUCTION, "panel, frame", strength=0.6, tool=Tool.RULER))
    return steps


def _lettering(source: Source, pencil: Pencil) -> list[Step]:
    """A baseline and a cap line for each line of text."""
    steps = []
    for line in source.reading.text[:24]:
        left, right = line.box.x - 4, line.box.x + line.box.width + 4
        for y, name in ((line.baseline, "baseline"), (line.cap_line, "cap line")):
            ends = np.array([[left, y], [right, y]], np.float32)
            steps.append(pencil.line(ends, Phase.CONSTRUCTION, f"lettering, {name}", strength=0.5, tool=Tool.RULER))
    return steps
