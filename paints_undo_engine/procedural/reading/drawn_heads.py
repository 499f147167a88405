"""Heads as drawings have them, with hair and hats: seen by one more small network, where its file is installed.

It surely sees the large head of nearly every figure, drawn or painted, of birds and dogs as well. Small ones it sees
from near: there it is asked about faces that others have found. What only looked like a drawn face to them it does not
see at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from paints_undo_engine.procedural.reading.crowns import PARTED, is_sheet, piece_of
from paints_undo_engine.procedural.reading.drawn_faces_network import SeenHead, look_for_drawn_faces
from paints_undo_engine.procedural.reading.joints import Joint, Pose
from paints_undo_engine.procedural.reading.model import Box, Face, Figure, Pixels

_SIDE, _SURE, _PERHAPS = 1152, 0.7, 0.03
"""Pixels of the picture's longer side when it is looked at; how likely a head is that is believed: of 50 such boxes in
72 pictures one is none, about half a face; of those that are less likely every third. The pictures in which drawn faces
are found have something of .056 at least.
"""
_NEAR_SIDE, _ABOUT, _HIGHER, _TRACE = 448, 1.8, 0.2, 0.02
"""The same of a square about a face: half its side and how far up its middle lies, by the face; less is none."""
_BEYOND = (123, 117, 104)
"""What lies beyond the picture, for a network that learned to take it for nothing."""
_NARROW, _NARROW_NEAR, _BROAD = 0.25, 0.43, 1.2
"""A face's breadth by its head's, and by that of one of which only a trace is seen from near."""
_LEVEL, _ASIDE, _OVER = (0.4, 0.95), 0.4, 1.9
"""Where in its head the middle of a face lies: down from the top, and aside of the middle, in heights and widths; and
how much of its head lies above a face, in heights of that.
"""
_ALIKE = 0.3
"""Of the smaller box, what a head and a face share that are not two people's."""
_POSED, _IN_PANEL, _ON_TOP = 0.2, 0.2, 0.08
"""How likely a head is at least that a pose has for its own, that lies in a panel, and that is the top of a figure in
which no other is known: of these every third would else be none.
"""
_NOSE, _ANOTHER, _INSIDE, _TOP = 0.3, 0.5, 0.6, 0.25
"""Of a head's sides, how far from its middle a pose's nose lies; of a face's, how far that of another one; of a head,
what lies in the figure of which it is the top; of its height, how far from that figure's.
"""


def find_drawn_heads(pixels: Pixels) -> list[SeenHead] | None:
    """What may be heads in uint8 [h, w, 3], with their hair, the likeliest first: where there is not even a trace of
    one no drawn face is. None without the network.
    """
    return look_for_drawn_faces(pixels, _SIDE, _PERHAPS)


def sure_heads(seen: Sequence[SeenHead]) -> tuple[Box, ...]:
    """Those that are surely heads."""
    return tuple(head.box for head in seen if head.likelihood >= _SURE)


def rather_heads(
    seen: Sequence[SeenHead], known: Sequence[Box], poses: Sequence[Pose], figure: Figure, panels: Sequence[Box]
) -> tuple[Box, ...]:
    """The heads that are surely seen, and those of which less is seen and something else tells, without the `known`."""
    found: list[Box] = []
    for head in seen:
        told = (
            head.likelihood >= _SURE
            or (head.likelihood >= _IN_PANEL and any(panel.holds(head.box.centre) for panel in panels))
            or (head.likelihood >= _ON_TOP and not (known or found) and _is_top(head.box, figure))
        ) and unfaced([head.box], known)
        posed = head.likelihood >= _POSED and any(_is_own(head.box, pose, known) for pose in poses)
        if (told or posed) and unfaced([head.box], found):
            found.append(head.box if told else _beside(head.box, known))
    return tuple(found)


def traced(heads: Sequence[Box], seen: Sequence[SeenHead]) -> tuple[Box, ...]:
    """Those of some heads of which at least a trace is seen: sails have the silhouette of one, and loose hair has."""
    return tuple(head for head in heads if any(_share(head, sight.box) > _ALIKE for sight in seen))


def _is_own(head: Box, pose: Pose, known: Sequence[Box]) -> bool:
    """Whether a head is a pose's whose face is none of the known ones, though these may lie close before it."""
    nose = pose.at(Joint.NOSE)

    def away(box: Box) -> float:
        return float((np.abs(nose - np.array(box.centre)) / (box.width, box.height)).max())

    return away(head) < _NOSE and all(away(box) > _ANOTHER for box in known)


def _is_top(head: Box, figure: Figure) -> bool:
    """Whether a head is the top of a figure that is surely parted from its ground."""
    box = next((box for box in figure.boxes if box.holds(head.centre)), None)
    if figure.source not in PARTED or box is None or abs(head.y - box.y) > _TOP * head.height:
        return False
    if is_sheet(piece_of(figure, box), figure.cover.shape):
        return False
    inside = figure.cover[head.slices(figure.cover.shape)] > 127
    return bool(inside.size) and float(inside.mean()) > _INSIDE


def _beside(head: Box, faces: Sequence[Box]) -> Box:
    """What is left of a head beside the faces that lie before it."""
    left, right = head.x, head.x + head.width
    for face in faces:
        if head.shared(face) > 0:
            x = face.centre[0]
            left, right = (left, min(right, x)) if x > head.centre[0] else (max(left, x), right)
    return replace(head, x=left, width=max(right - left, 0.5 * head.width))


def headed(pixels: Pixels, faces: Sequence[Face], heads: Sequence[Box]) -> tuple[Face, ...]:
    """The faces of uint8 [h, w, 3], each with its head: one of the `heads`, or what is seen from near about it."""
    return tuple(
        face if face.head else replace(face, head=_head_in(face, heads) or _from_near(pixels, face)) for face in faces
    )


def unfaced(heads: Sequence[Box], known: Sequence[Box]) -> tuple[Box, ...]:
    """The heads in which nothing known lies, neither a face nor another's head."""
    return tuple(head for head in heads if not any(_share(head, box) > _ALIKE for box in known))


def _share(one: Box, other: Box) -> float:
    return one.shared(other) / max(min(one.area, other.area), 1e-9)


def _head_in(face: Face, heads: Sequence[Box], least: float = _NARROW) -> Box | None:
    """The one of some heads that is a face's own, by its size and by where the face lies in it."""
    return next((head for head in heads if _fits(face.box, head, least)), None)


def _fits(face: Box, head: Box, least: float) -> bool:
    (x, y), (middle, _) = face.centre, head.centre
    return (
        least < face.width / head.width < _BROAD
        and face.y - head.y < _OVER * face.height
        and _LEVEL[0] < (y - head.y) / head.height < _LEVEL[1]
        and abs(x - middle) < _ASIDE * head.width
    )


def _from_near(pixels: Pixels, face: Face) -> Box | None:
    """The head that is seen about a face of uint8 [h, w, 3] in a square that suits its size."""
    long = max(face.box.width, face.box.height)
    (x, y), half = face.box.centre, _ABOUT * long
    left, top, side = round(x - half), round(y - _HIGHER * long - half), max(8, round(2 * half))
    height, width = pixels.shape[:2]
    part = pixels[max(top, 0) : max(top + side, 0), max(left, 0) : max(left + side, 0)]
    if not part.size:
        return None
    about = max(-top, 0), max(top + side - height, 0), max(-left, 0), max(left + side - width, 0)
    square = np.asarray(cv2.copyMakeBorder(part, *about, cv2.BORDER_CONSTANT, value=_BEYOND), np.uint8)
    seen = look_for_drawn_faces(square, _NEAR_SIDE, _TRACE) or ()
    placed = [replace(sight.box, x=sight.box.x + left, y=sight.box.y + top) for sight in seen]
    return _head_in(face, placed, _NARROW_NEAR)
