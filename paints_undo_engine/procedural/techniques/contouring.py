"""Contours: thin lines where one area ends and another begins and the picture has no line of its own.

Whoever draws a figure draws its outline whole. Where the finished picture shows only the meeting of two colours, the
line that stood there was painted over.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.model import Colour
from paints_undo_engine.procedural.reading.along import bends, usual, values_along
from paints_undo_engine.procedural.reading.channels import smallest
from paints_undo_engine.procedural.reading.model import FigureSource, InkPath, Labels, Part, Path
from paints_undo_engine.procedural.reading.seen_lines import middles
from paints_undo_engine.procedural.reading.tracing import link, smooth, thin, trace
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.arriving import densified
from paints_undo_engine.procedural.techniques.lassoing import merged
from paints_undo_engine.procedural.techniques.light_and_shade import (
    are_light_and_shade,
    parts_light_and_shade,
    shows_lines,
)
from paints_undo_engine.procedural.techniques.seams import narrow_lights, seams, without_sheens
from paints_undo_engine.procedural.techniques.shades import Shades
from paints_undo_engine.procedural.techniques.sketching import Hand, Pencil
from paints_undo_engine.procedural.techniques.telling_lines import (
    firm_pieces,
    firm_places,
    outlines_of,
    telling_lines,
)

_APART = 16.0
"""Mean levels between two areas' colours: what is more alike is shading, which nobody outlines."""
_UNLIKE = 40.0
"""The same of two areas of one kind that nobody takes for one thing, main edge of the picture or not."""
_PALE, _TINTS, _RAGGED, _TORN = 205.0, 45.0, 52.0, 110.0
"""Mean levels: two areas that are both lighter and not so far apart are tints on paper. The diagonal divided by the
last two is the radius of the bends of a ragged border, which nobody draws between tints, nor between tones.
"""
_DARK, _FOLD, _BROAD, _LONG = 105.0, 9.0, 0.004, 0.03
"""Mean levels: in what is darker lines are not seen, and tones so far apart show where they run. Of the picture and of
the diagonal: how large such tones are at least, and how long their border.
"""
_BEHIND = 0.06
"""Of the diagonal: a shorter crisp edge of what is behind figures is none of its shapes' contours."""
_SMUDGED, _CHEEK = 80.0, 0.5
"""The same of what lies in a face below its eyes: tones there are shading. Of a face's box: how far it reaches."""
_THICK, _COVERED = 0.018, 90
"""Of the diagonal: how thick a dark outline may be, whose inner side is no fold. Of 255: what ink of a line covers."""
_BACK = 0.4
"""Of the length of such a border: with ends so near each other it goes round something."""
_MOSTLY = 0.6
"""Of a border: where so much lies between tints it is theirs."""
_ISLAND = 0.0015
"""Of the picture: a smaller piece of what has no line around it is a light or a shadow on a thing."""
_WHITE = 240
"""Levels: two areas whose channels all are lighter are both white, as a sticker's border is and the paper about it."""
_CREASE, _CREASED = 0.006, 8
"""Of the diagonal: how wide the dark between two fingers is at most; levels by which it is darker than both."""
_FEATURES = (Part.EYES, Part.MOUTH)
_SHORTEST, _GAP = 0.012, 0.014
"""Of the diagonal: shorter contours are left out; ends that are nearer are joined."""
_BRIDGE, _OVERLAP = 0.004, 0.006
"""Of the diagonal: a gap in a line of ink that is shorter is none; how far a contour goes on into the ink beside it."""
_REACH = 7
"""Pixels: ink within the square of this side is on a border."""
_DOUBLE = 0.005
"""Of the diagonal: of two lines beside each other that are nearer one stays."""
_SQUARE = np.ones((3, 3), np.uint8)
_OPAQUE, _FADES = 200, 0.008
"""Of 255: beside an outline something is so opaque; of the diagonal, how far that may be."""
_CROSSING = 0.012
"""Of the diagonal: ink that goes along a border for less only crosses it, or is a speck, and is no outline."""
_WIDTHS = 0.0013, 0.007
"""Of the diagonal: a fine pen, and a broad one."""
_COLOUR: Colour = (52, 46, 54)
_PALER = 0.55
"""How much paler than the pen what lies below the paint is."""
_GREY, _AGREED = 16.0, 0.8
"""Levels: how much hue lines have on the mean that are grey; the share of it that is one hue where they have one."""
_DRAWN, _TELLING, _RIMS = 2.0, 0.3, 0.8
"""Diagonals of ink: with less the picture does not say of which colour its pen was, and how broad. Pixels that the rims
of a line add to its core.
"""


def contour_pen(source: Source) -> Pencil:
    """The pen that draws contours, on a layer of its own: about the one that drew the picture's ink."""
    paths = source.reading.ink.paths
    lengths = np.array([path.length for path in paths])
    colour, width = _COLOUR, 0.0
    if lengths.sum() > _DRAWN * source.diagonal:
        # Pale lines are the middles of lines that a colour surrounds; a pen's own colour is a dark one.
        dark = np.argsort([sum(path.colour) for path in paths])
        reached = np.cumsum(lengths[dark])
        own = source.colour(paths[int(dark[np.searchsorted(reached, 0.25 * reached[-1])])].colour)
        level = min(round(sum(own) / 3), *_COLOUR)
        colour = own if _of_one_hue(paths, lengths) else (level, level, level)
    if lengths.sum() > _TELLING * source.diagonal:
        widths = np.array([np.median(path.width) for path in paths])
        width = (usual(widths, lengths) + _RIMS) / source.diagonal
    return Pencil(
        source, Hand(colour, float(np.clip(width, *_WIDTHS)), 0.0, 1, taper=0.1, thinned=0.75), "Contours", ("Figure",)
    )


def pen_below(source: Source, hand: Hand) -> Pencil:
    """A paler pen of that kind, on a layer of its own below the paint, as animators trace the borders of colours."""
    red, green, blue = (round(level + _PALER * (255 - level)) for level in hand.colour)
    return Pencil(source, replace(hand, colour=(red, green, blue)), "Contours below", ("Sketch",))


def _of_one_hue(paths: Sequence[InkPath], lengths: NDArray[np.float64]) -> bool:
    """Whether lines have one colour: where each has that of what it surrounds, no other line takes it."""
    colours = np.array([path.colour for path in paths], np.float64)
    hues = colours - colours.mean(axis=1, keepdims=True)
    strength = np.average(np.hypot.reduce(hues, axis=1), weights=lengths)
    together = np.hypot.reduce(np.average(hues, axis=0, weights=lengths))
    return bool(strength < _GREY or together > _AGREED * strength)


def contours(
    source: Source,
    regions: Collection[int],
    without: Collection[int] = (),
    shades: Shades | None = None,
    labels: Labels | None = None,
    accents: NDArray[np.bool_] | None = None,
) -> tuple[InkPath, ...]:
    """Lines along the borders of some regions, and along the picture's edges, where no ink runs, each with the region
    in front of it, and with the colour of the darker one.

    `labels` int32 [h, w]: the regions' shapes, where they are not those of the reading. Those `without` a contour are
    lines themselves; between a thing and its sides, in `shades`, there is none. Ink that is `accents`, bool [h, w], is
    no outline.
    """
    reading = source.reading
    shapes = reading.labels if labels is None else labels
    border, tints = _borders(source, _whole(source, shapes, regions), regions, without, shades or {})
    lights, sheens = narrow_lights(source)
    border, tints = border & ~sheens, tints & ~sheens
    folds = ((_folds(source, regions) & ~lights) | seams(source, regions)) & ~(border | sheens)
    if reading.seen_lines is not None:
        # A person's eye tells lines from tones better than what lies beside them does.
        tints, folds = np.zeros((2, *border.shape), bool)
        listed = np.isin(shapes, list(regions)).astype(np.uint8)
        border = middles(reading.seen_lines) & (cv2.dilate(listed, _SQUARE) > 0)
    if not (border | folds).any():
        return ()
    traced = trace(thin((border | folds).astype(np.uint8)), max(3.0, 0.5 * _BRIDGE * source.diagonal))
    cover = source.reading.ink.cover if accents is None else np.where(accents, 0, source.reading.ink.cover)
    near = 2 * max(_REACH // 2, round(_DOUBLE * source.diagonal)) + 1
    taken = (cv2.dilate(cover, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (near, near))) > 60).astype(np.uint8)
    beside = _near(source.diagonal, border | (cover > _COVERED))
    front = np.array([region.order for region in source.reading.regions] + [-1])
    colours = np.array([*(region.colour for region in source.reading.regions), (255, 255, 255)], np.int64)
    found: list[InkPath] = []
    gap = _GAP if reading.seen_lines is None else _BRIDGE
    cheeks, features = _cheeks(source), {one.label for one in reading.regions if one.part in _FEATURES}
    on_border, tints, folds = (cv2.dilate(kind.astype(np.uint8), _SQUARE) > 0 for kind in (border, tints, folds))
    # A thick outline's inner side is no fold, but nor is its outer one.
    folds &= ~on_border
    firm = firm_places(source, folds) | (on_border & (reading.seen_lines is not None))
    lines = link(traced, gap * source.diagonal)
    lines = lines if reading.seen_lines is None else telling_lines(source, lines)
    for path in sorted(lines, key=lambda path: -len(path)):
        for points in firm_pieces(source, _bare(smooth(path, 2.0), taken > 0, source.diagonal), firm):
            x, y = np.rint(points).astype(int).T
            length = float(np.hypot(*np.diff(points, axis=0).T).sum())
            fold = float(folds[y, x].mean()) > 1 - _MOSTLY
            if fold and (
                length < _LONG * source.diagonal or _closed(points, length) or float(beside[y, x].mean()) > _MOSTLY
            ):
                continue
            tint = float(tints[y, x].mean()) > _MOSTLY
            region = _chief(source, points, front)
            cheek = float(cheeks[y, x].mean()) > _MOSTLY and region not in features
            limits = [limit for limit, kind in ((_TORN, fold), (_RAGGED, tint), (_SMUDGED, cheek)) if kind]
            if limits and bends(points) > min(limits) / source.diagonal:
                continue
            found.append(_contour(source, points, region, colours))
            cv2.polylines(taken, [np.rint(points).astype(np.int32)], False, 1, near)
    if reading.seen_lines is not None:
        outline = outlines_of(source, shapes, taken)
        return (*found, *(_contour(source, points, _chief(source, points, front), colours) for points in outline))
    # What of a figure is sketched in long lines is inked, too: clothes on clothes, locks, lapels; and what is long and
    # crisp behind it.
    inside, bodies = _of_figures(source), _lit_skin(source) | sheens
    if accents is not None:
        taken[cv2.dilate(accents.astype(np.uint8), np.ones((near, near), np.uint8)) > 0] = 1
    for edge in source.reading.edges.all if inside.any() else ():
        for points in firm_pieces(source, _bare(densified(edge.points, 1.0), taken > 0, source.diagonal), firm):
            one = _contour(source, points, _chief(source, points, front), colours)
            own = _share(inside, points) > _MOSTLY
            shading = own and shows_lines(source) and parts_light_and_shade(source, points)
            if shading or _share(bodies, points) > _MOSTLY:
                continue
            if one.length > (_LONG if own else _BEHIND) * source.diagonal and (
                own or _share(source.crisp, points) > _MOSTLY
            ):
                found.append(one)
                cv2.polylines(taken, [np.rint(points).astype(np.int32)], False, 1, near)
    return tuple(found)


def _lit_skin(source: Source) -> NDArray[np.bool_]:
    """Where skin has light or shade and no dark line parts it, as between fingers: bool [h, w]."""
    reading = source.reading
    labels = [region.label for region in reading.regions if region.part is Part.SKIN]
    skin = cv2.erode(np.isin(reading.labels, labels).astype(np.uint8), np.ones((_REACH, _REACH), np.uint8)) > 0
    if not skin.any():
        return skin
    side = 2 * max(2, round(_CREASE * source.diagonal)) + 1
    disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    deep = cv2.morphologyEx(smallest(source.on_white), cv2.MORPH_BLACKHAT, disk) > _CREASED
    return np.asarray(skin & (cv2.dilate(deep.astype(np.uint8), _SQUARE) == 0), bool)


def _share(where: NDArray[np.bool_], points: Path) -> float:
    """How much of a line, float32 [n, 2], lies on a mask bool [h, w]."""
    return float(values_along(where, points).mean())


def _of_figures(source: Source) -> NDArray[np.bool_]:
    """Where figures that are known are, and beside them, but for faces, in which edges are shades: bool [h, w]."""
    reading = source.reading
    if reading.figure.source is FigureSource.NONE:
        return np.zeros(reading.shape, bool)
    where = cv2.dilate(reading.figure.cover, np.ones((_REACH, _REACH), np.uint8)) > _OPAQUE
    for face in reading.faces:
        where[face.box.slices(where.shape)] = False
    return np.asarray(where, bool)


def _contour(source: Source, points: NDArray[np.float32], region: int, colours: NDArray[np.int64]) -> InkPath:
    """A contour of a region, as wide as a fine pen, with the darker one of the `colours` [regions + 1, 3] beside it."""
    width = np.full(len(points), max(1.0, _WIDTHS[0] * source.diagonal), np.float32)
    red, green, blue = colours[_chief(source, points, -colours.sum(axis=1))].tolist()
    length = float(np.hypot(*np.diff(points, axis=0).T).sum())
    return InkPath(points, width, length, region, (red, green, blue))


def _near(diagonal: float, lines: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """What lies so near to `lines` that a fold there is the inner side of a thick one: bool [h, w]."""
    away = cv2.distanceTransform((~lines).astype(np.uint8), cv2.DIST_L2, 3)
    return np.asarray(away < _THICK * diagonal, bool)


def _cheeks(source: Source) -> NDArray[np.bool_]:
    """Where faces are, below their eyes: bool [h, w]."""
    cheeks = np.zeros(source.reading.shape, np.uint8)
    for face in source.reading.faces:
        centre, half = face.box.centre, (_CHEEK * face.box.width, _CHEEK * face.box.height)
        one, angle = np.zeros_like(cheeks), float(np.degrees(face.tilt))
        cv2.ellipse(one, (centre, (2 * half[0], 2 * half[1]), angle), 1, -1)
        eyes = np.array([eye.centre for eye in face.eyes]).mean(axis=0)
        y, x = np.indices(cheeks.shape)
        below = (y - eyes[1]) * np.cos(face.tilt) > (x - eyes[0]) * np.sin(face.tilt)
        cheeks |= one * below
    return cheeks > 0


def _whole(source: Source, labels: Labels, regions: Collection[int]) -> Labels:
    """The labels int32 [h, w] without the small pieces of regions that lie in others, as lights and shadows do, and
    without the lights on hair.
    """
    known = source.reading.regions
    within = np.isin(labels, [label for label in regions if known[label].part not in _FEATURES])
    return without_sheens(source, merged(labels, within, round(_ISLAND * labels.size)))


def _borders(
    source: Source, labels: Labels, regions: Collection[int], without: Collection[int], shades: Shades
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """bool [h, w] each: where a region of the listed ones meets another of a clearly different colour, or a figure its
    ground, and where two tints meet.
    """
    reading = source.reading
    # What is transparent is white, and lies behind all.
    colours = np.array([*(region.colour for region in reading.regions), (255, 255, 255)], np.int16)
    listed = np.zeros(len(colours), bool)
    listed[list(regions)] = True
    parts = {part: number for number, part in enumerate(Part)}
    kind = np.array([*(parts[region.part] for region in reading.regions), -1])
    skin = kind == parts[Part.SKIN]
    light = colours.mean(axis=1)
    lines = np.zeros(len(colours), bool)
    lines[list(without)] = True
    figure = np.array([*(region.figure is not None for region in reading.regions), False])
    figure &= reading.figure.source is not FigureSource.NONE
    base = np.arange(len(colours))
    base[list(shades.keys())] = list(shades.values())
    border, tints = np.zeros((2, *labels.shape), bool)
    at, one, other = _meetings(labels, lambda one, other: listed[one] | listed[other])
    silhouette = (listed[one] != listed[other]) | (figure[one] != figure[other])
    away = np.abs(colours[one] - colours[other]).mean(axis=1)
    # A blush has no outline.
    apart = (away > _APART) & ~(skin[one] & skin[other]) & (base[one] != base[other])
    apart &= (kind[one] != kind[other]) | (away > _UNLIKE) | source.near_edges.ravel()[at]
    if shows_lines(source):
        apart &= ~(are_light_and_shade(colours[one], colours[other]) & (kind[one] == kind[other]))
    white = (colours[one].min(axis=1) > _WHITE) & (colours[other].min(axis=1) > _WHITE)
    outlined = (silhouette | apart) & ~lines[one] & ~lines[other] & ~white
    pale = (light[one] > _PALE) & (light[other] > _PALE) & (away < _TINTS)
    border.ravel()[at[outlined]] = True
    tints.ravel()[at[pale]] = True
    if reading.alpha is not None:
        # What fades out has no outline.
        side = 2 * max(_REACH // 2, round(_FADES * source.diagonal)) + 1
        border &= cv2.dilate(reading.alpha, np.ones((side, side), np.uint8)) > _OPAQUE
    return border, tints


def _folds(source: Source, regions: Collection[int]) -> NDArray[np.bool_]:
    """Where two broad tones of one dark region meet, as strands and folds do whose lines are not seen: bool [h, w]."""
    labels, cels = source.reading.cel_labels, source.reading.cels
    listed = set(regions)
    colours = np.array([*(cel.colour for cel in cels), (255, 255, 255)], np.int16)
    broad = [cel.region in listed and cel.area > _BROAD * labels.size for cel in cels]
    dark = np.array([*broad, False]) & (colours.mean(axis=1) < _DARK)
    owner = np.array([*(cel.region for cel in cels), -1])
    folds = np.zeros(labels.shape, bool)
    at, one, other = _meetings(labels, lambda one, other: dark[one] & dark[other] & (owner[one] == owner[other]))
    away = np.abs(colours[one] - colours[other]).mean(axis=1) > _FOLD
    folds.ravel()[at[away]] = True
    return folds


def _meetings(
    labels: Labels, counts: Callable[[Labels, Labels], NDArray[np.bool_]]
) -> tuple[NDArray[np.int64], Labels, Labels]:
    """The numbers of the pixels whose right or lower neighbour has another label, if the two labels' meeting counts;
    both labels: [n] each.
    """
    numbers = np.arange(labels.size).reshape(labels.shape)
    pairs = ((np.s_[:, :-1], np.s_[:, 1:]), (np.s_[:-1], np.s_[1:]))
    differ = [(first, second, labels[first] != labels[second]) for first, second in pairs]
    at = np.concatenate([numbers[first][meet] for first, _, meet in differ])
    one = np.concatenate([labels[first][meet] for first, _, meet in differ])
    other = np.concatenate([labels[second][meet] for _, second, meet in differ])
    kept = counts(one, other)
    return at[kept], one[kept], other[kept]


def _closed(points: NDArray[np.float32], length: float) -> bool:
    """Whether a line float32 [n, 2] comes back to about where it began, as a pattern's and a light's borders do."""
    return float(np.hypot(*(points[-1] - points[0]))) < _BACK * length


def _bare(points: NDArray[np.float32], inked: NDArray[np.bool_], diagonal: float) -> list[NDArray[np.float32]]:
    """The pieces of a border float32 [n, 2] along which no line runs, carried on a little into lines at their ends."""
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    covered = values_along(inked, points)
    for begin, end in runs_of(covered):
        covered[begin:end] = along[end - 1] - along[begin] >= _REACH + _CROSSING * diagonal
    overlap = _OVERLAP * diagonal
    pieces = []
    for begin, end in runs_of(~covered):
        meets_ink = begin > 0, end < len(points)
        least = _BRIDGE if all(meets_ink) else _SHORTEST
        if along[end - 1] - along[begin] < least * diagonal:
            continue
        first = int(np.searchsorted(along, along[begin] - overlap)) if meets_ink[0] else begin
        last = int(np.searchsorted(along, along[end - 1] + overlap)) if meets_ink[1] else end
        pieces.append(points[first:last])
    return pieces


def runs_of(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Begin and end of every run of true values."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def _chief(source: Source, points: NDArray[np.float32], rank: NDArray[np.int64]) -> int:
    """Of the regions around a line the one with the highest rank [regions + 1] along most of it."""
    ways = ((2, 0), (-2, 0), (0, 2), (0, -2))
    beside = np.stack([values_along(source.reading.labels, points + np.array(way, np.float32)) for way in ways])
    chief = beside[rank[beside].argmax(axis=0), np.arange(beside.shape[1])]
    chief = chief[chief >= 0]
    return int(np.bincount(chief).argmax()) if chief.size else -1
