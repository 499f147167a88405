"""The line art of a picture: cover, colour, and the picture without it."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.along import pixels_along, usual, values_along
from paints_undo_engine.procedural.reading.channels import largest
from paints_undo_engine.procedural.reading.clean_lines import clean_shares
from paints_undo_engine.procedural.reading.model import Box, Cover, Ink, Pixels

_PEN = 0.0045
"""Of the longer side: the radius of the thickest line that is looked for."""
_FAINT, _CLEAR = 14, 30
"""Levels that a line must be darker than what is beside it: everywhere, and somewhere along it."""
_FELT = 3
"""How many times as thick the lines of signs and clip art may be."""
_LASH, _LASHES = 62, 0.3
"""Levels: darker shapes of eyes are inked; of an eye's place: what is larger is hair before it."""
_BROAD = 2.0
"""Times the pen's width: a line so thick is a shape."""
_COVERED = 90
"""Of 255: what is covered less is a line's rim."""
_STUBBY, _THICKER = 5.0, 1.15
"""Lengths of a bit in its widths, and widths of the pen: what is shorter and thicker is no line."""
_GAP, _LEVEL, _WHITE = 1.2, 0.6, 225
"""Of a letter's height: how far the next is at most, and how much of it lies level; levels of the ground."""
_DIM, _SHORT = 95, 0.13
"""Levels, in the strongest channel, around a bit of line that is among dark colours, and the diagonal's share across
which it is short."""
_CLEAN_BIT = 0.6
"""Of such a bit's lines: where more is clean a pen has drawn it."""
_SPECK = 0.008
"""Of the diagonal: what is shorter is grain."""


_DARKEST, _GREY, _BREADTH = 0.25, 30, 14.0
"""Of the lines' length: what is darker tells the pen's colour. Levels between channels, and pixels of breadth: what has
more is no dirt.
"""


def _seen() -> NDArray[np.uint8]:
    """How light each level looks, in levels of the middle tones: among dark ones half the difference is seen."""
    levels = np.arange(256, dtype=np.float64)
    slope = np.interp(levels, (40, 90), (_DARK_STEP, 1.0))
    light = np.concatenate([[0.0], np.cumsum(slope)[:-1]])
    return np.asarray(np.rint(np.clip(light - (light[-1] - 255), 0, 255)), np.uint8)


_DARK_STEP = 1.9
_SEEN = _seen()


def find_cover(pixels: Pixels, thick: bool = False) -> Cover:
    """How much dark line lies over each pixel of uint8 [h, w, 3]: uint8 [h, w]; `thick`: drawn with a felt pen.

    What a morphological closing fills was a line. A line's core is wholly covered however pale it is, since it has its
    own colour; how far its rim has risen from there is the rim's cover.
    """
    disk = _disk(_pen_radius(pixels.shape) * (_FELT if thick else 1))
    calm = cv2.GaussianBlur(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), (0, 0), 0.7)
    closed = cv2.morphologyEx(calm, cv2.MORPH_CLOSE, disk)
    depth = np.asarray(cv2.subtract(cv2.LUT(closed, _SEEN), cv2.LUT(calm, _SEEN)), np.uint8)
    peak = cv2.GaussianBlur(cv2.dilate(depth, disk), (0, 0), 1.5)
    share = depth.astype(np.float32) / np.maximum(peak, _FAINT).astype(np.float32)
    cover = np.clip((share - 0.22) / 0.5, 0, 1)
    drawn = _lines_only((depth > _FAINT) & (share > 0.22), depth)
    return np.asarray(np.round(cover * drawn * 255), np.uint8)


def without_masses(ink: Ink, pixels: Pixels, kept: NDArray[np.bool_]) -> Ink:
    """The line art of uint8 [h, w, 3] without what is far thicker than its pen: dark shapes, which are filled and not
    drawn; strokes of letters are.

    Nothing is taken away where `kept`, bool [h, w], is true: lashes are drawn, however thick.
    """
    if not ink.paths:
        return ink
    lengths = np.array([path.length for path in ink.paths])
    widths = np.array([float(np.median(path.width)) for path in ink.paths])
    pen = usual(widths, lengths)
    limit = max(_BROAD * pen, pen + 2)
    masses = np.zeros_like(ink.cover)
    paths = []
    for path in ink.paths:
        y, x = pixels_along(path.points, kept.shape)
        if float(np.percentile(path.width, 70)) <= limit or kept[y, x].mean() > 0.3:
            paths.append(path)
            continue
        for column, row, width in zip(x.tolist(), y.tolist(), path.width.tolist(), strict=True):
            cv2.circle(masses, (column, row), int(width / 2 + 2.5), 255, -1)
    cover = np.where((masses > 0) & ~kept, 0, ink.cover).astype(np.uint8)
    return _without_crumbs(replace(ink, cover=cover, paths=tuple(paths)), pixels, pen, kept)


def _without_crumbs(ink: Ink, pixels: Pixels, pen: float, kept: NDArray[np.bool_]) -> Ink:
    """The line art without loose bits that are thicker than the pen and hardly longer than thick: small dark shapes."""
    _, pieces, stats, _ = cv2.connectedComponentsWithStats((ink.cover > _COVERED).astype(np.uint8), connectivity=8)
    length = np.zeros(len(stats))
    along = []
    for path in ink.paths:
        along.append(values_along(pieces, path.points))
        length += np.bincount(along[-1], minlength=len(stats)) * (path.length / max(len(path.points), 1))
    area = stats[:, cv2.CC_STAT_AREA].astype(np.float64)
    width = area / np.maximum(length, 1)
    crumb = (length < _STUBBY * width) & (width > _THICKER * (pen + 1))
    crumb[0] = False
    crumb[pieces[kept]] = False
    crumb &= ~_letters(ink.cover, pixels, np.asarray(stats, np.int32), np.flatnonzero(crumb))
    gone = crumb[pieces]
    if not gone.any():
        return ink
    cover = np.where(cv2.dilate(gone.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0, 0, ink.cover).astype(np.uint8)
    paths = tuple(path for path, at in zip(ink.paths, along, strict=True) if float(crumb[at].mean()) < 0.5)
    return replace(ink, cover=cover, paths=paths)


def _letters(cover: Cover, pixels: Pixels, stats: NDArray[np.int32], bits: NDArray[np.int64]) -> NDArray[np.bool_]:
    """bool [n]: which of some pieces of line art, with their `stats` int32 [n, 5], are strokes of letters: they stand
    on white in a row with another one that is as tall.
    """
    left, top, width, height, area = stats.T
    found = np.zeros(len(stats), bool)
    for bit in bits.tolist():
        tall = height[bit]
        gap = np.maximum(left - left[bit] - width[bit], left[bit] - left - width)
        along = np.minimum(top + height, top[bit] + tall) - np.maximum(top, top[bit])
        row = (gap < _GAP * tall) & (along > _LEVEL * np.maximum(height, tall)) & (area > 0)
        row[[0, bit]] = False
        if row.any():
            box = Box(*(float(value) for value in stats[bit, :4])).grown(0.4, 0.4, 0.4, 0.4)
            at = box.slices(cover.shape)
            around = pixels[at][cover[at] == 0]
            found[bit] = bool(len(around)) and float(np.median(around.min(axis=1))) > _WHITE
    return found


def without_dark_bits(ink: Ink, pixels: Pixels, kept: NDArray[np.bool_]) -> Ink:
    """The line art without short bits among dark colours: the folds and stripes of dark cloth, which are painted. Clean
    lines stay, as letters have them and figures on a dark ground.

    `kept` bool [h, w] is where all bits stay.
    """
    covered = ink.cover > _COVERED
    _, pieces, stats, _ = cv2.connectedComponentsWithStats(covered.astype(np.uint8), connectivity=8)
    around = cv2.morphologyEx(largest(pixels), cv2.MORPH_CLOSE, _disk(_pen_radius(pixels.shape)))
    light = np.bincount(pieces.ravel(), around.ravel(), len(stats)) / np.maximum(stats[:, cv2.CC_STAT_AREA], 1)
    extent = np.hypot(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
    bit = (light < _DIM) & (extent < _SHORT * float(np.hypot(*covered.shape)))
    bit[0] = False
    bit[pieces[kept]] = False
    bit &= ~_clean_bits(ink, pixels, np.asarray(pieces, np.int32), bit)
    gone = bit[pieces]
    if not gone.any():
        return ink
    paths = []
    for path in ink.paths:
        if float(values_along(gone, path.points).mean()) < 0.5:
            paths.append(path)
    cover = np.where(cv2.dilate(gone.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0, 0, ink.cover).astype(np.uint8)
    return replace(ink, cover=cover, paths=tuple(paths))


def _clean_bits(ink: Ink, pixels: Pixels, pieces: NDArray[np.int32], bit: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """bool [n]: which of the line art's `pieces` int32 [h, w] that are a `bit` among dark colours are clean lines."""
    paths, owner = [], []
    for path in ink.paths:
        own = int(np.bincount(values_along(pieces, path.points)).argmax())
        if bit[own]:
            paths.append(path)
            owner.append(own)
    if not paths:
        return np.zeros(len(bit), bool)
    length = np.array([path.length for path in paths])
    clean = np.bincount(owner, clean_shares(pixels, paths) * length, len(bit))
    return np.asarray(clean > _CLEAN_BIT * np.maximum(np.bincount(owner, length, len(bit)), 1e-6), bool)


def with_lashes(ink: Ink, pixels: Pixels, eyes: NDArray[np.bool_]) -> Ink:
    """The line art with the whole of those dark shapes of eyes, bool [h, w], of which it has a part: lashes."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    _, pieces, stats, _ = cv2.connectedComponentsWithStats(((grey < _LASH) & eyes).astype(np.uint8))
    _, around, sizes, _ = cv2.connectedComponentsWithStats(eyes.astype(np.uint8))
    drawn = np.unique(pieces[(ink.cover > 127) & (pieces > 0)])
    within = np.zeros(len(stats), np.int64)
    within[pieces.ravel()] = sizes[around.ravel(), cv2.CC_STAT_AREA]
    # Hair before an eye is as dark, and larger.
    drawn = drawn[stats[drawn, cv2.CC_STAT_AREA] < _LASHES * within[drawn]]
    if not len(drawn):
        return ink
    lashes = np.isin(pieces, drawn)
    return replace(ink, cover=np.where(lashes, 255, ink.cover).astype(np.uint8))


def find_dirt(ink: Ink, pixels: Pixels, shown: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Where a drawing on plain ground has thin pale grey lines that hang on no dark one: bool [h, w]. The edges of a
    sheet and of what was pasted on it, creases and dust are such. What stands out from the ground is `shown`, bool
    [h, w].
    """
    if not ink.paths or shown.all():
        return np.zeros_like(shown)
    ground = float(np.median(pixels[~shown].mean(axis=1)))
    lengths = np.array([path.length for path in ink.paths])
    colours = np.array([path.colour for path in ink.paths], np.float64)
    light = colours.mean(axis=1)
    pen = usual(light, lengths, _DARKEST)
    square = np.ones((3, 3), np.uint8)
    _, pieces, stats, _ = cv2.connectedComponentsWithStats(
        cv2.dilate((shown | (ink.cover > 0)).astype(np.uint8), square)
    )
    own = np.array([int(np.bincount(values_along(pieces, path.points)).argmax()) for path in ink.paths])
    pale = (light > (pen + ground) / 2) & (np.ptp(colours, axis=1) < _GREY)
    along = np.bincount(own[pale], lengths[pale], len(stats))
    dirty = (along > 0) & (stats[:, cv2.CC_STAT_AREA] < _BREADTH * along)
    dirty[own[~pale]] = False
    dirty[0] = False
    return np.asarray(dirty[pieces], bool)


def without(ink: Ink, where: NDArray[np.bool_]) -> Ink:
    """The line art without what lies in bool [h, w]."""
    paths = tuple(path for path in ink.paths if float(values_along(where, path.points).mean()) < 0.5)
    return replace(ink, cover=np.where(where, 0, ink.cover).astype(np.uint8), paths=paths)


def _lines_only(mask: NDArray[np.bool_], depth: Cover) -> NDArray[np.bool_]:
    """Connected pieces that are clear somewhere and no specks."""
    count, pieces, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    clear = np.zeros(count, bool)
    clear[pieces[depth >= _CLEAR]] = True
    extent = np.hypot(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
    kept = clear & (extent > _SPECK * float(np.hypot(*mask.shape)))
    kept[0] = False
    found: NDArray[np.bool_] = kept[pieces]
    return found


def remove_lines(pixels: Pixels, cover: Cover, figure: Cover, soft: int = 1) -> Pixels:
    """The picture without its lines: every pixel near a line takes the colour of the nearest one that has none.

    So two colours meet under the middle of the line that parts them, and neither darkens. What lies in the `figure`
    takes a colour of the figure, what lies outside one of the ground, and so do the mixed pixels along its outline.
    `soft` pixels beside a line and an outline are mixed: more where the picture was enlarged.
    """
    inside = (figure > 127).astype(np.uint8)
    square = np.ones((2 * soft + 1, 2 * soft + 1), np.uint8)
    rim = np.asarray(cv2.morphologyEx(inside, cv2.MORPH_GRADIENT, square), np.uint8)
    near = np.asarray(cv2.dilate((cover > 24).astype(np.uint8), square), np.uint8) | rim
    clean = pixels.copy()
    for part in (inside, 1 - inside):
        free = (part > 0) & (near == 0)
        wanted = (part > 0) & (near > 0)
        if free.any() and wanted.any():
            clean[wanted] = _nearest(pixels, free)[wanted]
    calm = np.asarray(cv2.medianBlur(clean, 5), np.uint8)
    away = np.asarray(cv2.morphologyEx(inside, cv2.MORPH_GRADIENT, _disk(2)), np.uint8) == 0
    cv2.copyTo(calm, near * away, clean)
    return clean


def _nearest(pixels: Pixels, free: NDArray[np.bool_]) -> Pixels:
    """uint8 [h, w, 3]: for each pixel the nearest free one's colour."""
    _, nearest = cv2.distanceTransformWithLabels(
        (~free).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    source = np.zeros(int(nearest.max()) + 1, np.int64)
    source[nearest[free]] = np.flatnonzero(free)
    return np.asarray(pixels.reshape(-1, 3)[source[nearest.ravel()]].reshape(pixels.shape))


def line_colour(pixels: Pixels, cover: Cover) -> Pixels:
    """uint8 [h, w, 3]: the colour of the nearest line core, everywhere within a pen's reach of a line."""
    core = (cover > 200).astype(np.uint8)
    if not core.any():
        return np.zeros_like(pixels)
    darkest = cv2.bitwise_and(*2 * (cv2.erode(pixels, np.ones((3, 3), np.uint8)),), mask=core)
    height, width = core.shape
    half = (max(1, width // 2), max(1, height // 2))
    weight, spread = (
        cv2.GaussianBlur(cv2.resize(layer.astype(np.float32), half, interpolation=cv2.INTER_AREA), (0, 0), 1.5)
        for layer in (core, darkest)
    )
    colour = np.clip(np.round(spread / np.maximum(weight, 1e-4)[..., None]), 0, 255).astype(np.uint8)
    return np.asarray(cv2.resize(colour, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


def explained(pixels: Pixels, cover: Cover, inside: Cover) -> float:
    """The share of the picture's edges that lie along lines, `inside` uint8 [h, w] where it has any pixel."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    edges = cv2.Canny(cv2.GaussianBlur(grey, (0, 0), 1.5), 40, 110) > 0
    if inside.any():
        edges &= inside > 127
    near = cv2.dilate(cover, np.ones((7, 7), np.uint8)) > 90
    return float(near[edges].mean()) if edges.any() else 0.0


def darkness(pixels: Pixels) -> Cover:
    """The cover of dark lines by one measure for all: how far they are from the ground towards the darkest of them."""
    closed = np.asarray(cv2.morphologyEx(pixels, cv2.MORPH_CLOSE, _disk(_pen_radius(pixels.shape))), np.uint8)
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.float32)
    ground = cv2.cvtColor(closed, cv2.COLOR_RGB2GRAY).astype(np.float32)
    depth = ground - grey
    inked = grey[depth > 40]
    level = float(np.percentile(inked, 15)) if inked.size > 32 else 32.0
    share = np.clip(depth / np.maximum(ground - level, 28.0), 0, 1)
    alpha = np.where(depth > _FAINT, np.clip((share - 0.18) / 0.62, 0, 1), 0)
    return np.asarray(alpha * alpha * (3 - 2 * alpha) * 255, np.uint8)


def _pen_radius(shape: tuple[int, ...]) -> int:
    """Of the thickest line, in pixels."""
    return max(2, round(_PEN * max(shape[:2])))


def _disk(radius: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1)), np.uint8)
