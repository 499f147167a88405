"""What each flat is: skin, hair, eyes, cloth, sky, ground; and what an artist would call it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.colours import name_of, unlike
from paints_undo_engine.procedural.reading.graph import Numbers, Values
from paints_undo_engine.procedural.reading.model import Colour, Face, Labels, Part
from paints_undo_engine.procedural.reading.zones import Zone

_OF_HEAD = 0.1
"""Of a flat that is hair: so much lies about the head; less of a coat's shoulders or of leaves behind does."""
_OF_FACE = 0.1
"""Of a flat that is surely of the face: so much lies in it."""
_PALE, _PALEST = 15.0, 0.4
"""Chroma of skin that is pale, and the share of the usual limit within which a colour is like skin without any."""
_FRONT = (
    Part.PAPER,
    Part.SKY,
    Part.BACKGROUND,
    Part.WATER,
    Part.GROUND,
    Part.FOLIAGE,
    Part.OBJECT,
    Part.SKIN,
    Part.CLOTH,
    Part.MOUTH,
    Part.EYES,
    Part.HAIR,
    Part.PROP,
    Part.TEXT,
)
"""From the farthest to the nearest."""


@dataclass(frozen=True, eq=False)
class Flatwork:
    """What is known of the flats: `labels` int32 [h, w], Lab `colour` [m, 3], `area` [m], `zone` [m], texture [m].

    `free` [m, m]: the length of the borders without ink, in pixels of the segments' grid.
    """

    labels: Labels
    colour: Values
    area: Numbers
    zone: Numbers
    texture: Values
    free: Values


def find_parts(work: Flatwork, faces: tuple[Face, ...], person: bool) -> list[Part]:
    """The part of each flat; `person`: the figure is one with cloth and skin."""
    parts = [Part.OBJECT] * len(work.area)
    for label, zone in enumerate(work.zone):
        if zone == Zone.EYES:
            parts[label] = Part.EYES
        elif zone == Zone.SKIN:
            parts[label] = Part.SKIN
        elif zone == Zone.MOUTH:
            parts[label] = Part.MOUTH
        elif zone == Zone.HAIR:
            parts[label] = Part.HAIR
        elif zone in (Zone.GROUND, Zone.TRANSPARENT):
            parts[label] = Part.BACKGROUND
        elif person:
            parts[label] = Part.CLOTH
    for face in faces:
        _mark_head(work, face, parts)
    _mark_ground(work, parts)
    return parts


def _mark_head(work: Flatwork, face: Face, parts: list[Part]) -> None:
    """Skin: what fills the face, and what has its colour. Hair: what fills the space around it, and what is like it."""
    height, width = work.labels.shape
    count = len(parts)
    y, x = np.ogrid[:height, :width]
    cx, cy = face.box.centre
    w, h = face.box.width, face.box.height
    middle = ((x - cx) / (0.4 * w)) ** 2 + ((y - (cy + 0.1 * h)) / (0.38 * h)) ** 2 < 1
    around = (((x - cx) / (0.8 * w)) ** 2 + ((y - (cy - 0.12 * h)) / (0.85 * h)) ** 2 < 1) & ~middle
    brow = min(eye.centre[1] - eye.radius[1] for eye in face.eyes)
    above = around & (y < brow)
    inside = _counted(work, middle, count)
    if not inside.any():
        return
    of_face = np.where(work.zone == Zone.SKIN, inside, 0)
    skin = int((of_face if of_face.any() else inside).argmax())
    hair_weight = _counted(work, around, count) + 2 * _counted(work, above, count)
    hair_weight[(work.zone == Zone.SKIN) | (np.arange(count) == skin)] = 0
    head = _counted(work, around | (np.abs(x - cx) < 0.9 * w) & (y < cy + 0.5 * h), count)
    hair_weight[head < _OF_HEAD * work.area] = 0
    alike_skin = unlike(work.colour, work.colour[skin][None], light=0.25)
    # Of pale skin fewer colours are shades: nearly all greys would be.
    pale = float(np.clip(np.hypot(*work.colour[skin][1:]) / _PALE, _PALEST, 1))
    within = np.where(inside > _OF_FACE * work.area, 1.0, pale) * np.where(inside > 0.02 * inside[skin], 9, 5)
    for label in np.flatnonzero(work.zone == Zone.FIGURE):
        if label == skin or alike_skin[label] < within[label]:
            parts[label] = Part.SKIN
            hair_weight[label] = 0
    if not hair_weight.any():
        return
    hair = int(hair_weight.argmax())
    parts[hair] = Part.HAIR
    alike_hair = unlike(work.colour, work.colour[hair][None], light=0.25)
    for label in np.flatnonzero(work.zone == Zone.FIGURE):
        if parts[label] is not Part.CLOTH:
            continue
        share = head[label] / max(work.area[label], 1)
        if alike_hair[label] < 7 and share > 0.1:
            parts[label] = Part.HAIR
        elif share > 0.5:
            nearest = min(alike_hair[label], alike_skin[label])
            parts[label] = Part.PROP if nearest > 16 else Part.SKIN if nearest == alike_skin[label] else Part.HAIR
    _spread_hair(work, parts, head / np.maximum(work.area, 1))


def _spread_hair(work: Flatwork, parts: list[Part], share: Values) -> None:
    """What no line parts from hair is hair of another hue, where some of it is near the head."""
    edge = [label for label, part in enumerate(parts) if part is Part.HAIR]
    while edge:
        label = edge.pop()
        near = np.flatnonzero(work.free[label] > 0.4 * np.sqrt(work.area) / 2)
        for other in near.tolist():
            if parts[other] in (Part.CLOTH, Part.PROP) and share[other] > 0.15:
                parts[other] = Part.HAIR
                edge.append(other)


def _counted(work: Flatwork, mask: NDArray[np.bool_], count: int) -> Values:
    """[m]: how many pixels of each of the figure's flats lie in a mask."""
    found = np.bincount(work.labels[mask & (work.labels >= 0)], minlength=count).astype(np.float64)
    found[(work.zone != Zone.FIGURE) & (work.zone != Zone.SKIN)] = 0
    return found


def _mark_ground(work: Flatwork, parts: list[Part]) -> None:
    """Sky, foliage, water and ground from colour, place and texture; one plain light ground is paper.

    What is none of these is the background where it reaches the border behind a figure, or most of the way round; a
    thing of which only the shape is sure otherwise.
    """
    height, width = work.labels.shape
    ground = [label for label, part in enumerate(parts) if part is Part.BACKGROUND and work.zone[label] == Zone.GROUND]
    if not ground:
        return
    rows = np.arange(height, dtype=np.float64)
    # Behind a figure a pale ground is as well a room's wall.
    open_air = not (work.zone == Zone.FIGURE).any()
    for label in ground:
        mask = work.labels == label
        across = mask.sum(axis=1)
        level = float((across * rows).sum() / max(across.sum(), 1)) / height
        light, a, b = (float(value) for value in work.colour[label])
        chroma, texture = float(np.hypot(a, b)), float(work.texture[label])
        touching = float(mask[0].mean())
        if light > 93 and chroma < 6 and texture < 1.5:
            parts[label] = Part.PAPER
        elif touching > 0.15 and level < 0.55 and texture < 4 and light > 30 and _is_of_the_sky(light, a, b, open_air):
            parts[label] = Part.SKY
        elif a < -6 and b > 2 and texture > _LEAFY:
            parts[label] = Part.FOLIAGE
        elif open_air and b < -8 and a < 4 and level > 0.45 and _BROAD * width < float(mask.any(axis=0).sum()):
            parts[label] = Part.WATER
        elif float(mask[-1].mean()) > 0.2 and level > 0.55 and b > -6:
            parts[label] = Part.GROUND
        elif not _is_behind(mask, open_air):
            parts[label] = Part.OBJECT


def _is_behind(mask: NDArray[np.bool_], open_air: bool) -> bool:
    """Whether a piece of the ground reaches the border; where there is no figure, at three sides of the picture."""
    sides = (mask[0], mask[-1], mask[:, 0], mask[:, -1])
    return sum(bool(side.any()) for side in sides) >= (3 if open_air else 1)


_LEAFY = 1.0
"""Levels of roughness: what is green and smoother is a painted surface."""
_BROAD = 0.5
"""Of the picture's width: blue that is narrower is a thing, no water."""


def _is_of_the_sky(light: float, a: float, b: float, pale: bool) -> bool:
    """Whether a Lab colour is believed of a sky: blue, or if it may be `pale`, light and nearly white."""
    return (b < -4 and a < 12) or (pale and light > 75 and float(np.hypot(a, b)) < 9)


_PLAIN = frozenset(
    {Part.SKIN, Part.HAIR, Part.EYES, Part.MOUTH, Part.SKY, Part.PAPER, Part.WATER, Part.FOLIAGE, Part.GROUND}
)
"""What needs no colour's name as long as there is one of it."""
_BODY = frozenset({Part.SKIN, Part.HAIR, Part.CLOTH, Part.PROP, Part.OBJECT})
"""What only colours tell apart."""


def find_names(parts: list[Part], colours: list[Colour], area: Numbers, places: Values, *, coloured: bool) -> list[str]:
    """Names that are unique: "hair", "red cloth"; two by their side, "left blue cloth", and more by a number.

    `places` [m, 2] are the middles, x and y. In a drawing without colours things have the names of parts alone.
    """
    names = [""] * len(parts)
    seen: set[Part] = set()
    for label in np.argsort(-area, kind="stable").tolist():
        part = parts[label]
        if not coloured:
            names[label] = "figure" if part in _BODY else part.value
        elif part in _PLAIN and part not in seen:
            names[label] = part.value
        else:
            colour = name_of(colours[label])
            names[label] = f"{colour} {'shape' if part is Part.OBJECT else part.value}"
        seen.add(part)
    return _unique(names, area, places)


_LIKE = 0.25
"""Of the larger one's area."""


def _unique(names: list[str], area: Numbers, places: Values) -> list[str]:
    """Two of one name and of a like size are told apart by their side, others by a number, the largest first."""
    result = list(names)
    for name in dict.fromkeys(names):
        some = sorted((label for label, its in enumerate(names) if its == name), key=lambda label: -area[label])
        if len(some) == 2 and area[some[1]] > _LIKE * area[some[0]]:
            across, down = np.abs(places[some[0]] - places[some[1]])
            axis = 0 if across >= down else 1
            first, second = sorted(some, key=lambda label: places[label][axis])
            words = ("left", "right") if axis == 0 else ("upper", "lower")
            result[first], result[second] = f"{words[0]} {name}", f"{words[1]} {name}"
            continue
        for number, label in enumerate(some[1:], 2):
            result[label] = f"{name} {number}"
    return result


def find_order(parts: list[Part], labels: Labels) -> Numbers:
    """[m]: the depth of each flat: by part, then the higher in the picture the farther."""
    count = len(parts)
    rows = np.repeat(np.arange(labels.shape[0]), labels.shape[1])
    flat = labels.ravel()
    valid = flat >= 0
    level = np.bincount(flat[valid], rows[valid], count) / np.maximum(np.bincount(flat[valid], minlength=count), 1)
    ranked = sorted(range(count), key=lambda label: (_FRONT.index(parts[label]), level[label]))
    order = np.zeros(count, np.int64)
    order[ranked] = np.arange(count)
    return order


def texture_of(pixels: NDArray[np.uint8], labels: Labels, count: int) -> Values:
    """[m]: how rough each flat is, in levels: the mean difference from its blurred self."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    rough = cv2.absdiff(grey, cv2.medianBlur(grey, 5)).ravel()
    valid = labels.ravel() >= 0
    flat = labels.ravel()[valid]
    return np.asarray(np.bincount(flat, rough[valid], count) / np.maximum(np.bincount(flat, minlength=count), 1))
