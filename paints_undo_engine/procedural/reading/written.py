"""What is written in a picture: lines of letters, and which pixels are theirs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.balloons import Balloon, completed, find_balloons, numbered_balloons
from paints_undo_engine.procedural.reading.channels import greatest
from paints_undo_engine.procedural.reading.lettering import find_text
from paints_undo_engine.procedural.reading.lines_of_text import Line, box_of, is_downward, line_of
from paints_undo_engine.procedural.reading.model import Box, Labels, Pixels, TextLine
from paints_undo_engine.procedural.reading.outlined_letters import with_outlines, within_outlines
from paints_undo_engine.procedural.reading.text_network import Corners, FoundRow, find_text_boxes

_BEYOND, _ABOVE = 0.6, 0.12
"""Of a line's height: how far beyond its ends letters belong to it, and how far above and below."""
_CORE, _RIM = 0.36, 0.62
"""Of a line's height, from its middle: where letters are, and how far the ground about them is looked at."""
_LEAST_STEP, _CONTRAST = 28, 45.0
"""Levels: what is nearer to the ground is ground; what letters are off it on the median."""
_WITHIN, _FOREIGN = 0.7, (0.3, 0.75)
"""Of a mark, what lies in the line; of all marks there, what may belong to other things, and in a certain line."""
_CERTAIN = 0.985
"""How likely the network takes a row to be text that is a line without more proof."""
_COVERED = (0.05, 0.62)
"""Of a line's box, what its letters cover."""
_LONG, _HIGH = 0.55, 0.4
"""Of a line's box, how far its letters reach along it and across."""
_STROKE, _COARSE = 0.4, 5
"""Of a line's height, and pixels of the smallest letters: how thick strokes are at most."""
_CALM = (0.7, 0.55)
"""Of the ground about a line, what has its colour; the same of a certain line."""
_LOWEST, _BELOW = 5, 0.8
"""Pixels of the lowest line; of the step between ground and letters, from where on a pixel is marked."""
_FILL = 14
"""Levels: what an outlined letter is filled with is off the ground at least so much."""
_MIDDLE, _THICKER = 0.2, 1.6
"""Of a line's height, from its middle: where a letter is that touches something beyond; of the thickness of the strokes
of a line, how thick one is at most that goes on with it.
"""
_FARTHEST, _AROUND = 5.0, 2.0
"""Of a line's height: how far beyond its ends marks are looked at, and how far from its middle across."""
_WORD, _ALIKE = 1.3, 55
"""Of a line's height: the gap between two words; levels between the colours of two letters."""
_SCRIPT = 0.3
"""Of a line's height: how thick the stroke of what is written in one go is at most."""
_DOT, _BESIDE = 0.3, 0.4
"""Of a line's height: what is smaller is a dot, and only so far from a letter does it belong to it."""
_SAME = 0.5
"""Of the shorter of two marks along the line: what lies beside so much of another is a part of the same letter."""
_CALMER, _ROW, _LETTERS = 0.83, 2.3, 3
"""Of the ground about a line of sure letters, what has its colour; how many times as long as high it is; and how many
are no dots."""
_CLEAR, _WORD_ROW = 0.9, 1.6
"""The same of the ground about a single word of which the network has no doubt, and of its length."""
_PAGE, _CORNER = 3, 0.18
"""With so many sure lines a picture is lettered, and all others count; of a side, what is a corner."""
_LOW, _TALL = 0.005, (0.12, 0.22)
"""Of the longer side: how high lines are; the same of certain lines."""
_RATHER, _LEVEL, _INNER = 0.95, 0.25, 0.85
"""How likely a line of a page is that is not sure, and how many radians it runs off the others at most; of the sides of
a rectangle that may hold a line, what surely holds nothing else.
"""
_Part = tuple[float, float, NDArray[np.intp], NDArray[np.intp]]
"""From where to where a mark reaches along its line, and its pixels."""


@dataclass(frozen=True, slots=True, eq=False)
class Lettering:
    """Lines in the order of reading, and `letters` int32 [h, w]: the number of each pixel's letter among all of them,
    from 1; 0 where there is none. `balloons` int32 [h, w]: the same of balloons and caption boxes.
    """

    lines: tuple[TextLine, ...]
    letters: Labels
    balloons: Labels


def without_lettering(pixels: Pixels) -> Lettering:
    """That nothing is written on uint8 [h, w, 3]."""
    none = np.zeros(pixels.shape[:2], np.int32)
    return Lettering((), none, none)


def find_lettering(pixels: Pixels, panels: Sequence[Box] = ()) -> Lettering:
    """The lettering of uint8 [h, w, 3], panel by panel.

    Where the network for lettering is installed, it says where to look; elsewhere rows of marks alone do.
    """
    letters = np.zeros(pixels.shape[:2], np.int32)
    boxes = find_text_boxes(pixels) if min(pixels.shape[:2]) >= 32 else []
    if boxes is None:
        boxes = [FoundRow(_corners(line.box), 0.0) for line in find_text(pixels)]
    read = [line for box in boxes if (line := _read(pixels, box)) is not None]
    sure = [one for one in read if one.sure]
    balloons: tuple[Balloon, ...] = ()
    if (len(sure) if panels else sum(_is_long(one.line.box) for one in sure)) >= (1 if panels else _PAGE):
        turn = float(np.median([one.slope for one in sure]))
        likely = [one for one in read if one.sure or (one.likely > _RATHER and abs(one.slope - turn) < _LEVEL)]
        level = [box for box in boxes if box.likely > _RATHER and abs(_slope(_axis(box.corners)) - turn) < _LEVEL]
        balloons = find_balloons(pixels, [one.line.box for one in likely], [_inner(box.corners) for box in level])
        read = [one for one in read if one in likely or any(balloon.holds(one.line.box) for balloon in balloons)]
        read = completed(pixels, read, balloons)
    else:
        read = sure
    count, lines = 0, []
    for one in _in_order(read, panels):
        own = []
        for (y, x), box in zip(one.letters, one.line.letters, strict=True):
            free = letters[y, x] == 0
            if free.any():
                count += 1
                letters[y[free], x[free]] = count
                own.append(box)
        if own:
            lines.append(line_of(own, one.line.colour))
    return Lettering(tuple(lines), letters, numbered_balloons(balloons, letters.shape))


def _corners(box: Box) -> Corners:
    left, top, right, bottom = box.x, box.y, box.x + box.width, box.y + box.height
    around = 0.2 * box.height
    ends = [(left - around, top - around), (right + around, top - around)]
    ends += [(right + around, bottom + around), (left - around, bottom + around)]
    return np.array(ends, np.float32)


def _inner(corners: Corners) -> Corners:
    """A rectangle without its rim, at which something else may be."""
    middle = corners.mean(axis=0)
    return np.asarray(middle + _INNER * (corners - middle), np.float32)


def _axis(corners: Corners) -> NDArray[np.float32]:
    """Which way a line runs, to the right or down: float32 [2]."""
    long = max((corners[1] - corners[0], corners[2] - corners[1]), key=lambda side: float(np.hypot(*side)))
    axis = long / max(float(np.hypot(*long)), 1.0)
    return np.asarray(axis if (axis[1] if abs(axis[1]) > abs(axis[0]) else axis[0]) > 0 else -axis, np.float32)


def _slope(axis: NDArray[np.float32]) -> float:
    return float(np.arctan2(axis[1], axis[0]))


def _read(pixels: Pixels, found: FoundRow) -> Line | None:
    """The letters in a rectangle; None where its marks are none: they go on beyond it, are too thick, too thin, too few
    or too pale, or lie on no calm ground.
    """
    strip = _strip(pixels, found)
    if strip is None:
        return None
    certain = strip.certain
    marked, away, tall, along, core = strip.marked, strip.away, strip.tall, strip.along, strip.core
    _, numbered, stats, _ = cv2.connectedComponentsWithStats(marked.astype(np.uint8), connectivity=8)
    marks = np.asarray(numbered, np.int32)
    near = (np.abs(along) < strip.long / 2 + _BEYOND * tall) & (strip.across < (0.5 + _ABOVE) * tall)
    own = np.bincount(marks[near], minlength=len(stats)) > _WITHIN * stats[:, cv2.CC_STAT_AREA]
    own[0] = False
    kept = own[marks]
    inside = kept & core
    foreign = float((marked & core & ~kept).sum())
    if not inside.any() or foreign > _FOREIGN[certain] * (foreign + inside.sum()):
        return None
    calm = float((~marked[strip.rim]).mean())
    if calm < _CALM[certain]:
        return None
    whole = None
    if certain and (inside.sum() > _COVERED[1] * core.sum() or _thickness(kept) > max(_STROKE * tall, _COARSE)):
        held = within_outlines(strip.pixels, kept)
        if held is None:
            return None
        whole, kept, inside = kept, held, held & core
        _, numbered = cv2.connectedComponents(held.astype(np.uint8), connectivity=8)
        marks = np.asarray(numbered, np.int32)
        own = np.arange(int(marks.max()) + 1) > 0
    if not _COVERED[0] < inside.sum() / core.sum() < _COVERED[1] or float(np.median(away[inside])) < _CONTRAST:
        return None
    if np.ptp(along[inside]) < _LONG * strip.long or np.ptp(strip.across[inside]) < 0.5 * _HIGH * tall:
        return None
    stroke = _thickness(kept)
    if stroke > max(_STROKE * tall, _COARSE):
        return None
    colour = np.median(strip.pixels[inside], axis=0)
    if whole is None:
        marks, own = _cut_off(strip, marks, own, colour)
        _go_on(strip, marks, own, colour, _THICKER * stroke)
    groups = [_with_fills(strip, *letter) for letter in _letters(marks, own, along, 0.1 * tall)]
    groups = groups if whole is None else with_outlines(groups, whole)
    if len(groups) < 2 and stroke > _SCRIPT * tall:
        return None
    places = [(rows + strip.corner[1], columns + strip.corner[0]) for rows, columns in groups]
    red, green, blue = (int(level) for level in colour)
    line = line_of([box_of(*place) for place in places], (red, green, blue))
    large = sum(max(box.width, box.height) > _DOT * tall for box in line.letters)
    sure = calm > _CALMER and strip.long > _ROW * tall and large >= _LETTERS
    signed = calm > _CALMER and _is_in_corner(line.box, pixels.shape)
    clear = calm > _CLEAR and found.likely > _CERTAIN and strip.long > _WORD_ROW * tall and large >= _LETTERS
    return Line(line, places, sure or signed or certain or clear, found.likely, strip.slope)


def _is_long(box: Box) -> bool:
    """Whether a line's letters tell that a page is lettered: a single word or a sign in a corner does not."""
    return max(box.width, box.height) > _ROW * min(box.width, box.height)


def _is_in_corner(box: Box, shape: tuple[int, ...]) -> bool:
    """Whether a box lies in a corner of the picture, where pictures are signed."""
    (x, y), (height, width) = box.centre, shape[:2]
    return min(x, width - x) < _CORNER * width and min(y, height - y) < _CORNER * height


@dataclass(frozen=True, slots=True, eq=False)
class _Strip:
    """What lies about a rectangle: `pixels` int16 [h, w, 3] from `corner` (x, y) on; how far each is `away` from the
    ground's colour, in levels, and `marked` so; how far from the middle `along` the line, and `across` it. `tall` and
    `long` are the rectangle's sides, `core` and `rim` what lies in it, and at its upper and lower edge; `certain` is
    that the network has no doubt, `slope` how many radians it runs off the level.
    """

    pixels: NDArray[np.int16]
    corner: tuple[int, int]
    away: NDArray[np.uint8]
    marked: NDArray[np.bool_]
    along: NDArray[np.float32]
    across: NDArray[np.float32]
    tall: float
    long: float
    core: NDArray[np.bool_]
    rim: NDArray[np.bool_]
    certain: bool
    slope: float


def _strip(pixels: Pixels, found: FoundRow) -> _Strip | None:
    corners = found.corners
    tall, long = sorted(float(np.hypot(*(corners[1] - corners[at]))) for at in (0, 2))
    certain = found.likely > _CERTAIN and long > _ROW * tall
    axis = _axis(corners)
    middle = corners.mean(axis=0)
    reach = np.abs(axis) * (long / 2 + _FARTHEST * tall) + np.abs(axis[::-1]) * _AROUND * tall
    left, top = np.maximum(np.floor(middle - reach), 0).astype(int).tolist()
    right, bottom = np.minimum(np.ceil(middle + reach) + 1, pixels.shape[1::-1]).astype(int).tolist()
    crop = pixels[top:bottom, left:right].astype(np.int16)
    if (
        not max(_LOWEST, _LOW * max(pixels.shape)) < tall < _TALL[certain] * max(pixels.shape)
        or min(crop.shape[:2]) < _LOWEST
    ):
        return None
    y, x = np.mgrid[top:bottom, left:right].astype(np.float32)
    along = (x - middle[0]) * axis[0] + (y - middle[1]) * axis[1]
    across = np.abs((y - middle[1]) * axis[0] - (x - middle[0]) * axis[1])
    of_line = np.abs(along) < long / 2
    rim = of_line & (across > _CORE * tall) & (across < _RIM * tall)
    core = of_line & (across < _CORE * tall)
    if not rim.any() or not core.any():
        return None
    ground = np.median(crop[rim], axis=0).astype(np.int16)
    away = np.asarray(greatest(np.abs(crop - ground)), np.uint8)
    step, _ = cv2.threshold(away[core][None], 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    marked = away > max(_LEAST_STEP, _BELOW * float(step))
    return _Strip(
        crop,
        (left, top),
        away,
        marked,
        along,
        across,
        tall,
        long,
        core,
        rim,
        certain,
        _slope(axis),
    )


def _cut_off(
    strip: _Strip, marks: Labels, own: NDArray[np.bool_], colour: NDArray[np.float64]
) -> tuple[Labels, NDArray[np.bool_]]:
    """The marks and which are a line's `own`, bool [n], with letters that touch something beyond their line, where they
    have its colour.
    """
    alike = greatest(np.abs(strip.pixels - colour.astype(np.int16))) < _ALIKE
    touching = strip.marked & ~own[marks] & (np.abs(strip.along) < strip.long / 2) & (strip.across < 0.5 * strip.tall)
    touching &= alike
    count, numbered = cv2.connectedComponents(touching.astype(np.uint8), connectivity=8)
    # What only runs along the line's edge is no letter.
    middle = np.bincount(numbered[strip.across < _MIDDLE * strip.tall], minlength=count) > 0
    middle[0] = False
    parts = np.where(middle, np.cumsum(middle), 0)[numbered]
    cut = np.where(parts > 0, parts + (len(own) - 1), marks).astype(np.int32)
    return cut, np.append(own, np.ones(int(middle.sum()), bool))


def _thickness(marked: NDArray[np.bool_]) -> float:
    """How thick the thickest stroke of bool [h, w] is, in pixels."""
    return 2 * float(cv2.distanceTransform(np.pad(marked, 1).astype(np.uint8), cv2.DIST_L2, 3).max())


def _go_on(strip: _Strip, marks: Labels, own: NDArray[np.bool_], colour: NDArray[np.float64], thickest: float) -> None:
    """Add to a line's `own` marks, bool [n], those in line with it that are no farther than a gap from its ends, and no
    thicker in pixels than its strokes may be.
    """
    place = [strip.along[marks == mark] for mark in np.flatnonzero(own).tolist()]
    begin, end = min(float(one.min()) for one in place), max(float(one.max()) for one in place)
    more = []
    for mark in np.flatnonzero(~own)[1:].tolist():
        at = marks == mark
        if float(strip.across[at].max()) > (0.5 + _ABOVE) * strip.tall:
            continue
        if np.abs(np.median(strip.pixels[at], axis=0) - colour).max() < _ALIKE and _thickness(at) <= thickest:
            dot = max(np.ptp(strip.along[at]), np.ptp(strip.across[at])) < _DOT * strip.tall
            gap = (_BESIDE if dot else _WORD) * strip.tall
            more.append((float(strip.along[at].min()), float(strip.along[at].max()), gap, mark))
    for first, last, gap, mark in sorted(more):
        if end - strip.tall < first < end + gap:
            own[mark], end = True, max(end, last)
    for first, last, gap, mark in sorted(more, key=lambda one: -one[1]):
        if begin + strip.tall > last > begin - gap:
            own[mark], begin = True, min(begin, first)


def _letters(
    marks: Labels, own: NDArray[np.bool_], along: NDArray[np.float32], least: float
) -> list[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """The pixels of each letter in the order in which they are written: of marks beside each other along the line one
    is made.
    """
    found: list[_Part] = []
    for mark in np.flatnonzero(own).tolist():
        y, x = np.nonzero(marks == mark)
        place = along[y, x]
        found.append((float(place.min()), float(place.max()), y, x))
    found.sort(key=lambda one: one[0])
    joined: list[_Part] = []
    for begin, end, y, x in found:
        last = joined[-1] if joined else None
        if last is not None:
            shared = min(end, last[1]) - begin
            beside = shared > _SAME * max(min(end - begin, last[1] - last[0]), least)
            if beside or end - begin < least > begin - last[1]:
                joined[-1] = (last[0], max(end, last[1]), np.append(last[2], y), np.append(last[3], x))
                continue
        joined.append((begin, end, y, x))
    return [(y, x) for _, _, y, x in joined]


def _with_fills(strip: _Strip, y: NDArray[np.intp], x: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The pixels (y, x) of a letter with what its outline holds, where that has another colour than the ground."""
    at = np.s_[y.min() : y.max() + 1, x.min() : x.max() + 1]
    letter = np.zeros_like(strip.marked[at], np.uint8)
    letter[y - y.min(), x - x.min()] = 1
    outlines, _ = cv2.findContours(letter, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    whole = cv2.drawContours(np.zeros_like(letter), outlines, -1, 1, -1)
    count, holes = cv2.connectedComponents(whole - letter, connectivity=4)
    for hole in range(1, count):
        inside = holes == hole
        if float(np.median(strip.away[at][inside])) > _FILL:
            letter[inside] = 1
    rows, columns = np.nonzero(letter)
    return rows + y.min(), columns + x.min()


def _in_order(read: Sequence[Line], panels: Sequence[Box]) -> list[Line]:
    """Lines as they are read: panel after panel, block after block; columns that go downward from the right on."""
    downward = sum(is_downward(one.line) for one in read) > len(read) / 2

    def panel(line: TextLine) -> int:
        shares = [line.box.shared(box) for box in panels]
        return int(np.argmax(shares)) if shares and max(shares) > 0 else len(panels)

    blocks: list[list[Line]] = []
    for one in sorted(read, key=lambda one: one.line.box.y):
        tall = min(one.line.box.height, one.line.box.width)
        grown = _grown(one.line.box, tall)
        near = [block for block in blocks if any(grown.shared(other.line.box) > 0 for other in block)]
        blocks = [block for block in blocks if not any(block is other for other in near)]
        blocks.append([*(other for block in near for other in block), one])

    def place(block: list[Line]) -> tuple[float, ...]:
        box = block[0].line.box
        top = min(one.line.box.y for one in block)
        return panel(block[0].line), top - (0.3 * box.x if downward else -0.3 * box.x)

    def turn(one: Line) -> tuple[float, float]:
        box = one.line.box
        return (-box.x, box.y) if is_downward(one.line) else (box.y + box.height / 2, box.x)

    return [one for block in sorted(blocks, key=place) for one in sorted(block, key=turn)]


def _grown(box: Box, by: float) -> Box:
    return Box(box.x - by, box.y - by, box.width + 2 * by, box.height + 2 * by)
