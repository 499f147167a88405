"""Lines of lettering: rows of marks of one height and colour on a calm ground."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.model import Box, Pixels, TextLine

_LEAST_HEIGHT, _MOST_HEIGHT = 7, 0.16
_LEAST_LETTERS = 4
_MOST_MARKS = 4000
_END, _ABOVE, _ALIKE = 0.6, 0.35, 40.0
"""Of a line's height, how far beyond its ends, and above and below it, marks belong to it; levels that they are off its
colour."""

Marks = NDArray[np.float64]
"""[n, 7]: left, top, width, height, and the mean colour's three channels."""


def find_text(pixels: Pixels) -> tuple[TextLine, ...]:
    """Rows of letters in uint8 [h, w, 3], dark on light or light on dark, from the top down."""
    if min(pixels.shape[:2]) < 32:
        return ()
    grey = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)
    lines = []
    for dark in (True, False):
        letters, others = _marks(pixels, dark)
        lines += [_completed(line, others) for line in _rows(letters) if _stands_out(grey, line)]
    lines.sort(key=lambda line: -len(line.letters))
    kept: list[TextLine] = []
    for line in lines:
        if not any(_overlap(line.box, other.box) > 0.3 for other in kept):
            kept.append(line)
    return tuple(sorted(kept, key=lambda line: (line.box.y, line.box.x)))


def _marks(pixels: Pixels, dark: bool) -> tuple[Marks, Marks]:
    """Connected marks that stand out from what is around them: those of the shape of letters, and all others that are
    no larger, bars, dots and commas among them.
    """
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    if not dark:
        grey = 255 - grey
    size = max(15, round(0.05 * max(grey.shape)) | 1)
    mask = cv2.adaptiveThreshold(grey, 1, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, size, 28)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(np.asarray(mask, np.uint8), connectivity=8)
    width, height, area = (stats[:, column] for column in (cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT, cv2.CC_STAT_AREA))
    fill = area / np.maximum(width * height, 1)
    fits = (height >= _LEAST_HEIGHT) & (height < _MOST_HEIGHT * len(grey)) & (width < 2.2 * height) & (width >= 2)
    fits &= (fill > 0.16) & (fill < 0.95)
    fits[0] = False
    others = (height < _MOST_HEIGHT * len(grey)) & (width < 2.2 * height + 2) & ~fits
    others[0] = False
    if fits.sum() > _MOST_MARKS or not fits.any():
        return np.zeros((0, 7)), np.zeros((0, 7))
    inked = np.flatnonzero(mask)
    of = labels.ravel()[inked]
    colour = [np.bincount(of, channel.ravel()[inked], count) / np.maximum(area, 1) for channel in cv2.split(pixels)]
    every = np.column_stack([stats[:, :4].astype(np.float64), np.stack(colour, axis=1)])
    return every[fits], every[others]


def _rows(marks: Marks) -> list[TextLine]:
    """Marks that stand side by side on one line, at most a word's gap apart."""
    marks = marks[np.argsort(marks[:, 0], kind="stable")]
    taken = [False] * len(marks)
    listed = marks.tolist()
    found = []
    for start in range(len(marks)):
        if taken[start]:
            continue
        row, last = [start], listed[start]
        for at in range(start + 1, len(marks)):
            mark = listed[at]
            gap = mark[0] - last[0] - last[2]
            if gap > 3 * last[3]:
                break
            if not taken[at] and _goes_on(last, mark, gap):
                row.append(at)
                last = mark
        if len(row) >= _LEAST_LETTERS and _is_even(marks[row]):
            for at in row:
                taken[at] = True
            found.append(_line(marks[row]))
    return found


def _completed(line: TextLine, others: Marks) -> TextLine:
    """A line with the marks in it that alone are no letters: bars, dots and commas of its colour."""
    box, tall = line.box, line.box.height
    x, y = others[:, 0] + others[:, 2] / 2, others[:, 1] + others[:, 3] / 2
    inside = (x > box.x - _END * tall) & (x < box.x + box.width + _END * tall)
    inside &= (y > box.y - _ABOVE * tall) & (y < box.y + (1 + _ABOVE) * tall) & (others[:, 3] < (1 + _ABOVE) * tall)
    alike = np.abs(others[:, 4:] - np.array(line.colour)).max(axis=1) < _ALIKE
    more = [Box(*(float(value) for value in mark[:4])) for mark in others[inside & alike]]
    more = [one for one in more if not any(_overlap(one, letter) > 0.3 for letter in line.letters)]
    if not more:
        return line
    letters = sorted([*line.letters, *more], key=lambda letter: letter.x)
    left, top = min(letter.x for letter in letters), min(letter.y for letter in letters)
    right, bottom = max(one.x + one.width for one in letters), max(one.y + one.height for one in letters)
    return replace(line, box=Box(left, top, right - left, bottom - top), letters=tuple(letters))


def _goes_on(last: list[float], mark: list[float], gap: float) -> bool:
    tall = max(last[3], mark[3])
    if not -0.2 * tall < gap < 1.1 * tall or not 0.5 < mark[3] / last[3] < 2.0:
        return False
    level = abs(last[1] + last[3] - mark[1] - mark[3]) < 0.22 * tall or abs(last[1] - mark[1]) < 0.15 * tall
    return level and all(abs(one - other) < 34 for one, other in zip(last[4:], mark[4:], strict=True))


def _stands_out(grey: Pixels, line: TextLine) -> bool:
    """The line is of two tones, letters and a calm ground, and has air above and below."""
    tall = line.box.height
    rows, columns = line.box.slices(grey.shape)
    inside = grey[rows, columns].astype(np.int16)
    ink = float(np.array(line.colour) @ np.array([0.299, 0.587, 0.114]))
    around = grey[Box(line.box.x, line.box.y - 0.3 * tall, line.box.width, 1.6 * tall).slices(grey.shape)]
    ground = float(np.median(around))
    if inside.size == 0 or abs(ground - ink) < 40:
        return False
    share = (inside - ground) / (ink - ground)
    two_toned = float(((share < 0.2) | (share > 0.75)).mean())
    above, below = around[: max(1, int(0.2 * tall))], around[-max(1, int(0.2 * tall)) :]
    air = min(float((np.abs(side.astype(np.int16) - ground) < 20).mean()) for side in (above, below))
    covered = float((share > 0.5).mean())
    return two_toned > 0.62 and air > 0.8 and 0.12 < covered < 0.7


def _is_even(row: Marks) -> bool:
    """Letters have two or three heights, stand on one line, and their gaps are small beside them."""
    bottoms = row[:, 1] + row[:, 3]
    slope, offset = np.polyfit(row[:, 0], bottoms, 1) if np.ptp(row[:, 0]) > 0 else (0.0, bottoms.mean())
    off = np.abs(bottoms - slope * row[:, 0] - offset)
    tall = float(np.median(row[:, 3]))
    gaps = row[1:, 0] - row[:-1, 0] - row[:-1, 2]
    return bool(
        abs(slope) < 0.2
        and float(np.median(off)) < 0.09 * tall
        and float(np.std(row[:, 3])) < 0.26 * tall
        and float(np.median(gaps)) < 0.45 * tall
        and float(row[:, 4:].std(axis=0).max()) < 20
    )


def _line(row: Marks) -> TextLine:
    letters = tuple(Box(*(float(value) for value in mark[:4])) for mark in row)
    left, top = float(row[:, 0].min()), float(row[:, 1].min())
    right, bottom = float((row[:, 0] + row[:, 2]).max()), float((row[:, 1] + row[:, 3]).max())
    tall = row[row[:, 3] >= 0.85 * row[:, 3].max()]
    red, green, blue = (int(value) for value in np.median(row[:, 4:], axis=0))
    return TextLine(
        box=Box(left, top, right - left, bottom - top),
        baseline=float(np.median(row[:, 1] + row[:, 3])),
        cap_line=float(np.median(tall[:, 1])),
        letters=letters,
        colour=(red, green, blue),
    )


def _overlap(a: Box, b: Box) -> float:
    """The share of the smaller box that the other covers."""
    return a.shared(b) / max(min(a.area, b.area), 1.0)
