"""Looking for faces with one more small network, where that is installed: BlazeFace (Bazarevsky et al. 2019,
Apache-2.0), in MediaPipe's form for faces as far as five metres away.

It was trained on people before cameras. Looked at from near it knows drawn faces as well, laughing ones, small ones,
and those under hoods; what only looks like a face is seen from one place, and not again from others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.model import Box, Face, FaceSource, Pixels
from paints_undo_engine.procedural.reading.networks import FACES, run_network
from paints_undo_engine.procedural.reading.portraits import face_of
from paints_undo_engine.procedural.reading.view import resized

_MOST, _SIDE, _CELLS = 1024, 192, 48
"""Pixels of the picture's longer side, of the square that the network sees, and its cells along a side."""
_POINTS = 8
"""For each cell a face's middle, its size, both eyes, nose, mouth, both ears."""
_NEAR, _NEARER = 0.3, 0.15
"""Of the picture's longer side: half a square from near, and from nearer."""
_SUSPECTED, _CANDIDATES = 0.4, 8
"""How likely a face is that is looked at again, and how many are at most, the likeliest first."""
_SIZES = (4.6, 3.4, 2.6)
"""Half a square about a candidate, in distances of its eyes."""
_DOWN, _ONE, _FAINT = 0.45, 0.4, 0.05
"""In distances of the eyes: how far below them the middle of a face is; how far apart two sights of one face are. A
likelihood that is none."""
_SEEN, _AGREED, _HOPE = 0.3, 0.25, 0.2
"""How likely all views together have to make a face, and which of them tell where its eyes are; what less of it the
first two have together is not looked at further."""
_ABOUT, _LOW = (2.0, 1.5, 1.2, 1.0, 0.8), 0.6
"""Half a square about a likely head by its width, and how far down that its middle is."""
_BETWEEN = 0.5
"""In distances of the eyes: how far aside of their middle a nose is that lies between them."""
_HINTED, _TRIED = 0.25, 3
"""How likely a face is there that is looked at again, and how many are at most."""
_SEEN_THERE, _ASIDE, _LEVEL, _APART = 0.18, 0.36, (0.38, 0.7), (0.15, 0.45)
"""How likely all views have to make a face in a likely head; where its eyes are and how far apart, by the head's width
and height: aside from its middle, down from its top."""
_FAINTLY, _GLIMPSED, _LARGE = 0.14, 0.25, 0.035
"""Where nobody else is seen in a picture: how likely all views have to make a face, how likely it is that is looked at
again, and how far apart its eyes are at least, by the picture's longer side.
"""
_HALF_SEEN, _FAINT_ONES, _UPPER = 0.4, 6, 0.5
"""How likely a face is in a turned figure that is looked at with the finder of drawn ones; how many faint sights
are looked at again, until one is a face; of a figure's longer side, how high its upper end is at least.
"""
_TRACE, _ELSEWHERE = 0.1, 0.6
"""How likely a face is in all views that another finder knows, at least; how far off its eyes may be seen, in their
distances."""
_CONFIDENT = 0.7
_SMALLEST = 6.0
"""Pixels of the distance between the eyes."""
_EYE = (0.22, 0.17)
"""An eye, drawn or not: half its width and height by the distance of the eyes."""
_FLAT = 0.35
"""Of that distance: nothing nearer below the eyes is a mouth."""

Points = NDArray[np.float64]
"""float64 [4, 2]: the eyes from left to right, nose and mouth."""


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """A face as one view shows it, in the picture's pixels."""

    likelihood: float
    points: Points

    @property
    def middle(self) -> NDArray[np.float64]:
        """Between the eyes: [2]."""
        return np.asarray(self.points[:2].mean(axis=0))

    @property
    def apart(self) -> float:
        """The distance of the eyes."""
        return float(np.hypot(*(self.points[1] - self.points[0])))

    def is_one_with(self, other: Sight) -> bool:
        """Whether both are sights of one face."""
        return bool(np.hypot(*(self.middle - other.middle)) < _ONE * max(self.apart, other.apart))


def find_with_blazeface(pixels: Pixels, known: Sequence[Face] = (), *, nearer: bool = False) -> Sequence[Face] | None:
    """Faces of uint8 [h, w, 3], in its pixels, beside those that are known, or None without the network.

    Smaller ones are looked for from `nearer`.
    """
    small, scale = _small(pixels)
    candidates = _candidates(small, [face.box.scaled(scale).centre for face in known], _NEARER if nearer else _NEAR)
    if candidates is None:
        return None
    found: list[Sight] = []
    for candidate in candidates:
        face = _confirmed(small, candidate)
        if face is not None and not any(face.is_one_with(other) for other in found):
            found.append(face)
    made = [_face(pixels, sight, scale) for sight in found]
    return [face for face in made if face is not None]


def without_unseen(pixels: Pixels, faces: Sequence[Face]) -> tuple[Face, ...]:
    """The faces of uint8 [h, w, 3] of which the network sees at least a trace; all of them without the network."""
    small, scale = _small(pixels)
    return tuple(face for face in faces if _is_seen(small, face, scale))


def _is_seen(small: Pixels, face: Face, scale: float) -> bool:
    left, right = (scale * np.array(eye.centre) for eye in face.eyes)
    apart, middle = float(np.hypot(*(right - left))), (left + right) / 2
    likely = 0.0
    for size, mirrored in product(_SIZES, (False, True)):
        place = float(middle[0]), float(middle[1]) + _DOWN * apart
        sights = _look(small, *place, max(size * apart, 1.0), mirrored, _TRACE)
        if sights is None:
            return True
        near = [one for one in sights if float(np.hypot(*(one.middle - middle))) < _ELSEWHERE * max(apart, one.apart)]
        likely += max((one.likelihood for one in near), default=0.0)
        if likely > _TRACE * 2 * len(_SIZES):
            return True
    return False


def _small(pixels: Pixels) -> tuple[Pixels, float]:
    """The picture as it is looked at, and its size by the picture's own."""
    scale = min(1.0, _MOST / max(pixels.shape[:2]))
    return resized(pixels, (max(1, round(pixels.shape[0] * scale)), max(1, round(pixels.shape[1] * scale)))), scale


def find_in_heads(pixels: Pixels, heads: Sequence[Box]) -> Sequence[Face]:
    """The faces of uint8 [h, w, 3] in what may be heads, at most one in each, where a face would lie: less is asked of
    these. Empty without the network.
    """
    small, scale = _small(pixels)
    found = []
    for head in heads:
        sight = _in_head(small, head.scaled(scale))
        face = None if sight is None else _face(pixels, sight, scale)
        found += [] if face is None else [face]
    return found


def find_faint(pixels: Pixels, figure: Box) -> tuple[Face, ...]:
    """The likeliest face in the box of a figure of uint8 [h, w, 3] where no other is known: turned aside, bowed or
    hidden in part, but large enough that what only looks like one is seldom taken for it. Empty where there is none,
    and without the network.
    """
    small, scale = _small(pixels)
    least = _LARGE * max(small.shape[:2])
    sights = [
        sight
        for view in _views_of(figure.scaled(scale))
        for sight in _look(small, *view, _GLIMPSED) or ()
        if sight.apart > least
    ]
    likeliest = sorted(sights, key=lambda sight: -sight.likelihood)[:_FAINT_ONES]
    looked_at = (_confirmed(small, sight, _FAINTLY) for sight in likeliest)
    seen = next((face for face in looked_at if face is not None and face.apart > least), None)
    found = None if seen is None else _face(pixels, seen, scale)
    return () if found is None else (found,)


def has_glimpse(pixels: Pixels) -> bool:
    """Whether in uint8 [h, w, 3] something looks a little like a large face; so it is without the network."""
    small, _ = _small(pixels)
    least = _LARGE * max(small.shape[:2])
    for x, y, half, mirrored in _views_of(Box(0, 0, small.shape[1], small.shape[0])):
        sights = [] if mirrored else _look(small, x, y, half, False, _HALF_SEEN)
        if sights is None or any(sight.apart > least for sight in sights):
            return True
    return False


def _views_of(figure: Box) -> Iterator[tuple[float, float, float, bool]]:
    """The squares in which a figure is looked at, as `_views` has them: all of it, then its upper end from near."""
    longer, narrower = max(figure.width, figure.height), min(figure.width, figure.height)
    half = max(narrower, _UPPER * longer) / 2
    for mirrored in (False, True):
        yield *figure.centre, longer / 2, mirrored
        for aside in _along(round(figure.width), half):
            yield figure.x + aside, figure.y + half, half, mirrored


def _in_head(small: Pixels, head: Box) -> Sight | None:
    """The face in what may be a head."""
    fitting: list[Sight] = []
    for size in _ABOUT:
        sights = _look(small, head.centre[0], head.y + _LOW * head.height, size * head.width, False, _HINTED)
        fitting += [sight for sight in sights or () if _fits(sight, head)]
    faces = [_confirmed(small, sight, _SEEN_THERE) for sight in _each_once(fitting)[:_TRIED]]
    seen = [face for face in faces if face is not None and _fits(face, head)]
    return max(seen, key=lambda one: one.likelihood, default=None)


def _each_once(sights: Sequence[Sight]) -> list[Sight]:
    """Sights of different faces, the likeliest first."""
    kept: list[Sight] = []
    for sight in sorted(sights, key=lambda one: -one.likelihood):
        if not any(sight.is_one_with(other) for other in kept):
            kept.append(sight)
    return kept


def _fits(sight: Sight, head: Box) -> bool:
    """Whether eyes lie where they would in a head, and the nose between them: from the side one of them is guessed."""
    x, y = sight.middle
    across = sight.points[1] - sight.points[0]
    return (
        abs(float((sight.points[2] - sight.middle) @ across)) < _BETWEEN * sight.apart**2
        and abs(x - head.centre[0]) < _ASIDE * head.width
        and _LEVEL[0] < (y - head.y) / head.height < _LEVEL[1]
        and _APART[0] < sight.apart / head.width < _APART[1]
        and sight.apart > _SMALLEST
    )


def _face(pixels: Pixels, sight: Sight, scale: float) -> Face | None:
    """The face of a sight in a picture `scale` times as large; its mouth is one place."""
    points = np.concatenate([sight.points, sight.points[3:]]) / scale
    return face_of(pixels, points, sight.likelihood, FaceSource.BLAZEFACE, eye=_EYE, flat=_FLAT)


def _candidates(
    small: Pixels, known: Sequence[tuple[float, float]], near: float = _NEAR, likely: float = _SUSPECTED,
    least: float = _SMALLEST,
) -> list[Sight] | None:  # fmt: skip
    """What may be faces with eyes at `least` so far apart, the likeliest first, each once; None without the network."""
    found: list[Sight] = []
    for x, y, half, mirrored in _views(small.shape[1], small.shape[0], near):
        sights = _look(small, x, y, half, mirrored, likely)
        if sights is None:
            return None
        found += [sight for sight in sights if sight.apart > least]
    kept: list[Sight] = []
    for sight in sorted(found, key=lambda one: -one.likelihood):
        new = not any(sight.is_one_with(other) for other in kept)
        if new and not any(np.hypot(*(sight.middle - place)) < 1.2 * sight.apart for place in known):
            kept.append(sight)
    return kept[:_CANDIDATES]


def _views(width: int, height: int, near: float) -> Iterator[tuple[float, float, float, bool]]:
    """The squares that are looked at: middle, half a side, whether mirrored. All of the picture, then from near."""
    longer = max(width, height)
    for mirrored in (False, True):
        yield width / 2, height / 2, longer / 2, mirrored
    half = near * longer
    for y in _along(height, half):
        for x in _along(width, half):
            yield x, y, half, False


def _along(length: int, half: float) -> list[float]:
    """Middles of squares that overlap by half along a side."""
    if length <= 2 * half:
        return [length / 2]
    return [float(at) for at in np.linspace(half, length - half, int(np.ceil((length - 2 * half) / half)) + 1)]


def _confirmed(small: Pixels, candidate: Sight, least: float = _SEEN) -> Sight | None:
    """A candidate as most views of it have it, if it is seen again at least so likely."""
    x, y = float(candidate.middle[0]), float(candidate.middle[1]) + _DOWN * candidate.apart
    seen: list[Sight] = []
    for size in _SIZES:
        for mirrored in (False, True):
            sights = _look(small, x, y, size * candidate.apart, mirrored, _FAINT) or ()
            same = [sight for sight in sights if sight.is_one_with(candidate)]
            seen += [max(same, key=lambda one: one.likelihood)] if same else []
        if sum(sight.likelihood for sight in seen) < min(_HOPE, least):
            return None
    likely = sum(sight.likelihood for sight in seen) / (2 * len(_SIZES))
    if likely < least:
        return None
    agreed = [sight.points for sight in seen if sight.likelihood >= min(_AGREED, max(one.likelihood for one in seen))]
    return Sight(_CONFIDENT + (1 - _CONFIDENT) * likely, np.median(agreed, axis=0))


def _look(small: Pixels, x: float, y: float, half: float, mirrored: bool, least: float) -> list[Sight] | None:
    """The faces in one square, the likeliest first, each once; None without the network."""
    side = max(2, round(2 * half))
    left, top = round(x - half), round(y - half)
    height, width = small.shape[:2]
    part = small[max(top, 0) : max(top + side, 0), max(left, 0) : max(left + side, 0)]
    if not part.size:
        return []
    about = max(-top, 0), max(top + side - height, 0), max(-left, 0), max(left + side - width, 0)
    square = cv2.copyMakeBorder(part, *about, cv2.BORDER_REPLICATE)
    view = cv2.resize(square, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA if side > _SIDE else cv2.INTER_LINEAR)
    view = view[:, ::-1] if mirrored else view
    answers = run_network(FACES, (view.transpose(2, 0, 1)[None] / np.float32(127.5) - 1).astype(np.float32))
    if answers is None:
        return None
    likely, places = _decoded(answers)
    cells = np.flatnonzero(likely > least)
    cells = cells[np.argsort(-likely[cells], kind="stable")]
    points = places[cells]
    if mirrored:
        points[..., 0] = 1 - points[..., 0]
    turned = points[:, 0, 0] > points[:, 1, 0]
    points[turned, :2] = points[turned, 1::-1]
    points = points * side + np.array([left, top])
    return [Sight(float(likely[cells[at]]), points[at]) for at in _first_of_each(points)]


def _first_of_each(points: NDArray[np.float64]) -> list[int]:
    """Of sights with points float64 [n, 4, 2], the likeliest first, which show a face that none before them shows."""
    middle, (across, down) = points[:, :2].mean(axis=1), (points[:, 1] - points[:, 0]).T
    apart = np.hypot(across, down)
    new = np.ones(len(points), bool)
    kept = []
    for at in range(len(points)):
        if new[at]:
            kept.append(at)
            away = np.hypot(*(middle - middle[at]).T)
            new &= away >= _ONE * np.maximum(apart, apart[at])
    return kept


def _decoded(answers: Sequence[NDArray[np.float32]]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Of each cell how likely a face is, [n], and where its eyes, nose and mouth are, [n, 4, 2], in sides of a view."""
    boxes, scores = sorted(answers, key=lambda answer: -answer.size)
    at = (np.arange(_CELLS) + 0.5) / _CELLS
    cells = np.stack(np.meshgrid(at, at), axis=-1).reshape(-1, 1, 2)
    places = boxes.reshape(-1, _POINTS, 2)[:, 2:6].astype(np.float64) / _SIDE + cells
    return 1 / (1 + np.exp(-np.clip(scores.ravel().astype(np.float64), -80, 80))), places
