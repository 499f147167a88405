"""Looking for drawn faces: upright, then tilted, then small; what may be one is looked at again.

The library sees upright faces, and now and then one where there is none. A true face is seen again at other sizes and
when the picture is turned a little; what only looks like one is seen once or twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.animeface import Seen, detect, is_installed
from paints_undo_engine.procedural.reading.channels import largest, smallest
from paints_undo_engine.procedural.reading.colours import commonest, like_skin
from paints_undo_engine.procedural.reading.model import Box, Eye, Face, FaceSource, Pixels, Point
from paints_undo_engine.procedural.reading.view import resized

_SIDE, _NEAR_SIDE = 640, 1100
"""The longer side of the picture when it is looked at whole, and from near."""
_DENSE, _COARSE = 0.17, 0.65
"""Where more than this share of the pixels are edges the search is slow, and made on a coarser picture."""
_LIKELY, _PERHAPS, _SURE = 0.7, 0.6, 0.9
_MOST_CANDIDATES, _MOST_FACES = 8, 12
_CLOSE = 140
"""The width of a face's box at which its eyes are found best, in pixels."""
_WIDTHS, _TURNS = (110, 80, 56), (0, 14, -14, 28, -28)
"""Widths in pixels, and degrees, at which a candidate is looked at again."""
_VOTES, _HOPE = 3, 2
"""So often a candidate has to be seen again, and the turns that are left are left out; so they are after so many
turns without seeing it."""
_OFTEN, _DEEP_OFTEN = 5, 9
"""Of fifteen views: so often a face is seen again, however unsurely; so often surely where it is deep in a figure."""
_LEANING, _STRAIGHTENED = 0.12, 2
"""Radians of tilt from which a face is looked at again turned upright, and how often."""
_GREY, _COLOURED, _BLANK = 28, 0.04, 244
"""Levels between the channels of what is not grey; its share of a coloured picture; levels of blank white."""
_TILT = 24
"""Degrees by which the picture is turned to see tilted heads."""
_SMALL = 0.13
"""Of the longer side: where all faces are smaller, there may be others that are smaller still."""
_MOST_PARTS = 0.6
"""Of the picture: where more lies about the colour of skin, colour does not tell where to look."""
_ABOUT = 0.06
"""Of the longer side: what is looked at around the colour of skin."""

Matrix = NDArray[np.float64]
"""float64 [2, 3]: from places in the picture to places in a view of it."""


def find_with_animeface(pixels: Pixels, *, thorough: bool = True, side: int = _SIDE) -> Sequence[Face] | None:
    """Faces of uint8 [h, w, 3], in its pixels, or None without the library. Its longer side is looked at with so many
    pixels.

    Where none is seen at once or all are small, tilted and smaller ones are looked for as well if the search is to be
    `thorough`.
    """
    if not is_installed():
        return None
    everywhere = [Box(0, 0, pixels.shape[1], pixels.shape[0])]
    faces = _with_those(pixels, (), _suspected(pixels, everywhere, side))
    small = bool(faces) and max(face.box.width for face in faces) < _SMALL * max(pixels.shape[:2])
    if (faces and not small) or not thorough:
        return faces
    parts = _skin_parts(pixels)
    telling = sum(part.area for part in parts) <= _MOST_PARTS * everywhere[0].area
    if small:
        parts = parts if telling else everywhere
    elif telling:
        faces = _with_those(pixels, (), _suspected(pixels, parts, _SIDE, (_TILT, -_TILT)))
    else:
        return []
    if small or not faces:
        near = _with_those(pixels, faces, _suspected(pixels, parts, _NEAR_SIDE))
        faces += [face for face in near[len(faces) :] if has_skin(face)]
    return faces


def _with_those(pixels: Pixels, faces: Sequence[Face], boxes: Sequence[Box]) -> list[Face]:
    """The faces, and those that there are in boxes."""
    found = list(faces)
    coloured = is_coloured(pixels)
    for box in boxes:
        if len(found) < _MOST_FACES and not any(_is_same(box, face.box) for face in found):
            found += [face for face in _confirmed(pixels, box) if not (coloured and _is_blank(face))]
    return found


def is_coloured(pixels: Pixels) -> bool:
    """Whether uint8 [h, w, 3] has colours, and not greys alone."""
    return float((largest(pixels) - smallest(pixels) > _GREY).mean()) > _COLOURED


def _is_blank(face: Face) -> bool:
    """Whether cheeks and hair are the same white: in a coloured picture a ring or an eyeball, no face."""
    return min(*face.skin, *face.hair) > _BLANK


def _suspected(pixels: Pixels, parts: Sequence[Box], side: int, turns: Sequence[float] = (0,)) -> list[Box]:
    """What may be faces in parts of a picture when its longer side is `side` pixels and it is turned by degrees."""
    found: list[Box] = []
    for part in parts:
        rows, columns = part.slices(pixels.shape)
        scale = side / max(pixels.shape[:2])
        small = _scaled(pixels[rows, columns], scale)
        if float((cv2.Canny(small, 60, 160) > 0).mean()) > _DENSE:
            scale *= _COARSE
            small = _scaled(pixels[rows, columns], scale)
        way = np.array([[scale, 0, -scale * columns.start], [0, scale, -scale * rows.start]])
        for degrees in turns:
            view, turned = _turned(small, way, (small.shape[1] / 2, small.shape[0] / 2), degrees)
            found += _candidates(detect(view), turned)
    return found


def _turned(view: Pixels, way: Matrix, middle: Point, degrees: float) -> tuple[Pixels, Matrix]:
    """A view turned about a place in it, and how the picture's places come there."""
    if not degrees:
        return view, way
    turn = cv2.getRotationMatrix2D(middle, degrees, 1.0)
    turned = cv2.warpAffine(view, turn, view.shape[1::-1], borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(turned, np.uint8), np.asarray(
        turn[:, :2] @ way + np.pad(turn[:, 2:], ((0, 0), (2, 0))), np.float64
    )


def _skin_parts(pixels: Pixels) -> list[Box]:
    """Rectangles around what has the colour of skin, with some of what lies about it."""
    about = round(_ABOUT * max(pixels.shape[:2]))
    skin = np.asarray(cv2.morphologyEx(like_skin(pixels), cv2.MORPH_OPEN, np.ones((5, 5), np.uint8)), np.uint8)
    wide = cv2.dilate(skin, np.ones((2 * about + 1, 2 * about + 1), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(wide)
    return [Box(*(float(value) for value in row[:4])) for row in stats[1:]]


def _confirmed(pixels: Pixels, box: Box) -> list[Face]:
    """The face in a box, if there is one: it is seen at once at the size that suits its eyes and again at others, or
    often enough.
    """
    face = _seen_at_once(pixels, box, 0)
    if face is not None and not _is_seen_again(pixels, box, 0, _OFTEN):
        return []
    face = face or _voted(pixels, box)
    if face is None:
        return []
    for _ in range(_STRAIGHTENED):
        straight = _seen_at_once(pixels, box, float(np.degrees(face.tilt))) if abs(face.tilt) > _LEANING else None
        if straight is None:
            break
        settled = abs(straight.tilt - face.tilt) < _LEANING
        face = straight
        if settled:
            break
    return [face]


def _seen_at_once(pixels: Pixels, box: Box, turn: float) -> Face | None:
    """The face in a box as it is seen at the size that suits its eyes, when the picture is turned by degrees."""
    for seen, view in _again(pixels, box, _CLOSE, turn):
        if seen.likelihood > _LIKELY:
            return _face(seen, *view, box)
    return None


def _voted(pixels: Pixels, box: Box) -> Face | None:
    """The face in a box that is seen often enough at other sizes and turns: the one whose eyes are most like all."""
    votes: list[Face] = []
    for number, turn in enumerate(_TURNS):
        if len(votes) >= _VOTES or (number > _HOPE and not votes):
            break
        for width in _WIDTHS:
            for seen, view in _again(pixels, box, width, turn):
                if seen.likelihood > _SURE:
                    votes.append(_face(seen, *view, box))
    if len(votes) < _VOTES:
        return None
    eyes = np.array([[eye.centre for eye in face.eyes] for face in votes])
    away = np.abs(eyes - np.median(eyes, axis=0)).sum(axis=(1, 2))
    return votes[int(away.argmin())]


def is_certain(pixels: Pixels, face: Face) -> bool:
    """Whether a face of uint8 [h, w, 3] is one wherever it lies: most views of it agree surely, as on an eye, an apron
    or a hand they do not.
    """
    if face.source is not FaceSource.ANIMEFACE:
        return face.confidence > _SURE
    return _is_seen_again(pixels, face.box, _SURE, _DEEP_OFTEN)


def _is_seen_again(pixels: Pixels, box: Box, likelihood: float, times: int) -> bool:
    """Whether a face is seen so many times of fifteen in a box with more than this likelihood."""
    left = len(_TURNS) * len(_WIDTHS)
    for turn in _TURNS:
        for width in _WIDTHS:
            times -= any(seen.likelihood > likelihood for seen, _ in _again(pixels, box, width, turn))
            left -= 1
            if times <= 0 or left < times:
                return times <= 0
    return False


def has_skin(face: Face) -> bool:
    """Whether cheeks have the colour of skin."""
    return bool(like_skin(np.array([[face.skin]], np.uint8))[0, 0])


def _again(pixels: Pixels, box: Box, width: int, turn: float) -> Iterator[tuple[Seen, tuple[Pixels, Matrix]]]:
    """What is seen in a box at about its size when it is `width` pixels wide and turned by degrees, and the view."""
    rows, columns = box.grown(0.7, 0.7, 0.7, 0.7).slices(pixels.shape)
    part = pixels[rows, columns]
    if not part.size:
        return
    scale = width / box.width
    near = _scaled(part, scale)
    way = np.array([[scale, 0, -scale * columns.start], [0, scale, -scale * rows.start]])
    middle = _moved(way, box.centre)
    near, way = _turned(near, way, middle, turn)
    own = [seen for seen in detect(near) if 0.6 < seen.box.width / width < 1.6]
    own = [seen for seen in own if float(np.hypot(*np.subtract(seen.box.centre, middle))) < 0.4 * width]
    if own:
        yield max(own, key=lambda seen: seen.likelihood), (near, way)


def _candidates(found: Sequence[Seen], way: Matrix) -> list[Box]:
    """The boxes of what is likely, in the picture's pixels, the surest first."""
    likely = sorted((seen for seen in found if seen.likelihood > _PERHAPS), key=lambda seen: -seen.likelihood)
    back, scale = _inverse(way), float(np.hypot(*way[:, 0]))
    boxes: list[Box] = []
    for seen in likely:
        box = _placed(seen.box, back, scale)
        if len(boxes) < _MOST_CANDIDATES and not any(_is_same(box, other) for other in boxes):
            boxes.append(box)
    return boxes


def _is_same(one: Box, other: Box) -> bool:
    away = float(np.hypot(*np.subtract(one.centre, other.centre)))
    return away < 0.4 * max(one.width, other.width)


def _scaled(pixels: Pixels, scale: float) -> Pixels:
    return resized(pixels, (max(1, round(pixels.shape[0] * scale)), max(1, round(pixels.shape[1] * scale))))


def _inverse(way: Matrix) -> Matrix:
    return np.asarray(cv2.invertAffineTransform(way), np.float64)


def _moved(way: Matrix, point: Point) -> Point:
    x, y = way[:, :2] @ np.array(point) + way[:, 2]
    return float(x), float(y)


def _placed(box: Box, back: Matrix, scale: float) -> Box:
    """A view's box in the picture, upright and of the same size, whatever the view was turned by."""
    x, y = _moved(back, box.centre)
    width, height = box.width / scale, box.height / scale
    return Box(x - width / 2, y - height / 2, width, height)


def _face(seen: Seen, view: Pixels, way: Matrix, box: Box) -> Face:
    """What was seen in a view, in the picture's pixels; the face's box is the one where it was first seen."""
    back, scale = _inverse(way), float(np.hypot(*way[:, 0]))
    eyes = sorted((_eye(eye, view, back, scale) for eye in seen.eyes), key=lambda eye: eye.centre[0])
    (x0, y0), (x1, y1) = (eye.centre for eye in eyes)
    return Face(
        box=box,
        eyes=(eyes[0], eyes[1]),
        mouth=_placed(seen.mouth, back, scale),
        nose=_moved(back, seen.nose),
        chin=_moved(back, seen.chin),
        tilt=float(np.arctan2(y1 - y0, max(x1 - x0, 1e-6))),
        skin=commonest(view[_between(seen).slices(view.shape)]),
        hair=commonest(view[_above(seen).slices(view.shape)]),
        confidence=seen.likelihood,
        source=FaceSource.ANIMEFACE,
    )


def _eye(box: Box, view: Pixels, back: Matrix, scale: float) -> Eye:
    inner = box.grown(-0.25, -0.25, -0.25, -0.25)
    radius = (box.width / 2 / scale, box.height / 2 / scale)
    return Eye(_moved(back, box.centre), radius, commonest(view[inner.slices(view.shape)]))


def _between(seen: Seen) -> Box:
    """The cheeks: from the eyes' lower lids to the mouth."""
    top = max(eye.y + eye.height for eye in seen.eyes)
    left, right = seen.eyes[0].centre[0], seen.eyes[1].centre[0]
    return Box(left, top, max(right - left, 1), max(seen.mouth.y - top, 2))


def _above(seen: Seen) -> Box:
    """The front hair: from above the face's box down to the brows."""
    box = seen.box
    top, bottom = box.y - 0.35 * box.height, min(eye.y for eye in seen.eyes) - 0.12 * box.height
    return Box(box.x + 0.15 * box.width, top, 0.7 * box.width, max(bottom - top, 2))
