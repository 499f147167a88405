"""Which flats are only the shaded or the lit side of another one: one cloth gets one flat, and its sides are tones."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.colours import unlike
from paints_undo_engine.procedural.reading.model import Labels, Part, Region
from paints_undo_engine.procedural.reading.segments import lab_of
from paints_undo_engine.procedural.source import Source

_ALONE = (Part.EYES, Part.MOUTH, Part.TEXT, Part.PAPER)
"""Parts of which every region keeps its flat."""
_FREE = 0.65
"""Of the border between two sides of a thing: along so much of it no line runs."""
_TOUCHING, _ENCLOSED = 0.12, 0.5
"""Of a side's whole border: so much of it at least lies along the thing's flat; where it is no figure's, so much."""
_LIGHT, _CHROMA, _HUE = 40.0, 36.0, 0.65
"""How far two sides may be apart: CIE lightness and chroma, together along an ellipse, and hue in radians."""
_PAINTS, _DRAWN, _BARE = 12.0, (0.15, 0.5), 0.5
"""How unlike paints are that lines part; the share of their borders with lines where these tell nothing, and all; how
many times as far apart two sides may be where they tell nothing.
"""
_LONG, _FARTHER = 0.35, 1.5
"""Of a side's whole border: where more lies along the flat, its hue may be so many times as far away."""
_GREY, _GREYER = 10.0, 13.0
"""Chroma: what has less has no hue to speak of; how far from it, in the plane of hues, a side of it may be."""
_EDGE, _UNLIKE = 0.5, 12.0
"""Of the border between two sides: where more is one of the picture's main edges, their paints may be so unlike at
most, whatever light falls on them; what has no hue ends at such an edge.
"""
_SOFT = 0.35
"""Of the difference between a tone and those about it: what is seen across its border at most if that is soft."""
_REACH, _BLENDED, _LIKE, _SEAM = 6, 0.2, 45.0, 0.1
"""Pixels across a border; of two paints' difference, what is seen across it at most where they blend into each other;
how far they may be apart in Lab; of a side's whole border, how much of it blends at least.
"""
_CHEEKS = 0.08
"""Of a face's box: what its skin fills at least."""
_PALER, _LIGHTER = 0.75, 12.0
"""Of its chroma, and in L* where it has no hue: what lies away from a face and is paler than its skin is none."""
_INK = 60
"""Of 255: how much of a pixel lines cover that part two regions."""

Shades = Mapping[int, int]
"""For the label of a region that is a side of another one, that one's label."""


def find_shades(source: Source, labels: Collection[int]) -> Shades:
    """Which of some regions are sides of others among them. What fills a face is no side of its hair; skin is a side of
    its face, wherever it lies: cloth of about its hue is greyer.
    """
    regions = [source.reading.regions[label] for label in sorted(labels)]
    free, whole, edged = _borders(source)
    colours = [source.colour(region.colour) for region in source.reading.regions]
    lch, lab = _lch(colours), lab_of(np.array([colours], np.uint8).reshape(1, -1, 3))[0].astype(np.float64)
    faces, reach = _of_faces(source), float(np.interp(_drawn(source, lab, free, whole), _DRAWN, (_BARE, 1)))
    base: dict[int, int] = {}
    own_skin = _cheeks(source)
    cheeks = [region for region in regions if region.label in own_skin]
    # From large to small, so that what another one is a side of has been found.
    ordered = sorted(regions, key=lambda region: (region not in cheeks, -region.area, region.label))
    for number, region in enumerate(ordered):
        # In a scene two things may well be alike.
        touching = _TOUCHING if region.figure is not None else _ENCLOSED
        if region in cheeks or (region.label in faces and region.part is not Part.SKIN):
            continue
        own = [one.label for one in cheeks if region.part is Part.SKIN and _alike(one, region)]
        border = touching * float(whole[region.label].sum())
        own = [one for one in own if free[region.label, one] > border or not _paler(lch[region.label], lch[one])]
        own = [one for one in own if _near(lch[region.label], lch[one], 1.0, _HUE)]
        if own:
            base[region.label] = min(own, key=lambda one: float(unlike(lab[one], lab[region.label])))
            continue
        best, most, hair = None, border, region.part is Part.HAIR
        for other in ordered[:number]:
            # Lines in hair are strands.
            along = float((whole if hair else free)[region.label, other.label])
            root = base.get(other.label, other.label)
            apart = not _alike(region, other) or region.whole == source.reading.regions[root].whole >= 0
            if apart or along <= most or along < _FREE * whole[region.label, other.label]:
                continue
            across = float(edged[region.label, other.label]) > _EDGE * whole[region.label, other.label]
            # Strands have edges.
            if across and not hair and not _one_paint(lch, lab, (region.label, other.label, root)):
                continue
            far = along > _LONG * float(whole[region.label].sum())
            if _near(lch[region.label], lch[root], reach, _HUE * (_FARTHER if far else 1)):
                best, most = root, along
        if best is not None:
            base[region.label] = best
    return _with_blended(source, lab, ordered, base, (free, whole))


def _with_blended(
    source: Source,
    lab: NDArray[np.float64],
    regions: list[Region],
    sides: dict[int, int],
    borders: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> dict[int, int]:
    """The sides, and with them what blends into another of some regions, whose paints are Lab [n, 3]; `borders`: how
    long each is without a line, and as a whole, [n, n].
    """
    free, whole = borders
    seams = np.where(_blended(source, lab) & (free > _FREE * whole), free, 0)
    base = dict(sides)
    for region in regions:
        along = [float(seams[region.label, other.label]) * _together(region, other) for other in regions]
        best = regions[int(np.argmax(along))].label
        root = base.get(best, best)
        if region.label not in base and max(along) > _SEAM * whole[region.label].sum() and root != region.label:
            own = [label for label, its in base.items() if its == region.label]
            base |= dict.fromkeys([*own, region.label], root)
    return base


def _drawn(source: Source, lab: NDArray[np.float64], free: NDArray[np.float64], whole: NDArray[np.float64]) -> float:
    """The share of the borders between unlike paints of figures, Lab [n, 3], along which lines run."""
    figure = np.array([region.figure is not None and region.part not in _ALONE for region in source.reading.regions])
    some = figure[:, None] & figure & (unlike(lab[:, None], lab) > _PAINTS)
    length = float(whole[some].sum())
    return 1 - float(free[some].sum()) / length if length else 1.0


def _of_faces(source: Source) -> set[int]:
    """The regions that fill the middles of the known faces."""
    found = set()
    for face in source.reading.faces:
        labels = source.reading.labels[face.box.grown(-0.25, -0.3, -0.25, -0.1).slices(source.reading.shape)]
        if (labels >= 0).any():
            found.add(int(np.bincount(labels[labels >= 0]).argmax()))
    return found


def _cheeks(source: Source) -> set[int]:
    """Of each known face the skin that has its cheeks' colour."""
    found = set()
    for face in source.reading.faces:
        labels = source.reading.labels[face.box.slices(source.reading.shape)]
        shown = np.bincount(labels[labels >= 0], minlength=len(source.reading.regions))
        some = [region for region in source.reading.regions if region.part is Part.SKIN]
        some = [region for region in some if shown[region.label] > _CHEEKS * labels.size]
        away = [sum(abs(own - its) for own, its in zip(region.colour, face.skin, strict=True)) for region in some]
        if some:
            found.add(some[int(np.argmin(away))].label)
    return found


def _alike(one: Region, other: Region) -> bool:
    """Whether nothing but their colours tells two regions apart."""
    one_thing = one.whole != other.whole or one.whole < 0
    return one.part is other.part and one.figure == other.figure and one.part not in _ALONE and one_thing


def _together(one: Region, other: Region) -> bool:
    """Whether two regions are parts of one figure that paint covers."""
    return one.figure is not None and one.figure == other.figure and not {one.part, other.part} & {*_ALONE, Part.HAIR}


def soft_tones(source: Source, shades: Shades) -> dict[int, int]:
    """The tones that blend into what lies about them on their flat, by their labels, and the region of that flat: no
    lasso goes round them, an airbrush shades them.
    """
    cels = source.reading.cels
    flat = np.array([shades.get(cel.region, cel.region) for cel in cels])
    lab = lab_of(np.array([[source.colour(cel.colour) for cel in cels]], np.uint8).reshape(1, -1, 3))[0]
    change, length = _across(source, source.reading.cel_labels, len(cels))
    apart = np.sqrt(((lab[:, None] - lab) ** 2).sum(axis=2)) * (flat[:, None] == flat)
    own, needed = (length * (apart > 0)).sum(axis=1), (apart * length).sum(axis=1)
    soft = ((change * (apart > 0)).sum(axis=1) < _SOFT * needed) & (own > _SEAM * length.sum(axis=1))
    some = [cel for cel in cels if soft[cel.label] and (cel.step != 0 or cel.region in shades)]
    return {cel.label: int(flat[cel.label]) for cel in some if source.reading.regions[cel.region].part not in _ALONE}


def _blended(source: Source, lab: NDArray[np.float64]) -> NDArray[np.bool_]:
    """[n, n]: whether the paints, Lab [n, 3], of two regions blend into each other where they meet."""
    change, length = _across(source, source.reading.labels, len(lab))
    apart = np.sqrt(((lab[:, None] - lab) ** 2).sum(axis=2))
    return np.asarray((change < _BLENDED * apart * length) & (apart < _LIKE))


def _across(source: Source, labels: Labels, count: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """[n, n] each: the change in Lab across the borders of labels int32 [h, w], summed along them, and their length."""
    seen = lab_of(source.small_clean)
    change, length = np.zeros((2, count, count))
    for first, second in ((np.s_[:, :-_REACH], np.s_[:, _REACH:]), (np.s_[:-_REACH], np.s_[_REACH:])):
        one, other = labels[first], labels[second]
        meet = (one != other) & (one >= 0) & (other >= 0)
        pair = one[meet].astype(np.int64) * count + other[meet]
        away = np.sqrt(((seen[first][meet] - seen[second][meet]) ** 2).sum(axis=1))
        change += np.bincount(pair, away, count * count).reshape(count, count)
        length += np.bincount(pair, minlength=count * count).reshape(count, count)
    return change + change.T, length + length.T


def _one_paint(lch: NDArray[np.float64], lab: NDArray[np.float64], labels: tuple[int, ...]) -> bool:
    """Whether the first of some regions has the paint of the others in another light, as their hues tell."""
    first, others = labels[0], list(labels[1:])
    return bool(lch[list(labels), 1].min() >= _GREY and unlike(lab[others], lab[first]).max() < _UNLIKE)


def _paler(one: NDArray[np.float64], skin: NDArray[np.float64]) -> bool:
    """Whether a colour is much greyer than skin, or lighter where that is grey, which its shadows are not."""
    if skin[1] < _GREY:
        return bool(one[0] > skin[0] + _LIGHTER)
    return bool(one[1] < _PALER * skin[1])


def _near(one: NDArray[np.float64], other: NDArray[np.float64], reach: float, hue: float) -> bool:
    """Whether two colours could be a thing's light and shadow: lightness, chroma and hue. `reach`: how many times as
    far apart they may be in the first two; `hue`: how far in that.
    """
    light, chroma, turn = np.abs(one - other)
    if light > reach * _LIGHT:
        return False
    if min(one[1], other[1]) < _GREY:
        return bool(abs(one[1] * np.exp(1j * one[2]) - other[1] * np.exp(1j * other[2])) < reach * _GREYER)
    within = (light / _LIGHT) ** 2 + (chroma / _CHROMA) ** 2 < reach**2
    return bool(within and min(turn, 2 * np.pi - turn) < hue)


def _lch(colours: list[tuple[int, int, int]]) -> NDArray[np.float64]:
    """CIE lightness 0 to 100, chroma, hue in radians: float64 [n, 3]."""
    if not colours:
        return np.zeros((0, 3))
    rgb = np.array(colours, np.float32)[None] / np.float32(255)
    lab = cv2.cvtColor(rgb, cv2.COLOR_RGB2Lab)[0].astype(np.float64)
    return np.stack([lab[:, 0], np.hypot(lab[:, 1], lab[:, 2]), np.arctan2(lab[:, 2], lab[:, 1])], axis=1)


def _borders(source: Source) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """[n, n] each: how long the borders between regions are where no line runs, as a whole, and along main edges."""
    labels, count = source.reading.labels, len(source.reading.regions)
    inked = cv2.dilate(source.reading.ink.cover, np.ones((3, 3), np.uint8)) > _INK
    free, whole, edged = np.zeros((3, count, count))
    for first, second in ((np.s_[:, :-1], np.s_[:, 1:]), (np.s_[:-1], np.s_[1:])):
        one, other = labels[first], labels[second]
        meet = (one != other) & (one >= 0) & (other >= 0)
        pair = one[meet].astype(np.int64) * count + other[meet]
        bare = ~(inked[first] | inked[second])[meet]
        for lengths, some in ((free, pair[bare]), (whole, pair), (edged, pair[source.near_edges[first][meet]])):
            lengths += np.bincount(some, minlength=count * count).reshape(count, count)
    return free + free.T, whole + whole.T, edged + edged.T
