"""Balloons and caption boxes: even areas of their own that hold lettering and little else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.channels import greatest
from paints_undo_engine.procedural.reading.lines_of_text import Line, Mark, box_of, is_downward, line_of, with_mark
from paints_undo_engine.procedural.reading.model import Box, Labels, Pixels, TextLine

_EVEN = (12, 18, 26)
"""Levels: what is so near to the ground of a line is the same ground; the first with which it is a balloon's counts."""
_LARGEST, _WRITTEN, _SOLID = 0.16, 0.06, 0.8
"""Of the picture, how large a balloon is at most; of it, what the lines' boxes cover at least; of its convex hull, what
it fills."""
_LEAK = 0.3
"""Of a line's height: a way out of a balloon that is narrower than twice that is a gap in its outline."""
_STRAIGHT, _OPEN, _BEYOND = 0.93, 0.4, 3
"""Of a row of a box, what has its colour; of what lies beyond a side, so many pixels away, what may have it."""
_LEAST = 1.25
"""Of the lines' own boxes: how large a balloon is at least."""
_FAINT, _HALF, _ALIKE = 28, 0.5, 70
"""Levels, and of the step between ground and letters, from where on a pixel is marked; levels that it is off them."""
_LEAST_MARK, _LARGER, _MOSTLY, _REACH = 3, 1.4, 0.7, 0.2
"""Pixels of a mark at least; times the highest line, how large one is at most; of it, what lies in its balloon; of that
size, what counts as such beyond its border.
"""


@dataclass(frozen=True, slots=True, eq=False)
class Balloon:
    """Its box, and where it lies, with all that is written in it: bool [h, w] of the box."""

    box: Box
    cover: NDArray[np.bool_]

    @property
    def at(self) -> tuple[slice, slice]:
        """Its rows and columns on the grid."""
        x, y = round(self.box.x), round(self.box.y)
        return np.s_[y : y + self.cover.shape[0], x : x + self.cover.shape[1]]

    def holds(self, box: Box) -> bool:
        """Whether most of a line lies in it."""
        return self.box.shared(box) > 0.8 * box.area


def numbered_balloons(balloons: Sequence[Balloon], shape: tuple[int, ...]) -> Labels:
    """int32 [h, w]: the number of each pixel's balloon, from 1; 0 where there is none."""
    numbered = np.zeros(shape, np.int32)
    for number, balloon in enumerate(balloons, 1):
        numbered[balloon.at][balloon.cover] = number
    return numbered


def marks_in(pixels: Pixels, balloon: Balloon, taken: NDArray[np.uint8], lines: Sequence[TextLine]) -> list[Mark]:
    """All marks of which most lies in a balloon or on its border, in the colour of one of its lines, no larger than
    these are high, and not `taken`, 0 or 1.
    """
    if not lines:
        return []
    tall = _LARGER * max(min(line.box.width, line.box.height) for line in lines)
    room = round(tall)
    left, top = max(balloon.at[1].start - room, 0), max(balloon.at[0].start - room, 0)
    at = np.s_[top : balloon.at[0].stop + room, left : balloon.at[1].stop + room]
    part = pixels[at]
    whole = np.zeros(taken.shape, bool)
    whole[balloon.at] = balloon.cover
    inside = whole[at]
    known = cv2.dilate(taken[at], np.ones((5, 5), np.uint8)) > 0
    ground = np.median(part[inside & ~known], axis=0).astype(np.int16)
    away = np.asarray(greatest(np.abs(part.astype(np.int16) - ground)), np.uint8)
    inks = np.array([line.colour for line in lines], np.int16)
    written = float(np.abs(inks - ground).max(axis=1).min())
    marked = (away > max(_FAINT, _HALF * written)) & ~known
    count, numbered, stats, _ = cv2.connectedComponentsWithStats(marked.astype(np.uint8), connectivity=8)
    reach = 2 * round(_REACH * tall) + 1
    near = cv2.dilate(inside.astype(np.uint8), np.ones((reach, reach), np.uint8)) > 0
    within = np.bincount(numbered[near], minlength=count)
    found = []
    for number in range(1, count):
        _, _, width, height, area = stats[number].tolist()
        if area < _LEAST_MARK or max(width, height) > tall or within[number] < _MOSTLY * area:
            continue
        y, x = np.nonzero(numbered == number)
        if float(np.abs(np.median(part[y, x], axis=0) - inks).max(axis=1).min()) < _ALIKE:
            found.append((y + top, x + left))
    return found


def in_rows(marks: Sequence[Mark]) -> list[list[Mark]]:
    """Marks that lie beside each other, from the left, row by row."""
    rows: list[list[Mark]] = []
    for mark in sorted(marks, key=lambda mark: float(mark[0].mean())):
        middle = float(mark[0].mean())
        row = next((row for row in rows if any(one[0].min() <= middle <= one[0].max() for one in row)), None)
        if row is None:
            rows.append([mark])
        else:
            row.append(mark)
    return [sorted(row, key=lambda mark: float(mark[1].mean())) for row in rows]


def find_balloons(
    pixels: Pixels, lines: Sequence[Box], corners: Sequence[NDArray[np.float32]] = ()
) -> tuple[Balloon, ...]:
    """The balloons about lines of text in uint8 [h, w, 3]: closed even areas that are little larger than what is
    written in them, and boxes with four straight sides, whatever of their colour goes on behind them. What lies in
    rectangles of these `corners`, float32 [4, 2], may be written as well.
    """
    found: list[Balloon] = []
    calm = np.asarray(cv2.medianBlur(pixels, 3), np.uint8)
    written = np.zeros(pixels.shape[:2], np.uint8)
    cv2.fillPoly(written, [np.rint(one).astype(np.int32) for one in corners], 1)
    for line in sorted(lines, key=lambda line: -line.area):
        if any(balloon.holds(line) for balloon in found):
            continue
        balloon = _balloon(calm, line, written)
        if balloon is None:
            continue
        inside = [other for other in lines if balloon.holds(other)]
        letters = sum(other.area for other in inside)
        if line in inside and letters > _WRITTEN * balloon.cover.sum() and balloon.cover.sum() > _LEAST * letters:
            found = [*(other for other in found if not balloon.holds(other.box)), balloon]
    return tuple(found)


def _balloon(pixels: Pixels, line: Box, written: NDArray[np.uint8]) -> Balloon | None:
    """The even area about a line, without what a narrow way leads to."""
    rows, columns = line.slices(pixels.shape)
    about = pixels[line.grown(0.05, 0.15, 0.05, 0.15).slices(pixels.shape)].reshape(-1, 3)
    if not len(about):
        return None
    ground = _commonest(about)
    away = greatest(np.abs(pixels.astype(np.int16) - ground))
    for level in _EVEN:
        even = (away < level).astype(np.uint8) | written
        even[rows, columns] = 1
        whole = _filled(even, line)
        if whole is None:
            return None
        found = _rectangle(whole, line) or _rounded(whole, line)
        if found is not None:
            return found
    return None


def _rounded(whole: NDArray[np.uint8], line: Box) -> Balloon | None:
    """The area about a line in uint8 [h, w] without what a narrow way leads to, if it is a balloon's."""
    side = 2 * max(1, round(_LEAK * min(line.width, line.height))) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    opened = _filled(np.asarray(cv2.morphologyEx(whole, cv2.MORPH_OPEN, kernel), np.uint8), line)
    if opened is None:
        return None
    outlines, _ = cv2.findContours(opened, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    area = float(opened.sum())
    if not 0 < area < _LARGEST * opened.size or area < _SOLID * cv2.contourArea(cv2.convexHull(outlines[0])):
        return None
    x, y, width, height = cv2.boundingRect(outlines[0])
    return Balloon(Box(x, y, width, height), opened[y : y + height, x : x + width] > 0)


def _commonest(colours: NDArray[np.uint8]) -> NDArray[np.int16]:
    """The colour that most of uint8 [n, 3] have."""
    coarse = (colours >> 4).astype(np.int32)
    number = (coarse[:, 0] << 8) | (coarse[:, 1] << 4) | coarse[:, 2]
    chief = int(np.bincount(number).argmax())
    return np.asarray(np.median(colours[number == chief], axis=0), np.int16)


def _filled(even: NDArray[np.uint8], line: Box) -> NDArray[np.uint8] | None:
    """The piece of uint8 [h, w] in which a line's middle lies, with its holes; None where it is far too large."""
    _, numbered, stats, _ = cv2.connectedComponentsWithStats(even, connectivity=4)
    height, width = even.shape
    x, y = (int(np.clip(at, 0, side - 1)) for at, side in zip(line.centre, (width, height), strict=True))
    own = int(numbered[y, x])
    if not own or stats[own, cv2.CC_STAT_AREA] > 2 * _LARGEST * even.size:
        return None
    outlines, _ = cv2.findContours((numbered == own).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return np.asarray(cv2.drawContours(np.zeros_like(even), outlines, -1, 1, -1), np.uint8)


def _rectangle(whole: NDArray[np.uint8], line: Box) -> Balloon | None:
    """The upright box in uint8 [h, w] about a line, if its sides are borders."""
    height, width = whole.shape
    rows, columns = line.slices(whole.shape)
    top, bottom, left, right = rows.start, rows.stop, columns.start, columns.stop
    if bottom - top < 2 or right - left < 2:
        return None
    before = None
    while before != (top, bottom, left, right):
        before = (top, bottom, left, right)
        if top > 0 and whole[top - 1, left:right].mean() > _STRAIGHT:
            top -= 1
        if bottom < height and whole[bottom, left:right].mean() > _STRAIGHT:
            bottom += 1
        if left > 0 and whole[top:bottom, left - 1].mean() > _STRAIGHT:
            left -= 1
        if right < width and whole[top:bottom, right].mean() > _STRAIGHT:
            right += 1
    if (bottom - top) * (right - left) > _LARGEST * whole.size:
        return None
    beyond = [
        whole[top - _BEYOND, left:right] if top >= _BEYOND else None,
        whole[bottom + _BEYOND - 1, left:right] if bottom + _BEYOND <= height else None,
        whole[top:bottom, left - _BEYOND] if left >= _BEYOND else None,
        whole[top:bottom, right + _BEYOND - 1] if right + _BEYOND <= width else None,
    ]
    if sum(side is None for side in beyond) > 1 or any(side is not None and side.mean() > _OPEN for side in beyond):
        return None
    return Balloon(Box(left, top, right - left, bottom - top), np.ones((bottom - top, right - left), bool))


def completed(pixels: Pixels, read: list[Line], balloons: Sequence[Balloon]) -> list[Line]:
    """Lines with all else that is written in their balloons: what is in line with one belongs to it."""
    taken = np.zeros(pixels.shape[:2], np.uint8)
    for one in read:
        for letter in one.letters:
            taken[letter] = 1
    done = list(read)
    for balloon in balloons:
        done = _joined(done, balloon)
        own = [at for at, one in enumerate(done) if balloon.holds(one.line.box)]
        loose: list[Mark] = []
        for mark in marks_in(pixels, balloon, taken, [done[at].line for at in own]):
            near = [at for at in own if _is_in_line(box_of(*mark), done[at].line)]
            if near:
                at = min(near, key=lambda at: _apart(box_of(*mark), done[at].line.box))
                done[at] = with_mark(done[at], mark)
            else:
                loose.append(mark)
        for row in in_rows(loose):
            done.append(Line(line_of([box_of(*mark) for mark in row], done[own[0]].line.colour), row, True))
    return done


def _is_in_line(mark: Box, line: TextLine) -> bool:
    """Whether a mark's middle lies between a line's two sides."""
    (x, y), box = mark.centre, line.box
    return 0 <= x - box.x <= box.width if is_downward(line) else 0 <= y - box.y <= box.height


def _apart(one: Box, other: Box) -> float:
    (x, y), (across, down) = one.centre, other.centre
    return float(np.hypot(max(abs(x - across) - other.width / 2, 0), max(abs(y - down) - other.height / 2, 0)))


def _joined(lines: list[Line], balloon: Balloon) -> list[Line]:
    """Lines of which in a balloon one is made of two that are in line."""
    done: list[Line] = []
    for one in sorted(lines, key=lambda one: -len(one.letters)):
        same = [
            at
            for at, other in enumerate(done)
            if balloon.holds(one.line.box) and balloon.holds(other.line.box) and _are_in_line(one.line, other.line)
        ]
        if not same:
            done.append(one)
        for letter in one.letters if same else ():
            done[same[0]] = with_mark(done[same[0]], letter)
    return done


def _are_in_line(one: TextLine, other: TextLine) -> bool:
    return is_downward(one) == is_downward(other) and _is_in_line(one.box, other) and _is_in_line(other.box, one)
