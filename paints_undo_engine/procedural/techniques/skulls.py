"""Skulls: where the ball of a head lies and how large it is, and its axes, by all that is known of the head."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.joints import Joint, Pose
from paints_undo_engine.procedural.reading.model import Box, Face, FaceSource

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
_HAIR, _LARGER, _CHINS, _TOWARDS = 0.1, (0.7, 1.1), (0.12, 0.01), 0.8
"""Of a head as it was seen: the hair above its skull, by its height; by the face alone, how small or large its ball
becomes; by its height, how far its chin lies above its end; of the way to its middle, how far aside the ball lies.
"""
_COVERED, _LARGEST, _CUT_TOP = 0.55, 1.6, 0.03
"""By its head's breadth over the ball's, how large the ball of a face becomes of which little was seen, as below a
hood; at most. Of a head's height: what is nearer to the picture's top is cut off there.
"""
_BEHIND, _NOSES, _TURNS = 1.2, 0.12, (0.2, 0.5)
"""How far the ball lies behind a face that is turned, in its radii, by how far the nose lies beside the middle of the
eyes in the distance between these; in the radii, what that may be wrong by; where the nose alone tells of a turn.
"""
_LENGTHS, _BALLS = (1.1, 1.7), (1.25, 0.8)
"""How long a childlike and a grown-up drawn face are from eyes to chin, by the distance of the eyes, and how large the
ball is by that length.
"""


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
    turn: float = 0.0
    """How far the nose lies beside the middle of the eyes, in their distance: so a face is turned aside."""

    @property
    def base(self) -> NDArray[np.float64]:
        """The middle of the eye line [2], which is not the middle between the eyes where the head is turned aside."""
        middle = np.array([self.x, self.y])
        return np.asarray(middle + self.down * float((self.eyes - middle) @ self.down), np.float64)


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
        # The ball of the skull reaches from above the brow to about the mouth; the eyes of children lie low on it.
        large = float(np.interp(height / apart, _LENGTHS, _BALLS))
        radius = max(height * large, apart * 1.05, min(face.box.width * 0.68, apart * 1.35) * large / _BALLS[0])
    else:
        # A person's eyes lie half way down the head, and the ball reaches to under the nose.
        radius = max(height * 0.7, face.box.width * 0.55)
    middle = eyes - down * radius * _ABOVE
    turn = float((np.array(face.nose) - eyes) @ across) / apart
    return Head(float(middle[0]), float(middle[1]), radius, across, down, chin, eyes, turn=turn)


def turned(head: Head) -> Head:
    """A head whose ball lies behind a face of which the nose says that it is turned aside."""
    if not _TURNS[0] < abs(head.turn) < _TURNS[1]:
        return head
    middle = np.array([head.x, head.y]) - _BEHIND * head.turn * head.radius * head.across
    return replace(head, x=float(middle[0]), y=float(middle[1]))


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
    middle = head.base - head.down * raised + head.across * aside
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
    base = head.base + np.array([aside, 0.0])
    middle = base - head.down * radius * _ABOVE
    return replace(head, x=float(middle[0]), y=float(middle[1]), radius=radius)


def in_box(head: Head, box: Box, *, drawn: bool) -> Head:
    """A head whose ball and chin are where all of it was seen, with its hair: in a box that begins at its top and ends
    a little below the chin. Of tilted heads that tells less: these are only brought within it. A ball lies no farther
    aside than the nose says that the face is turned: what else there is in the box is hair, or a hand. The eyes of
    `drawn` faces tell how large they are; of others a hood may have hidden most. What the picture's top cuts off is no
    broader than the skull below the hair.
    """
    base = head.base
    radius, ratio = head.radius, box.width / (2 * head.radius)
    most = _LARGER[1] if drawn else float(np.clip(_COVERED * ratio, _LARGER[1], _LARGEST))
    if is_upright(head):
        highest, lowest = (box.y + (1 - above) * box.height for above in _CHINS)
        deeper = float(np.clip(head.chin[1], highest, lowest)) - float(head.chin[1])
        head = replace(head, chin=head.chin + deeper / head.down[1] * head.down)
        if box.y > _CUT_TOP * box.height:
            tall = (float(base[1]) - box.y - _HAIR * box.height) / (1 + _ABOVE)
            radius = float(np.clip(tall, _LARGER[0] * radius, most * radius))
        else:
            radius = min(radius, _SKULL * box.width)
    radius = min(radius, 0.5 * box.width, 0.5 * box.height)
    behind = -2 * _BEHIND * head.turn
    aside = _TOWARDS * (box.centre[0] - float(base[0])) / radius
    aside = float(np.clip(aside, max(min(behind, 0.0) - _NOSES, -_FARTHEST), min(max(behind, 0.0) + _NOSES, _FARTHEST)))
    aside = 0.0 if abs(aside) < _SQUARE else aside * radius
    middle = base + aside * np.array([1.0, 0.0]) - _ABOVE * radius * head.down
    x = float(np.clip(middle[0], box.x + radius, box.x + box.width - radius))
    return replace(head, x=x, y=float(middle[1]), radius=radius)


def by_ears(head: Head, pose: Pose) -> Head:
    """A head turned as its ears say, which lie behind the eyes, where a pose has its eyes where the face has them."""
    if not pose.has(Joint.LEFT_EAR, Joint.RIGHT_EAR) or not is_upright(head) or (head.base != head.eyes).any():
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
