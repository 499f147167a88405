"""What makes a face: the dark shapes of eyes, brows, mouth and the nose's shadow, placed early in every method.

They lie above all that is laid there later, be it by bucket, brush or hatching: they are modelled, not found anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.arrival import Arrival
from paints_undo_engine.procedural.document.layer import Layer
from paints_undo_engine.procedural.document.model import NEVER, UNIT, Colour, Phase, Tool
from paints_undo_engine.procedural.reading.channels import greatest
from paints_undo_engine.procedural.reading.joints import Joint, Pose
from paints_undo_engine.procedural.reading.likely_faces import likely_faces, others
from paints_undo_engine.procedural.reading.model import Box, Cover, Face, Labels, Part, Pixels, Reading
from paints_undo_engine.procedural.script import PlannedWork, ScriptStep, visible
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.arriving import nearest_order
from paints_undo_engine.procedural.techniques.spotting import eyes_of

_BRUSH = 0.036
"""Of the distance between the eyes: the radius of the brush that places them."""
_DARK, BRUSHED, PENNED, _NARROW = 13.0, 0.35, 0.52, 0.42
"""Levels, the share of what the darkest feature has for a brush and for a pen, and of the eyes' distance: what is so
much darker than all that lies within such a reach is a feature; less is modelling.
"""
_LINE = 120
"""Levels: where hair hangs into an eye a pen draws only what is darker, in all channels."""
_PAINT, _HUE = 90, 36
"""Levels of the strongest channel: what is so much lighter than the pen is paint; and in any channel, lightness apart:
what has another hue is.
"""
_ALL = 0.3
"""Of the place where features are: more of it they do not cover."""
_SPECK = 0.012
"""Of the eyes' distance squared: what is smaller is a freckle or the paper's grain."""
_BROWS, _HIGH, _ASIDE, _CHIN = 0.5, 0.7, 0.45, 0.3
"""Of the eyes' distance, how far the features go above the eyes, raised brows too, beside them and below the mouth."""
_OF_SKIN = 0.42
"""Of the width of a likely face's skin, the distance between the eyes, which nobody has found."""
_RING, _LIKE, _ON_SKIN, _ON_BROW = 0.07, 60, 0.4, 0.6
"""Of the eyes' distance, how far about a mark its surroundings are looked at; levels from the face's own colour, and
the share of them that is so near to it: what has less skin around it is hair, or leaves before a face; and of a raised
brow.
"""
_FACE = (0.3, 0.62, 0.34)
"""Of a head with hair: half the width of its face, where its middle is from the top, and half its height."""
_THERE = 200
"""Of 255: where a feature covers so much nothing of it is missing later."""
_MOST, _WEIGHT = 5.0, 0.03
"""Operations that one feature takes at most, and its weight beside lines."""


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """Of one face: how much they stand out, uint8 [h, w], 0 where nothing does; `radius` of a brush that suits them."""

    cover: Cover
    radius: float


@dataclass(slots=True)
class FaceWork(PlannedWork):
    """The features of all faces; `own` are the steps of each."""

    own: list[list[ScriptStep]] = field(default_factory=list)


def known_features(source: Source, tool: float = BRUSHED) -> list[Features]:
    """The features of all faces, for a brush or a pen: of those that were found, of posed figures' heads, of other
    heads, of what may be a face; each place once.
    """
    reading, picture = source.reading, source.small
    taken = [face.box for face in reading.faces]
    found = [features_of(face, picture, tool) for face in reading.faces]
    for pose in reading.poses:
        place = _posed(pose)
        if place is not None and not any(box.holds(place.centre) for box in taken):
            taken.append(place)
            found.append(posed_features(pose, picture, tool))
    for head in reading.heads:
        if not any(head.holds(box.centre) or box.holds(head.centre) for box in taken):
            taken.append(head)
            found.append(likely_features(_face_in(head), picture, tool))
    for skin in _likely(reading):
        if not any(box.holds(skin.centre) for box in taken):
            found.append(likely_features(skin, picture, tool))
    return found


def penned(source: Source, features: Sequence[Features], pen: Colour) -> list[Features]:
    """What a pen of some colour draws of features: nothing far lighter, as make-up and the shade of a nose are, and in
    eyes nothing of another hue, as an iris is.
    """
    picture = source.small
    other = picture.astype(np.int16) - np.array(pen, np.int16)
    hue = greatest(np.abs(other - other.mean(axis=2, keepdims=True)))
    paint = (greatest(picture) > max(pen) + _PAINT) | (eyes_of(source) & (hue > _HUE))
    return [replace(one, cover=np.where(paint, 0, one.cover).astype(np.uint8)) for one in features]


def features_of(face: Face, picture: Pixels, tool: float = BRUSHED) -> Features:
    """The features of a found face in uint8 [h, w, 3]; what is dark in the eyes is among them."""
    left, right = (np.array(eye.centre) for eye in face.eyes)
    area, apart = _between(left, right, np.array(face.mouth.centre), picture.shape)
    eyes = np.zeros_like(area)
    for eye in face.eyes:
        at, size = ((round(pair[0]), round(pair[1])) for pair in (eye.centre, eye.radius))
        cv2.ellipse(eyes, at, size, float(np.degrees(face.tilt)), 0, 360, 1, -1)
    high, _ = _between(left, right, np.array(face.mouth.centre), picture.shape, _HIGH)
    return _features(picture, area, eyes, apart, tool, high)


def posed_features(pose: Pose, picture: Pixels, tool: float = BRUSHED) -> Features:
    """The features of a figure's head by the places of its eyes and lips."""
    eyes = sorted((pose.at(Joint.LEFT_EYE), pose.at(Joint.RIGHT_EYE)), key=lambda place: float(place[0]))
    area, apart = _between(eyes[0], eyes[1], pose.middle(Joint.LEFT_LIP), picture.shape)
    return _features(picture, area, np.zeros_like(area), apart, tool)


def likely_features(skin: Box, picture: Pixels, tool: float = BRUSHED) -> Features:
    """The features of a likely face by the box of its skin."""
    area = np.zeros(picture.shape[:2], np.uint8)
    at, half = (round(skin.centre[0]), round(skin.centre[1])), (round(0.4 * skin.width), round(0.42 * skin.height))
    cv2.ellipse(area, at, half, 0, 0, 360, 1, -1)
    return _features(picture, area, np.zeros_like(area), _OF_SKIN * skin.width, tool)


def drawn_features(source: Source, features: list[Features], phase: Phase, tool: Tool, group: tuple[str, ...] = (),
                   spared: NDArray[np.bool_] | None = None, target: Pixels | None = None) -> FaceWork:  # fmt: skip
    """Each feature drawn from one of its ends to the other, on a layer that no brush later covers.

    `spared` bool [h, w]: what other lines draw; `target` uint8 [h, w, 3] on the grid: what they look like at first.
    """
    shape = source.reading.shape
    come, cover = np.full(shape, NEVER, np.uint16), np.zeros(shape, np.uint8)
    made: list[list[ScriptStep]] = []
    for one in features:
        own = one.cover if spared is None else np.where(spared, 0, one.cover).astype(np.uint8)
        np.maximum(cover, own, out=cover)
        made.append([_step(source, place, mask, own, come, phase, tool) for place, mask in _pieces(own, one.radius)])
    steps = [step for some in made for step in some]

    def layers() -> list[Layer]:
        whole = source.grid.whole(cover)
        if source.alpha is not None:
            whole = np.asarray(cv2.multiply(whole, np.ascontiguousarray(source.alpha), scale=1 / 255), np.uint8)
        name, paint = ("Features", source.pixels) if target is None else ("Features, loosely", target)
        return [Arrival(name, paint, come, cover=whole, ramp=UNIT // 3, group=group)]

    return FaceWork(steps, layers if steps else list, made)


def drawn_in(features: Sequence[Features], goal: Pixels, picture: Pixels) -> Pixels:
    """What a brush aims at, uint8 [h, w, 3], with the features as the picture, alike, has them: no coat takes
    away those that stand, even where lines are a pen's.
    """
    near = cv2.dilate(covered(features, goal.shape).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    return np.where(near[..., None], picture, goal)


def with_features(source: Source, features: list[Features], standing: Pixels, target: Pixels | None = None) -> Pixels:
    """A canvas uint8 [h, w, 3] of the grid with the features on it; for `target` see `drawn_features`."""
    paint = source.small if target is None else target
    return np.where(hidden(features, standing.shape)[..., None], paint, standing)


def covered(features: Sequence[Features], shape: tuple[int, ...], least: int = 1) -> NDArray[np.bool_]:
    """Where any of the features are, and cover so much of 255 at least: bool [h, w]."""
    return np.asarray(np.maximum.reduce([np.zeros(shape[:2], np.uint8), *(one.cover for one in features)]) >= least)


def hidden(features: Sequence[Features], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Where nothing is seen of what is laid in below the features: bool [h, w]."""
    return covered(features, shape, _THERE)


def most_covered(features: Sequence[Features], labels: Labels) -> int:
    """The region that has most of all features on it, or -1."""
    under = [labels[(one.cover > 0) & (labels >= 0)] for one in features]
    found = np.concatenate(under) if under else np.zeros(0, np.int32)
    return int(np.bincount(found).argmax()) if found.size else -1


def below(features: Sequence[Features], reading: Reading) -> set[int]:
    """The regions on which most of each face's features lie, eyes and mouths apart."""
    found = set()
    for one in features:
        left, top, width, height = cv2.boundingRect(one.cover)
        labels = reading.labels[top : top + height, left : left + width]
        count = np.bincount(labels[labels >= 0], minlength=len(reading.regions))
        count[[region.label for region in reading.regions if region.part in (Part.EYES, Part.MOUTH)]] = 0
        if count.any():
            found.add(int(count.argmax()))
    return found


def _pieces(cover: Cover, radius: float) -> Iterator[tuple[tuple[slice, slice], NDArray[np.bool_]]]:
    """The places and masks of what hangs together, each on from the nearest, the highest first."""
    count, labels, stats, middles = cv2.connectedComponentsWithStats((cover > 0).astype(np.uint8), connectivity=8)
    if count < 2:
        return
    top = int(stats[1:, cv2.CC_STAT_TOP].argmin())
    for number in nearest_order(
        np.asarray(middles[1:], np.float64), (float(middles[top + 1][0]), float(middles[top + 1][1]))
    ):
        left, top, width, height, area = (int(value) for value in stats[number + 1])
        if area > max(2.0, radius**2):
            place = slice(top, top + height), slice(left, left + width)
            yield place, np.asarray(labels[place] == number + 1)


def _step(source: Source, place: tuple[slice, slice], mask: NDArray[np.bool_], cover: Cover, come: NDArray[np.uint16],
          phase: Phase, tool: Tool) -> ScriptStep:  # fmt: skip
    """One feature."""
    rows, columns = np.nonzero(mask)
    spread = np.cov(np.stack([columns, rows])) if len(rows) > 2 else np.eye(2)
    way = np.linalg.eigh(spread)[1][:, 1] if np.isfinite(spread).all() else np.array([1.0, 0.0])
    way = way if way[0] >= 0 else -way
    along = columns * way[0] + rows * way[1]
    share = (along - along.min()) / max(float(np.ptp(along)), 1e-6)

    def when(begin: int, end: int) -> None:
        part = come[place]
        part[mask] = np.minimum(part[mask], (begin + share * max(0, end - begin - 1)).astype(np.uint16))

    low, high = (columns.min() + place[1].start, rows.min() + place[0].start), (columns.max(), rows.max())
    bounds = source.bounds(np.array([low, (high[0] + place[1].start, high[1] + place[0].start)], np.float32))
    seen = float(cover[place][mask].sum()) / 255 * 60 / cover.size
    return ScriptStep(phase, tool, "face, features", bounds, _WEIGHT, when, most=min(_MOST, 1 + visible(seen)))


def _between(
    left: NDArray[np.float64],
    right: NDArray[np.float64],
    mouth: NDArray[np.float64],
    shape: tuple[int, ...],
    brows: float = _BROWS,
) -> tuple[NDArray[np.uint8], float]:
    """Where brows, eyes, nose and mouth are, uint8 [h, w], by the places of the eyes and of the mouth; and how far the
    eyes are apart."""
    across = right - left
    apart = float(np.hypot(*across))
    along = across / max(apart, 1e-6)
    down = np.array([-along[1], along[0]])
    apart = max(apart, 0.8 * float((mouth - (left + right) / 2) @ down))
    begin, end = left - _ASIDE * apart * along, right + _ASIDE * apart * along
    corners = [begin - brows * apart * down, end - brows * apart * down, begin, end]
    middle = mouth + _CHIN * apart * down
    corners += [middle + side * 0.5 * apart * along for side in (-1, 1)]
    area = np.zeros(shape[:2], np.uint8)
    cv2.fillConvexPoly(area, cv2.convexHull(np.array(corners, np.float32)).astype(np.int32), 1)
    return area, apart


def _posed(pose: Pose) -> Box | None:
    """Where a posed figure's face is; None where its eyes and lips are not seen, or lie on one another."""
    if not pose.has(Joint.LEFT_EYE, Joint.RIGHT_EYE, Joint.LEFT_LIP, Joint.RIGHT_LIP):
        return None
    places = np.stack([pose.at(joint) for joint in (Joint.LEFT_EYE, Joint.RIGHT_EYE, Joint.LEFT_LIP, Joint.RIGHT_LIP)])
    low, high = places.min(axis=0), places.max(axis=0)
    if float(np.hypot(*(places[0] - places[1]))) < 3 or float(high[1] - low[1]) < 3:
        return None
    return Box(float(low[0]), float(low[1]), float(high[0] - low[0]), float(high[1] - low[1]))


def _likely(reading: Reading) -> list[Box]:
    """The skin of likely faces; beside faces that were found only of those about as large, as hands seldom are. Where
    all finders have looked, what they have not seen is stones and hands.
    """
    if reading.faceless:
        return []
    if not reading.faces:
        return list(likely_faces(reading.pixels))
    return [box.grown(-0.1, -0.2, -0.1, -0.04) for box in others(reading.pixels, reading.faces)]


def _face_in(head: Box) -> Box:
    """The face of a head with hair."""
    wide, deep, tall = _FACE
    x, y = head.centre[0], head.y + deep * head.height
    return Box(x - wide * head.width, y - tall * head.height, 2 * wide * head.width, 2 * tall * head.height)


def _features(
    picture: Pixels,
    area: NDArray[np.uint8],
    eyes: NDArray[np.uint8],
    apart: float,
    tool: float,
    high: NDArray[np.uint8] | None = None,
) -> Features:
    """What is dark and narrow in an area, uint8 [h, w], and `eyes`; of what is as dark in `high`, what lies on skin.
    Lips are dark in green light.
    """
    cover = np.zeros(area.shape, np.uint8)
    whole = np.asarray(cv2.bitwise_or(area, eyes), np.uint8)
    wide = whole if high is None else np.asarray(cv2.bitwise_or(whole, high), np.uint8)
    rows, columns = np.flatnonzero(wide.any(axis=1)), np.flatnonzero(wide.any(axis=0))
    radius = _BRUSH * apart
    if len(rows):
        reach = max(3, round(_NARROW * apart) | 1)
        top, left = max(rows[0] - reach, 0), max(columns[0] - reach, 0)
        part = slice(top, rows[-1] + reach + 1), slice(left, columns[-1] + reach + 1)
        green = cv2.GaussianBlur(picture[part][..., 1], (0, 0), max(0.5, 0.4 * radius))
        disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
        depth = np.asarray(cv2.morphologyEx(green, cv2.MORPH_BLACKHAT, disk)) * wide[part]
        dark = depth * whole[part]
        darkest = float(np.percentile(dark[whole[part] > 0], 97))
        if eyes.any():
            # Hair that hangs into the face may be far darker than its features.
            darkest = 0.5 * (darkest + float(np.percentile(dark[eyes[part] > 0], 90)))
        # Where more is dark than features are, light and shadow part the face.
        most = float(np.percentile(dark[whole[part] > 0], 100 * (1 - _ALL)))
        least = max(_DARK, tool * darkest, most)
        marks = _on_skin(picture[part], dark > least, whole[part], eyes[part], apart, penned=tool == PENNED)
        if high is not None:
            penned = tool == PENNED
            marks |= _on_skin(picture[part], depth > least, wide[part], eyes[part], apart, _ON_BROW, penned=penned)
        near = cv2.dilate(marks.astype(np.uint8), np.ones((3, 3), np.uint8))
        soft = np.clip((depth.astype(np.float32) - 0.5 * least) / (0.7 * least), 0, 1) * near
        cover[part] = np.rint(255 * soft)
    return Features(cover, radius)


def _on_skin(
    picture: Pixels,
    marks: NDArray[np.bool_],
    area: NDArray[np.uint8],
    eyes: NDArray[np.uint8],
    apart: float,
    least: float = _ON_SKIN,
    *,
    penned: bool,
) -> NDArray[np.bool_]:
    """The marks, bool [h, w], that are large enough and have the face's own colour along `least` of what is about them;
    of others what is dark in the eyes. Marks that go on outside are hair, below the eyes, and with a pen everywhere.
    """
    _, labels, stats, _ = cv2.connectedComponentsWithStats(marks.astype(np.uint8), connectivity=8)
    kept = stats[:, cv2.CC_STAT_AREA] > max(2.0, _SPECK * apart**2)
    kept[0] = False
    plain = (area > 0) & ~marks
    if not plain.any():
        return np.zeros(marks.shape, bool)
    like = (np.abs(picture.astype(np.int16) - np.median(picture[plain], axis=0)).max(axis=2) < _LIKE) & ~marks
    side = 2 * max(1, round(_RING * apart)) + 1
    disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    inner = cv2.erode(area, np.ones((3, 3), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=0)
    cut = np.unique(labels[(area > 0) & (inner == 0)])
    lowest = np.flatnonzero(eyes.any(axis=1))[-1] if eyes.any() else len(eyes)
    cut = cut if penned else cut[stats[cut, cv2.CC_STAT_TOP] > lowest]
    for number in np.flatnonzero(kept).tolist():
        one = labels == number
        ring = (cv2.dilate(one.astype(np.uint8), disk) > 0) & ~marks
        kept[number] = bool(ring.any()) and float(like[ring].mean()) > least and number not in cut
    seen = marks & (cv2.dilate(eyes, disk) > 0)
    return np.asarray(kept[labels] | (seen & (picture.max(axis=2) < _LINE) if penned else seen))
