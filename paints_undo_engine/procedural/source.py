"""What a method works from: the picture, what was read in it, and both at the canvas' own size."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.areas import Areas, areas_of
from paints_undo_engine.procedural.document.model import Colour, Cover, Pixels
from paints_undo_engine.procedural.document.tiles import Grid
from paints_undo_engine.procedural.options import Options
from paints_undo_engine.procedural.reading.calm_lines import calmed
from paints_undo_engine.procedural.reading.channels import greatest, largest
from paints_undo_engine.procedural.reading.crisp import changing_places, crisp_places
from paints_undo_engine.procedural.reading.enlarge import enlarge
from paints_undo_engine.procedural.reading.face_lines import face_lines
from paints_undo_engine.procedural.reading.hatching import find_hatching
from paints_undo_engine.procedural.reading.model import Face, Labels, Part, Path, PictureKind, Reading
from paints_undo_engine.procedural.reading.zones import eyes_mask
from paints_undo_engine.procedural.script import Bounds
from paints_undo_engine.request import Method

_SAME, _ALIKE = 12.0, 40.0
"""Levels: a pixel so near to a line's colour is the line's; one so far from it is not."""
_DARK = 110
"""Levels: of a line that is lighter no pixel is told by its colour alone."""
_DRAWN = (PictureKind.INKED, PictureKind.WATERCOLOUR)
"""Kinds whose lines lie on colour, which makes their cover ragged."""
_LASH = 110
"""Levels of the strongest channel: what is lighter in an eye is no lash."""
_UNDER_INK = 0.9
"""Of a pixel: where lines cover more, paint below them is not seen."""
_COARSE = 5
"""Bits: colours that differ only in these are about the same."""
_SHEET = 0.2
"""Of a drawing: where fewer pixels have about one colour it is no tinted sheet's."""
_LIGHTS, _TINT = 4, 12
"""Percent of a picture that are its lights; levels between the channels of paper that nobody sees bare, at most."""
_ALONG = 0.008
"""Of the diagonal: how near to a main edge lies what runs along it."""
_ROWS = 512
"""Rows worked on at once where whole float maps of a large canvas would take too much memory."""


@dataclass(frozen=True, eq=False)
class Source:
    """`picture` uint8 [H, W, 3 or 4] is the painting without what is written on it, `reading` what was read in it,
    `table` uint8 [256, 3] the curves that the artist sets at the end. `lettered` is the painting with its letters, None
    where that is unknown.

    Everything else has the colours from before those curves: `pixels` [H, W, 3] the picture, `clean` the picture
    without its lines, `ink` [H, W] the cover of its lines. `small`, `small_clean` are the same on the reading's grid.
    """

    picture: Pixels
    reading: Reading
    table: NDArray[np.uint8]
    options: Options
    lettered: Pixels | None = None

    @cached_property
    def grid(self) -> Grid:
        """From the reading's grid to the canvas; beyond a sheet that was cut nothing is seen."""
        seen = self.reading.labels >= 0
        cut = self.picture.shape[2] == 3 and not seen.all()
        return Grid((self.picture.shape[0], self.picture.shape[1]), self.reading.shape, seen if cut else None)

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the canvas."""
        return self.grid.size

    @property
    def scale(self) -> float:
        """Canvas pixels for each pixel of the reading's grid."""
        return self.reading.scale

    @property
    def alpha(self) -> Cover | None:
        """The painting's alpha, or None."""
        return self.picture[..., 3] if self.picture.shape[2] == 4 else None

    @cached_property
    def diagonal(self) -> float:
        """Of the reading's grid, in its pixels."""
        return float(np.hypot(*self.reading.shape))

    @cached_property
    def inverse(self) -> NDArray[np.uint8]:
        """What the curves will turn into each level: uint8 [256, 3]."""
        levels = np.arange(256)
        columns = [np.interp(levels, *_rising(self.table[:, channel])) for channel in range(3)]
        return np.rint(np.stack(columns, axis=1)).astype(np.uint8)

    def before(self, pixels: Pixels) -> Pixels:
        """Colours as they were before the curves."""
        return np.asarray(cv2.LUT(np.ascontiguousarray(pixels), self.inverse[None]), np.uint8)

    def colour(self, colour: Colour) -> Colour:
        """One colour as it was before the curves."""
        red, green, blue = (int(self.inverse[level, channel]) for channel, level in enumerate(colour))
        return red, green, blue

    @cached_property
    def pixels(self) -> Pixels:
        """The picture; where it is transparent its colours reach on, so that no white comes in at its edge."""
        colours = np.ascontiguousarray(self.picture[..., :3])
        if self.alpha is not None:
            colours = _bled(colours, self.alpha)
        return self.before(colours)

    @cached_property
    def small(self) -> Pixels:
        """The picture on the grid."""
        if self.alpha is None:
            return self.before(self.reading.pixels)
        way = cv2.INTER_AREA if self.scale >= 1 else cv2.INTER_LINEAR
        return np.asarray(cv2.resize(self.pixels, self.reading.shape[::-1], interpolation=way), np.uint8)

    @cached_property
    def small_clean(self) -> Pixels:
        """The picture without its lines on the grid."""
        return self.before(self.reading.clean)

    @cached_property
    def _lines(self) -> tuple[Pixels, Cover]:
        """The picture without lines, and the lines' cover, at the canvas' size."""
        height, width = self.size
        cover = cv2.dilate(self.reading.ink.cover, np.ones((3, 3), np.uint8))
        near, sure = self.grid.whole(cover), self.grid.whole(self.reading.ink.cover)
        clean = self.grid.whole(self.small_clean)
        line = self.grid.whole(self.before(self.reading.ink.colour))
        shown = np.zeros((height, width), np.uint8)
        for top in range(0, height, _ROWS):
            rows = slice(top, top + _ROWS)
            # Away from lines the picture is as it is.
            at = np.nonzero(near[rows])
            part = self.pixels[rows][at].astype(np.float32)
            bare = clean[rows][at].astype(np.float32)
            drawn = line[rows][at]
            share = np.clip(near[rows][at].astype(np.float32) * (4 / 255), 0, 1)[..., None]
            bare = part + (bare - part) * share
            way = bare - drawn
            length = np.maximum(_dot(way, way), 200.0)
            opacity = _dot(bare - part, way) / length
            # Dark on dark says little of the cover: what has the line's colour where one is clear is line.
            like = (_ALIKE - greatest(np.abs(part - drawn))) / (_ALIKE - _SAME)
            like = np.minimum(like, sure[rows][at] * np.float32(2 / 255))
            dark = (length < _ALIKE**2) & (greatest(drawn) < _DARK)
            opacity = np.where(dark, np.maximum(opacity, like), opacity)
            shown[rows][at] = np.rint(np.clip(opacity, 0, 1) * 255)
            clean[rows] = self.pixels[rows]
            clean[rows][at] = np.rint(bare)
        shown[shown < 10] = 0
        if self.reading.kind in _DRAWN:
            hair = [region.label for region in self.reading.regions if region.part is Part.HAIR]
            eyes = eyes_mask(self.reading.shape, self.reading.faces) & ~np.isin(self.reading.labels, hair)
            # A dark iris is no lash.
            eyes &= largest(self.small) < _LASH
            kept = self.grid.whole(np.where(eyes, 255, 0).astype(np.uint8)) > 127
            shown = calmed(shown, self.reading.ink.paths, self.scale, kept)
        if self.alpha is not None:
            shown = np.asarray(cv2.multiply(shown, np.ascontiguousarray(self.alpha), scale=1 / 255), np.uint8)
        return clean, shown

    @property
    def clean(self) -> Pixels:
        """See the class."""
        return self._lines[0]

    @property
    def ink(self) -> Cover:
        """See the class."""
        return self._lines[1]

    @cached_property
    def inked(self) -> NDArray[np.float32]:
        """How much of each of the grid's pixels the lines cover, 0 to 1: float32 [h, w, 1]."""
        shape = self.reading.shape[::-1]
        way = cv2.INTER_AREA if self.scale >= 1 else cv2.INTER_LINEAR
        return np.asarray(cv2.resize(self.ink, shape, interpolation=way)[..., None], np.float32) / np.float32(255)

    @cached_property
    def bare(self) -> Cover:
        """255 where paint is seen beside the lines, 0 where they cover it: uint8 [h, w] on the grid."""
        return np.where(self.inked[..., 0] < _UNDER_INK, 255, 0).astype(np.uint8)

    @cached_property
    def ink_colour(self) -> Pixels:
        """The lines' colours on the grid: uint8 [h, w, 3]."""
        return self.before(self.reading.ink.colour)

    def areas(self, labels: Labels) -> Areas:
        """A label map of the grid at the canvas' size. Areas reach out into what is transparent; alpha bounds them."""
        large = enlarge(labels if self.alpha is None else _reached_out(labels), self.size)
        if not len(large.at):
            return areas_of((large.labels + 1).astype(np.uint16))
        return Areas((large.labels + 1).astype(np.uint16), large.at, (large.other + 1).astype(np.uint16), large.share)

    @cached_property
    def regions(self) -> Areas:
        """The reading's regions at the canvas' size: area i is region i."""
        return self.areas(self.reading.labels)

    @cached_property
    def on_white(self) -> Pixels:
        """The picture on the grid as it is looked at: a cut-out lies on white, whatever its file holds where it is
        transparent, which is often black.
        """
        return self.small if self.alpha is None else self.before(self.reading.pixels)

    @cached_property
    def crisp(self) -> NDArray[np.bool_]:
        """Where the picture without its lines changes at once, and not little by little: bool [h, w] of the grid."""
        # Along figures what is without lines is of two colours, whatever they stand before.
        return crisp_places(self.small_clean) & self.changing

    @cached_property
    def changing(self) -> NDArray[np.bool_]:
        """Where the picture changes at all: bool [h, w] of the grid."""
        return changing_places(self.on_white)

    @cached_property
    def face_lines(self) -> dict[Face, list[Path]]:
        """The dark lines of every face but its eyes', on the grid."""
        return {face: face_lines(face, self.on_white) for face in self.reading.faces}

    @cached_property
    def near_edges(self) -> NDArray[np.bool_]:
        """What lies near the main edges: bool [h, w] of the grid."""
        near = np.zeros(self.reading.shape, np.uint8)
        width = max(3, round(2 * _ALONG * self.diagonal))
        main = [np.rint(edge.points).astype(np.int32) for edge in self.reading.edges.main]
        cv2.polylines(near, main, False, 1, width)
        return near > 0

    @cached_property
    def hatching(self) -> NDArray[np.bool_]:
        """Which strokes of an uncoloured drawing are hatching: bool [n], for each of the line art's paths."""
        paths = self.reading.ink.paths
        if self.reading.kind not in (PictureKind.PENCIL, PictureKind.LINE_ART):
            return np.zeros(len(paths), bool)
        return find_hatching(paths, self.diagonal)

    @cached_property
    def paper(self) -> Colour:
        """The bare sheet's colour: the picture's own paper where it shows, else white.

        Where a drawing in pencil or chalk shows no bare paper, a colour that much of it has is the tinted sheet's; else
        it is as light as the picture's lights, and so it is where a watercolour shows none.
        """
        found = self.reading.medium.paper
        pencil = self.reading.kind is PictureKind.PENCIL or self.options.method is Method.PENCIL
        shows = pencil or self.reading.kind is PictureKind.LINE_ART
        washed = self.reading.kind is PictureKind.WATERCOLOUR or self.options.method is Method.WATERCOLOUR
        shows |= washed or self.options.method is Method.OUTLINE
        if not shows or self.alpha is not None:
            return 255, 255, 255
        if found is None and pencil:
            return _commonest(self.small) or _lightest(self.small)
        if found is None and washed:
            sheet = self.reading.sheet
            return _lightest(self.small) if sheet is None else self.colour(_median(sheet.light))
        return (255, 255, 255) if found is None else self.colour(found)

    @cached_property
    def ripple(self) -> NDArray[np.float64]:
        """Smooth noise of about -.5 to .5 on the grid."""
        height, width = self.reading.shape
        coarse = self.chance("ripple").random((max(2, height // 24), max(2, width // 24))) - 0.5
        return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC))

    def chance(self, what: str) -> np.random.Generator:
        """Random numbers for one purpose: what one technique draws does not change another's."""
        return np.random.default_rng((self.options.seed, zlib.crc32(what.encode())))

    def bounds(self, points: NDArray[np.floating], reach: float = 1.0) -> Bounds:
        """The rectangle of the canvas around points [n, 2] of the grid."""
        low, high = points.min(axis=0) - reach, points.max(axis=0) + reach
        x, y = (float(value) * self.scale for value in low)
        return x, y, float(high[0] - low[0]) * self.scale, float(high[1] - low[1]) * self.scale


def _dot(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float32]:
    """float32 [n]: the product of vectors [n, 3]."""
    return np.asarray(one[:, 0] * other[:, 0] + one[:, 1] * other[:, 1] + one[:, 2] * other[:, 2], np.float32)


def _commonest(pixels: Pixels) -> Colour | None:
    """The colour that most pixels have, about; None where too few have any one for a sheet that shows."""
    coarse = (pixels >> _COARSE).reshape(-1, 3).astype(np.int32)
    number = (coarse[:, 0] << 16) | (coarse[:, 1] << 8) | coarse[:, 2]
    _, index, count = np.unique(number, return_inverse=True, return_counts=True)
    if int(count.max()) < _SHEET * len(number):
        return None
    chief = pixels.reshape(-1, 3)[index.ravel() == int(count.argmax())]
    red, green, blue = (round(float(value)) for value in chief.mean(axis=0))
    return red, green, blue


def _median(light: NDArray[np.float32]) -> Colour:
    red, green, blue = (round(float(value)) for value in np.median(light, axis=(0, 1)))
    return red, green, blue


def _lightest(pixels: Pixels) -> Colour:
    """The colour of the lightest parts, with little of their hue."""
    grey = pixels.astype(np.float32).mean(axis=2)
    red, green, blue = np.median(pixels[grey >= np.percentile(grey, 100 - _LIGHTS)], axis=0).tolist()
    most = max(red, green, blue)
    least = min(1.0, _TINT / max(most - min(red, green, blue), 1.0))
    return round(most - least * (most - red)), round(most - least * (most - green)), round(most - least * (most - blue))


def _rising(column: NDArray[np.uint8]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The table as a function of its results, which may repeat."""
    results, first = np.unique(column, return_index=True)
    last = len(column) - 1 - np.unique(column[::-1], return_index=True)[1]
    return results.astype(np.float64), (first + last) / 2


def _bled(colours: Pixels, alpha: Cover) -> Pixels:
    """Colours that reach a little beyond what is opaque."""
    solid = (alpha > 200).astype(np.uint8)
    if not solid.any():
        return colours
    reach = 4
    wide = cv2.boxFilter(colours.astype(np.float32) * solid[..., None], -1, (2 * reach + 1,) * 2, normalize=False)
    weight = cv2.boxFilter(solid.astype(np.float32), -1, (2 * reach + 1,) * 2, normalize=False)
    filled = np.clip(wide / np.maximum(weight, 1)[..., None], 0, 255)
    at = (solid == 0) & (weight > 0)
    bled = colours.copy()
    bled[at] = filled[at].astype(np.uint8)
    return bled


def _reached_out(labels: Labels) -> Labels:
    """Labels with the nearest one in place of -1."""
    known = labels >= 0
    if known.all() or not known.any():
        return labels
    _, nearest = cv2.distanceTransformWithLabels(
        np.where(known, 0, 1).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    table = np.zeros(int(nearest.max()) + 1, np.int32)
    table[nearest[known]] = labels[known]
    return np.asarray(table[nearest], np.int32)
