"""The parts that a network sees in a picture, where its file is there: hair, a sleeve, a hand, a leaf, a window.

The network is asked what belongs to a point, again and again, at the middle of what no part holds yet. It knows nothing
of names, and not of colours alone: a striped skirt is one part, and two legs of one colour are two.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.convolving import Planes
from paints_undo_engine.procedural.reading.model import Labels, Pixels
from paints_undo_engine.procedural.reading.part_masks import SeenParts
from paints_undo_engine.procedural.reading.segmenter_decoder import SeenPlaces, answer, see
from paints_undo_engine.procedural.reading.segmenter_encoder import encode
from paints_undo_engine.procedural.reading.segmenter_numbers import MaskDecoder, read_segmenter

_MEAN, _SPREAD = (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)
"""Of the pictures that it learned from: red, green, blue."""
_SIDE, _STEP, _FINER = 640, 16, 4
"""Pixels: the longer side that it looks at; its places' side; masks have four times as many places."""
_FITS, _STABLE, _UNSURE = 0.8, 0.85, 1.0
"""How well a mask is expected to fit at least; how alike it is at least to itself where its border is drawn so much
nearer or farther, in logarithms of odds."""
_MOST_POINTS, _AT_ONCE = 48, 8
_NEAREST, _AROUND = 3.0, 0.9
"""In places of masks: the least radius of what is free around a point; of that radius, what a point stands for."""
_SAME = 0.7
"""Two masks that share so much of what they cover together are one."""
_SMALLEST = 24
"""Places of a part at least."""
_WHOLE = 0.6
"""Of the picture: what is larger is no part of it."""
_LARGE, _LIKE = 0.02, 18.0
"""Of the picture: a larger part is asked again where it has another colour; in Lab, how far that is from the first."""
_INSIDE = 0.85
"""Of a part, what lies in the one that it belongs to."""
_BAND, _CORE = 0.008, 0.4
"""Of the longer side: how far a border may be from where it is seen first; of a part's half breadth, what stays."""


def along_edges(labels: Labels, clean: Pixels) -> Labels:
    """Parts int32 [h, w], whose borders run along the nearest edges of a line-free picture uint8 [h, w, 3]."""
    middle = _depths(labels)
    deepest = np.zeros(int(labels.max()) + 1, np.float32)
    np.maximum.at(deepest, labels, middle)
    band = np.minimum(_BAND * max(labels.shape), _CORE * deepest)[labels]
    markers = np.where(middle > band, labels + 1, 0).astype(np.int32)
    cv2.watershed(clean, markers)
    return np.asarray(np.where(markers > 0, markers - 1, labels), np.int32)


def _depths(labels: Labels) -> Planes:
    """float32 [h, w]: how far each pixel is from the next one of another label."""
    inner = np.ones(labels.shape, np.uint8)
    for there, here in (
        ((slice(1, None),), (slice(None, -1),)),
        ((slice(None), slice(1, None)), (slice(None), slice(None, -1))),
    ):
        differ = labels[there] != labels[here]
        inner[there][differ] = 0
        inner[here][differ] = 0
    return np.asarray(cv2.distanceTransform(inner, cv2.DIST_L2, 3), np.float32)


def find_seen_parts(pixels: Pixels) -> SeenParts | None:
    """The parts of a picture uint8 [h, w, 3].

    None where the network's file is not in the folder of models, or is another than the one that is known.

    Example: `find_seen_parts(view.pixels)`
    """
    network = read_segmenter()
    if network is None:
        return None
    encoder, decoder = network
    scale = _SIDE / max(pixels.shape)
    height, width = (max(_STEP, round(side * scale)) for side in pixels.shape[:2])
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    looked = cv2.resize(pixels, (width, height), interpolation=method).astype(np.float32)
    frame = ((0, -height % _STEP), (0, -width % _STEP), (0, 0))
    planes = np.pad((looked - _MEAN) / _SPREAD, frame).transpose(2, 0, 1)
    seen = see(decoder, encode(encoder, np.ascontiguousarray(planes, np.float32)))
    shape = (height // _FINER, width // _FINER)
    lab = cv2.cvtColor(cv2.resize(looked, shape[::-1], interpolation=cv2.INTER_AREA) / 255, cv2.COLOR_RGB2Lab)
    return _chosen(_asked(decoder, seen, np.asarray(lab, np.float32)), shape)


def _asked(decoder: MaskDecoder, seen: SeenPlaces, lab: Planes) -> list[tuple[float, Planes]]:
    """Masks float32 [h, w] that fit, each with how well, of a picture with colours float32 [h, w, 3]."""
    shape = lab.shape[:2]
    covered, tried = np.zeros(shape, bool), np.zeros(shape, np.uint8)
    side = np.float32(max(seen.sides) * _FINER)
    found: list[tuple[float, Planes]] = []
    for _ in range(_MOST_POINTS // _AT_ONCE):
        points = _points(~covered & (tried == 0))
        if not points:
            break
        for x, y, radius in points:
            cv2.circle(tried, (x, y), max(2, int(radius / 3)), 1, -1)
            reply = answer(decoder, seen, (np.array([x, y], np.float32) + 0.5) / side, _FITS)
            if reply.masks is None:
                continue
            fitting = []
            for mask, fits in zip(reply.masks[:, : shape[0], : shape[1]], reply.quality, strict=True):
                inside = int((mask > 0).sum())
                stable = int((mask > _UNSURE).sum()) / max(1, int((mask > -_UNSURE).sum()))
                if fits >= _FITS and stable >= _STABLE and _SMALLEST <= inside <= _WHOLE * mask.size:
                    fitting.append((inside, float(fits) * stable, mask))
            if fitting:
                area, _, least = min(fitting, key=lambda one: one[0])
                alike = np.sqrt(((lab - lab[y, x]) ** 2).sum(axis=2)) < _LIKE
                covered |= (least > 0) & (alike | (area < _LARGE * least.size))
                found += [(fits, mask) for _, fits, mask in fitting]
    return found


def _points(free: NDArray[np.bool_]) -> list[tuple[int, int, float]]:
    """The middles of the largest circles that are free, bool [h, w]: x, y and radius."""
    left = free.astype(np.uint8)
    points: list[tuple[int, int, float]] = []
    while len(points) < _AT_ONCE:
        far = cv2.distanceTransform(cv2.copyMakeBorder(left, 1, 1, 1, 1, cv2.BORDER_CONSTANT), cv2.DIST_L2, 3)
        _, radius, _, (x, y) = cv2.minMaxLoc(far)
        if radius < _NEAREST:
            break
        points.append((x - 1, y - 1, float(radius)))
        cv2.circle(left, (x - 1, y - 1), int(max(2 * _NEAREST, _AROUND * radius)), 0, -1)
    return points


def _chosen(found: list[tuple[float, Planes]], shape: tuple[int, int]) -> SeenParts:
    """Each part once, as the mask that fits best, the largest first."""
    kept: list[tuple[NDArray[np.bool_], Planes]] = []
    for _, mask in sorted(found, key=lambda one: -one[0]):
        inside = mask > 0
        if all((inside & other).sum() <= _SAME * (inside | other).sum() for other, _ in kept):
            kept.append((inside, mask))
    kept.sort(key=lambda one: -int(one[0].sum()))
    parents = np.full(len(kept), -1, np.int64)
    for number, (inside, _) in enumerate(kept):
        holding = [at for at in range(number) if (inside & kept[at][0]).sum() > _INSIDE * inside.sum()]
        parents[number] = holding[-1] if holding else -1
    masks = np.stack([mask for _, mask in kept]) if kept else np.zeros((0, *shape), np.float32)
    return SeenParts(masks, parents)
