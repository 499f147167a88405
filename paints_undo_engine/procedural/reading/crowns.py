"""Heads by the silhouette alone: the round top of a figure, and the neck below it.

Hair, hats, hoods and horns belong to it. Whether it is a head at all, the shape alone does not say for sure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.colours import like_skin
from paints_undo_engine.procedural.reading.model import Box, Face, Figure, FigureSource, Pixels

_SIDE = 240
"""Pixels of the longer side of the grid on which a silhouette is looked at."""
_THIN = 0.045
"""Of the square root of a silhouette: ears, horns, strands and weapons that are thinner are no part of its top."""
_NECK, _WIDER = 0.8, 1.12
"""Of a head's width: no neck is broader; of the neck's, no shoulders are narrower."""
_FIRST, _LAST, _CHIN = 1.35, 3.4, 2.3
"""In depths at which a silhouette is as deep as half of it is broad: where the neck is looked for, and where the chin
lies if there is none."""
_HIGH = 0.75
"""Of a figure's width: what is lower lies, or is no figure."""
_BROAD, _TALL, _STOUT = 0.72, 1.6, 0.2
"""Without a neck: a broader top is most of a figure that crouches; a smaller one of a figure that is not so tall is a
horn.
"""
_WIDE = 1.1
"""Times its height: a top that is wider is two heads above one neck, or a roof."""
_SMALL, _LARGE = 0.11, 0.86
"""Of a figure's height: no head is smaller or larger."""
_SKIN, _CUT = 0.06, 0.35
"""Of a head, what is skin at least; of the picture's width, where a bust leaves it at the bottom."""
_UPRIGHT = 0.8
"""Of a head's width: so far beside it a body has its middle; an animal on four legs has it farther off."""
_FULL = 0.88
"""Of its box: what is so much is no figure, but a card."""
_SIDES = 4
"""Pixels that a page leaves of its picture at most."""
_CUT_OFF = 0.6
"""Of the figure's breadth near the picture's top: what is cut off there."""
_MOSTLY, _FACED, _HAIRY = 0.6, 0.15, 0.7
"""Of a figure's height: so large a head needs a sign; skin where the face is, and of that what there is above it."""
_BARE, _LOWER = 0.4, 0.12
"""Of what would be a head's hair, the skin that tells a fist; of a figure's height, how far below its top that lies."""
_TINY, _ALIKE = 0.45, 0.4
"""Of the width of a figure's top: a smaller head in it is an ear or an eye; how much of both the same heads share."""
_UNDER, _ASIDE, _WIDER_HEAD = (0.5, 3.5), 1.0, 1.3
"""In heights and widths of a head: where under it no other one of about its size is, but a hand or a bow."""
_MOST = 4
_CLEAR = (FigureSource.ALPHA, FigureSource.PLAIN_GROUND)
PARTED = (*_CLEAR, FigureSource.NETWORK)
"""Where a silhouette is a figure's."""


@dataclass(frozen=True, slots=True)
class Crown:
    """The top of a silhouette: its box down to the chin, and whether a neck was seen below it."""

    box: Box
    has_neck: bool


def tops_of(figure: Figure, faces: Sequence[Face]) -> list[Box]:
    """The tops of figures that are surely parted and in which none of the faces is known; each may be a head."""
    if figure.source not in PARTED:
        return []
    found = []
    for box in figure.boxes[:_MOST]:
        crown = None if any(box.holds(face.box.centre) for face in faces) else crown_of(piece_of(figure, box))
        if crown is not None:
            found.append(_placed(crown, box))
    return found


def _placed(crown: Crown, figure: Box) -> Box:
    """The box of a figure's top in the picture."""
    return Box(crown.box.x + round(figure.x), crown.box.y + round(figure.y), crown.box.width, crown.box.height)


def with_crowns(
    pixels: Pixels, figure: Figure, faces: tuple[Face, ...], heads: tuple[Box, ...], posed: Sequence[Box] = ()
) -> tuple[Box, ...]:
    """The heads of figures in uint8 [h, w, 3] whose faces are not known: those that were found, some of them by a pose,
    put right by their silhouettes, and those of figures in which none was found; hands below a head are none.
    """
    known = [face.box for face in faces]
    found = [head for head in heads if not any(is_under(head, other) for other in (*known, *heads))]
    if figure.source not in PARTED:
        return tuple(found)
    for box in figure.boxes[:_MOST]:
        if any(box.holds(face.centre) for face in known):
            fists = [head for head in found if head in posed and box.holds(head.centre)]
            fists = [head for head in fists if _is_fist(pixels, figure, head, box)]
            found = [head for head in found if head not in fists]
            continue
        piece = piece_of(figure, box)
        crown = None if is_sheet(piece, figure.cover.shape) else crown_of(piece)
        if crown is None or _is_cut(piece, box):
            continue
        place = _placed(crown, box)
        own = [head for head in found if box.holds(head.centre)]
        found = [head for head in found if head not in own]
        unlike = [head for head in own if head not in posed or not _is_fist(pixels, figure, head, box)]
        if len(unlike) < len(own):
            found += unlike
            continue
        sure = crown.has_neck and figure.source in _CLEAR
        if own:
            joints = [head for head in own if head in posed]
            told = not joints or crown.has_neck or _has_hair_over_skin(pixels, figure, place, _FACED)
            if _holds_bodies(place, box, joints or own) and (joints or not crown.has_neck):
                told = False
            found += _put_right(own, place, box, sure=sure) if told else joints or own
        elif _may_be_head(pixels, figure, box, place, has_neck=crown.has_neck):
            found.append(place)
    return tuple(found)


def _holds_bodies(crown: Box, figure: Box, heads: Sequence[Box]) -> bool:
    """Whether a top that is most of its figure is far larger than the heads that are known in it: it holds bodies."""
    return crown.height > _MOSTLY * figure.height and all(head.width < _TINY * crown.width for head in heads)


def _put_right(heads: list[Box], crown: Box, figure: Box, *, sure: bool) -> list[Box]:
    """The heads of a figure by its top: no ears and eyes within that, no hands below it, none that run into another."""
    small = crown.height < _LARGE * figure.height
    if all(crown.holds(head.centre) and head.width < _TINY * crown.width for head in heads):
        return [crown] if small else []
    best = max(heads, key=lambda head: _shared(head, crown))
    if _shared(best, crown) < _ALIKE:
        return [crown] if sure and small and crown.holds(best.centre) else heads
    return [best, *(head for head in heads if _shared(head, best) == 0 and not is_under(head, crown))]


def is_page(figure: Figure) -> bool:
    """Whether the whole picture is one figure, as a page of small drawings is."""
    return any(_reaches(box.height, box.width, figure.cover.shape) for box in figure.boxes)


def is_sheet(piece: NDArray[np.bool_], shape: tuple[int, ...]) -> bool:
    """Whether a figure fills its box, as a card or a framed picture does, or all of the picture [h, w], as a page."""
    return float(piece.mean()) > _FULL or _reaches(piece.shape[0], piece.shape[1], shape)


def _reaches(height: float, width: float, shape: tuple[int, ...]) -> bool:
    return height > shape[0] - _SIDES and width > shape[1] - _SIDES


def piece_of(figure: Figure, box: Box) -> NDArray[np.bool_]:
    """bool [h, w]: the figure of a box, within it; what else reaches into the box is left out."""
    rows, columns = box.slices(figure.cover.shape)
    _, pieces, stats, _ = cv2.connectedComponentsWithStats((figure.cover[rows, columns] > 127).astype(np.uint8))
    if len(stats) < 2:
        return np.zeros(pieces.shape, bool)
    return np.asarray(pieces == 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA])), bool)


def _may_be_head(pixels: Pixels, figure: Figure, box: Box, head: Box, *, has_neck: bool) -> bool:
    """Whether the top of a figure is rather a head than a roof or a handle: by its size, and by one more sign."""
    if not _SMALL * box.height < head.height < _LARGE * box.height or box.height < _HIGH * box.width:
        return False
    if head.width > _WIDE * head.height:
        return False
    columns = np.nonzero(figure.cover[box.slices(figure.cover.shape)] > 127)[1]
    if abs(float(columns.mean()) + box.x - head.centre[0]) > _UPRIGHT * head.width:
        return False
    height, width = figure.cover.shape
    is_clear = head.x > 1 and head.x + head.width < width - 2
    if has_neck:
        return True
    if head.height > _MOSTLY * box.height and not _has_hair_over_skin(pixels, figure, head, _SKIN):
        return False
    if box.height < _TALL * box.width and head.height < _STOUT * box.height:
        return False
    if figure.source is FigureSource.NETWORK and is_clear:
        return head.width < _BROAD * box.width
    place = head.slices(pixels.shape)
    inside = figure.cover[place] > 127
    skin = like_skin(np.asarray(cv2.medianBlur(pixels, 5), np.uint8))[place]
    if float((skin > 0)[inside].mean()) > _SKIN:
        return True
    own = figure.cover[height - 2, box.slices(figure.cover.shape)[1]] > 127
    return is_clear and box.y + box.height > height - 2 and float(own.sum()) > _CUT * width


def _is_cut(piece: NDArray[np.bool_], box: Box) -> bool:
    """Whether a figure leaves the picture at its top, broad there, as a leg does, and who shows no head."""
    if box.y >= _SIDES:
        return False
    across = piece[: max(4, len(piece) // 4)].sum(axis=1)
    return float(across[: _SIDES + 1].mean()) > _CUT_OFF * float(across.max())


def _has_hair_over_skin(pixels: Pixels, figure: Figure, head: Box, least: float) -> bool:
    """Whether a head is skin where its face would be, at `least` so much of it, and less so above that."""
    above, below = _skin_in(pixels, figure, head)
    return below > least and above < _HAIRY * below


def _is_fist(pixels: Pixels, figure: Figure, head: Box, box: Box) -> bool:
    """Whether what joints take for a head has most skin where its hair would be, and lies below its figure's top."""
    above, below = _skin_in(pixels, figure, head)
    return above > _BARE and above > below and head.y - box.y > _LOWER * box.height


def _skin_in(pixels: Pixels, figure: Figure, head: Box) -> tuple[float, float]:
    """How much of a head is skin where its hair would be, and where its face."""
    place = head.slices(pixels.shape)
    inside = figure.cover[place] > 127
    if not inside.any():
        return 0.0, 0.0
    skin = (like_skin(np.asarray(cv2.medianBlur(np.ascontiguousarray(pixels[place]), 5), np.uint8)) > 0) & inside
    rows = len(skin)
    top, face = slice(0, max(1, round(0.35 * rows))), slice(round(0.45 * rows), rows)
    above, below = (float(skin[part].sum()) / max(float(inside[part].sum()), 1.0) for part in (top, face))
    return above, below


def is_under(head: Box, other: Box) -> bool:
    """Whether a head lies where the chest and the hands of another one are, and is about as small."""
    down = (head.centre[1] - other.centre[1]) / other.height
    aside = abs(head.centre[0] - other.centre[0]) / other.width
    return _UNDER[0] < down < _UNDER[1] and aside < _ASIDE and head.width < _WIDER_HEAD * other.width


def _shared(one: Box, other: Box) -> float:
    """What two boxes share, of what both cover together."""
    both = one.shared(other)
    return both / max(one.area + other.area - both, 1e-9)


def crown_of(body: NDArray[np.bool_]) -> Crown | None:
    """The top mass of an upright silhouette, bool [h, w]; None where it has none."""
    scale = min(1.0, _SIDE / max(body.shape))
    height, width = (max(1, round(side * scale)) for side in body.shape)
    small = cv2.resize(body.astype(np.uint8), (width, height), interpolation=cv2.INTER_AREA)
    area = float(small.sum())
    if area < 60:
        return None
    side = max(3, round(_THIN * np.sqrt(area))) | 1
    disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    # Beyond the picture's border the figure goes on.
    framed = cv2.copyMakeBorder(small, side, side, side, side, cv2.BORDER_REPLICATE)
    opened = cv2.morphologyEx(framed, cv2.MORPH_OPEN, disk)[side:-side, side:-side]
    left, right = _runs(np.asarray(opened > 0, bool))
    wide = (right - left).astype(np.float64)
    top = int(np.argmax(wide > 0))
    wide, left, right = wide[top:], left[top:], right[top:]
    end = int(np.argmax(wide <= 0)) if (wide <= 0).any() else len(wide)
    wide = np.asarray(cv2.GaussianBlur(wide[:end, None], (1, 5), 0, borderType=cv2.BORDER_REPLICATE)[:, 0], np.float64)
    deep = np.flatnonzero(wide / 2 <= np.arange(end))
    if not len(deep):
        return None
    half = int(deep[0])
    if half < 3:
        return None
    first, last = round(_FIRST * half), min(round(_LAST * half), end)
    chin, has_neck = min(round(_CHIN * half), end), False
    if last > first:
        neck = first + int(np.argmin(wide[first:last]))
        widest = float(wide[:neck].max())
        below = float(wide[neck : neck + 2 * half].max())
        if wide[neck] < _NECK * widest and below > _WIDER * wide[neck]:
            chin, has_neck = neck, True
    rows = slice(round(0.35 * half), max(min(round(1.7 * half), chin), 1))
    x0, x1 = float(np.median(left[rows])), float(np.median(right[rows]))
    box = Box(x0, top, x1 - x0, chin)
    return Crown(box.scaled(1 / scale), has_neck)


def _runs(body: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """From the topmost row down, the run of each row that hangs on the one above: its first column, and the one after
    its last; 0 and 0 where there is none.
    """
    height = len(body)
    left, right = np.zeros(height, np.int64), np.zeros(height, np.int64)
    current: tuple[int, int] | None = None
    for row in range(height):
        edges = np.flatnonzero(np.diff(np.concatenate([[0], body[row].astype(np.int8), [0]])))
        runs = [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]
        if current is not None:
            runs = [run for run in runs if run[0] < current[1] and run[1] > current[0]]
        if not runs:
            if current is not None:
                break
            continue
        current = max(runs, key=lambda run: run[1] - run[0])
        left[row], right[row] = current
    return left, right
