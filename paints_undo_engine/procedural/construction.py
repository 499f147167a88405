"""The first lines on the paper: of a figure its masses, gesture and head, of a scene its horizon and large shapes."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.lines import Path
from paints_undo_engine.procedural.strokes import Labels


def subject(flats: Labels, areas: NDArray[np.float64], ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A mask of what the picture is about: all but the regions that lie along the top and the sides.

    The lowest quarter of the sides does not count: there shoulders and sleeves are cut off. Where regions tell nothing,
    as in a drawing without colour, it is where the ink (uint8 [h, w]) is.
    """
    height, width = flats.shape
    rim = np.concatenate([flats[0], flats[: -height // 4, 0], flats[: -height // 4, -1]])
    touching = np.bincount(rim, minlength=len(areas))
    along = touching > 0.3 * np.sqrt(areas)
    background = (along & (areas > 0.002 * flats.size)) | ((touching > 0.04 * rim.size) & (areas > 0.01 * flats.size))
    mask = (~background[flats]).astype(np.uint8)
    size = max(3, round(0.012 * max(height, width)) | 1)
    disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, disk)
    mask = np.asarray(cv2.morphologyEx(closed, cv2.MORPH_OPEN, disk), np.uint8)
    if 0.02 < float(mask.mean()) < 0.97:
        return mask
    wide = 3 * size | 1
    disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (wide, wide))
    drawn = np.asarray(cv2.morphologyEx((ink > 100).astype(np.uint8), cv2.MORPH_CLOSE, disk), np.uint8)
    return drawn if 0.02 < float(drawn.mean()) < 0.8 else np.ones_like(drawn)


def focus_of(ink: NDArray[np.uint8], mask: NDArray[np.uint8]) -> tuple[float, float]:
    """Where the ink is densest inside the upper part of the subject: usually the face."""
    height, width = ink.shape
    density = cv2.GaussianBlur(ink.astype(np.float32) * mask, (0, 0), max(height, width) * 0.04)
    ys = np.nonzero(mask.any(axis=1))[0]
    top, bottom = (int(ys[0]), int(ys[-1])) if ys.size else (0, height - 1)
    third = top + (bottom - top) / 3
    standing = bottom - top > 1.25 * np.count_nonzero(mask.any(axis=0))
    weight = np.interp(np.arange(height), [top, third, bottom], [1.0, 0.3 if standing else 0.7, 0.15])
    aside = 1 - 0.5 * np.abs(np.linspace(-1, 1, width))
    weighted = density * (weight[:, None] * aside).astype(np.float32)
    y, x = np.unravel_index(int(weighted.argmax()), weighted.shape)
    return float(x), float(y)


@dataclass(frozen=True, slots=True)
class Mass:
    """An ellipse: centre, half axes (the longer first) in pixels, and the longer one's angle in radians."""

    x: float
    y: float
    long: float
    short: float
    angle: float

    def at(self, turn: NDArray[np.float64], scale: float = 1.0) -> Path:
        """Points on the ellipse at the given angles."""
        u, v = scale * self.long * np.cos(turn), scale * self.short * np.sin(turn)
        c, s = np.cos(self.angle), np.sin(self.angle)
        return np.stack([self.x + c * u - s * v, self.y + s * u + c * v], axis=1).astype(np.float32)


def construct(
    picture: NDArray[np.uint8],
    flats: Labels,
    mask: NDArray[np.uint8],
    focus: tuple[float, float],
    drawn: bool,
    jitter: np.random.Generator,
) -> list[Path]:
    """The construction's strokes, in the order in which they are drawn: those of a figure, or of a whole scene.

    `picture` uint8 [h, w, 3], `flats` int32 [h, w] its large regions, `mask` uint8 [h, w] of the subject, `focus`
    (x, y) the centre of interest; `drawn` whether the picture has outlines: then it is rather a figure than a scene.
    """
    wobble = max(mask.shape) * 0.0018
    head = _head(mask)
    if _is_scene(mask, head is not None or drawn):
        return _scene(picture, flats, wobble, jitter)
    return _figure(mask, head, focus, drawn, wobble, jitter)


def _is_scene(mask: NDArray[np.uint8], figure: bool) -> bool:
    """Whether the subject fills the picture, or runs from one side to the other, or is cut off by one and no figure."""
    most = max(float(mask[:, 0].mean()), float(mask[:, -1].mean()))
    share, sides = float(mask.mean()), min(float(mask[:, 0].mean()), float(mask[:, -1].mean()))
    return share > 0.85 or (share > 0.4 and sides > 0.15) or (most > 0.1 and not figure)


def _figure(
    mask: NDArray[np.uint8],
    found: Mass | None,
    focus: tuple[float, float],
    drawn: bool,
    wobble: float,
    jitter: np.random.Generator,
) -> list[Path]:
    """The chief mass, the line of gesture, then the other masses as ellipses with an axis, and the ground.

    The chief mass is the head where the outline shows one, with a face's cross; else what is around the
    centre of interest, which gets the cross too where it is a large round form high up in a drawing with outlines.
    """
    distance = _inside(mask)
    head = found or _around(distance, focus)
    body = _body(mask, distance, head)
    strokes = [_loop(head, 1.1, wobble, jitter), _loop(head, 0.8, wobble * 2, jitter)]
    _, top, _, tall = cv2.boundingRect(mask)
    face = found or (drawn and head.y < top + 0.5 * tall and head.short > 0.14 * min(mask.shape))
    strokes += _cross(head, focus) if face else [_axis(head, wobble, jitter)]
    if body:
        far = max(body, key=lambda mass: float(np.hypot(mass.x - head.x, mass.y - head.y)))
        large = max(body, key=lambda mass: mass.long * mass.short)
        bend = [[head.x, head.y - head.long], [head.x, head.y], [large.x, large.y]]
        if far is not large:
            bend.append([far.x, far.y])
        strokes.append(_curve(np.array(bend, np.float32), wobble, jitter))
    for mass in body:
        strokes.append(_loop(mass, 1.08, wobble, jitter))
        if mass.long > 0.08 * max(mask.shape):
            strokes.append(_axis(mass, wobble, jitter))
    return [*strokes, *_ground(mask, wobble, jitter)]


def _scene(picture: NDArray[np.uint8], flats: Labels, wobble: float, jitter: np.random.Generator) -> list[Path]:
    """The horizon where there is one, then the outlines of the large shapes, as loose as a thumbnail sketch's."""
    height, width = picture.shape[:2]
    strokes = []
    level = _horizon(picture)
    if level is not None:
        rise = float(jitter.uniform(-0.006, 0.006)) * height
        horizon = [[0.03 * width, level + rise], [0.5 * width, level], [0.97 * width, level - rise]]
        strokes.append(_curve(np.array(horizon, np.float32), wobble, jitter))
    for outline in _large_shapes(flats):
        strokes.append(_rounded(outline, picture.shape, 2 * wobble, jitter))
    across = [[0.06 * width, 0.94 * height], [0.5 * width, 0.5 * height], [0.94 * width, 0.06 * height]]
    return strokes or [_curve(np.array(across, np.float32), wobble, jitter)]


def _horizon(picture: NDArray[np.uint8]) -> float | None:
    """The row at which a picture changes all along, from what is above to what is below: y, or None."""
    height, width = picture.shape[:2]
    if min(height, width) < 16:
        return None
    rows = cv2.resize(cv2.GaussianBlur(picture, (0, 0), height / 80), (8, height), interpolation=cv2.INTER_AREA)
    step = max(2, height // 40)
    change = np.abs(rows[2 * step :].astype(np.float32) - rows[: -2 * step]).max(axis=2)
    along = np.sort(change, axis=1)[:, 2]
    low, high = height // 5, height * 4 // 5
    level = low + int(along[max(0, low - step) : high - step].argmax())
    return float(level) if along[level - step] > 24 else None


def _large_shapes(flats: Labels, most: int = 7) -> list[Path]:
    """Outlines of the largest regions, the largest first; not of what reaches over the whole picture."""
    height, width = flats.shape
    area = np.bincount(flats.ravel())
    outlines = []
    for label in np.argsort(-area, kind="stable")[: most + 3]:
        if not 0.008 * flats.size < area[label] < 0.5 * flats.size:
            continue
        size = max(3, round(0.02 * max(height, width)) | 1)
        disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
        solid = cv2.morphologyEx((flats == label).astype(np.uint8), cv2.MORPH_OPEN, disk)
        found, _ = cv2.findContours(solid, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        if found:
            outlines.append(max(found, key=len)[:, 0].astype(np.float32))
    return outlines[:most]


def _rounded(outline: Path, shape: tuple[int, ...], wobble: float, jitter: np.random.Generator) -> Path:
    """An outline as a loose hand blocks it in: without its small bends, and open along the canvas' border."""
    count = 72
    around = outline[np.linspace(0, len(outline), count, endpoint=False).astype(int)]
    loose = cv2.GaussianBlur(np.concatenate([around] * 3), (1, 0), sigmaX=0.1, sigmaY=2.2)[count : 2 * count]
    height, width = shape[:2]
    margin = 0.012 * max(height, width)
    x, y = around.T
    inside = (x > margin) & (y > margin) & (x < width - margin) & (y < height - margin)
    drift = wobble * np.sin(np.linspace(0, 5, count) + float(jitter.uniform(0, 6)))
    loose = loose + np.stack([drift, -drift], axis=1)
    if inside.all():
        start = int(jitter.integers(count))
        return np.asarray(np.roll(loose, -start, axis=0)[np.arange(count + 3) % count], np.float32)
    border = int(np.flatnonzero(~inside)[0])
    loose, inside = np.roll(loose, -border, axis=0), np.roll(inside, -border)
    runs = np.split(np.arange(count), np.flatnonzero(np.diff(inside.astype(int))) + 1)
    longest = max((run for run in runs if inside[run[0]]), key=len, default=np.arange(2))
    return np.asarray(loose[longest], np.float32)


def _inside(mask: NDArray[np.uint8]) -> NDArray[np.float32]:
    """How far each pixel is from the edge of the subject; the picture's border is no edge."""
    if mask.all():
        mask = mask.copy()
        mask[[0, -1]] = 0
        mask[:, [0, -1]] = 0
    return np.asarray(cv2.distanceTransform(mask, cv2.DIST_L2, 5))


def _away(shape: tuple[int, ...], x: float, y: float) -> NDArray[np.float32]:
    """How far each pixel is from a point."""
    rows, columns = np.arange(shape[0], dtype=np.float32)[:, None] - y, np.arange(shape[1], dtype=np.float32) - x
    return np.asarray(np.sqrt(rows * rows + columns * columns), np.float32)


def _head(mask: NDArray[np.uint8]) -> Mass | None:
    """What is rounded off at the top of the subject by a neck: narrower than what is above and what is below."""
    step = max(1, round(max(mask.shape) / 160))
    _, pieces, stats, _ = cv2.connectedComponentsWithStats(np.ascontiguousarray(mask[::step, ::step]))
    small = (pieces == 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())).astype(np.uint8) if len(stats) > 1 else mask[:1]
    top, widths, middles = _downwards(small)
    tall = np.count_nonzero(small.any(axis=1))
    widest = np.maximum.accumulate(widths)
    for neck in range(3, len(widths) - 1):
        below = widths[neck + 1 : neck + 1 + round(0.3 * tall)]
        if widths[neck] < 0.75 * widest[neck] and below[:2].min() >= widths[neck] and below.max() > 1.3 * widths[neck]:
            height, width = float(neck * step), float(widest[neck] * step)
            if not (0.6 < width / height < 1.6 and 0.05 * max(mask.shape) < height < 0.5 * tall * step):
                return None
            x = float(np.median(middles[: neck + 1])) * step
            return Mass(x, top * step + height / 2, 0.52 * height, 0.52 * width, np.pi / 2)
    return None


def _downwards(small: NDArray[np.uint8]) -> tuple[int, NDArray[np.int64], NDArray[np.float64]]:
    """From the topmost piece of the subject down as far as it hangs together: top row, widths and middles by row."""
    rows = np.flatnonzero(small.any(axis=1))
    top = int(rows[0]) if rows.size else 0
    widths: list[int] = []
    middles: list[float] = []
    left, right = 0, small.shape[1]
    for row in small[top:]:
        ends = np.flatnonzero(np.diff(row, prepend=0, append=0))
        begin, end = ends[::2], ends[1::2]
        linked = (begin < right) & (end > left)
        if not linked.any():
            break
        left, right = int(begin[linked][0]), int(end[linked][-1] if widths else end[linked][0])
        widths.append(right - left)
        middles.append((left + right) / 2)
    return top, np.array(widths, np.int64), np.array(middles, np.float64)


def _around(distance: NDArray[np.float32], focus: tuple[float, float]) -> Mass:
    """The largest circle near the focus, a little longer than wide."""
    height, width = distance.shape
    away = _away(distance.shape, *focus)
    score = np.where(away <= 0.14 * max(height, width), distance - 0.6 * away, -1e6)
    y, x = np.unravel_index(int(score.argmax()), score.shape)
    side = min(height, width)
    radius = float(np.clip(distance[y, x] * 1.08, 0.06 * side, 0.24 * side))
    return Mass(float(x), float(y), radius * 1.16, radius, np.pi / 2)


def _body(mask: NDArray[np.uint8], distance: NDArray[np.float32], head: Mass, most: int = 6) -> list[Mass]:
    """Ellipses that follow the subject, largest first: each is fitted around a circle that fits inside."""
    height, width = mask.shape
    side = min(height, width)
    rest = np.minimum(distance, np.maximum(_away(mask.shape, head.x, head.y) - head.long, 0))
    found: list[Mass] = []
    for _ in range(most):
        y, x = np.unravel_index(int(rest.argmax()), rest.shape)
        radius = float(rest[y, x])
        if radius < 0.035 * side:
            break
        around = _away(mask.shape, float(x), float(y))
        py, px = np.nonzero((mask > 0) & (rest > 0) & (around < 1.9 * radius))
        if px.size < 3:
            break
        spread = np.cov(np.stack([px, py])) + np.eye(2) * 1e-3
        values, vectors = np.linalg.eigh(spread)
        long, short = float(1.8 * np.sqrt(values[1])), float(1.8 * np.sqrt(values[0]))
        angle = float(np.arctan2(vectors[1, 1], vectors[0, 1]))
        mass = Mass(float(px.mean()), float(py.mean()), min(long, 0.34 * side), min(short, 0.26 * side), angle)
        found.append(mass)
        rest = np.minimum(rest, np.maximum(_away(mask.shape, mass.x, mass.y) - 0.5 * (mass.long + mass.short), 0))
    return found


def _loop(mass: Mass, turns: float, wobble: float, jitter: np.random.Generator) -> Path:
    """An ellipse as a hand draws it: it does not quite close on itself."""
    turn = np.linspace(0, 2 * np.pi * turns, 90) + float(jitter.uniform(0, 6))
    line = mass.at(turn, float(jitter.uniform(0.97, 1.03)))
    drift = wobble * np.sin(turn * 0.8 + float(jitter.uniform(0, 6)))
    return np.asarray(line + np.stack([drift, -drift], axis=1), np.float32)


def _axis(mass: Mass, wobble: float, jitter: np.random.Generator) -> Path:
    """The line around a form's middle, which shows that it is round."""
    t = np.linspace(-np.pi / 2, np.pi / 2, 40)
    bulge = float(jitter.uniform(0.12, 0.26))
    u, v = bulge * mass.long * np.cos(t), mass.short * np.sin(t)
    c, s = np.cos(mass.angle), np.sin(mass.angle)
    line = np.stack([mass.x + c * u - s * v, mass.y + s * u + c * v], axis=1)
    line[:, 1] += wobble * np.sin(1.3 * t)
    return line.astype(np.float32)


def _cross(head: Mass, focus: tuple[float, float]) -> list[Path]:
    """The face's axes, bent around the head towards the focus."""
    bend_x = float(np.clip(focus[0] - head.x, -0.45 * head.short, 0.45 * head.short))
    bend_y = float(np.clip(focus[1] - head.y, -0.4 * head.long, 0.4 * head.long)) + 0.08 * head.long
    t = np.linspace(-1, 1, 40)
    bulge = np.sqrt(np.maximum(1 - t**2, 0))
    down = np.stack([head.x + bend_x * bulge, head.y + head.long * t], axis=1).astype(np.float32)
    across = np.stack([head.x + head.short * t, head.y + bend_y * bulge], axis=1).astype(np.float32)
    return [down, across]


def _curve(points: NDArray[np.float32], wobble: float, jitter: np.random.Generator) -> Path:
    """A smooth line through a few points, with a slow tremble."""
    n = len(points)
    t = np.linspace(0, n - 1, max(24, 14 * n))
    line = np.stack([np.interp(t, np.arange(n), points[:, axis]) for axis in (0, 1)], axis=1)
    kernel = cv2.getGaussianKernel(15, 4.0)
    padded = cv2.copyMakeBorder(line, 7, 7, 0, 0, cv2.BORDER_REPLICATE)
    soft = np.asarray(cv2.filter2D(padded, -1, kernel), np.float64)[7:-7]
    soft[:, 1] += wobble * np.sin(t * 1.3 + float(jitter.uniform(0, 6)))
    return soft.astype(np.float32)


def _ground(mask: NDArray[np.uint8], wobble: float, jitter: np.random.Generator) -> list[Path]:
    """A line under a subject that stands inside the picture."""
    _, y, width, height = cv2.boundingRect(mask)
    foot = y + height
    if width == 0 or foot > 0.97 * mask.shape[0]:
        return []
    low = np.nonzero(mask[max(y, foot - max(2, height // 12)) : foot].any(axis=0))[0]
    left, right = float(low[0]) - 0.06 * mask.shape[1], float(low[-1]) + 0.06 * mask.shape[1]
    points = [[left, foot], [(left + right) / 2, foot + 2 * wobble], [right, foot]]
    return [_curve(np.array(points, np.float32), wobble, jitter)]
