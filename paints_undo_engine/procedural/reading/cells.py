"""Cells: what lines and crisp edges enclose, with their gaps closed, as an artist sees where one colour goes.

The gaps are closed by trapped balls (Zhang, Chen and Hu 2009): an area ends where a ball of some size does not pass.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.colours import unlike
from paints_undo_engine.procedural.reading.flats import FlatGraph, like_any
from paints_undo_engine.procedural.reading.graph import Values
from paints_undo_engine.procedural.reading.model import Cover, Labels, Pixels
from paints_undo_engine.procedural.reading.segments import Segments, lab_of
from paints_undo_engine.procedural.reading.zones import Zone

_INKED = 60
"""Of 255: from where on a line stops a bucket."""
_CRISP = 7.0
"""In Lab, across two pixels: a change that parts two areas."""
_FAINT, _LIKELY, _SURE = 0.15, 0.4, 0.6
"""Of 1: what is less is no edge that somebody would draw; what is as much, likely and surely one."""
_BALLS = (0.012, 0.008, 0.005, 0.003)
"""Of the longer side: the radii of the balls, the largest first; what none of them enters is taken last."""

_ALIKE, _LESSER = 32.0, 0.6
"""In Lab: how far the colours of a thing's two parts are apart; of the larger part, what the lesser is at most."""
_RIM = 0.004
"""Of the longer side: a rim's breadth."""
_INSIDE, _CHIEF = 0.8, 0.5
"""Of a segment, what lies in its cell at least; of a cell, what belongs to the flat that all of it goes to."""
_UNLIKE, _SKIN_GUARD = 26.0, 9.0
"""How unlike two paints of one cell may be to be one flat; added where one of the two has the faces' skin colour."""


def find_cells(clean: Pixels, ink: Cover, edges: NDArray[np.float32] | None = None) -> Labels:
    """int32 [h, w], from 1: the cells of a line-free picture uint8 [h, w, 3] and its lines uint8 [h, w].

    `edges` float32 [h, w], 0 to 1: where somebody would draw a line. Then a crisp edge that nobody would draw parts
    nothing, and what is surely drawn parts, however soft it is.
    """
    crisp = _change(clean) > _CRISP
    if edges is not None:
        crisp = (crisp & (edges >= _FAINT)) | (edges >= _SURE)
    return _trapped((ink <= _INKED) & ~crisp)


def find_seen_cells(ink: Cover, edges: NDArray[np.float32]) -> Labels:
    """int32 [h, w], from 1: what lines uint8 [h, w] and edges that somebody would draw, float32 [h, w], enclose."""
    return _trapped((ink <= _INKED) & (edges < _LIKELY))


def _trapped(free: NDArray[np.bool_]) -> Labels:
    """int32 [h, w], from 1: where balls are trapped, and what is nearest to each; `free` bool [h, w] of walls."""
    cells, count = np.zeros(free.shape, np.int32), 0
    for share in (*_BALLS, 0.0):
        inside = _opened(free & (cells == 0), share * max(free.shape))
        found, parts = cv2.connectedComponents(inside.astype(np.uint8), connectivity=4, ltype=cv2.CV_32S)
        cells = np.where(parts > 0, parts + count, cells)
        count += found - 1
    if not count:
        return np.ones(free.shape, np.int32)
    _, nearest = cv2.distanceTransformWithLabels(
        (cells == 0).astype(np.uint8), cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_PIXEL
    )
    of = np.zeros(int(nearest.max()) + 1, np.int32)
    of[nearest[cells > 0]] = cells[cells > 0]
    return np.asarray(of[nearest], np.int32)


def hair_by_cell(zones: Labels, cells: Labels) -> Labels:
    """The zones int32 [h, w] with each of the cells int32 [h, w] either of the hair or of the rest of the figure."""
    count = int(cells.max()) + 1
    hair, rest = (np.bincount(cells[zones == zone], minlength=count) for zone in (Zone.HAIR, Zone.FIGURE))
    if not hair.any():
        return zones
    of = np.where(hair > rest, Zone.HAIR, Zone.FIGURE)[cells]
    return np.where(np.isin(zones, (Zone.HAIR, Zone.FIGURE)), of, zones).astype(np.int32)


def outlined(zones: Labels, cells: Labels, lab: NDArray[np.float32]) -> Labels:
    """The zones int32 [h, w] with figures that end where somebody would draw their outline: the lesser part of a cell
    of `cells` int32 [h, w] that lies in two zones goes to the other part's, if it has about its colour.

    `lab` float32 [h, w, 3]: the picture's colours.
    """
    (figure, inside), (ground, outside) = (_colours(zones == zone, cells, lab) for zone in (Zone.FIGURE, Zone.GROUND))
    alike = np.sqrt(((inside - outside) ** 2).sum(axis=1)) < _ALIKE
    out, into = alike & (figure < _LESSER * ground), alike & (ground < _LESSER * figure)
    made = np.where((zones == Zone.FIGURE) & out[cells], Zone.GROUND, zones)
    return np.where((zones == Zone.GROUND) & into[cells], Zone.FIGURE, made).astype(np.int32)


def without_rims(before: Labels, zones: Labels) -> Labels:
    """The zones int32 [h, w], in which no rim along the figures' outline of `before` is left to the figures."""
    breadth = _RIM * max(zones.shape)
    thin = _opened(before != Zone.GROUND, breadth) & ~_opened(zones != Zone.GROUND, breadth)
    outer = cv2.distanceTransform((before != Zone.GROUND).astype(np.uint8), cv2.DIST_L2, 3) <= breadth
    return np.where(thin & outer & (zones == Zone.FIGURE), Zone.GROUND, zones).astype(np.int32)


def _colours(mask: NDArray[np.bool_], cells: Labels, lab: NDArray[np.float32]) -> tuple[Values, Values]:
    """How much of each cell lies in a mask bool [h, w], [n], and the mean colour of that, Lab [n, 3]."""
    of, count = cells[mask], int(cells.max()) + 1
    area = np.bincount(of, minlength=count)
    total = np.stack([np.bincount(of, channel, count) for channel in lab[mask].T], axis=1)
    return area.astype(np.float64), np.asarray(total / np.maximum(area, 1)[:, None])


def flats_by_cell(segments: Segments, flats: FlatGraph, cells: Labels, skin: Values) -> FlatGraph:
    """The flats, of which each cell int32 [h, w] of the figure, on the segments' grid, holds one.

    A segment that lies in one cell goes to the flat that most of the cell belongs to, unless the two are unlike. `skin`
    Lab [k, 3] are the colours of the faces' skin.
    """
    count, ways = int(cells.max()) + 1, len(segments.graph.area)
    within = np.bincount((segments.labels.astype(np.int64) * count + cells).ravel(), minlength=ways * count)
    within = within.reshape(ways, count)
    cell = within.argmax(axis=1)
    held = np.zeros((len(flats.graph.area), count), np.int64)
    np.add.at(held, flats.of, within)
    goes = held.argmax(axis=0)[cell]
    zone, own, its = flats.graph.zone[goes], segments.graph.mean, flats.colour[goes]
    may = within[np.arange(ways), cell] > _INSIDE * segments.graph.area
    may &= held[goes, cell] > _CHIEF * held.sum(axis=0)[cell]
    may &= (zone == segments.graph.zone) & np.isin(zone, (Zone.FIGURE, Zone.HAIR))
    may &= unlike(own, its) + _SKIN_GUARD * (like_any(own, skin) != like_any(its, skin)) < _UNLIKE
    kept, new = np.unique(np.where(may, goes, flats.of), return_inverse=True)
    numbered = np.asarray(new, np.int64)
    return FlatGraph(numbered, flats.colour[kept], segments.graph.contracted(numbered), flats.whole[kept])


def _opened(free: NDArray[np.bool_], radius: float) -> NDArray[np.bool_]:
    """Where a ball of some radius in pixels passes: bool [h, w]. The picture's border stops none."""
    if radius < 1:
        return free
    edge = int(np.ceil(radius)) + 1
    wide = cv2.copyMakeBorder(free.astype(np.uint8), edge, edge, edge, edge, cv2.BORDER_REPLICATE)
    middles = cv2.distanceTransform(wide, cv2.DIST_L2, 3) > radius
    reached = cv2.distanceTransform((~middles).astype(np.uint8), cv2.DIST_L2, 3) <= radius
    return np.asarray(reached[edge:-edge, edge:-edge] & free)


def _change(clean: Pixels) -> NDArray[np.float32]:
    """How much the colour changes across two pixels, the larger of both ways: float32 [h, w]."""
    lab = cv2.GaussianBlur(lab_of(clean), (0, 0), 0.8)
    change = np.zeros(lab.shape[:2], np.float32)
    change[:, 1:-1] = np.sqrt(((lab[:, 2:] - lab[:, :-2]) ** 2).sum(axis=2))
    change[1:-1] = np.maximum(change[1:-1], np.sqrt(((lab[2:] - lab[:-2]) ** 2).sum(axis=2)))
    return change
