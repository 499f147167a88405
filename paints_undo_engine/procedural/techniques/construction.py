"""Construction: what is drawn before the drawing. Different artists build in different ways."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.model import Phase, Tool
from paints_undo_engine.procedural.reading.model import Face, Kind
from paints_undo_engine.procedural.script import Step
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.arriving import Points
from paints_undo_engine.procedural.techniques.masses import massed
from paints_undo_engine.procedural.techniques.sketching import Pencil, ellipse, wobbled


class Build(StrEnum):
    """How somebody builds a head and a body."""

    BALL = "ball and jaw"
    EGG = "egg and axes"
    PLANES = "ball with side plane"
    GESTURE = "gesture first"


_MOST_FIGURES = 6
_DOWN, _BREADTHS = (0.0, 0.5, 2.0, 4.0, 7.0), (2.2, 2.8, 2.2, 2.6, 2.4)
"""How many face heights below the chin a drawn body is at most how many face widths broad: shoulders, waist, hips."""
_BREADTH, _HEADS = 1.7, 9.0
"""In a face's widths and heights: how far a body reaches from its face to each side, and down."""


@dataclass(frozen=True, slots=True)
class _Head:
    """A head measured from a face: the ball's middle and radius, the axes along and across the face."""

    x: float
    y: float
    radius: float
    across: NDArray[np.float64]
    down: NDArray[np.float64]
    chin: NDArray[np.float64]
    eyes: NDArray[np.float64]


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
        gesture, head = _gesture(source, pencil, face, chance), _head(pencil, face, build, chance)
        steps += [*gesture, *head] if build is Build.GESTURE else [*head, *gesture]
    if reading.faces:
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


def _measured(face: Face) -> _Head:
    left, right = (np.array(eye.centre) for eye in face.eyes)
    across = right - left
    apart = max(float(np.hypot(*across)), face.box.width * 0.3, 1.0)
    across = across / max(float(np.hypot(*across)), 1e-6)
    down = np.array([-across[1], across[0]])
    eyes = (left + right) / 2
    chin = np.array(face.chin)
    # Drawn faces: the ball of the skull reaches from above the brow to about the mouth; the eyes lie low on it.
    height = max(float((chin - eyes) @ down), apart * 0.7)
    radius = max(height * 1.25, apart * 1.05, face.box.width * 0.68)
    middle = eyes - down * radius * 0.38
    return _Head(float(middle[0]), float(middle[1]), radius, across, down, chin, eyes)


def _head(pencil: Pencil, face: Face, build: Build, chance: np.random.Generator) -> list[Step]:
    head = _measured(face)
    turn = float(np.arctan2(head.across[1], head.across[0]))
    stray = 0.006 * head.radius
    lines: list[tuple[str, Points, float]] = []
    if build is Build.EGG:
        middle = (np.array([head.x, head.y]) - head.down * head.radius * 0.1 + head.chin) / 2
        half = float((head.chin - middle) @ head.down)
        tall = max(half, head.radius)
        lines.append(("head, egg", ellipse(float(middle[0]), float(middle[1]), head.radius * 0.86, tall, turn), 1.0))
    else:
        lines.append(("head, ball", ellipse(head.x, head.y, head.radius, head.radius, turn, -1.2, 5.4), 1.0))
        if chance.random() < 0.7:
            again = ellipse(head.x, head.y, head.radius * 1.02, head.radius * 0.98, turn, 0.8, 4.4)
            lines.append(("head, ball again", again, 0.6))
        lines.append(("jaw", _jaw(head), 0.9))
    if build is Build.PLANES:
        side = np.array([head.x, head.y]) + head.across * head.radius * float(chance.choice([-0.62, 0.62]))
        lines.append(
            (
                "head, side plane",
                ellipse(float(side[0]), float(side[1]), head.radius * 0.34, head.radius * 0.6, turn),
                0.6,
            )
        )
    top = np.array([head.x, head.y]) - head.down * head.radius * 0.95
    bow = head.across * head.radius * 0.04
    lines.append(("face, middle line", _curve(top, (top + head.chin) / 2 + bow, head.chin), 0.8))
    reach = head.across * head.radius * 0.92
    sag = head.down * head.radius * 0.02
    lines.append(("face, eye line", _curve(head.eyes - reach, head.eyes, head.eyes + reach, sag), 0.8))
    if chance.random() < 0.6:
        nose = np.array(face.nose)
        lines.append(("face, nose line", _curve(nose - reach * 0.25, nose, nose + reach * 0.25), 0.5))
    for eye in face.eyes:
        lines.append(("eye, place", ellipse(*eye.centre, *eye.radius, turn), 0.55))
    return [
        pencil.line(wobbled(points, stray, chance), Phase.CONSTRUCTION, label, strength=strength)
        for label, points, strength in lines
    ]


def _jaw(head: _Head) -> Points:
    side = head.across * head.radius
    low = head.chin
    left, right = head.eyes - side * 0.93, head.eyes + side * 0.93
    corner = (low - head.eyes) * 0.62
    pieces = [
        _curve(left, left + corner * 0.9 + side * 0.08, (left * 0.45 + low * 0.55) + head.down * head.radius * 0.1),
        _curve((left * 0.45 + low * 0.55) + head.down * head.radius * 0.1, low - side * 0.12, low),
        _curve(low, low + side * 0.12, (right * 0.45 + low * 0.55) + head.down * head.radius * 0.1),
        _curve((right * 0.45 + low * 0.55) + head.down * head.radius * 0.1, right + corner * 0.9 - side * 0.08, right),
    ]
    return np.concatenate(pieces)


def _curve(
    a: NDArray[np.floating], b: NDArray[np.floating], c: NDArray[np.floating], sag: NDArray[np.floating] | None = None
) -> Points:
    """A quadratic Bézier curve; `sag` bends its middle."""
    t = np.linspace(0, 1, 24)[:, None]
    middle = b if sag is None else b + 2 * sag
    return ((1 - t) ** 2 * a + 2 * t * (1 - t) * middle + t**2 * c).astype(np.float32)


def _gesture(source: Source, pencil: Pencil, face: Face, chance: np.random.Generator) -> list[Step]:
    """The line of action through the figure under a face, its shoulders and hips, and the sides of the body."""
    cover = _body_of(source, face)
    rows = np.flatnonzero(cover.any(axis=1))
    if len(rows) < 8:
        return []
    top = int(np.clip(face.chin[1], rows[0], rows[-1] - 4))
    spots = np.linspace(top, rows[-1], 24).astype(int)
    widths, middles = [], []
    for row in spots:
        columns = np.flatnonzero(cover[max(0, row - 2) : row + 3].any(axis=0))
        middles.append(float(np.median(columns)) if len(columns) else np.nan)
        # Hair, skirts and what is held in the hands are wider than the body under them.
        broad = face.box.width * float(np.interp((row - top) / max(face.box.height, 1), _DOWN, _BREADTHS))
        widths.append(min(float(np.ptp(columns)), broad) if len(columns) else 0.0)
    known = ~np.isnan(middles)
    across = np.interp(spots, spots[known], np.array(middles)[known])
    # The neck stands under the chin, and no body strays far from there at once.
    leeway = face.box.width * (0.15 + 0.3 * (spots - top) / max(face.box.height, 1))
    across = np.clip(across, face.chin[0] - leeway, face.chin[0] + leeway)
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
