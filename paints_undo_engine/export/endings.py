"""What a video may show when the painting is done: a detail from near, and the painting beside its sketch."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import takewhile

import cv2
import numpy as np

from paints_undo_engine.export.camera import Centre, Thumbnail
from paints_undo_engine.export.extent import fitted
from paints_undo_engine.export.geometry import Canvas
from paints_undo_engine.export.planes import Planes
from paints_undo_engine.export.pyramid import Pyramid
from paints_undo_engine.export.source import ProcessSource, Still
from paints_undo_engine.painting import Painting
from paints_undo_engine.picture import Placement

_IN, _OUT = 0.18, 0.22
"""The shares of the time in which the view goes close, and back."""
_NEAR = 0.3
"""A detail's share of the largest view that the painting fills, across and down."""
_DRIFT = 0.08
_NEARBY = 0.15
_WINDOW = 0.25
_EYE_LEVEL, _PULL = 0.36, 3.5
_FIRST_PHASES = ("construction", "sketch", "line")


def zoom(pyramid: Pyramid, whole: Canvas, painting: Painting, centre: Centre, ticks: int) -> Iterator[Planes]:
    """The whole view, a detail of the painting, and the whole again: quickly there, a slow drift, smoothly back."""
    for tick in range(ticks):
        time = (tick + 0.5) / ticks
        if time < _IN:
            close = 1 - (1 - time / _IN) ** 3
        elif time < 1 - _OUT:
            close = 1 + _DRIFT * (time - _IN)
        else:
            left = (1 - time) / _OUT
            close = (1 + _DRIFT * (1 - _OUT - _IN)) * left * left * (3 - 2 * left)
        view = whole.at(_between(whole.region, _near(whole, painting, centre), close), painting)
        yield pyramid.show(view, painting.placement)


def _near(whole: Canvas, painting: Painting, centre: Centre) -> Placement:
    """The detail around `centre`, inside the painting."""
    sides = fitted(painting.width, painting.height, whole.width / whole.height, inside=True)
    width, height = (side * _NEAR for side in sides)
    left = min(max(0.0, centre[0] * painting.width - width / 2), painting.width - width)
    top = min(max(0.0, centre[1] * painting.height - height / 2), painting.height - height)
    return Placement(left, top, width, height)


def _between(far: Placement, near: Placement, close: float) -> Placement:
    """From the far view (`close` 0) straight to the near one (1), enlarging evenly."""
    width, height = far.width * (near.width / far.width) ** close, far.height * (near.height / far.height) ** close
    share = (far.width - width) / (far.width - near.width) if far.width > near.width else close
    return Placement(far.x + (near.x - far.x) * share, far.y + (near.y - far.y) * share, width, height)


def crowded(centres: Sequence[Centre]) -> Centre:
    """The middle of those places that lie near the one that has most of the others near it.

    >>> crowded([(0.25, 0.5), (0.75, 0.75), (0.25, 0.625)])
    (0.25, 0.5625)
    """
    near = max(
        ([other for other in centres if math.dist(centre, other) < _NEARBY] for centre in centres),
        key=len,
    )
    x, y = np.mean(near, axis=0)
    return float(x), float(y)


def detail_of(painting: Thumbnail) -> Centre:
    """Where the finest detail is: the window with the strongest edges; those in the middle and above it, where faces
    are, go first."""
    grey = cv2.cvtColor(painting, cv2.COLOR_RGB2GRAY).astype(np.float32)
    height, width = grey.shape
    edges = np.abs(cv2.Laplacian(grey, cv2.CV_32F, borderType=cv2.BORDER_REPLICATE))
    window = max(1, round(width * _WINDOW)), max(1, round(height * _WINDOW))
    strength = cv2.blur(np.sqrt(edges), window, borderType=cv2.BORDER_CONSTANT)
    across = (np.arange(width) + 0.5) / width - 0.5
    down = (np.arange(height) + 0.5) / height - _EYE_LEVEL
    strength = strength * np.exp(-_PULL * (across[None] ** 2 + down[:, None] ** 2))
    y, x = np.unravel_index(int(strength.argmax()), strength.shape)
    return (float(x) + 0.5) / width, (float(y) + 0.5) / height


def wipe(before: Planes, after: Planes, ticks: int) -> Iterator[Planes]:
    """A line that goes from the right to the left and back: right of it is what was before, left of it what is now."""
    width = after.width
    thick = max(2, width // 270 * 2)
    for tick in range(ticks):
        share = 0.5 + 0.5 * math.cos(2 * math.pi * (tick + 0.5) / ticks)
        at = min(width, round(share * (width + thick) / 2) * 2)
        shown = after.copy()
        for plane, old, white, unit in (
            (shown.y, before.y, 235, 1),
            (shown.u, before.u, 128, 2),
            (shown.v, before.v, 128, 2),
        ):
            plane[:, at // unit :] = old[:, at // unit :]
            plane[:, max(0, at - thick) // unit : at // unit] = white
        shown.y[:, at : at + thick // 2] //= 2
        yield shown


def sketch_of(source: ProcessSource) -> Still:
    """The state to compare the painting with: the end of its first sketch and lines; a quarter of the way, if none is
    told."""
    states = source.states
    early = sum(1 for _ in takewhile(lambda phase: phase in _FIRST_PHASES, source.phases[: len(states) - 1]))
    return states[early - 1 if early else len(states) // 4]
