"""The dark lines of a small picture as strokes, looked for along the way they run: a blurred or broken line is one."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.flow import Plane, across_flow, mean_along
from paints_undo_engine.procedural.reading.model import Path
from paints_undo_engine.procedural.reading.tracing import link, smooth, sure_somewhere, thin, trace

_FLOW, _CROSS, _SURROUND, _ALONG = 1.8, 1.2, 1.6, 3.0
"""Pixels: the sigma by which the flow is smoothed, that across a line, by that of its surroundings, and along it."""
_SURE, _GOES_ON, _LEAST = 0.3, 0.13, 1.2
"""By the darkest lines, how dark a line begins and goes on; levels, how dark it is at least."""
_GAP, _SHORTEST, _ROUNDED = 4.0, 6.0, 1.3
"""Pixels: ends that are nearer are joined; shorter lines are left out; the sigma by which a hand rounds one."""


def coherent_lines(light: Plane, place: NDArray[np.bool_]) -> list[Path]:
    """Strokes float32 [n, 2] of what is darker in float32 [h, w] than both its sides; `place` bool [h, w] is where the
    darkest are, by which the others are judged.
    """
    gx, gy = (np.asarray(cv2.Sobel(light, cv2.CV_32F, *way), np.float32) for way in ((1, 0), (0, 1)))
    across = across_flow(gx, gy, _FLOW)
    dark = -mean_along(_across(light, across), across, _ALONG)
    least = max(_LEAST, _SURE * float(np.percentile(dark[place], 98))) if place.any() else _LEAST
    begun = sure_somewhere(dark > least * _GOES_ON / _SURE, dark > least)
    paths = link(trace(thin(begun), 3.0), _GAP)
    lines = [smooth(path, _ROUNDED) for path in paths]
    return [line for line in lines if float(np.hypot(*np.diff(line, axis=0).T).sum()) > _SHORTEST]


def _across(light: Plane, way: Plane) -> Plane:
    """How much lighter each place is than what lies beside it across the flow."""
    reach = int(np.ceil(3 * _SURROUND * _CROSS))
    steps = np.arange(-reach, reach + 1)
    inner, outer = (np.exp(-(steps**2) / (2 * sigma**2)) for sigma in (_CROSS, _SURROUND * _CROSS))
    weights = inner / inner.sum() - outer / outer.sum()
    found = np.zeros_like(light)
    for step, weight in zip(steps.tolist(), weights.tolist(), strict=True):
        found += np.float32(weight) * _at(light, step * way[..., 0], step * way[..., 1])
    return found


def _at(plane: Plane, x: Plane, y: Plane) -> Plane:
    """A plane so far beside each of its places."""
    rows, columns = np.ogrid[: plane.shape[0], : plane.shape[1]]
    places = (x + columns).astype(np.float32), (y + rows).astype(np.float32)
    shifted = cv2.remap(plane, *places, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(shifted, np.float32)
