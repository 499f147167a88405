"""The keyframe model's working size, and what a request for the published behaviour stands for.

Source: docs/models.md, "Sizes".
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeGuard

from paints_undo_engine.checkpoints.folders import read_json
from paints_undo_engine.diffusion.interpolation.conditions import BUCKETS, Size
from paints_undo_engine.errors import CheckpointError
from paints_undo_engine.painting import Painting
from paints_undo_engine.request import Fit, ProcessRequest

SIZES_FILE = "sizes.json"
GRID = 64
SMALLEST, LARGEST = 256, 1024
PUBLISHED = (640, 512)
"""Height and width that the published application starts with; its area is that of automatic sizes."""


def as_published(request: ProcessRequest) -> ProcessRequest:
    """The request with the `crop` that `reference` stands for."""
    return replace(request, fit=Fit.CROP) if request.reference else request


def keyframe_size(painting: Painting, request: ProcessRequest, published: Size = PUBLISHED) -> Size:
    """Height and width; what the request leaves open follows the painting's aspect, in multiples of 64 to 1024.

    With both open: of the sizes around the area of `published` (height, width) the one nearest in aspect, then in area.
    Under `reference` what is left open is as published.
    """
    height, width = request.keyframes.height, request.keyframes.width
    if request.reference:
        return height or published[0], width or published[1]
    aspect = painting.width / painting.height
    if height and width:
        return height, width
    if width:
        return _on_grid(round(width / aspect / GRID)), width
    if height:
        return height, _on_grid(round(height * aspect / GRID))
    area = math.prod(published)
    down, across = math.sqrt(area / aspect) / GRID, math.sqrt(area * aspect) / GRID
    candidates = [
        (_on_grid(h), _on_grid(w))
        for h in (math.floor(down), math.ceil(down))
        for w in (math.floor(across), math.ceil(across))
    ]
    return min(candidates, key=lambda size: _distance(size[0], size[1], aspect, area))


@dataclass(frozen=True, slots=True)
class Sizes:
    """The sizes (height, width) that checkpoints were trained for: the published ones, unless they say otherwise.

    `keyframes` is the single-frame model's, `buckets` those that the multi-frame model's frames may have.
    """

    keyframes: Size = PUBLISHED
    buckets: tuple[Size, ...] = BUCKETS


def published_keyframe_size(folder: Path) -> Size:
    """The size that the single-frame checkpoint in `folder` was published for: 640 x 512, unless it says otherwise.

    It says so in a file ``sizes.json``: ``{"keyframes": [640, 512]}``. Raises `CheckpointError`.
    """
    path = folder / SIZES_FILE
    if not path.is_file():
        return PUBLISHED
    size = read_json(path).get("keyframes")
    if not _is_size(size):
        raise CheckpointError(f'{path} should hold {{"keyframes": [height, width]}} in multiples of 8.')
    return size[0], size[1]


def trained_buckets(folder: Path) -> tuple[Size, ...]:
    """The sizes that the multi-frame checkpoint in `folder` was trained for; the published ones, unless it says so.

    It says so in a file ``sizes.json``: ``{"buckets": [[320, 512], ...]}``. Raises `CheckpointError`.
    """
    path = folder / SIZES_FILE
    if not path.is_file():
        return BUCKETS
    buckets = read_json(path).get("buckets")
    if not isinstance(buckets, list) or not buckets or not all(_is_size(size) for size in buckets):
        raise CheckpointError(f'{path} should hold {{"buckets": [[height, width], ...]}} in multiples of 8.')
    return tuple((size[0], size[1]) for size in buckets)


def _is_size(size: object) -> TypeGuard[list[int]]:
    return (
        isinstance(size, list)
        and len(size) == 2
        and all(isinstance(side, int) and side > 0 and side % 8 == 0 for side in size)
    )


def _on_grid(cells: int) -> int:
    return min(max(cells * GRID, SMALLEST), LARGEST)


def _distance(height: int, width: int, aspect: float, area: int) -> tuple[float, float]:
    return round(abs(math.log(width / height / aspect)), 9), abs(math.log(width * height / area))
