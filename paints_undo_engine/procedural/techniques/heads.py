"""The construction of a head: ball or egg, jaw, the lines across the face, and the places of what is in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.model import Phase
from paints_undo_engine.procedural.reading.joints import Joint, Pose
from paints_undo_engine.procedural.reading.model import Box, Eye, Face, FaceSource
from paints_undo_engine.procedural.script import ScriptStep
from paints_undo_engine.procedural.techniques.arriving import Points
from paints_undo_engine.procedural.techniques.sketching import Pencil, ellipse, wobbled


class Build(StrEnum):
    """How somebody builds a head."""

    BALL = "ball and jaw"
    EGG = "egg and axes"
    PLANES = "ball with side plane"
    CIRCLES = "loose circles"


_SIZES = {Build.BALL: (0.98, 1.08), Build.EGG: (1.04, 1.14), Build.PLANES: (0.86, 0.96), Build.CIRCLES: (1.06, 1.2)}
"""How large the skull is drawn, by what was measured."""
_REACH = {Build.BALL: 0.92, Build.EGG: 1.1, Build.PLANES: 0.8, Build.CIRCLES: 0.7}
"""How far the eye line goes to each side, in the skull's radii."""
_ABOVE = 0.38
"""Of the ball's radius: how far its middle lies above the eyes."""
_LOOSE, _SMALLEST, _NEAREST = 1.15, 0.7, 0.3
"""Of the ball's radius: beyond this nobody looks for its figure's outline; how small it becomes at most; nearer to its
middle that is a hole.
"""
_SHIFTED, _CUT_OFF = 0.4, 0.6
"""Of the ball's radius: how far it is shifted aside at most to lie within its figure; to both sides of a place at the
picture's border, where a figure is still seen that the border cuts off.
"""
_CROWN, _TILTED, _SQUARE, _TURNED = (0.8, 1.25), 0.35, 0.2, 0.8
"""A figure's top is its head if it is so broad by the ball; of more tilted heads it tells nothing. Of the ball's
radius, how far beside it a face lies that is turned, and one that is another's.
"""
_OUTGROWN, _SKULL, _AT_CHIN = 2.0, 0.42, 0.2
"""A top is no single head if it is so broad by the ball; of its breadth, the radius of the skull below its hair; of its
height, how far its neck lies from the chin at most.
"""
_AGREED, _EARS, _NOSE = 0.35, 0.2, 0.5
"""Of the ball's radius: how far a pose's eyes lie from the face's at most; of a face that is turned, how far the ears'
middle lies behind the eyes, and by that the nose before it.
"""
_FARTHER, _FARTHEST = 1.4, 0.6
"""By that, how far aside the ball lies; at most, of its radius."""
_PROFILE = 0.75
"""Who looks so far aside is seen from the side."""
_JAW = ((0.94, 90.0, 0.0), (0.94, 73.0, 0.44), (0.75, 44.0, 0.84), (1.0, 9.2, 1.02))
"""What either side of a jaw bends about, from the ear to the chin: in the ball's radii away from the head's axis, in
degrees about that from the face's middle, and by the way from the eye line to the chin."""
_SIDEWARD = 0.75
"""The same of the chin, how far aside of the ball's middle it turns the jaw at most."""
_HAIR, _LARGER, _CHINS, _TOWARDS = 0.06, (0.85, 1.2), (0.12, 0.01), 0.8
"""Of a head as it was seen: the hair above its skull, by its height; by the face alone, how small or large its ball
becomes; by its height, how far its chin lies above its end; of the way to its middle, how far aside the ball lies.
"""
_BULGE = 0.7
"""How far the middle line of a turned face bulges, by its distance from the ball's middle."""
_BY_LIDS = (Build.EGG, Build.PLANES)
"""Who marks an eye by its lids; the others draw its outline."""


@dataclass(frozen=True, slots=True)
class Head:
    """A head on the grid: the ball's middle and radius, the axes along and across the face."""

    x: float
    y: float
    radius: float
    across: NDArray[np.float64]
    down: NDArray[np.float64]
    chin: NDArray[np.float64]
    eyes: NDArray[np.float64]
    facing: float = 0.0
    """-1 left, 0 the beholder, 1 right, where no more than that is known of the face."""


def measure_head(face: Face) -> Head:
    """The head about a face, from its eyes and its chin."""
    left, right = (np.array(eye.centre) for eye in face.eyes)
    across = right - left
    apart = max(float(np.hypot(*across)), face.box.width * 0.3, 1.0)
    across = across / max(float(np.hypot(*across)), 1e-6)
    down = np.array([-across[1], across[0]])
    eyes = (left + right) / 2
    chin = np.array(face.chin)
    height = max(float((chin - eyes) @ down), apart * 0.7)
    if face.source is FaceSource.ANIMEFACE:
        # The ball of the skull reaches from above the brow to about the mouth; the eyes lie low on it.
        radius = max(height * 1.25, apart * 1.05, face.box.width * 0.68)
    else:
        # A person's eyes lie half way down the head, and the ball reaches to under the nose.
        radius = max(height * 0.7, face.box.width * 0.55)
    middle = eyes - down * radius * _ABOVE
    return Head(float(middle[0]), float(middle[1]), radius, across, down, chin, eyes)


def is_upright(head: Head) -> bool:
    """Whether a head is hardly tilted."""
    return bool(abs(head.across[1]) <= _TILTED and head.down[1] > 0)


def within_figure(head: Head, figure: NDArray[np.bool_]) -> Head:
    """A head whose ball lies within its figure, bool [h, w], and above the chin: an artist sees where hair or hat end.

    Where it is too large it is drawn smaller; where it runs out at one side or at the top it is shifted.
    """
    if not figure.any():
        return head
    left, right, up = (_reach(head, way, figure) for way in (-head.across, head.across, -head.down))
    above, below = (_ABOVE + up) * head.radius, float((head.chin - head.eyes) @ head.down)
    broad = (left + right) / 2 if max(left, right) < _LOOSE else min(left, right) + _SHIFTED
    tall = (above + below) / 2 if up < _LOOSE else head.radius
    radius = head.radius * float(np.clip(min(broad, tall / head.radius), _SMALLEST, 1.0))
    size = radius / head.radius
    aside = float(np.clip(max(size - left, 0.0) - max(size - right, 0.0), -_SHIFTED, _SHIFTED)) * head.radius
    raised = _ABOVE * radius if up >= _LOOSE else max(min(_ABOVE * radius, above - radius), radius - below)
    middle = _base(head) - head.down * raised + head.across * aside
    return replace(head, x=float(middle[0]), y=float(middle[1]), radius=radius)


def on_crown(head: Head, crown: Box, *, ends: bool = False) -> Head:
    """A head whose ball is where its figure's top is: a face that is turned aside does not lie in its middle.

    Where the top surely `ends` at a neck, and that lies at the chin, a far smaller head grows with it: the face alone
    was measured.
    """
    ratio = crown.width / (2 * head.radius)
    ends = ends and abs(crown.y + crown.height - head.chin[1]) < _AT_CHIN * crown.height
    grows = ends and _CROWN[1] <= ratio < _OUTGROWN
    if not (_CROWN[0] < ratio < _CROWN[1] or grows) or not is_upright(head):
        return head
    aside = crown.centre[0] - head.x
    radius = _SKULL * crown.width if grows else min(head.radius, 0.51 * crown.width)
    if abs(aside) < _SQUARE * radius or abs(aside) > _TURNED * radius:
        if not grows:
            return replace(head, radius=radius)
        aside = float(np.clip(aside, -_TURNED * radius, _TURNED * radius))
    base = _base(head) + np.array([aside, 0.0])
    middle = base - head.down * radius * _ABOVE
    return replace(head, x=float(middle[0]), y=float(middle[1]), radius=radius)


def in_box(head: Head, box: Box) -> Head:
    """A head whose ball and chin are where all of it was seen, with its hair: in a box that begins at its top and ends
    a little below the chin. Of tilted heads that tells less: these are only brought within it.
    """
    base = _base(head)
    if is_upright(head):
        highest, lowest = (box.y + (1 - above) * box.height for above in _CHINS)
        deeper = float(np.clip(head.chin[1], highest, lowest)) - float(head.chin[1])
        head = replace(head, chin=head.chin + deeper / head.down[1] * head.down)
        tall = (float(base[1]) - box.y - _HAIR * box.height) / (1 + _ABOVE)
        radius = float(np.clip(tall, _LARGER[0] * head.radius, _LARGER[1] * head.radius))
    else:
        radius = head.radius
    radius = min(radius, 0.5 * box.width, 0.5 * box.height)
    aside = box.centre[0] - float(base[0])
    aside = (
        0.0
        if abs(aside) < _SQUARE * radius
        else float(np.clip(_TOWARDS * aside, -_FARTHEST * radius, _FARTHEST * radius))
    )
    middle = base + aside * np.array([1.0, 0.0]) - _ABOVE * radius * head.down
    x = float(np.clip(middle[0], box.x + radius, box.x + box.width - radius))
    return replace(head, x=x, y=float(middle[1]), radius=radius)


def by_ears(head: Head, pose: Pose) -> Head:
    """A head turned as its ears say, which lie behind the eyes, where a pose has its eyes where the face has them."""
    if not pose.has(Joint.LEFT_EAR, Joint.RIGHT_EAR) or not is_upright(head) or (_base(head) != head.eyes).any():
        return head
    ears, eyes = pose.middle(Joint.LEFT_EAR), (pose.at(Joint.LEFT_EYE) + pose.at(Joint.RIGHT_EYE)) / 2
    behind, nose = (
        (end - begin) @ head.across / head.radius for end, begin in ((ears, eyes), (pose.at(Joint.NOSE), ears))
    )
    if (
        np.hypot(*(eyes - head.eyes)) > _AGREED * head.radius
        or abs(behind) < _EARS
        or behind * nose > -_NOSE * behind**2
    ):
        return head
    aside = float(np.clip(_FARTHER * behind, -_FARTHEST, _FARTHEST))
    middle = np.array([head.x, head.y]) + aside * head.radius * head.across
    return replace(head, x=float(middle[0]), y=float(middle[1]))


def _base(head: Head) -> NDArray[np.float64]:
    """The middle of a head's eye line, which is not the middle between the eyes where the head is turned aside."""
    middle = np.array([head.x, head.y])
    return np.asarray(middle + head.down * float((head.eyes - middle) @ head.down), np.float64)


def _reach(head: Head, way: NDArray[np.float64], figure: NDArray[np.bool_]) -> float:
    """How far the figure reaches from the head's middle, in radii; what leaves the picture broad goes on beyond it."""
    for share in np.arange(_NEAREST, _LOOSE + 0.02, 0.02):
        place = way * share * head.radius
        x, y = head.x + place[0], head.y + place[1]
        if not (0 <= x < figure.shape[1] and 0 <= y < figure.shape[0]):
            return _LOOSE if _leaves(head, way, share, figure) else float(share)
        if not figure[int(y), int(x)]:
            return float(share)
    return _LOOSE


def _leaves(head: Head, way: NDArray[np.float64], share: float, figure: NDArray[np.bool_]) -> bool:
    """Whether a figure is still broad where a way leaves the picture so many radii from the head's middle: cut off."""
    aside = np.array([-way[1], way[0]]) * _CUT_OFF * head.radius
    edge = np.array([head.x, head.y]) + (share - 0.02) * head.radius * way - 1.5 * way
    ends = (np.clip(np.rint(edge + side * aside), 0, np.array(figure.shape[::-1]) - 1).astype(int) for side in (-1, 1))
    return all(bool(figure[y, x]) for x, y in ends)


def face_in(head: Box) -> Box:
    """About where the face lies in a head."""
    return head.grown(-0.15, -0.4, -0.15, 0)


def guess_head(head: Box, facing: float = 0.0) -> Head:
    """A head upright in its box, as no more is known of it but where it looks: -1 left, 0 the beholder, 1 right."""
    x, bottom = head.centre[0], head.y + head.height
    radius = 0.48 * head.width
    across, down = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    eyes = np.array([x + 0.9 * facing * radius, head.y + 0.58 * head.height])
    chin = np.array([x + 0.65 * facing * radius, bottom])
    return Head(x, min(head.y + radius, bottom - radius), radius, across, down, chin, eyes, facing)


def head_built(pencil: Pencil, head: Head, build: Build, chance: np.random.Generator) -> list[ScriptStep]:
    """Ball or egg, jaw, and the lines along and across the face."""
    turn = float(np.arctan2(head.across[1], head.across[0]))
    lines: list[tuple[str, Points, float]] = []
    # The ball is judged by eye: somewhat too large or too small, the eyes stay where they are.
    size = float(chance.uniform(*_SIZES[build]))
    head = replace(head, radius=head.radius * size)
    if abs(head.facing) > _PROFILE:
        return _built(pencil, _profile(head, build, chance), head, chance)
    if build is Build.CIRCLES:
        lines += _circles(head, turn, chance)
    elif build is Build.EGG:
        middle = (np.array([head.x, head.y]) - head.down * head.radius + head.chin) / 2
        half = float((head.chin - middle) @ head.down)
        tall = max(half, head.radius)
        lines.append(("head, egg", ellipse(float(middle[0]), float(middle[1]), head.radius * 0.86, tall, turn), 1.0))
    else:
        lines.append(("head, ball", ellipse(head.x, head.y, head.radius, head.radius, turn, -1.2, 5.4), 1.0))
        if chance.random() < 0.7:
            again = ellipse(head.x, head.y, head.radius * 1.02, head.radius * 0.98, turn, 0.8, 4.4)
            lines.append(("head, ball again", again, 0.6))
        lines.append(("jaw", _jaw(head), 0.9))
    if build is Build.PLANES:
        side = np.array([head.x, head.y]) + head.across * head.radius * float(chance.choice([-0.62, 0.62]))
        lines.append(
            (
                "head, side plane",
                ellipse(float(side[0]), float(side[1]), head.radius * 0.34, head.radius * 0.6, turn),
                0.6,
            )
        )
    top = np.array([head.x, head.y]) - head.down * head.radius * 0.95
    base = _base(head)
    bow = head.across * head.radius * 0.04 + 2 * (head.eyes - base) * _BULGE
    lines.append(("face, middle line", _curve(top, (top + head.chin) / 2 + bow, head.chin), 0.8))
    reach = head.across * head.radius * _REACH[build]
    sag = head.down * head.radius * 0.02
    lines.append(("face, eye line", _curve(base - reach, base, base + reach, sag), 0.8))
    return _built(pencil, lines, head, chance)


def _profile(head: Head, build: Build, chance: np.random.Generator) -> list[tuple[str, Points, float]]:
    """A head from the side: the skull a ball, the face a wedge before it, the jaw back to the ear."""
    way = float(np.sign(head.facing))
    tall = float((head.chin - (head.x, head.y)) @ head.down)

    def at(ahead: float, below: float) -> NDArray[np.float64]:
        """A place by radii ahead of the ball's middle, and by shares of the way down to the chin."""
        middle = np.array([head.x, head.y])
        return np.asarray(middle + ahead * way * head.radius * head.across + below * tall * head.down, np.float64)

    back = at(-0.06, 0.0)
    wide, high = (0.96, 0.9) if build is Build.EGG else (0.92, 0.92)
    begin = float(chance.uniform(0, 6))
    lines: list[tuple[str, Points, float]] = []
    for number in range(2 if build is Build.CIRCLES else 1):
        size = 1 + 0.05 * number
        skull = ellipse(
            float(back[0]),
            float(back[1]),
            head.radius * wide * size,
            head.radius * high * size,
            0.0,
            begin,
            begin + 6.5,
        )
        lines.append(("head, ball", skull, 0.95 - 0.3 * number))
    brow, nose, lip, chin = at(0.88, 0.06), at(1.0, 0.5), at(0.9, 0.62), at(0.74, 1.0)
    lines.append(("face, wedge", np.vstack([_curve(brow, at(0.86, 0.26), nose), _curve(nose, lip, chin)]), 0.85))
    corner, ear = at(0.06, 0.84), at(-0.08, 0.2)
    lines.append(("jaw", np.vstack([_curve(chin, at(0.5, 1.02), corner), _curve(corner, at(-0.1, 0.6), ear)]), 0.85))
    lines.append(("face, eye line", _curve(at(0.92, 0.28), at(0.4, 0.31), at(-0.1, 0.3)), 0.7))
    if build is Build.PLANES:
        plane = at(-0.1, 0.05)
        side = ellipse(float(plane[0]), float(plane[1]), 0.5 * head.radius, 0.5 * head.radius, 0.0)
        lines.append(("head, side plane", side, 0.55))
    else:
        place = at(-0.12, 0.32)
        ear_ring = ellipse(float(place[0]), float(place[1]), 0.12 * head.radius, 0.2 * head.radius)
        lines.append(("ear, place", ear_ring, 0.5))
    return lines


def _circles(head: Head, turn: float, chance: np.random.Generator) -> list[tuple[str, Points, float]]:
    """The whole head gone round several times in one loose movement, and a short line under the chin."""
    lines: list[tuple[str, Points, float]] = []
    for number in range(int(chance.integers(2, 4))):
        shift = chance.normal(0, 0.05, 2) * head.radius
        wide, tall = head.radius * chance.uniform(0.92, 1.12, 2)
        begin = float(chance.uniform(0, 6))
        ring = ellipse(head.x + shift[0], head.y + shift[1], wide, tall, turn, begin, begin + 5.8)
        lines.append(("head, loose circle", ring, 0.75 - 0.12 * number))
    side = head.across * head.radius * 0.3
    up = head.down * head.radius * 0.08
    return [*lines, ("chin", _curve(head.chin - side - up, head.chin + up, head.chin + side - up), 0.6)]


def features_placed(
    pencil: Pencil, face: Face, eyes: Sequence[Eye], head: Head, build: Build, chance: np.random.Generator
) -> list[ScriptStep]:
    """The places of a face's nose and of those of its eyes that are seen."""
    turn = float(np.arctan2(head.across[1], head.across[0]))
    reach = head.across * head.radius * 0.92
    lines: list[tuple[str, Points, float]] = []
    if chance.random() < 0.6:
        nose = np.array(face.nose)
        lines.append(("face, nose line", _curve(nose - reach * 0.25, nose, nose + reach * 0.25), 0.5))
    for eye in eyes:
        x, y = eye.centre
        if build in _BY_LIDS:
            wide = head.across * eye.radius[0]
            for way, name in ((-1, "upper"), (1, "lower")):
                lid = np.array([x, y]) + way * head.down * eye.radius[1]
                lines.append((f"eye, {name} lid", _curve(lid - wide, lid + way * 0.2 * head.down, lid + wide), 0.5))
        else:
            lines.append(("eye, place", ellipse(x, y, *eye.radius, turn), 0.55))
    return _built(pencil, lines, head, chance)


def _built(
    pencil: Pencil, lines: list[tuple[str, Points, float]], head: Head, chance: np.random.Generator
) -> list[ScriptStep]:
    return [
        pencil.line(wobbled(points, 0.006 * head.radius, chance), Phase.CONSTRUCTION, label, strength=strength)
        for label, points, strength in lines
    ]


def _jaw(head: Head) -> Points:
    """From one ear around the chin to the other: nowhere hollow, wherever the chin lies. Where that is aside of the
    ball the head is turned, and so is its jaw.
    """
    base = _base(head)
    way = head.chin - base
    aside = float(np.clip(way @ head.across / head.radius, -_SIDEWARD, _SIDEWARD))
    turn, down = float(np.degrees(np.arcsin(aside))), float(way @ head.down)
    ring = [*((away, -angle, below) for away, angle, below in _JAW), *_JAW[::-1]]
    bends = [
        base
        + below * down * head.down
        + away * np.sin(np.radians(np.clip(angle + turn, -90, 90))) * head.radius * head.across
        for away, angle, below in ring
    ]
    joints = [bends[0], *((bend + after) / 2 for bend, after in pairwise(bends[1:-1])), bends[-1]]
    return np.concatenate([_curve(*piece) for piece in zip(joints, bends[1:-1], joints[1:], strict=False)])


def _curve(
    a: NDArray[np.floating], b: NDArray[np.floating], c: NDArray[np.floating], sag: NDArray[np.floating] | None = None
) -> Points:
    """A quadratic Bézier curve; `sag` bends its middle."""
    t = np.linspace(0, 1, 24)[:, None]
    middle = b if sag is None else b + 2 * sag
    return ((1 - t) ** 2 * a + 2 * t * (1 - t) * middle + t**2 * c).astype(np.float32)
