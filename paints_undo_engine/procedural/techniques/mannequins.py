"""Mannequins: the masses of a figure, whose sizes come from its head and its joints, never from hair and clothes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.joints import Joint, Pose
from paints_undo_engine.procedural.techniques.arriving import Points
from paints_undo_engine.procedural.techniques.bodies import Body
from paints_undo_engine.procedural.techniques.skulls import Head

Place = NDArray[np.float64]
"""float64 [2]: x and y on the grid."""

_ARMS = (
    (Joint.LEFT_SHOULDER, Joint.LEFT_ELBOW, Joint.LEFT_WRIST),
    (Joint.RIGHT_SHOULDER, Joint.RIGHT_ELBOW, Joint.RIGHT_WRIST),
)
_LEGS = (
    (Joint.LEFT_HIP, Joint.LEFT_KNEE, Joint.LEFT_ANKLE, Joint.LEFT_TOES),
    (Joint.RIGHT_HIP, Joint.RIGHT_KNEE, Joint.RIGHT_ANKLE, Joint.RIGHT_TOES),
)
_ARM, _LEG = (0.13, 0.1, 0.07), (0.2, 0.14, 0.09, 0.05)
"""Half the thickness of a limb at its joints, in breadths of the shoulders."""
_SURE_JOINTS = 3
"""Of a limb: with fewer it would end in the air."""
_BEARS = 0.6
"""Of a leg's length, how far down a leg reaches that bears; one that is put forward does not."""
_PIT = 0.1
"""Of a trunk's length: how far the pit of the neck lies above the shoulders' joints."""
_SLOPE = 0.2
"""Of half the shoulders' breadth: how far their ends lie below the pit of the neck."""
_TALL, _TRUNK, _BROAD, _STOUT = (2.0, 3.5, 4.5, 7.0), (0.62, 1.3, 2.2, 2.6), (0.6, 0.9, 1.15, 1.5), 0.68
"""Of who is so many heads tall, in heights of the head: from the chin to the hips' end, and the shoulders, which are
by that no broader.
"""
_CHILDISH, _DRAWN, _GROWN = 0.8, 5.5, 7.0
"""A head's breadth by its height, above which it is a drawing's; how many heads tall either is that is cut off."""
_THROAT, _HIPS = 0.12, 0.9
"""Of the way from the chin to the hips' end: the pit of the neck, and the hips' joints."""
_SHOWN, _KNEE, _HIP = 0.85, 0.52, 0.5
"""Of that way, what a picture shows of it that shows hips; where a leg bends; of half the shoulders' breadth, where it
begins.
"""
_COLLAR = 0.8, 0.05
"""Of a head's height: less broad is no bust whose shoulders lie so far above the chin."""
_STUNTED, _CLOSE = 0.77, 0.06
"""Of a head's height: no trunk is shorter that begins so near below the chin."""
_ASIDE, _SLIGHT, _HUGE = 0.57, 1.15, 2.6
"""Of a trunk's length, narrower shoulders are seen from the side; of a head's height, no trunk is shorter then,
nor are shoulders ever broader.
"""
_SUNK, _APART = 0.3, 1.1
"""The same: how far above the chin the shoulders lie at most, and away from it."""
_CHEST, _CUT_CHEST, _SLENDER = 0.5, 0.35, 0.85
"""Of a spine: what ends above shows no rib cage, nor what is cut off above. Of a head's height: no bust is narrower."""
_BARELY, _AS_BROAD = 2.4, 1.05
"""Heads that a bust is tall at most, if it is so broad by one."""
_NECK = 0.42
"""Of a head's radius: half of its neck's breadth."""


@dataclass(frozen=True, slots=True, eq=False)
class Limb:
    """An arm or a leg: its joints from the trunk on, half its thickness there, and where its hand or foot ends."""

    name: str
    joints: tuple[Place, ...]
    sizes: tuple[float, ...]
    tip: Place | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Mannequin:
    """A figure below its head. `spine` float64 [n, 2] from the pit of the neck to the hips' joints; `across` the ways
    [2] from side to side at both ends; `breadth` between the shoulders' ends, `shoulders` these; `neck` where it leaves
    the head, where that is known; `whole`: the picture shows hips. A `bust` ends below the shoulders.
    """

    spine: NDArray[np.float64]
    across: tuple[Place, Place]
    breadth: float
    shoulders: tuple[Place, Place]
    neck: tuple[Place, Place] | None
    whole: bool
    limbs: tuple[Limb, ...]
    bust: bool = False

    @property
    def length(self) -> float:
        """Of the spine."""
        return float(np.hypot(*np.diff(self.spine, axis=0).T).sum())

    def at(self, down: float, side: float = 0.0) -> Place:
        """A place on the trunk: 0 to 1 from the pit of the neck to the hips, -1 to 1 from shoulder to shoulder."""
        long = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(self.spine, axis=0).T))])
        share = float(np.clip(down, 0, 1))
        middle = np.array([np.interp(share * long[-1], long, column) for column in self.spine.T])
        end = self.spine[-1] - self.spine[-2] if down > 1 else self.spine[1] - self.spine[0]
        middle = middle + (down - share) * long[-1] * end / max(float(np.hypot(*end)), 1e-6)
        way = (1 - share) * self.across[0] + share * self.across[1]
        return np.asarray(middle + 0.5 * side * self.breadth * way, np.float64)


def is_cramped(pose: Pose, head: Head) -> bool:
    """Whether a pose is none of a head's: its shoulders run up into it, are too far from it or too narrow, or its trunk
    is too short, as those of a collar, a hand or somebody else are.
    """
    crown = np.array([head.x, head.y]) - head.radius * head.down
    tall = float(np.hypot(*(head.chin - crown)))
    throat = pose.middle(Joint.LEFT_SHOULDER)
    above = float((head.chin - throat) @ head.down)
    broad, long = (float(np.hypot(*way)) for way in (
        pose.at(Joint.LEFT_SHOULDER) - pose.at(Joint.RIGHT_SHOULDER), pose.middle(Joint.LEFT_HIP) - throat
    ))  # fmt: skip
    narrow = _has_hips(pose) and broad < _ASIDE * long < _ASIDE * _SLIGHT * tall
    if narrow or broad > _HUGE * tall or above > _SUNK * tall or np.hypot(*(head.chin - throat)) > _APART * tall:
        return True
    if not _has_hips(pose):
        return pose.breadth < _COLLAR[0] * tall and above > _COLLAR[1] * tall
    return long < _STUNTED * tall and above > -_CLOSE * tall


def mannequin_on(pose: Pose, head: Head | None) -> Mannequin:
    """The mannequin of a figure whose joints are known, and whose head may be."""
    breadth = pose.breadth
    throat, hips = pose.middle(Joint.LEFT_SHOULDER), pose.middle(Joint.LEFT_HIP)
    spine = np.array(smooth([throat + _PIT * (throat - hips), throat + 0.45 * (hips - throat), hips]), np.float64)
    down = (hips - throat) / max(float(np.hypot(*(hips - throat))), 1e-6)
    square = np.array([down[1], -down[0]])
    pairs = [(pose.at(left), pose.at(right)) for left, right in
             ((Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER), (Joint.LEFT_HIP, Joint.RIGHT_HIP))]  # fmt: skip
    across = tuple(_across(one - other, square, breadth) for one, other in pairs)
    ordered = sorted(pairs[0], key=lambda place: float(place @ square))
    return Mannequin(
        spine, (across[0], across[1]), breadth, (ordered[0], ordered[1]), _neck_of(head, spine[0], breadth),
        _has_hips(pose), (*_free(_limbs(pose, "arm", _ARMS, _ARM), head), *_limbs(pose, "leg", _LEGS, _LEG)),
    )  # fmt: skip


def _free(arms: list[Limb], head: Head | None) -> list[Limb]:
    """The arms that do not begin within the ball of the head: its hair hides them, or is taken for them."""
    if head is None:
        return arms
    middle = np.array([head.x, head.y])
    return [arm for arm in arms if float(np.hypot(*(arm.joints[0] - middle))) > head.radius]


def _across(way: Place, square: Place, breadth: float) -> Place:
    """The way from side to side by a pair of joints; seen from the side these say nothing."""
    length = float(np.hypot(*way))
    if length < 0.4 * breadth:
        return square
    way = way * np.sign(way @ square or 1.0) / length
    mixed = way + 0.25 * square
    return np.asarray(mixed / np.hypot(*mixed), np.float64)


def _has_hips(pose: Pose) -> bool:
    return pose.has(Joint.LEFT_HIP, Joint.RIGHT_HIP)


def _limbs(pose: Pose, name: str, limbs: tuple[tuple[Joint, ...], ...], sizes: tuple[float, ...]) -> list[Limb]:
    """Each limb down to the last joint that is seen; those whose wrist or ankle is not seen are left out."""
    found = []
    for limb in limbs:
        seen = [bool(pose.seen[joint]) for joint in limb]
        count = seen.index(False) if False in seen else len(limb)
        places = [pose.at(joint) for joint in limb[:count]]
        if count < _SURE_JOINTS:
            continue
        tip = None
        if name == "leg" and count == len(limb):
            tip = places.pop()
        elif name == "arm" and count == len(limb):
            tip = _hand(pose, limb[-1], places)
        thick = tuple(size * pose.breadth for size in sizes[: len(places)])
        found.append(Limb(name, tuple(places), thick, tip))
    return found


def _hand(pose: Pose, wrist: Joint, arm: Sequence[Place]) -> Place:
    """Where a hand ends: by its knuckles where they are seen, else on from the forearm."""
    knuckles = [wrist + 2, wrist + 4]
    way = arm[-1] - arm[-2]
    if pose.seen[knuckles].all():
        seen = pose.places[knuckles].mean(axis=0) - arm[-1]
        way = seen if np.hypot(*seen) > 0.05 * pose.breadth else way
    return np.asarray(arm[-1] + 0.32 * pose.breadth * way / max(float(np.hypot(*way)), 1e-6), np.float64)


def _neck_of(head: Head | None, throat: Place, breadth: float) -> tuple[Place, Place] | None:
    """Where a neck leaves the head, to its left and right: above the chin, and rather below the ball than the face."""
    if head is None:
        return None
    half = min(_NECK * head.radius, 0.22 * breadth)
    ball = np.array([head.x, head.y])
    down = throat - ball
    length = max(float(np.hypot(*down)), 1e-6)
    down = down / length
    aside = half * np.array([down[1], -down[0]])
    deep = min(float(np.hypot(*(head.chin - ball))), 0.9 * length)
    top = ball + max(deep - 0.25 * head.radius, 0.0) * down
    return top - aside, top + aside


def mannequin_in(body: Body, head: Head) -> Mannequin:
    """The mannequin of a figure of which head and silhouette are known: with legs only where these are seen."""
    tall, heads = _heads(body, head)
    trunk = tall * float(np.interp(heads, _TALL, _TRUNK))
    if not body.cut and body.length > trunk:
        trunk = min(trunk, 0.85 * body.length)
    breadth = min(tall * float(np.interp(heads, _TALL, _BROAD)), _STOUT * trunk)
    begin, end = _THROAT * trunk, _HIPS * trunk
    breadth = float(np.clip(2.1 * body.half_at(begin + 0.1 * trunk), 0.7 * breadth, breadth))
    spine = np.array([body.at(float(at)) for at in np.linspace(begin, end, 12)])
    across = body.across_at(begin), body.across_at(end)
    down = np.array([-across[0][1], across[0][0]])
    ends = [spine[0] + 0.5 * breadth * (side * across[0] + _SLOPE * down) for side in (-1, 1)]
    whole = body.length > _SHOWN * trunk
    legs = body.legs if whole else ()
    limbs = tuple(
        _leg(spine[-1], across[1], breadth, joints, side) for joints, side in zip(legs, (-1, 1), strict=False)
    )
    bust = body.length < begin + (_CUT_CHEST if body.cut else _CHEST) * (end - begin)
    return Mannequin(
        spine, across, breadth, (ends[0], ends[1]), _neck_of(head, spine[0], breadth), whole, limbs, bust
    )  # fmt: skip


def _leg(hips: Place, across: Place, breadth: float, joints: Points, side: int) -> Limb:
    """A leg from the hips down to where its knee and its ankle are seen."""
    hip = hips + _HIP * 0.5 * side * breadth * across
    knee, ankle = (np.asarray(place, np.float64) for place in joints)
    knee[1] = hip[1] + _KNEE * (ankle[1] - hip[1])
    tip = ankle + breadth * np.array([0.1 * side, 0.12])
    return Limb("leg", (hip, knee, ankle), tuple(size * breadth for size in _LEG[:3]), tip)


def _heads(body: Body, head: Head) -> tuple[float, float]:
    """A head's height, and how many of them its figure is tall; of one that is cut off, as many as such have."""
    crown = np.array([head.x, head.y]) - head.radius * head.down
    tall = max(float(np.hypot(*(head.chin - crown))), 1.2 * head.radius)
    heads = 1 + body.length / tall
    # A bust shows no more, and is broader than who is all head.
    broad = 2 * body.half_at(0.5 * body.length) / tall
    bust = (heads < _TALL[0] and broad > _SLENDER) or (heads < _BARELY and broad > _AS_BROAD)
    if body.cut or bust:
        return tall, _DRAWN if 2 * head.radius > _CHILDISH * tall else _GROWN
    return tall, heads


def gesture_of(mannequin: Mannequin, crown: Place | None) -> Points:
    """One line from the top of a head, if it has one, through the spine and the leg that bears: float32 [n, 2]."""
    legs = [limb.joints for limb in mannequin.limbs if limb.name == "leg" and len(limb.joints) > 1]
    legs = [leg for leg in legs if leg[-1][1] - leg[0][1] > _BEARS * np.hypot(*(leg[-1] - leg[0]))]
    bearing = max(legs, key=lambda leg: float(leg[-1][1] - leg[0][1]), default=())
    top = [] if crown is None else [crown]
    end = 1.0 if mannequin.whole else 0.3 if mannequin.bust else 0.7
    spine = [mannequin.at(0.02), mannequin.at(end / 2)]
    return smooth([*top, *spine, *(bearing[1:3] or [mannequin.at(end)])])


def smooth(places: Sequence[Place]) -> Points:
    """A curve through some places (Catmull & Rom 1974): float32 [n, 2]."""
    ends = [2 * places[0] - places[1], *places, 2 * places[-1] - places[-2]]
    t = np.linspace(0, 1, 12)[:, None]
    pieces = []
    for a, b, c, d in zip(ends, ends[1:], ends[2:], ends[3:], strict=False):
        bend = 2 * a - 5 * b + 4 * c - d
        pieces.append(0.5 * (2 * b + (c - a) * t + bend * t**2 + (3 * b - a - 3 * c + d) * t**3))
    return np.concatenate(pieces).astype(np.float32)
