"""The keyframe model's working size, and what a request for the published behaviour stands for.

Source: docs/models.md, "Sizes".
"""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

from paints_undo_engine.checkpoints.folders import read_json
from paints_undo_engine.diffusion.interpolation.conditions import BUCKETS, Size
from paints_undo_engine.errors import CheckpointError
from paints_undo_engine.painting import Painting
from paints_undo_engine.request import Fit, KeyframeParameters, ProcessRequest

BUCKETS_FILE = "sizes.json"
GRID = 64
SMALLEST, LARGEST = 256, 1024
PUBLISHED = (640, 512)
"""Height and width that the published application starts with; its area is that of automatic sizes."""


def as_published(request: ProcessRequest) -> ProcessRequest:
    """The request with what `reference` stands for written out: 512 x 640 (where no size is given) and `crop`."""
    if not request.reference:
        return request
    height, width = PUBLISHED
    keyframes = replace(
        request.keyframes, width=request.keyframes.width or width, height=request.keyframes.height or height
    )
    return replace(request, fit=Fit.CROP, keyframes=keyframes)


def keyframe_size(painting: Painting, parameters: KeyframeParameters) -> tuple[int, int]:
    """Height and width, multiples of 64 from 256 to 1024; what the request leaves open follows the painting's aspect.

    With both open: of the sizes around the area of 512 x 640 the one nearest in aspect, then in area.
    """
    height, width = parameters.height, parameters.width
    aspect = painting.width / painting.height
    if height and width:
        return height, width
    if width:
        return _on_grid(round(width / aspect / GRID)), width
    if height:
        return height, _on_grid(round(height * aspect / GRID))
    area = math.prod(PUBLISHED)
    down, across = math.sqrt(area / aspect) / GRID, math.sqrt(area * aspect) / GRID
    candidates = [
        (_on_grid(h), _on_grid(w))
        for h in (math.floor(down), math.ceil(down))
        for w in (math.floor(across), math.ceil(across))
    ]
    return min(candidates, key=lambda size: _distance(size[0], size[1], aspect, area))


def interpolation_buckets(folder: Path) -> tuple[Size, ...]:
    """The sizes (height, width) that a multi-frame checkpoint was trained for: the published ones, unless it says so.

    A checkpoint says so with a file ``sizes.json``: ``{"buckets": [[320, 512], ...]}``. Raises `CheckpointError`.
    """
    path = folder / BUCKETS_FILE
    if not path.is_file():
        return BUCKETS
    buckets = read_json(path).get("buckets")
    if not isinstance(buckets, list) or not buckets or not all(_is_size(size) for size in buckets):
        raise CheckpointError(f'{path} should hold {{"buckets": [[height, width], ...]}} in multiples of 8.')
    return tuple((size[0], size[1]) for size in buckets)


def _is_size(size: object) -> bool:
    return (
        isinstance(size, list)
        and len(size) == 2
        and all(isinstance(side, int) and side > 0 and side % 8 == 0 for side in size)
    )


def _on_grid(cells: int) -> int:
    return min(max(cells * GRID, SMALLEST), LARGEST)


def _distance(height: int, width: int, aspect: float, area: int) -> tuple[float, float]:
    return round(abs(math.log(width / height / aspect)), 9), abs(math.log(width * height / area))
