"""The dark lines of a small picture as strokes, looked for along the way they run: a blurred or broken line is one.

The difference of Gaussians across the flow of the edges, added up along it (Kang, Lee & Chui 2007).
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.model import Path
from paints_undo_engine.procedural.reading.tracing import link, smooth, thin, trace

_FLOW, _CROSS, _SURROUND, _ALONG = 1.8, 1.2, 1.6, 3.0
"""Pixels: the sigma by which the flow is smoothed, that across a line, by that of its surroundings, and along it."""
_SURE, _GOES_ON, _LEAST = 0.3, 0.13, 1.2
"""By the darkest lines, how dark a line begins and goes on; levels, how dark it is at least."""
_GAP, _SHORTEST, _ROUNDED = 4.0, 6.0, 1.3
"""Pixels: ends that are nearer are joined; shorter lines are left out; the sigma by which a hand rounds one."""

Plane = NDArray[np.float32]


def coherent_lines(light: Plane, place: NDArray[np.bool_]) -> list[Path]:
    """Strokes float32 [n, 2] of what is darker in float32 [h, w] than both its sides; `place` bool [h, w] is where the
    darkest are, by which the others are judged.
    """
    across = _flow(light)
    dark = -_added(_across(light, across), across)
    least = max(_LEAST, _SURE * float(np.percentile(dark[place], 98))) if place.any() else _LEAST
    _, labels = cv2.connectedComponents((dark > least * _GOES_ON / _SURE).astype(np.uint8), connectivity=8)
    begun = np.unique(labels[(dark > least) & (labels > 0)])
    paths = link(trace(thin(np.isin(labels, begun).astype(np.uint8)), 3.0), _GAP)
    lines = [smooth(path, _ROUNDED) for path in paths]
    return [line for line in lines if float(np.hypot(*np.diff(line, axis=0).T).sum()) > _SHORTEST]


def _flow(light: Plane) -> tuple[Plane, Plane]:
    """The way across the edges, as x and y of unit vectors."""
    gx, gy = (cv2.Sobel(light, cv2.CV_32F, *way) for way in ((1, 0), (0, 1)))
    xx, xy, yy = (cv2.GaussianBlur(product, (0, 0), _FLOW) for product in (gx * gx, gx * gy, gy * gy))
    turn = 0.5 * np.arctan2(2 * xy, xx - yy)
    return np.cos(turn).astype(np.float32), np.sin(turn).astype(np.float32)


def _across(light: Plane, way: tuple[Plane, Plane]) -> Plane:
    """How much lighter each place is than what lies beside it across the flow."""
    reach = int(np.ceil(3 * _SURROUND * _CROSS))
    steps = np.arange(-reach, reach + 1)
    inner, outer = (np.exp(-(steps**2) / (2 * sigma**2)) for sigma in (_CROSS, _SURROUND * _CROSS))
    weights = inner / inner.sum() - outer / outer.sum()
    found = np.zeros_like(light)
    for step, weight in zip(steps.tolist(), weights.tolist(), strict=True):
        found += np.float32(weight) * _at(light, step * way[0], step * way[1])
    return found


def _added(found: Plane, way: tuple[Plane, Plane]) -> Plane:
    """The mean along the flow."""
    total, whole = found.copy(), 1.0
    for sign in (1, -1):
        x, y = np.zeros_like(found), np.zeros_like(found)
        ahead = -sign * way[1], sign * way[0]
        for step in range(1, int(2 * _ALONG) + 1):
            x, y = x + ahead[0], y + ahead[1]
            along = _at(-way[1], x, y), _at(way[0], x, y)
            turned = np.where(along[0] * ahead[0] + along[1] * ahead[1] < 0, np.float32(-1), np.float32(1))
            ahead = turned * along[0], turned * along[1]
            weight = float(np.exp(-(step**2) / (2 * _ALONG**2)))
            total += np.float32(weight) * _at(found, x, y)
            whole += weight
    return np.asarray(total / np.float32(whole), np.float32)


def _at(plane: Plane, x: Plane, y: Plane) -> Plane:
    """A plane so far beside each of its places."""
    rows, columns = np.ogrid[: plane.shape[0], : plane.shape[1]]
    places = (x + columns).astype(np.float32), (y + rows).astype(np.float32)
    shifted = cv2.remap(plane, *places, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(shifted, np.float32)
