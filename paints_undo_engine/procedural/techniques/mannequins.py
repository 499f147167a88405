"""The construction of a body whose joints are known: as `bodies`, each artist has a way of their own."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.joints import Joint, Pose
from paints_undo_engine.procedural.techniques.arriving import Points
from paints_undo_engine.procedural.techniques.bodies import Lines, Way
from paints_undo_engine.procedural.techniques.sketching import ellipse

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
_ARM, _LEG = (0.15, 0.11, 0.08), (0.22, 0.16, 0.1, 0.06)
"""Half the thickness of a limb at its joints, in breadths of the trunk."""
_WAIST, _CREST = 0.58, 0.8
"""Of the way from the shoulders to the hips: where the rib cage ends, and where the hips begin."""
_BEARS = 0.6
"""Of a leg's length, how far down a leg reaches that bears; one that is put forward does not."""
_OUTSIDE = 1.12
"""Of the way from the spine to the shoulders' joints: where the body ends."""


def posed_lines(pose: Pose, way: Way, chance: np.random.Generator) -> Lines:
    """The lines of a body with known joints, by somebody's way."""
    lines = {Way.ACTION: _action, Way.BOXES: _boxes, Way.CURVES: _curves, Way.TUBES: _tubes}[way]
    return lines(pose, chance)


def _has_hips(pose: Pose) -> bool:
    return pose.has(Joint.LEFT_HIP, Joint.RIGHT_HIP)


def _limbs(pose: Pose, limbs: tuple[tuple[Joint, ...], ...]) -> list[list[Place]]:
    """The places of each limb's joints, down to the last one that is seen; limbs of one joint are left out."""
    found = []
    for limb in limbs:
        seen = [bool(pose.seen[joint]) for joint in limb]
        count = seen.index(False) if False in seen else len(limb)
        if count > 1:
            found.append([pose.at(joint) for joint in limb[:count]])
    return found


def _trunk(pose: Pose, down: float, side: float) -> Place:
    """A place on the trunk: 0 to 1 from the shoulders to the hips, -1 to 1 from the figure's right to its left."""
    left = pose.at(Joint.LEFT_SHOULDER) * (1 - down) + pose.at(Joint.LEFT_HIP) * down
    right = pose.at(Joint.RIGHT_SHOULDER) * (1 - down) + pose.at(Joint.RIGHT_HIP) * down
    return np.asarray((left + right) / 2 + side * (left - right) / 2, np.float64)


def _smooth(places: list[Place]) -> Points:
    """A curve through some places (Catmull & Rom 1974): float32 [n, 2]."""
    ends = [2 * places[0] - places[1], *places, 2 * places[-1] - places[-2]]
    t = np.linspace(0, 1, 12)[:, None]
    pieces = []
    for a, b, c, d in zip(ends, ends[1:], ends[2:], ends[3:], strict=False):
        bend = 2 * a - 5 * b + 4 * c - d
        pieces.append(0.5 * (2 * b + (c - a) * t + bend * t**2 + (3 * b - a - 3 * c + d) * t**3))
    return np.concatenate(pieces).astype(np.float32)


def _spine(pose: Pose) -> list[Place]:
    """From the throat to the hips, or as far as the picture shows it."""
    end = 1.0 if _has_hips(pose) else 0.6
    return [_trunk(pose, -0.14, 0), _trunk(pose, end / 2, 0), _trunk(pose, end, 0)]


def trunk_of(pose: Pose) -> Points:
    """Places down the middle of the trunk: float32 [n, 2]."""
    return np.array([_trunk(pose, down, 0) for down in np.linspace(0, 1, 9)], np.float32)


def gesture_of(pose: Pose, crown: Place | None) -> Points:
    """One line from the top of a head, if it has one, through the spine and the leg that bears: float32 [n, 2]."""
    legs = [leg[:3] for leg in _limbs(pose, _LEGS)]
    legs = [leg for leg in legs if leg[-1][1] - leg[0][1] > _BEARS * np.hypot(*(leg[-1] - leg[0]))]
    bearing = max(legs, key=lambda leg: float(leg[-1][1] - leg[0][1]), default=[])
    spine = _spine(pose)
    top = [] if crown is None else [crown]
    return _smooth([*top, *spine[:-1], *(bearing[1:3] or spine[-1:])])


def _action(pose: Pose, chance: np.random.Generator) -> Lines:
    """The shoulders and the hips across the line of action, and the limbs' axes."""
    legs = _limbs(pose, _LEGS)
    lines: Lines = [("shoulders", _across(pose, 0.0, 1.1), 0.7)]
    if _has_hips(pose):
        lines.append(("hips", _across(pose, 1.0, 1.2), 0.7))
    lines += [("arm, axis", _smooth(arm), 0.55) for arm in _limbs(pose, _ARMS)]
    lines += [("leg, axis", _smooth(leg), 0.55) for leg in legs]
    if chance.random() < 0.5:
        lines += _rings(pose, 0.5)
    return lines


def _across(pose: Pose, down: float, reach: float) -> Points:
    return np.array([_trunk(pose, down, -reach), _trunk(pose, down, 0), _trunk(pose, down, reach)], np.float32)


def _rings(pose: Pose, strength: float) -> Lines:
    """A small circle about elbows and knees."""
    size = 0.09 * pose.breadth
    joints = [*(arm[1] for arm in _limbs(pose, _ARMS)), *(leg[1] for leg in _limbs(pose, _LEGS))]
    return [("joint", ellipse(float(x), float(y), size, size, 0, -0.5, 5.9), strength) for x, y in joints]


def _boxes(pose: Pose, chance: np.random.Generator) -> Lines:
    """Rib cage and hips as boxes on the spine, and limbs as straight axes."""
    lines: Lines = [("spine", _smooth(_spine(pose)), 0.6)]
    turn = float(chance.choice([-0.45, 0.45]))
    lines += _box(pose, -0.02, _WAIST if _has_hips(pose) else 0.5, _OUTSIDE, 0.8, turn, "rib cage")
    if _has_hips(pose):
        lines += _box(pose, _CREST, 1.08, 1.15, 1.3, turn, "hips")
    for name, limbs in (("arm", _ARMS), ("leg", _LEGS)):
        for limb in _limbs(pose, limbs):
            lines += [(f"{name}, axis", np.array(ends, np.float32), 0.6) for ends in pairwise(limb)]
    return lines


def _box(pose: Pose, top: float, bottom: float, above: float, below: float, turn: float, name: str) -> Lines:
    """A box of the trunk seen a little from one side: its front, and the edge of its side."""
    ring = [
        _trunk(pose, top, -above), _trunk(pose, top, above), _trunk(pose, bottom, below), _trunk(pose, bottom, -below),
    ]  # fmt: skip
    edge = np.array([_trunk(pose, top, turn * above), _trunk(pose, bottom, turn * below)], np.float32)
    sides = [(f"{name}, box", np.array(ends, np.float32), 0.75) for ends in pairwise([*ring, ring[0]])]
    return [*sides, (f"{name}, edge of the side", edge, 0.5)]


def _curves(pose: Pose, chance: np.random.Generator) -> Lines:
    """Long curves along the body's sides and through its limbs."""
    lean = float(chance.choice([-1, 1]))
    legs, end = _LEGS if lean > 0 else _LEGS[::-1], 1.0 if _has_hips(pose) else 0.6
    lines: Lines = []
    for number, side in enumerate((lean, -lean)):
        leg = _limbs(pose, (legs[number],))
        down = leg[0][1:3] if leg else []
        curve = [_trunk(pose, -0.1, 0.2 * side), _trunk(pose, 0.15, 0.95 * side), _trunk(pose, end, 1.1 * side), *down]
        lines.append(("long curve", _smooth(curve), 0.75 - 0.15 * number))
    lines += [("arm, curve", _smooth(arm), 0.65) for arm in _limbs(pose, _ARMS)]
    lines.append(("shoulders", _across(pose, 0.02, 1.05), 0.6))
    if _has_hips(pose) and chance.random() < 0.6:
        lines.append(("hips", _across(pose, 0.98, 1.25), 0.5))
    return lines


def _tubes(pose: Pose, chance: np.random.Generator) -> Lines:
    """A mannequin: egg and bowl of the trunk, limbs as tubes with cross sections."""
    flat = float(chance.uniform(0.2, 0.34))
    lines: Lines = [("neck", _aside(pose, side), 0.6) for side in (-1.0, 1.0)]
    chest, low = _trunk(pose, 0.02, 0), _trunk(pose, _WAIST if _has_hips(pose) else 0.6, 0)
    turn = float(np.arctan2(-(low - chest)[0], (low - chest)[1]))
    half, breadth = float(np.hypot(*(low - chest))) / 2, pose.breadth
    x, y = (chest + low) / 2
    lines.append(("rib cage, egg", ellipse(float(x), float(y), 0.48 * breadth, 1.12 * half, turn), 0.75))
    if _has_hips(pose):
        x, y = _trunk(pose, 0.95, 0)
        lines.append(("hips, bowl", ellipse(float(x), float(y), 0.4 * breadth, 0.24 * breadth, turn), 0.7))
    for name, limbs, sizes in (("arm", _ARMS, _ARM), ("leg", _LEGS, _LEG)):
        for limb in _limbs(pose, limbs):
            lines += _tube(limb, [size * breadth for size in sizes], name, flat)
    return lines


def _aside(pose: Pose, side: float) -> Points:
    return np.array([_trunk(pose, -0.2, 0.3 * side), _trunk(pose, 0.0, 0.34 * side)], np.float32)


def _tube(limb: list[Place], sizes: list[float], name: str, flat: float) -> Lines:
    """Both sides of a limb, and a cross section at each joint."""
    lines: Lines = []
    for (begin, end), (thick, thin) in zip(pairwise(limb), pairwise(sizes[: len(limb)]), strict=True):
        along = (end - begin) / max(float(np.hypot(*(end - begin))), 1e-6)
        aside = np.array([-along[1], along[0]])
        for side in (-1, 1):
            sides = [begin + side * thick * aside, (begin + end) / 2 + side * 0.54 * (thick + thin) * aside,
                     end + side * thin * aside]  # fmt: skip
            lines.append((f"{name}, tube", _smooth(sides), 0.6))
        turn = float(np.arctan2(aside[1], aside[0]))
        ring = ellipse(float(end[0]), float(end[1]), thin, flat * thin, turn, 0.4, 6.4)
        lines.append((f"{name}, cross section", ring, 0.5))
    return lines
