"""A view that moves over pictures, drawn in a video's own planes."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import cached_property

import cv2
import numpy as np

from paints_undo_engine.export.bands import changed_rows, resize_rows
from paints_undo_engine.export.geometry import Canvas
from paints_undo_engine.export.planes import WHITE, Pixels, Planes, in_yuv
from paints_undo_engine.picture import Placement

_LARGEST = -2
"""A picture is doubled so many times at most: a view that enlarges it by more shows its pixels anyway."""
_COVERED = 0.01
"""A picture that misses its painting's edge by no more of the painting's pixels counts as covering it."""

_ON_PIXEL = 1e-3
_MOST = 8
"""A picture is held at a view's scale where it is at most so many times as large as the view."""


class Pyramid:
    """A picture from which a moving view is cut out: halved and doubled until a linear step gives the view's size.

    `pixels` is uint8 [h, w, 3], `placement` where it lies in the painting's plane; `ground` gives what is seen beside
    the painting, in a view's size.
    """

    def __init__(self, pixels: Pixels, placement: Placement, ground: Callable[[], Planes]) -> None:
        self._pixels = pixels
        planes = cv2.split(in_yuv(pixels))
        self._planes = {(number, 0): np.asarray(plane, np.uint8) for number, plane in enumerate(planes)}
        self._placement = placement
        self._make_ground = ground
        self._at_scale: list[Pixels] = []
        """The planes in a size in which views are cut out of them."""
        self._cut = False
        self._used: set[tuple[int, int]] = set()
        """The levels that were looked at since the picture has changed; `_cut` tells whether a view was cut out."""

    def change(self, pixels: Pixels, placement: Placement, ground: Callable[[], Planes]) -> Pyramid:
        """The same for another picture, of which only the rows that differ are scaled, where it has the same size and
        place: then this one is changed."""
        if pixels.shape != self._pixels.shape or placement != self._placement:
            return Pyramid(pixels, placement, ground)
        self._make_ground = ground
        self.__dict__.pop("_ground", None)
        rows = changed_rows(self._pixels, pixels)
        self._pixels = pixels
        if rows.stop > rows.start:
            self._take_over(rows)
        return self

    def _take_over(self, rows: slice) -> None:
        """Draw these rows of the picture into all that was looked at lately, and forget the rest."""
        changed = {}
        for number, part in enumerate(cv2.split(in_yuv(self._pixels[rows]))):
            self._planes[number, 0][rows] = part
            changed[number, 0] = rows
        needed = {(number, nearer) for number, level in self._used for nearer in _until(level)}
        self._planes = {key: plane for key, plane in self._planes.items() if key in needed or key[1] == 0}
        self._used = set()
        for number, level in sorted(self._planes, key=lambda key: abs(key[1])):
            if level:
                nearer = number, level - 1 if level > 0 else level + 1
                method = cv2.INTER_AREA if level > 0 else cv2.INTER_CUBIC
                changed[number, level] = resize_rows(
                    self._planes[nearer], self._planes[number, level], changed[nearer], method
                )
        if self._at_scale:
            self._rescale(changed)

    def _rescale(self, changed: Mapping[tuple[int, int], slice]) -> None:
        """Draw these rows of the levels into the planes out of which views are cut; forget those, if no view was."""
        if not self._cut:
            self._at_scale = []
            return
        self._cut = False
        luma = self._at_scale[0]
        level, method = self._luma_for(luma.shape[1])
        rows = resize_rows(self._level(0, level), luma, changed[0, level], method)
        for number, half in enumerate(self._at_scale[1:], 1):
            first, last = max(0, rows.start // 2 - 2), min(len(half), rows.stop // 2 + 3)
            self._warp(number, half[first:last], self._of_half(half, first, last), None)

    def show(self, view: Canvas, painting: Placement, *, swift: bool = False) -> Planes:
        """What a canvas shows of the picture, as `Canvas.show` does, but resampled once.

        A `swift` view moves so fast that nobody sees half a pixel: it is cut out by whole pixels, which is faster.
        """
        shown = Planes.empty(view.width, view.height)
        covers = _covers(self._placement, painting)
        corner = self._corner(view) if covers else None
        if corner is not None:
            self._cut_out(shown, view, *corner)
            return shown
        for number, (plane, share) in enumerate(shown.parts):
            if covers and swift:
                self._enlarge(number, plane, view, share)
            else:
                self._warp(number, plane, view.region, None if covers else WHITE[number])
        if view.inner != (0, 0, view.width, view.height):
            self._put_beside(shown, view.inner)
        return shown

    def _corner(self, view: Canvas) -> tuple[int, int] | None:
        """The left top pixel of a view that lies on whole pixels of the picture at its scale; None of any other."""
        across, down = view.width / view.region.width, view.height / view.region.height
        width, height = round(self._placement.width * across), round(self._placement.height * down)
        left, top = (view.region.x - self._placement.x) * across, (view.region.y - self._placement.y) * down
        inside = view.inner == (0, 0, view.width, view.height) and width >= view.width and height >= view.height
        whole = abs(left - round(left)) < _ON_PIXEL and abs(top - round(top)) < _ON_PIXEL
        if not (inside and whole) or width * height > _MOST * view.width * view.height:
            return None
        return min(max(0, round(left)), width - view.width), min(max(0, round(top)), height - view.height)

    def _cut_out(self, shown: Planes, view: Canvas, left: int, top: int) -> None:
        """Cut a view out of the picture at its scale, which is resampled once for all views of that scale.

        Of an odd corner a pixel of chroma lies between two, or four.
        """
        across, down = view.width / view.region.width, view.height / view.region.height
        width, height = round(self._placement.width * across), round(self._placement.height * down)
        self._cut = True
        if not self._at_scale or self._at_scale[0].shape != (height, width):
            level, method = self._luma_for(width)
            luma = cv2.resize(self._level(0, level), (width, height), interpolation=method)
            self._at_scale = [np.asarray(luma, np.uint8)]
            for number in (1, 2):
                half = np.empty((-(-height // 2), -(-width // 2)), np.uint8)
                self._warp(number, half, self._of_half(half, 0, len(half)), None)
                self._at_scale.append(half)
        for (plane, share), large in zip(shown.parts, self._at_scale, strict=True):
            rows, columns = plane.shape
            y, x = top // share, left // share
            down_by, across_by = (top % share, left % share) if share > 1 else (0, 0)
            part = large[y : y + rows + down_by, x : x + columns + across_by]
            if across_by:
                part = np.asarray(cv2.addWeighted(part[:, 1:], 0.5, part[:, :-1], 0.5, 0), np.uint8)
            if down_by:
                part = np.asarray(cv2.addWeighted(part[1:], 0.5, part[:-1], 0.5, 0), np.uint8)
            plane[...] = part

    def _luma_for(self, width: int) -> tuple[int, int]:
        """The level of luma that is scaled to so many columns, and how."""
        full = self._planes[0, 0].shape[1]
        return (0, cv2.INTER_CUBIC) if width > full else (max(0, math.floor(math.log2(full / width))), cv2.INTER_LINEAR)

    def _of_half(self, half: Pixels, first: int, last: int) -> Placement:
        """What such rows of a plane of chroma at a view's scale show; an odd side has half a pixel more."""
        height, width = self._at_scale[0].shape
        place = self._placement
        down = place.height / height * 2
        return Placement(
            place.x, place.y + first * down, half.shape[1] * place.width / width * 2, (last - first) * down
        )

    def _put_beside(self, shown: Planes, inner: tuple[int, int, int, int]) -> None:
        """Put the ground around the inner rectangle (left, top, right, bottom)."""
        left, top, right, bottom = inner
        for (plane, share), (ground, _) in zip(shown.parts, self._ground.parts, strict=True):
            height, width = plane.shape
            a, b, c, d = left // share, top // share, -(-right // share), -(-bottom // share)
            for part in (np.s_[:b, :], np.s_[d:height, :], np.s_[b:d, :a], np.s_[b:d, c:width]):
                plane[part] = ground[part]

    @cached_property
    def _ground(self) -> Planes:
        return self._make_ground()

    def _enlarge(self, number: int, target: Pixels, view: Canvas, share: int) -> None:
        """Fill what a plane shows of the painting, from the nearest whole pixels of the level that `_warp` takes."""
        left, top, right, bottom = view.inner
        columns, rows = slice(left // share, -(-right // share)), slice(top // share, -(-bottom // share))
        plane = self._level(number, self._level_for(number, view.region, target.shape[1], target.shape[0]))
        per_x, per_y = plane.shape[1] / self._placement.width, plane.shape[0] / self._placement.height
        across, down = view.region.width / target.shape[1], view.region.height / target.shape[0]
        x0, x1 = ((view.region.x + at * across - self._placement.x) * per_x for at in (columns.start, columns.stop))
        y0, y1 = ((view.region.y + at * down - self._placement.y) * per_y for at in (rows.start, rows.stop))
        part = plane[_whole(y0, y1, plane.shape[0]), _whole(x0, x1, plane.shape[1])]
        shown = target[rows, columns]
        cv2.resize(part, shown.shape[::-1], dst=shown, interpolation=cv2.INTER_LINEAR)

    def _warp(self, number: int, target: Pixels, region: Placement, beyond: int | None) -> None:
        """Fill a plane with what a region shows of it; from a level with one to two of its pixels for each."""
        height, width = target.shape
        plane = self._level(number, self._level_for(number, region, width, height))
        per_x, per_y = plane.shape[1] / self._placement.width, plane.shape[0] / self._placement.height
        across, down = per_x * region.width / width, per_y * region.height / height
        left, top = (region.x - self._placement.x) * per_x, (region.y - self._placement.y) * per_y
        matrix = np.array([[across, 0, left + (across - 1) / 2], [0, down, top + (down - 1) / 2]])
        cv2.warpAffine(
            plane, matrix, (width, height), dst=target, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE if beyond is None else cv2.BORDER_CONSTANT, borderValue=(beyond or 0,),
        )  # fmt: skip

    def _level_for(self, number: int, region: Placement, width: int, height: int) -> int:
        """The level with one to two pixels for each that shows the region at `width` x `height`."""
        full_height, full_width = self._planes[number, 0].shape
        step = max(
            full_width / self._placement.width * region.width / width,
            full_height / self._placement.height * region.height / height,
        )
        return max(_LARGEST, math.floor(math.log2(step)))

    def _level(self, number: int, level: int) -> Pixels:
        """A plane, halved so many times; doubled where `level` is negative."""
        self._used.add((number, level))
        if (number, level) not in self._planes:
            nearer = self._level(number, level - 1 if level > 0 else level + 1)
            height, width = nearer.shape
            size = (max(1, width // 2), max(1, height // 2)) if level > 0 else (width * 2, height * 2)
            method = cv2.INTER_AREA if level > 0 else cv2.INTER_CUBIC
            self._planes[number, level] = np.asarray(cv2.resize(nearer, size, interpolation=method), np.uint8)
        return self._planes[number, level]


def _until(level: int) -> range:
    """The levels from which a level is made, and itself, without the picture's own."""
    return range(1, level + 1) if level > 0 else range(level, 0)


def _whole(start: float, end: float, length: int) -> slice:
    """The nearest whole pixels, at least one, of a line with so many."""
    first = min(max(0, round(start)), length - 1)
    return slice(first, min(max(first + 1, round(end)), length))


def _covers(picture: Placement, painting: Placement) -> bool:
    return (
        picture.x <= painting.x + _COVERED
        and picture.y <= painting.y + _COVERED
        and picture.x + picture.width >= painting.x + painting.width - _COVERED
        and picture.y + picture.height >= painting.y + painting.height - _COVERED
    )
