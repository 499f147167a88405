"""Scaling the rows of a picture that have changed, and no others."""

from __future__ import annotations

import math

import cv2
import numpy as np

from paints_undo_engine.export.planes import Pixels

_REACH = {cv2.INTER_AREA: 1, cv2.INTER_LINEAR: 2, cv2.INTER_CUBIC: 3}
"""How many of its rows on either side a scaled one is made of, at most."""
_LONG = 32
"""More rows than this are not scaled where fewer have changed."""


def changed_rows(before: Pixels, after: Pixels) -> slice:
    """From the first to the last row in which two pictures differ, uint8 [h, w, 3] both; empty where they do not.

    >>> changed_rows(np.zeros((4, 2, 3), np.uint8), np.eye(4, 6, dtype=np.uint8).reshape(4, 2, 3))
    slice(0, 4, None)
    """
    rows = np.flatnonzero(cv2.absdiff(before, after).reshape(len(after), -1).any(axis=1))
    return slice(int(rows[0]), int(rows[-1]) + 1) if len(rows) else slice(0, 0)


def resize_rows(source: Pixels, target: Pixels, changed: slice, method: int) -> slice:
    """Scale what has changed of `source` into `target`, uint8 [h, w] both, as `cv2.resize` scales the whole; the rows
    of `target` that are other ones now. Where no rows of both lie on each other, they are drawn to a 32nd of a pixel.
    """
    rows, scaled = len(source), len(target)
    reach = _REACH[method] * max(1, math.ceil(rows / scaled))
    other = slice(
        max(0, math.floor((changed.start - reach) * scaled / rows)),
        min(scaled, math.ceil((changed.stop + reach) * scaled / rows)),
    )
    step = math.gcd(rows, scaled)
    if step < rows // _LONG and method != cv2.INTER_AREA:
        _draw_rows(source, target, other, method)
        return other
    period, scaled_period = rows // step, scaled // step
    first = max(0, (changed.start - 2 * reach) // period)
    last = min(step, -(-(changed.stop + 2 * reach) // period))
    part = source[first * period : last * period]
    made = cv2.resize(part, (target.shape[1], (last - first) * scaled_period), interpolation=method)
    top = first * scaled_period
    target[other] = made[other.start - top : other.stop - top]
    return other


def _draw_rows(source: Pixels, target: Pixels, wanted: slice, method: int) -> None:
    across, down = source.shape[1] / target.shape[1], source.shape[0] / target.shape[0]
    matrix = np.array([[across, 0, (across - 1) / 2], [0, down, (wanted.start + 0.5) * down - 0.5]])
    flags = method | cv2.WARP_INVERSE_MAP
    part = target[wanted]
    cv2.warpAffine(source, matrix, part.shape[::-1], dst=part, flags=flags, borderMode=cv2.BORDER_REPLICATE)
