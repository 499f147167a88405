"""Lines as a person sees them: where they run, and which of the line art nobody would call one."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.along import usual, values_along
from paints_undo_engine.procedural.reading.edge_network import find_likely_edges
from paints_undo_engine.procedural.reading.flow import across_flow
from paints_undo_engine.procedural.reading.model import Cover, Ink, InkPath, Pixels
from paints_undo_engine.procedural.reading.pen_lines import around_lines
from paints_undo_engine.procedural.reading.tracing import sure_somewhere, thin

_PEN = 3.5
"""Pixels: of a broader pen's lines the network sees both sides, unless it looks at a smaller picture."""
_GOES_ON, _SURE = 95, 190
"""Of 255: how likely a line is all along it, and somewhere."""
_SEEN, _AWAY = 45.0, 0.3
"""Of 255: a line that is less likely on the mean is none. Of a line: where more lies in what is kept it stays."""
_COMPLETE, _WITHIN = 0.85, 0.7
"""Of a picture's edges: where more lie along lines none is missing. Of a line: where more lies in hair it is hair's."""
_BROAD, _STICK = 1.6, 0.06
"""Times as broad as most of the lines: what is broader, and in diagonals no longer, is a dark shape, of which a person
draws the outline.
"""
_SPREAD, _MIDDLE, _BESIDE, _DARKER = 2.0, (-1.5, -0.75, 0.0, 0.75, 1.5), (3.0, 4.5, 6.0), 10.0
"""Pixels: the sigma over which the way of a line is gathered; where its middle is looked for, and its sides; levels of
light by which a dark line's middle is darker than its sides.
"""
_SQUARE = np.ones((3, 3), np.uint8)


def find_seen_lines(pixels: Pixels, ink: Ink) -> Cover | None:
    """How likely somebody would draw a line at each pixel of uint8 [h, w, 3]: uint8 [h, w]; None where nobody knows,
    and where the line art lacks nothing.

    The picture is looked at so small that the pen's lines, as broad as those of its line art are, are seen as one each.
    """
    if ink.explained > _COMPLETE:
        return None
    height, width = pixels.shape[:2]
    shrink = max(1.0, _pen_of(ink) / _PEN)
    size = (max(8, round(width / shrink)), max(8, round(height / shrink)))
    likely = find_likely_edges(np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8))
    if likely is None:
        return None
    whole = cv2.resize(likely, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(np.rint(255 * whole), np.uint8)


def _pen_of(ink: Ink) -> float:
    """How broad the lines of a line art mostly are, in pixels."""
    widths = np.array([float(np.median(path.width)) for path in ink.paths])
    return usual(widths, np.array([path.length for path in ink.paths]))


def middles(seen: Cover) -> NDArray[np.bool_]:
    """The middles of what is seen as lines, uint8 [h, w], one pixel wide, where it is sure somewhere: bool [h, w]."""
    return thin(sure_somewhere(seen > _GOES_ON, seen > _SURE)) > 0


def dark_share(pixels: Pixels, seen: Cover) -> float:
    """Of what is seen as lines, uint8 [h, w], how much is darker in uint8 [h, w, 3] than both its sides, 0 to 1: the
    rest are borders of shapes. 1 where nothing is seen.
    """
    light = cv2.GaussianBlur(cv2.cvtColor(pixels, cv2.COLOR_RGB2Lab)[..., 0].astype(np.float32), (0, 0), 0.8)
    soft = cv2.GaussianBlur(seen.astype(np.float32), (0, 0), _SPREAD)
    gx, gy = (np.asarray(cv2.Sobel(soft, cv2.CV_32F, *way), np.float32) for way in ((1, 0), (0, 1)))
    y, x = np.nonzero(middles(seen))
    if not len(y):
        return 1.0
    places, way = np.stack([x, y], axis=1).astype(np.float32), across_flow(gx, gy, _SPREAD)[y, x]

    def at(*away: float) -> list[NDArray[np.float32]]:
        return [values_along(light, places + np.float32(far) * way) for far in away]

    sides = np.minimum(np.max(at(*_BESIDE), axis=0), np.max(at(*(-far for far in _BESIDE)), axis=0))
    return float((sides - np.min(at(*_MIDDLE), axis=0) > _DARKER).mean())


def without_unseen(
    ink: Ink, seen: Cover, hair: NDArray[np.bool_], kept: NDArray[np.bool_], faces: NDArray[np.bool_]
) -> tuple[Ink, NDArray[np.bool_]]:
    """The line art without lines in whose middle nobody sees one, uint8 [h, w], as in dark patches and texture, and
    what it has lost: bool [h, w]. Those of hair, bool [h, w], are scraps where lines are missing: all of them go, so
    that one pen draws them; and so do short ones that are far broader than the pen, but for those of `faces`, bool [h,
    w]. Nothing is taken away where `kept`, bool [h, w], is true.
    """
    near = cv2.dilate(seen, _SQUARE)
    longest = _STICK * float(np.hypot(*seen.shape))
    broad = max(_BROAD * _pen_of(ink), _pen_of(ink) + 1.5)
    paths = tuple(
        path
        for path in ink.paths
        if (
            not _is_stick(path, broad, longest, faces)
            and float(values_along(near, path.points).mean()) >= _SEEN
            and float(values_along(hair, path.points).mean()) < _WITHIN
        )
        or float(values_along(kept, path.points).mean()) > _AWAY
    )
    if len(paths) == len(ink.paths):
        return ink, np.zeros(seen.shape, bool)
    gone = (ink.cover > 0) & ~around_lines(paths, seen.shape) & ~kept
    cover = np.where(gone, 0, ink.cover).astype(np.uint8)
    return replace(ink, cover=cover, paths=paths), cv2.dilate(gone.astype(np.uint8), _SQUARE) > 0


def _is_stick(path: InkPath, broad: float, longest: float, faces: NDArray[np.bool_]) -> bool:
    """Whether a line is broader than so many pixels and no longer than so many, and lies in no face, bool [h, w]."""
    bold = float(np.percentile(path.width, 70)) > broad and path.length <= longest
    return bold and float(values_along(faces, path.points).mean()) < 0.5
