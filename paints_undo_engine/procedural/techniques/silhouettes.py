"""What is seen of a shape at first, on a small grid: its silhouette, and the borders between its large masses."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.model import Cover, Pixels
from paints_undo_engine.procedural.techniques.arriving import Points

_SOFT, _OPEN = 0.012, 0.02
"""Of the longer side: what is smaller of a silhouette, and of a mass, nobody sees at first."""
_PIECE, _MASS = 0.06, 0.02
"""Of the largest piece, and of all: the smallest piece of a silhouette, and the smallest mass."""
_BESIDE, _AT_BORDER = 0.028, 0.012
"""Of the side: what runs so near to a line is that line; so near to the picture's border nothing is drawn."""
SHORTEST = 0.07
"""Of the side: no line is shorter."""
_SPANS, _SQUARE = 0.75, 0.9
"""Of the picture's sides, and of its box: what fills more is a sheet or a frame."""


def silhouette_lines(cover: Cover, around: NDArray[np.bool_] | None = None) -> list[Points]:
    """The outlines of a small cover's large pieces, but of no sheet or frame, without what runs along the picture's
    border, and only `around` some places, bool [h, w]: float32 [n, 2] each, the longest first.
    """
    soft = cv2.GaussianBlur(cover, (0, 0), _SOFT * max(cover.shape))
    # What leaves the picture goes on beyond it: its outline ends at the border.
    outlines, _ = cv2.findContours((soft > 127).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    areas = [cv2.contourArea(outline) for outline in outlines]
    lines: list[Points] = []
    for outline, area in zip(outlines, areas, strict=True):
        if area > _PIECE * max(areas) and not is_frame(outline, cover.shape):
            places = outline[:, 0]
            kept = off_border(places, cover.shape)
            if around is not None:
                kept &= around[places[:, 1], places[:, 0]]
            lines += ring_runs(places, kept, max(cover.shape))
    return sorted(lines, key=lambda line: -len(line))


def mass_lines(pixels: Pixels, inside: Cover, tones: int) -> list[Points]:
    """The borders between the large masses of uint8 [h, w, 3] within a small cover, as one sees them with half-closed
    eyes: float32 [n, 2] each, the longest first; none along the cover's own outline.
    """
    within = inside > 127
    small = cv2.resize(pixels, inside.shape[::-1], interpolation=cv2.INTER_AREA)
    soft = cv2.bilateralFilter(np.asarray(cv2.medianBlur(small, 5), np.uint8), 7, 40, 5)
    lab = cv2.cvtColor(soft, cv2.COLOR_RGB2Lab).astype(np.float32)
    own = np.ascontiguousarray(lab[within])
    if len(own) < 4 * tones:
        return []
    cv2.setRNGSeed(7)
    criteria = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 12, 0.5)
    _, of, _ = cv2.kmeans(own, tones, np.empty(0, np.int32), criteria, 1, cv2.KMEANS_PP_CENTERS)
    labels = np.full(within.shape, -1, np.int32)
    labels[within] = of.ravel()
    side = max(inside.shape)
    sigma = _OPEN * side
    shares = [cv2.GaussianBlur((labels == tone).astype(np.float32), (0, 0), sigma) for tone in range(tones)]
    labels = np.where(within, np.argmax(shares, axis=0), -1)
    beside = max(1, round(_BESIDE * side))
    free = _free(within, beside)
    least = _MASS * float(within.sum())
    found: list[tuple[float, Points]] = []
    for mask, area in _pieces(labels, tones):
        if area < least:
            continue
        outlines, _ = cv2.findContours(mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
        for outline in outlines:
            places = outline[:, 0]
            if is_frame(np.asarray(outline, np.int32), inside.shape):
                continue
            open_ = free[places[:, 1], places[:, 0]] & off_border(places, inside.shape)
            lines = ring_runs(places, open_, side)
            found += [(_contrast(lab, line) * len(line), line) for line in lines]
            for line in lines:
                drawn = np.zeros(within.shape, np.uint8)
                cv2.polylines(drawn, [np.rint(line).astype(np.int32)], False, 1, 2 * beside)
                free &= drawn == 0
    return [line for _, line in sorted(found, key=lambda one: -one[0])]


def is_frame(outline: NDArray[np.integer | np.floating], shape: tuple[int, ...]) -> bool:
    """Whether an outline is the edge of a sheet or a frame, and no mass of the picture [h, w]."""
    _, _, width, height = cv2.boundingRect(outline)
    spans = min(width / shape[1], height / shape[0]) > _SPANS
    return spans and cv2.contourArea(outline) > _SQUARE * width * height


def _contrast(lab: NDArray[np.float32], line: Points) -> float:
    """How unlike both sides of a line are, in Lab."""
    along = np.gradient(line, axis=0)
    across = np.stack([-along[:, 1], along[:, 0]], axis=1) / np.maximum(np.hypot(*along.T), 1e-6)[:, None]
    height, width = lab.shape[:2]
    sides = []
    for way in (-3, 3):
        x, y = np.clip(np.rint(line + way * across).astype(int), 0, (width - 1, height - 1)).T
        sides.append(lab[y, x])
    return float(np.abs(sides[0] - sides[1]).max(axis=1).mean())


def _pieces(labels: NDArray[np.integer], tones: int) -> list[tuple[Cover, float]]:
    """The connected pieces of each tone, the largest first, and their areas."""
    found: list[tuple[Cover, float]] = []
    for tone in range(tones):
        _, pieces, stats, _ = cv2.connectedComponentsWithStats((labels == tone).astype(np.uint8))
        for at in range(1, len(stats)):
            area = float(stats[at, cv2.CC_STAT_AREA])
            if area > 0.5 * _MASS * labels.size:
                found.append(((pieces == at).astype(np.uint8), area))
    return sorted(found, key=lambda one: -one[1])


def _free(within: NDArray[np.bool_], beside: int) -> NDArray[np.bool_]:
    """What lies within a shape and not along its outline; the picture's border is none."""
    frame = cv2.copyMakeBorder(within.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    brush = np.ones((2 * beside + 1, 2 * beside + 1), np.uint8)
    return np.asarray(cv2.erode(frame, brush)[1:-1, 1:-1] > 0, bool)


def off_border(places: NDArray[np.number], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """bool [n]: which places do not lie along the border of a picture [h, w]."""
    reach = max(1.0, _AT_BORDER * max(shape))
    x, y = places.T
    return np.asarray((x > reach) & (y > reach) & (x < shape[1] - 1 - reach) & (y < shape[0] - 1 - reach), bool)


def ring_runs(ring: NDArray[np.number], kept: NDArray[np.bool_], side: int) -> list[Points]:
    """The runs of a ring of places [n, 2] that are kept bool [n], and long enough; all of it is closed."""
    least = SHORTEST * side
    if kept.all():
        return [smoothed(np.vstack([ring, ring[:1]]), 2.0, closed=True)] if len(ring) > 2 * least else []
    if not kept.any():
        return []
    first = int(np.flatnonzero(~kept)[0])
    ring, kept = np.roll(ring, -first, axis=0), np.roll(kept, -first)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], kept.astype(np.int8), [0]])))
    runs = [ring[begin:end] for begin, end in zip(edges[::2], edges[1::2], strict=True) if end - begin > least]
    return [smoothed(run, 2.0) for run in runs]


def smoothed(points: NDArray[np.number], sigma: float, *, closed: bool = False) -> Points:
    """Points [n, 2] along a line, averaged over their neighbours; a closed line goes round, others keep their ends."""
    reach = max(1, round(3 * sigma))
    line = points.astype(np.float32)
    if closed:
        ring = line[:-1]
        long = np.vstack([ring[np.arange(-reach, 0) % len(ring)], ring, ring[np.arange(reach + 1) % len(ring)]])
    else:
        # Mirrored at its ends, a line does not shrink.
        head = 2 * line[0] - line[np.clip(np.arange(reach, 0, -1), 0, len(line) - 1)]
        tail = 2 * line[-1] - line[np.clip(len(line) - 1 - np.arange(1, reach + 1), 0, len(line) - 1)]
        long = np.vstack([head, line, tail])
    soft = cv2.GaussianBlur(long[:, None], (1, 2 * reach + 1), 1, sigmaY=sigma)[:, 0]
    return np.asarray(soft[reach : reach + len(line)], np.float32)
