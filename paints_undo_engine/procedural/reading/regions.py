"""Regions and cels of a picture, on the whole analysis grid."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.cells import (
    find_cells,
    find_seen_cells,
    flats_by_cell,
    hair_by_cell,
    outlined,
    without_rims,
)
from paints_undo_engine.procedural.reading.edge_network import find_likely_edges
from paints_undo_engine.procedural.reading.flats import FlatGraph, find_flats, softness
from paints_undo_engine.procedural.reading.graph import Graph, Values
from paints_undo_engine.procedural.reading.hair import with_hair
from paints_undo_engine.procedural.reading.mixed_flats import parted
from paints_undo_engine.procedural.reading.model import (
    Box,
    Cel,
    Colour,
    Cover,
    Face,
    Figure,
    FigureSource,
    Labels,
    Part,
    Pixels,
    Region,
    Technique,
)
from paints_undo_engine.procedural.reading.part_flats import shades_by_part, told_by_part
from paints_undo_engine.procedural.reading.part_masks import SeenParts
from paints_undo_engine.procedural.reading.parts import (
    Flatwork,
    find_names,
    find_order,
    find_parts,
    texture_of,
)
from paints_undo_engine.procedural.reading.seen_parts import along_edges
from paints_undo_engine.procedural.reading.segments import Segments, find_segments, lab_of
from paints_undo_engine.procedural.reading.smooth_labels import smoothed
from paints_undo_engine.procedural.reading.tones import find_tones
from paints_undo_engine.procedural.reading.view import ReducedPicture, resized
from paints_undo_engine.procedural.reading.zones import Zone, find_zones, head_mask

_TURNS, _STRAYING = 3, 1.6
"""How often a tone's colour is taken anew, and times the usual distance: what is farther strays."""
_ABOUT = 40
"""Levels: a tone so near to its flat's colour gives it its own; twice that where no border within it is gradual."""
_SEGMENTED, _WHOLE = 480, 320
"""The longer side of the grid on which segments are found; a picture that is no larger is looked at as it is."""
_WALL = 0.5
"""Of 1: where an edge that somebody would draw is sure."""
_SURE = (FigureSource.NONE, FigureSource.ALPHA, FigureSource.PLAIN_GROUND)
"""Where a figure ends is known, or none is."""
_EXACT = (Zone.EYES, Zone.MOUTH, Zone.TRANSPARENT)
"""Whose borders are left as they are: what is small there is looked at."""


@dataclass(frozen=True, eq=False)
class Regions:
    """`labels` and `cel_labels` int32 [h, w], -1 where the picture is transparent; `walls` bool [h, w], where somebody
    would surely draw a line.
    """

    labels: Labels
    regions: tuple[Region, ...]
    cel_labels: Labels
    cels: tuple[Cel, ...]
    walls: NDArray[np.bool_]


def find_regions(
    view: ReducedPicture,
    clean: Pixels,
    ink: Cover,
    figure: Figure,
    faces: tuple[Face, ...],
    techniques: tuple[Technique, Technique],
    *,
    seen_parts: SeenParts | None = None,
    coloured: bool = True,
    drawn: bool = False,
) -> Regions:
    """Take the line-free picture apart; `techniques` are the ground's and the figure's.

    `seen_parts`: the parts that a network sees. `coloured`: colours tell things apart, and they are named by them.
    `drawn`: lines part all things, also those of the ground or of a crowd.
    """
    zones = with_hair(find_zones(view.pixels, figure, faces, view.alpha), clean, faces)
    lined = techniques[1] in (Technique.INKED, Technique.PALE_LINE)
    edges = _seen_edges(view.pixels)
    if edges is not None and lined and figure.source not in _SURE:
        zones = _outlined(zones, clean, ink, edges)
    likely = _enlarged_edges(edges, clean.shape)
    cells = find_cells(clean, ink, likely) if lined else None
    zones = zones if cells is None else hair_by_cell(zones, cells)
    segments = _calmly(clean, ink, zones, edges, seen_parts)
    skin = np.array([lab_of(np.array([[face.skin]], np.uint8))[0, 0] for face in faces], np.float64).reshape(-1, 3)
    heads = head_mask(clean.shape, segments.labels.shape, faces)
    flats = parted(segments, find_flats(segments, lined, skin, heads, drawn=drawn), skin)
    flats = shades_by_part(segments, told_by_part(segments, flats, skin), skin)
    if cells is not None:
        flats = flats_by_cell(segments, flats, _reduced(cells, segments), skin)
    tones = find_tones(segments, flats)
    labels, cel_labels = _refined(segments, flats, tones, clean, zones)
    shown = zones != Zone.TRANSPARENT
    shown_labels = np.where(shown, labels, -1)
    regions, labels = _described(view, shown_labels, segments, flats, figure, faces, techniques, coloured)
    cel_labels, cels = _toned(np.where(shown & (labels >= 0), cel_labels, -1), labels, clean, regions)
    walls = np.zeros(labels.shape, bool) if likely is None else likely > _WALL
    return Regions(labels, _as_in_the_picture(regions, cels), cel_labels, cels, walls)


def _calmly(
    clean: Pixels, ink: Cover, zones: Labels, edges: NDArray[np.float32] | None, seen_parts: SeenParts | None
) -> Segments:
    """The segments on a coarser grid, of one size for all, where grain is calm; `edges` float32 lie on that grid."""
    shape = _coarser(clean.shape)
    if shape != clean.shape[:2]:
        clean = np.asarray(cv2.bilateralFilter(resized(clean, shape), 5, 24, 3), np.uint8)
        ink = resized(ink, shape)
        zones = np.asarray(cv2.resize(zones, shape[::-1], interpolation=cv2.INTER_NEAREST), np.int32)
    parts = None if seen_parts is None else along_edges(seen_parts.labels(shape), clean)
    if edges is None:
        return find_segments(clean, ink, zones, seen_parts=parts)
    cells = np.where(zones == Zone.GROUND, find_seen_cells(ink, edges), 0).astype(np.int32)
    near = np.asarray(cv2.dilate(edges, np.ones((3, 3), np.uint8)), np.float32)
    return find_segments(clean, ink, zones, near, cells, parts)


def _outlined(zones: Labels, clean: Pixels, ink: Cover, edges: NDArray[np.float32]) -> Labels:
    """The zones int32 [h, w] with figures that end at the edges that somebody would draw, float32 on a coarser grid."""
    shape = edges.shape
    small = np.asarray(cv2.resize(zones, shape[::-1], interpolation=cv2.INTER_NEAREST), np.int32)
    made = outlined(small, find_seen_cells(resized(ink, shape), edges), lab_of(resized(clean, shape)))
    changed = np.where(made != small, made, -1)
    large = cv2.resize(changed, zones.shape[::-1], interpolation=cv2.INTER_NEAREST)
    made = np.where((large >= 0) & np.isin(zones, (Zone.FIGURE, Zone.GROUND)), large, zones).astype(np.int32)
    return without_rims(zones, made)


def _coarser(shape: tuple[int, ...]) -> tuple[int, int]:
    """The height and width of the grid on which a picture is segmented."""
    longer = max(shape[:2])
    scale = 1.0 if longer <= _WHOLE else max(0.5, min(1.0, _SEGMENTED / longer))
    return max(1, round(shape[0] * scale)), max(1, round(shape[1] * scale))


def _seen_edges(pixels: Pixels) -> NDArray[np.float32] | None:
    """Where somebody would draw lines, float32 on the coarser grid; None where nobody is asked, as of pixel art."""
    return find_likely_edges(resized(pixels, _coarser(pixels.shape))) if max(pixels.shape) > _WHOLE else None


def _enlarged_edges(edges: NDArray[np.float32] | None, shape: tuple[int, ...]) -> NDArray[np.float32] | None:
    if edges is None:
        return None
    return np.asarray(cv2.resize(edges, shape[1::-1], interpolation=cv2.INTER_LINEAR), np.float32)


def _reduced(labels: Labels, segments: Segments) -> Labels:
    """Labels int32 [h, w] on the segments' grid."""
    return np.asarray(cv2.resize(labels, segments.labels.shape[::-1], interpolation=cv2.INTER_NEAREST), np.int32)


def _refined(
    segments: Segments, flats: FlatGraph, tones: NDArray[np.int64], clean: Pixels, zones: Labels
) -> tuple[Labels, Labels]:
    """Flats and tones on the whole grid: borders run along the picture's edges, smoothly where it has none."""
    count = int(tones.max()) + 1
    flat_of, zone_of = np.zeros((2, count), np.int32)
    flat_of[tones], zone_of[tones] = flats.of, segments.graph.zone
    area = np.bincount(tones, segments.graph.area, count)
    mean = np.stack([np.bincount(tones, channel, count) for channel in segments.graph.total.T], axis=1) / area[:, None]
    labels = tones[segments.labels].astype(np.int32)
    if labels.shape != clean.shape[:2]:
        labels = _enlarged(labels, mean, zone_of, clean, zones)
    labels = smoothed(labels, clean, mean, zone_of, np.where(np.isin(zones, _EXACT), -1, zones))
    return flat_of[labels], labels


def _enlarged(labels: Labels, mean: Values, zone_of: Labels, clean: Pixels, zones: Labels) -> Labels:
    """Tones on the whole grid: at borders a pixel goes to the neighbour whose tone is most like its own."""
    height, width = clean.shape[:2]
    big = np.asarray(cv2.resize(labels, (width, height), interpolation=cv2.INTER_NEAREST), np.int32)
    border = np.zeros(big.shape, np.uint8)
    border[:, 1:] |= big[:, 1:] != big[:, :-1]
    border[1:] |= big[1:] != big[:-1]
    y, x = np.nonzero(cv2.dilate(border, np.ones((3, 3), np.uint8)) | (zone_of[big] != zones))
    if not len(y):
        return big
    own = lab_of(clean[y, x][None])[0]
    best, least = big[y, x].copy(), np.full(len(y), np.inf)
    for dy, dx in ((0, 0), (0, 2), (0, -2), (2, 0), (-2, 0), (2, 2), (-2, -2), (2, -2), (-2, 2)):
        label = big[np.clip(y + dy, 0, height - 1), np.clip(x + dx, 0, width - 1)]
        cost = (
            np.abs(own - mean[label]).sum(axis=1) + 3.0 * (dy != 0 or dx != 0) + 400.0 * (zone_of[label] != zones[y, x])
        )
        nearer = cost < least
        best[nearer], least[nearer] = label[nearer], cost[nearer]
    big[y, x] = best
    return big


def _described(
    view: ReducedPicture,
    labels: Labels,
    segments: Segments,
    flats: FlatGraph,
    figure: Figure,
    faces: tuple[Face, ...],
    techniques: tuple[Technique, Technique],
    coloured: bool,
) -> tuple[tuple[Region, ...], Labels]:
    """The flats that are seen, numbered anew, with what they are."""
    area = np.bincount(labels[labels >= 0], minlength=len(flats.graph.area))
    seen = np.flatnonzero(area)
    renamed = np.full(len(area) + 1, -1, np.int32)
    renamed[seen] = np.arange(len(seen))
    labels = renamed[labels]
    area, zone = area[seen].astype(np.int64), flats.graph.zone[seen]
    free = _ink_free(flats.graph)[np.ix_(seen, seen)]
    work = Flatwork(labels, flats.colour[seen], area, zone, texture_of(view.pixels, labels, len(seen)), free)
    parts = find_parts(work, faces, bool(faces) and figure.source is not FigureSource.CROWD)
    colours = [_rgb(colour) for colour in work.colour]
    places = _middles(labels, len(seen))
    names = find_names(parts, colours, area, places, coloured=coloured)
    order = find_order(parts, labels)
    soft = softness(segments, flats)[seen]
    regions = []
    for label in range(len(seen)):
        mask = (labels == label).astype(np.uint8)
        x, y, width, height = cv2.boundingRect(mask)
        centre = (float(places[label, 0]), float(places[label, 1]))
        of_figure = zone[label] not in (Zone.GROUND, Zone.TRANSPARENT)
        technique = techniques[1 if of_figure else 0]
        if parts[label] is Part.PAPER:
            technique = Technique.FLAT
        regions.append(
            Region(
                label=label,
                name=names[label],
                part=parts[label],
                technique=technique,
                colour=colours[label],
                area=int(area[label]),
                box=Box(x, y, width, height),
                centre=centre,
                figure=_nearest_figure(centre, figure) if of_figure else None,
                order=int(order[label]),
                softness=float(soft[label]),
                whole=int(flats.whole[seen[label]]),
            )
        )
    return tuple(regions), labels


def _middles(labels: Labels, count: int) -> Values:
    """[m, 2]: the middle of each flat's pixels, x and y."""
    rows, columns = np.nonzero(labels >= 0)
    label = labels[rows, columns]
    area = np.maximum(np.bincount(label, minlength=count), 1)
    return np.stack([np.bincount(label, columns, count) / area, np.bincount(label, rows, count) / area], axis=1)


def _ink_free(graph: Graph) -> Values:
    """[m, m]: how long the borders are on which no line runs, 0 where most of one is inked."""
    count = len(graph.area)
    free = np.zeros((count, count))
    length = np.where(graph.inked < 0.35 * graph.length, graph.length - graph.inked, 0)
    first, second = graph.pairs.T
    free[first, second] = free[second, first] = length
    return free


def _nearest_figure(centre: tuple[float, float], figure: Figure) -> int:
    """The number of the figure's box that a point lies in, or is nearest to."""

    def away(box: Box) -> float:
        beside = max(box.x - centre[0], 0, centre[0] - box.x - box.width)
        return float(np.hypot(beside, max(box.y - centre[1], 0, centre[1] - box.y - box.height)))

    return min(range(len(figure.boxes)), key=lambda number: away(figure.boxes[number]), default=0)


def _toned(
    cel_labels: Labels, labels: Labels, clean: Pixels, regions: tuple[Region, ...]
) -> tuple[Labels, tuple[Cel, ...]]:
    """The hard tones that are seen, with their colour; of each region the one most like its flat is step 0."""
    flat = cel_labels.ravel()
    shown = np.flatnonzero(flat >= 0)
    if not len(shown):
        return cel_labels, ()
    pairs = flat[shown].astype(np.int64) * len(regions) + labels.ravel()[shown]
    every, index = _numbered(pairs)
    flat = np.full(len(flat), -1, np.int32)
    flat[shown] = index
    area = np.bincount(index)
    mean = _chief_colours(clean.reshape(-1, 3)[shown], index)
    of = every % len(regions)
    light = mean @ np.array([0.299, 0.587, 0.114])
    steps = np.zeros(len(every), np.int64)
    for region in regions:
        own = np.flatnonzero(of == region.label)
        if not len(own):
            continue
        away = np.abs(mean[own] - np.array(region.colour)).sum(axis=1) - 12 * np.log(area[own])
        base = own[int(away.argmin())]
        order = own[np.argsort(light[own], kind="stable")]
        steps[order] = np.arange(len(own)) - int(np.flatnonzero(order == base)[0])
    cels = tuple(
        Cel(label, int(of[label]), int(steps[label]), _rounded(mean[label]), int(area[label]))
        for label in range(len(every))
    )
    return flat.reshape(cel_labels.shape), cels


def _numbered(values: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The different values among some that are not negative, sorted, and the place of each value among them."""
    number = np.zeros(int(values.max()) + 1, np.int64)
    number[values] = 1
    every = np.flatnonzero(number)
    number[every] = np.arange(len(every))
    return every, number[values]


def _chief_colours(pixels: Pixels, index: NDArray[np.int64]) -> Values:
    """[n, 3]: the mean colour of the pixels [m, 3] of each group `index` [m], without those that stray from it, such as
    the mixed ones along a border.
    """
    count = int(index.max()) + 1
    channels = [np.ascontiguousarray(channel) for channel in pixels.T]
    kept = np.arange(len(index))
    for turn in range(_TURNS):
        of = index[kept]
        total = np.maximum(np.bincount(of, minlength=count), 1e-6)
        mean = np.stack([np.bincount(of, channel[kept], count) for channel in channels], axis=1) / total[:, None]
        if turn == _TURNS - 1:
            break
        tones = mean.astype(np.float32)
        away = np.abs(channels[0] - tones[:, 0][index])
        for channel, tone in zip(channels[1:], tones.T[1:], strict=True):
            np.maximum(away, np.abs(channel - tone[index]), out=away)
        usual = np.bincount(of, away[kept], count) / total
        kept = np.flatnonzero(away <= (_STRAYING * usual + 1)[index])
    return np.asarray(mean, np.float64)


def _as_in_the_picture(regions: tuple[Region, ...], cels: tuple[Cel, ...]) -> tuple[Region, ...]:
    """Flats in the colour that most of them has in the picture, where that is about the flat's own."""
    base = {cel.region: cel.colour for cel in cels if cel.step == 0}

    def coloured(region: Region) -> Region:
        colour = base.get(region.label, region.colour)
        about = _ABOUT * (2 - region.softness)
        apart = max(abs(own - its) for own, its in zip(region.colour, colour, strict=True))
        return replace(region, colour=colour) if apart < about else region

    return tuple(coloured(region) for region in regions)


def _rgb(colour: NDArray[np.float64]) -> Colour:
    return _rounded(255 * cv2.cvtColor(colour.astype(np.float32)[None, None], cv2.COLOR_Lab2RGB)[0, 0])


def _rounded(colour: NDArray[np.generic]) -> Colour:
    red, green, blue = (int(np.clip(round(float(value)), 0, 255)) for value in np.asarray(colour, np.float64))
    return red, green, blue
