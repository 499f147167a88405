"""Poses: where the joints of figures are, by a small network where that is installed.

The network is BlazePose's (Bazarevsky et al. 2020, Apache-2.0), made for people before a camera. Asked for a figure
that was parted from its ground it knows drawn ones as well, and says how sure it is; what does not lie in the figure is
not believed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.crowns import PARTED, tops_of
from paints_undo_engine.procedural.reading.figure_network import find_figures_cover
from paints_undo_engine.procedural.reading.joints import Joint, Pose
from paints_undo_engine.procedural.reading.looking import is_coloured
from paints_undo_engine.procedural.reading.model import Box, Cover, Face, Figure, FigureSource, Pixels, Point
from paints_undo_engine.procedural.reading.networks import POSES, run_network

_SIDE = 256
_JOINTS, _MIDDLE, _RIM = 33, 33, 34
"""Of 39 places 33 are joints, then come the figure's middle and a place on the circle about it."""
_SURE, _RATHER = 0.9, 0.6
"""How likely a pose is that is believed, and one that is if it lies under a known head: its shoulders so far aside and
below the head's middle, and so broad, in widths and heights of the head.
"""
_OFF, _THROAT, _BROAD, _HAIR = 0.5, (0.3, 1.3), (0.7, 2.4), 0.15
_SEEN = 0.5
_MARGIN = 1.25
_MOST = 4
_DEEP, _LARGE = 2.2, 7.5
"""In heights of a face: how far below it the middle of its body is looked for, and in a square how large."""
_ASIDE, _WITHIN = 0.03, 0.8
"""Of the diagonal: so far outside a joint may lie; and the share of the seen ones that have to lie in the figure."""
_LEAST = 0.02
"""Of the diagonal: shoulders and trunk are longer."""
_BESIDE = 1.6
"""In widths of a known face: no other head is nearer to it."""
_SHORT, _CUT = 0.8, 1.1
"""Of the shoulders' breadth: no trunk is shorter; nor this short where no foot is in the picture."""
_LEG = 0.6
"""Of a trunk's length: no leg is shorter, unless it was put into a bust."""
_LONG, _NARROW = 1.25, 0.17
"""Of the shoulders' breadth: how long a trunk is about, and how far the hips lie within the shoulders."""
_FOLDED, _RAISED = 0.3, 0.3
"""Of a trunk's breadth: wrists so near to each other are those of folded arms, or one is guessed; so far above its
shoulder a hand is raised.
"""
_TALL, _CROWN = 4.4, 0.52
"""A head with hair: its height in ways from eyes to lips, and how much of it lies above the eyes."""
_SLENDER, _ROUND, _EARS = 0.74, 0.8, 1.2
"""Its width: by its height, at least and at most, and at least by the distance of the ears."""
_RISES = 0.22
"""Of a trunk's breadth: no nose lies so little above the shoulders, unless its face is known."""
_TRACE, _COLOURED_TRACE = 20, 127
"""Of 255: where the network for figures is nowhere so sure there is nobody; in colour, where it sees more of people."""
_OVER, _BURIED = 0.4, 0.9
"""Of a head's height, what lies right above it; and how much of that is figure where there is no head."""


def find_poses(pixels: Pixels, figure: Figure, faces: Sequence[Face]) -> tuple[Pose, ...]:
    """The poses of figures in uint8 [h, w, 3], at most four; empty without the network."""
    found: list[Pose] = []
    for square, face in _squares(figure, faces):
        if face is not None and any(face.box.holds(_place(pose, Joint.NOSE)) for pose in found):
            continue
        pose, sure = _pose_in(pixels, square)
        if pose is None or not _lies_in(pose, figure.cover):
            continue
        if not sure and not stands_under(pose, figure, faces):
            continue
        if figure.source is not FigureSource.CROWD and is_headless(pose, figure.cover, faces):
            continue
        if is_astray(pose, faces) or is_sunk(pose, faces) or is_bodiless(pose, figure.cover):
            continue
        if not any(_are_one(pose, other) for other in found):
            found.append(without_strays(pose, figure))
        if len(found) == _MOST:
            break
    return () if found and not faces and is_empty(pixels) else tuple(found)


def is_empty(pixels: Pixels) -> bool:
    """Whether the network for figures sees not even a trace of anybody: a jug has shoulders, too, and a beetle arms."""
    sureness = find_figures_cover(pixels)
    least = _COLOURED_TRACE if is_coloured(pixels) else _TRACE
    return sureness is not None and int(sureness.max()) < least


def head_of(pose: Pose) -> Box | None:
    """The head with hair and chin, by eyes and mouth; None where they are not seen."""
    if not pose.has(Joint.LEFT_EYE, Joint.RIGHT_EYE, Joint.LEFT_LIP, Joint.RIGHT_LIP):
        return None
    eyes = (pose.at(Joint.LEFT_EYE) + pose.at(Joint.RIGHT_EYE)) / 2
    lips = (pose.at(Joint.LEFT_LIP) + pose.at(Joint.RIGHT_LIP)) / 2
    ears = pose.at(Joint.LEFT_EAR) - pose.at(Joint.RIGHT_EAR)
    tall = _TALL * float(np.hypot(*(lips - eyes)))
    wide = max(_SLENDER * tall, _EARS * float(np.hypot(*ears)))
    tall = max(tall, wide / _ROUND)
    x = float(eyes[0] + lips[0]) / 2
    return Box(x - wide / 2, float(eyes[1]) - _CROWN * tall, wide, tall)


def is_headless(pose: Pose, cover: Cover, faces: Sequence[Face]) -> bool:
    """Whether a pose has its head, which is no known face, deep in a figure uint8 [h, w]: folds, a tail, or hands."""
    head = _unknown_head(pose, faces)
    if head is None:
        return False
    over = cover[head.grown(-0.25, _OVER, -0.25, -1).slices(cover.shape)]
    return len(over) > 0.5 * _OVER * head.height and bool(over.size) and float((over > 127).mean()) > _BURIED


def is_astray(pose: Pose, faces: Sequence[Face]) -> bool:
    """Whether a pose has its head beside a known face, where no other head finds room: it is that face's, and wrong."""
    head = _unknown_head(pose, faces)
    if head is None:
        return False
    away = [np.hypot(*np.subtract(head.centre, face.box.centre)) / face.box.width for face in faces]
    return min(away, default=_BESIDE) < _BESIDE


def is_sunk(pose: Pose, faces: Sequence[Face]) -> bool:
    """Whether a pose has its head, which is no known face, between its shoulders or beside them: an ear with the neck
    for an arm, or one head of two that touch.
    """
    if _unknown_head(pose, faces) is None:
        return False
    throat = pose.middle(Joint.LEFT_SHOULDER)
    spine = throat - pose.middle(Joint.LEFT_HIP)
    above = float((pose.at(Joint.NOSE) - throat) @ spine) / max(float(np.hypot(*spine)), 1e-6)
    return above < _RISES * pose.breadth


def is_bodiless(pose: Pose, cover: Cover) -> bool:
    """Whether a pose shows neither hips nor a shoulder in or near its figure uint8 [h, w]: of a face alone the network
    puts the shoulders where they would be.
    """
    near = _near(pose, cover)[[Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER]]
    return not pose.has(Joint.LEFT_HIP, Joint.RIGHT_HIP) and not near.any()


def _unknown_head(pose: Pose, faces: Sequence[Face]) -> Box | None:
    """The head of a pose, unless it is a known face's."""
    head = head_of(pose)
    return None if head is None or any(_touches(head, face.box.centre) for face in faces) else head


def with_heads(poses: Sequence[Pose], heads: Iterable[Box], faces: Sequence[Face]) -> tuple[Box, ...]:
    """The heads of poses, and those that were found otherwise, in which no known face lies: each of them once."""
    found: list[Box] = []
    known = [face.box.centre for face in faces]
    for head in (*(head_of(pose) for pose in poses), *heads):
        if head is not None and not any(_touches(head, place) for place in known):
            found.append(head)
            known.append(head.centre)
    return tuple(found)


def without_headless(poses: Sequence[Pose], faces: Sequence[Face], heads: Sequence[Box]) -> tuple[Pose, ...]:
    """The poses whose head is one of those that are known; who shows none is kept."""
    known = [*(face.box for face in faces), *heads]
    own = [(pose, head_of(pose)) for pose in poses]
    return tuple(
        pose
        for pose, head in own
        if head is None or any(_touches(head, box.centre) or _touches(box, head.centre) for box in known)
    )


def without_beheaded(poses: Sequence[Pose], faces: Sequence[Face], heads: Sequence[Box]) -> tuple[Pose, ...]:
    """The poses but those with a known face on their trunk and a head of their own that is none of what may be heads:
    somebody's balloon, hat or bag was taken for one.
    """

    def is_beheaded(pose: Pose) -> bool:
        head, hips = _unknown_head(pose, faces), pose.middle(Joint.LEFT_HIP)
        if head is None or any(_touches(head, box.centre) for box in heads):
            return False
        trunk = Box(head.x, head.y + head.height, head.width, max(head.height, float(hips[1]) - head.y - head.height))
        return any(trunk.holds(face.box.centre) for face in faces)

    return tuple(pose for pose in poses if not is_beheaded(pose))


def _touches(head: Box, place: Point) -> bool:
    (x, y), (across, down) = head.centre, place
    return abs(across - x) < 0.7 * head.width and abs(down - y) < 0.7 * head.height


@dataclass(frozen=True, slots=True)
class _Square:
    """A square of the picture, turned by radians."""

    x: float
    y: float
    side: float
    turn: float = 0.0

    @property
    def way(self) -> NDArray[np.float64]:
        """float64 [2, 3]: from the picture to the network's view."""
        scale = _SIDE / self.side
        cos, sin = scale * np.cos(self.turn), scale * np.sin(self.turn)
        turn = np.array([[cos, sin], [-sin, cos]])
        return np.hstack([turn, (_SIDE / 2 - turn @ np.array([self.x, self.y]))[:, None]])


def _place(pose: Pose, joint: Joint) -> Point:
    x, y = pose.at(joint)
    return float(x), float(y)


def _squares(figure: Figure, faces: Sequence[Face]) -> Iterator[tuple[_Square, Face | None]]:
    """Where poses are looked for: about each figure, and about the body under each face, which is named."""
    for box in figure.boxes[:_MOST]:
        yield _Square(*box.centre, _MARGIN * max(box.width, box.height)), None
    for face in faces[: 2 * _MOST]:
        x, y = face.box.centre
        yield _Square(x, y + _DEEP * face.box.height, _LARGE * face.box.height), face


def stands_under(pose: Pose, figure: Figure, faces: Sequence[Face]) -> bool:
    """Whether a pose that is not sure lies under a head that is known without it: a face, or a figure's top."""
    heads = [face.box.grown(_HAIR, _HAIR, _HAIR, 0) for face in faces]
    heads += tops_of(figure, faces)
    nose, throat, breadth = pose.at(Joint.NOSE), pose.middle(Joint.LEFT_SHOULDER), pose.breadth
    return any(
        head.holds((float(nose[0]), float(nose[1])))
        and abs(throat[0] - head.centre[0]) < _OFF * head.width
        and _THROAT[0] < (throat[1] - head.centre[1]) / head.height < _THROAT[1]
        and _BROAD[0] < breadth / head.width < _BROAD[1]
        for head in heads
    )


def _pose_in(pixels: Pixels, square: _Square) -> tuple[Pose | None, bool]:
    """The pose in a square, which is looked at again in the square that it lies in, and whether it is sure."""
    first = _look(pixels, square)
    if first is None:
        return None, False
    spine = first.places[_RIM] - first.places[_MIDDLE]
    side = 2 * _MARGIN * float(np.hypot(*spine))
    if not np.isfinite(side) or side < _LEAST * max(pixels.shape[:2]):
        return None, False
    turn = float(np.arctan2(spine[0], -spine[1]))
    x, y = (float(value) for value in first.places[_MIDDLE])
    second = _look(pixels, _Square(x, y, side, turn))
    if second is None or second.likelihood < _RATHER:
        return None, False
    height, width = pixels.shape[:2]
    places = second.places[:_JOINTS]
    inside = (places >= 0).all(axis=1) & (places[:, 0] < width) & (places[:, 1] < height)
    seen = inside & (second.seen[:_JOINTS] > _SEEN)
    pose = without_unsure(without_guessed(Pose(places, seen)), second.seen[:_JOINTS] > _SURE)
    return pose if pose.has(Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER) else None, second.likelihood >= _SURE


def without_guessed(pose: Pose) -> Pose:
    """Hips and legs that were put into a bust to have some are not seen: its hips lie below the picture."""
    legs = ((Joint.LEFT_HIP, Joint.LEFT_ANKLE), (Joint.RIGHT_HIP, Joint.RIGHT_ANKLE))
    long = [float(np.hypot(*(pose.at(ankle) - pose.at(hip)))) for hip, ankle in legs if pose.has(ankle)]
    stands = max(long, default=0.0) > _LEG * _trunk(pose)
    if _trunk(pose) >= (_SHORT if stands else _CUT) * _shoulders(pose):
        return pose
    across = pose.at(Joint.LEFT_SHOULDER) - pose.at(Joint.RIGHT_SHOULDER)
    down = _LONG * np.array([-across[1], across[0]]) * (1 if across[0] > 0 else -1)
    places = pose.places.copy()
    for shoulder, hip, side in (
        (Joint.LEFT_SHOULDER, Joint.LEFT_HIP, -_NARROW),
        (Joint.RIGHT_SHOULDER, Joint.RIGHT_HIP, _NARROW),
    ):
        places[hip] = pose.at(shoulder) + down + side * across
    return Pose(places, pose.seen & (np.arange(_JOINTS) < Joint.LEFT_HIP))


def without_unsure(pose: Pose, surely: NDArray[np.bool_]) -> Pose:
    """A pose without wrists that lie on one another, as those of folded arms do, and without raised ones that are not
    seen `surely`, bool [33], with their elbows: locks and collars are taken for these.
    """
    seen = pose.seen.copy()
    wrists = [Joint.LEFT_WRIST, Joint.RIGHT_WRIST]
    apart = pose.at(Joint.LEFT_WRIST) - pose.at(Joint.RIGHT_WRIST)
    if pose.has(*wrists) and float(np.hypot(*apart)) < _FOLDED * pose.breadth:
        seen[wrists] = False
    down = pose.middle(Joint.LEFT_HIP) - pose.middle(Joint.LEFT_SHOULDER)
    down = down / max(float(np.hypot(*down)), 1e-6)
    for shoulder, elbow, wrist in (
        (Joint.LEFT_SHOULDER, Joint.LEFT_ELBOW, Joint.LEFT_WRIST),
        (Joint.RIGHT_SHOULDER, Joint.RIGHT_ELBOW, Joint.RIGHT_WRIST),
    ):
        raised = float((pose.at(shoulder) - pose.at(wrist)) @ down) > _RAISED * pose.breadth
        seen[wrist] &= bool(surely[elbow] and surely[wrist]) or not raised
    return Pose(pose.places, seen)


def _shoulders(pose: Pose) -> float:
    return float(np.hypot(*(pose.at(Joint.LEFT_SHOULDER) - pose.at(Joint.RIGHT_SHOULDER))))


def _trunk(pose: Pose) -> float:
    return float(np.hypot(*(pose.middle(Joint.LEFT_HIP) - pose.middle(Joint.LEFT_SHOULDER))))


@dataclass(frozen=True, slots=True, eq=False)
class _Look:
    """What the network says: places float32 [39, 2] in the picture, how surely each is seen, and all."""

    places: NDArray[np.float32]
    seen: NDArray[np.float32]
    likelihood: float


def _look(pixels: Pixels, square: _Square) -> _Look | None:
    way = square.way
    view = cv2.warpAffine(pixels, way, (_SIDE, _SIDE), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)
    blob = np.asarray(cv2.dnn.blobFromImage(view, 1 / 255), np.float32)
    answer = run_network(POSES, blob, ("Identity", "Identity_1"))
    if answer is None:
        return None
    rows = answer[0].reshape(-1, 5)
    back = np.asarray(cv2.invertAffineTransform(way), np.float64)
    places = rows[:, :2] @ back[:, :2].T + back[:, 2]
    seen = 1 / (1 + np.exp(-np.clip(rows[:, 3], -30, 30)))
    return _Look(places.astype(np.float32), seen.astype(np.float32), float(answer[1].ravel()[0]))


def _lies_in(pose: Pose, cover: Cover) -> bool:
    """Whether most of what is seen lies in or near the figure uint8 [h, w], and the trunk is no speck."""
    diagonal = float(np.hypot(*cover.shape))
    if max(_shoulders(pose), _trunk(pose)) < _LEAST * diagonal:
        return False
    near = _near(pose, cover)[pose.seen]
    return bool(np.mean(near) >= _WITHIN)


def without_strays(pose: Pose, figure: Figure) -> Pose:
    """A pose whose elbows, wrists, knees and ankles are not seen where they lie off a figure that is surely parted."""
    if figure.source not in PARTED:
        return pose
    limb = (np.arange(_JOINTS) > Joint.RIGHT_SHOULDER) & ~np.isin(np.arange(_JOINTS), (Joint.LEFT_HIP, Joint.RIGHT_HIP))
    return Pose(pose.places, pose.seen & (~limb | _near(pose, figure.cover)))


def _near(pose: Pose, cover: Cover) -> NDArray[np.bool_]:
    """bool [33]: which joints lie in or near a figure uint8 [h, w]."""
    reach = round(_ASIDE * float(np.hypot(*cover.shape)))
    return np.array(
        [
            bool((cover[max(y - reach, 0) : y + reach + 1, max(x - reach, 0) : x + reach + 1] > 127).any())
            for x, y in np.clip(pose.places, -(2**20), 2**20).astype(int)
        ]
    )


def _are_one(pose: Pose, other: Pose) -> bool:
    wide = max(max(_shoulders(each), _trunk(each)) for each in (pose, other))
    apart = pose.middle(Joint.LEFT_SHOULDER) - other.middle(Joint.LEFT_SHOULDER)
    return float(np.hypot(*apart)) < 0.5 * wide
