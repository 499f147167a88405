"""The layer split: the document at its end, as an artist would have it in a file.

Flats are flat and lie each in a group of its own with its shading clipped to it; line art and background are apart.
What the layers leave of the painting, its grain and details, is carried by two layers that add and subtract, so that a
flat can still be given another colour.

All masks but the line art's are 0 or 255, so that a compositor rounds once for each layer: whoever rounds to the
nearest gets the same bytes. A pixel that is partly transparent in the painting lies in a layer of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.picture import Blending, SplitLayer
from paints_undo_engine.procedural.document.arrival import Arrival
from paints_undo_engine.procedural.document.brush import Brush
from paints_undo_engine.procedural.document.dabs import Dabs
from paints_undo_engine.procedural.document.document import Document
from paints_undo_engine.procedural.document.flats import Flats
from paints_undo_engine.procedural.document.layer import Layer
from paints_undo_engine.procedural.document.model import NEVER, Cover, Pixels
from paints_undo_engine.procedural.document.tiles import Grid
from paints_undo_engine.procedural.reading.model import Region

_PARTS = 18
"""The most parts with a group of their own."""
_SMALL = 0.001
"""Of the painting: smaller regions share one group."""
_CALLED = {"Flats": "flat", "Hard shading": "shading"}


@dataclass(frozen=True, slots=True, eq=False)
class Finished:
    """A document at its end, within its surroundings: the painting, uint8 [H, W, 3 or 4], its regions, and `owners`
    uint16 [H, W], the number of each pixel's region + 1.
    """

    document: Document
    painting: Pixels
    grid: Grid
    regions: tuple[Region, ...]
    owners: NDArray[np.uint16]


def split_layers(finished: Finished) -> Iterator[SplitLayer]:
    """The layers, bottom first, at the painting's size; the visible ones composite to it exactly at 8 bit."""
    painting = finished.painting
    colours = np.ascontiguousarray(painting[..., :3])
    solid = painting[..., 3] == 255 if painting.shape[2] == 4 else np.ones(painting.shape[:2], bool)
    canvas = np.zeros_like(colours)
    covered = np.zeros(painting.shape[:2], bool)
    for layer in _visible(finished, solid):
        covered |= _lay(canvas, layer)
        yield layer
    yield from _missing(canvas, covered, colours, solid)
    if painting.shape[2] == 4:
        yield from _edge(painting)
    yield from _hidden(finished)


def _visible(finished: Finished, solid: NDArray[np.bool_]) -> Iterator[SplitLayer]:
    """The painted layers of the document, divided into parts."""
    layers = finished.document.layers
    grade = finished.document.graded
    coloured: list[Layer] = [
        layer for layer in layers if isinstance(layer, Flats | Dabs) and layer.group == ("Figure",)
    ]
    done = False
    for layer in layers:
        # What is painted over flats and tones would keep them from being given other colours.
        if isinstance(layer, Brush) and layer.group != ("Figure",):
            yield _solid(layer.name, layer.group, grade(_rgba(layer, finished.grid)), solid)
        elif layer in coloured:
            if not done:
                yield from _parts(finished, coloured, solid)
            done = True
        elif isinstance(layer, Flats):
            yield _solid(layer.name, layer.group, grade(_even(layer)), solid)
        elif isinstance(layer, Arrival) and _is_line(layer):
            yield _line(layer, finished, solid)


def _parts(finished: Finished, layers: list[Layer], solid: NDArray[np.bool_]) -> Iterator[SplitLayer]:
    """Every part in a group: its flat, and clipped to it the tones and the airbrush."""
    flats = [layer for layer in layers if isinstance(layer, Flats) and not layer.clipped]
    filled = np.zeros(len(finished.regions) + 1, bool)
    for flat in flats:
        filled[np.unique(finished.owners[flat.areas.labels > 0])] = True
    regions = [
        region for region in sorted(finished.regions, key=lambda region: -region.area) if filled[region.label + 1]
    ]
    total = finished.owners.size
    scale = total / max(1, sum(region.area for region in regions))
    own = [region for region in regions if region.area * scale > _SMALL * total][:_PARTS]
    rest = [region for region in regions if region not in own]
    groups = [(region.name, [region.label]) for region in own] + (
        [("small parts", [r.label for r in rest])] if rest else []
    )
    images = [(layer, _image(layer, finished)) for layer in layers]
    for name, labels in groups:
        table = np.zeros(len(finished.regions) + 1, bool)
        table[np.array(labels) + 1] = True
        mask = table[finished.owners] & solid
        for layer, image in images:
            part = image.copy()
            part[~mask] = 0
            if part[..., 3].any():
                called = f"{name}, {_CALLED.get(layer.name, layer.name.lower())}"
                yield _split(called, ("Figure", name), part, layer.blending, layer.clipped)


def _image(layer: Layer, finished: Finished) -> Pixels:
    grade = finished.document.graded
    if isinstance(layer, Flats):
        return grade(_even(layer))
    return _rgba(layer, finished.grid)


def _even(layer: Flats) -> Pixels:
    """Flats at their end, without mixed borders: uint8 [H, W, 4]."""
    rgba = np.array([(0, 0, 0, 0), *(paint.at(NEVER) for paint in layer.paints)], np.uint8)
    rgba[1:, 3] = 255
    return rgba[layer.areas.labels]


def _rgba(layer: Layer, grid: Grid) -> Pixels:
    """Another layer at its end: uint8 [H, W, 4], straight, opaque or nothing."""
    layer.advance(NEVER)
    out = np.zeros((*grid.size, 4), np.uint8)
    for tile in grid.tiles:
        drawn = layer.draw(tile, NEVER)
        if drawn is None:
            continue
        cover = np.full(tile.size[::-1], 255, np.uint8) if drawn.cover is None else drawn.cover
        colour = drawn.colour
        if drawn.premultiplied and drawn.cover is not None:
            share = np.maximum(cover, 1)[..., None].astype(np.float32)
            colour = np.minimum(np.rint(colour * (255 / share)), 255).astype(np.uint8)
        out[tile.at] = np.dstack([colour, np.where(cover > 127, 255, 0).astype(np.uint8)])
    if layer.blending is not Blending.NORMAL:
        neutral = 255 if layer.blending is Blending.MULTIPLY else 0
        out[(out[..., :3] == neutral).all(axis=2)] = 0
    return out


_LINES = ("Line art", "Pen accents", "Pencil")


def _is_line(layer: Arrival) -> bool:
    return layer.name in _LINES and layer.cover is not None


def _line(layer: Arrival, finished: Finished, solid: NDArray[np.bool_]) -> SplitLayer:
    """The line art with its own opacity; where the painting is partly transparent it has a hole."""
    assert layer.cover is not None
    cover: Cover = np.where(solid, layer.cover, 0).astype(np.uint8)
    target = layer.target if not isinstance(layer.target, tuple) else np.full((1, 1, 3), layer.target, np.uint8)
    colour = finished.grid.whole(np.broadcast_to(target, (*finished.grid.shape, 3)) if target.size == 3 else target)
    return _split(layer.name, (), finished.document.graded(np.dstack([colour, cover])), Blending.NORMAL, clipped=False)


def _missing(
    canvas: Pixels, covered: NDArray[np.bool_], painting: Pixels, solid: NDArray[np.bool_]
) -> Iterator[SplitLayer]:
    """What the layers leave: where nothing lies the painting itself, elsewhere what is to be added and taken away."""
    bare = solid & ~covered
    if bare.any():
        rest = np.dstack([painting, np.where(bare, 255, 0).astype(np.uint8)])
        rest[~bare] = 0
        canvas[bare] = painting[bare]
        yield _split("What lies between", (), rest, Blending.NORMAL, clipped=False)
    for name, blending, way in (
        ("Details, lighter", Blending.ADD, cv2.subtract(painting, canvas)),
        ("Details, darker", Blending.SUBTRACT, cv2.subtract(canvas, painting)),
    ):
        seen = way.any(axis=2) & solid
        if seen.any():
            rgba = np.dstack([way, np.where(seen, 255, 0).astype(np.uint8)])
            rgba[~seen] = 0
            yield _split(name, (), rgba, blending, clipped=False)


def _edge(painting: Pixels) -> Iterator[SplitLayer]:
    """The pixels that are partly transparent."""
    partly = (painting[..., 3] > 0) & (painting[..., 3] < 255)
    if partly.any():
        rgba = np.where(partly[..., None], painting, 0).astype(np.uint8)
        yield _split("Soft edge", (), rgba, Blending.NORMAL, clipped=False)


def _hidden(finished: Finished) -> Iterator[SplitLayer]:
    """The sketch, for whoever wants to see it again."""
    for layer in finished.document.layers:
        if not isinstance(layer, Arrival) or layer.group[:1] != ("Sketch",):
            continue
        cover = layer.finished()
        if cover is not None:
            colour = layer.target if isinstance(layer.target, tuple) else (0, 0, 0)
            rgba = np.dstack([np.full((*cover.shape, 3), colour, np.uint8), cover])
            rgba[cover == 0] = 0
            yield _split(layer.name, ("Sketch",), rgba, Blending.NORMAL, clipped=False, visible=False)


def _solid(name: str, group: tuple[str, ...], rgba: Pixels, solid: NDArray[np.bool_]) -> SplitLayer:
    rgba = rgba.copy()
    rgba[~solid] = 0
    return _split(name, group, rgba, Blending.NORMAL, clipped=False)


def _split(
    name: str, group: tuple[str, ...], rgba: Pixels, blending: Blending, clipped: bool, visible: bool = True
) -> SplitLayer:
    return SplitLayer(name, _kept(rgba), visible, 1.0, group, blending, clipped)


def _kept(rgba: Pixels) -> Callable[[], Pixels]:
    """The layer's pixels, kept without the empty margin around them."""
    size = rgba.shape
    rows, columns = np.flatnonzero(rgba[..., 3].any(axis=1)), np.flatnonzero(rgba[..., 3].any(axis=0))
    if not len(rows):
        return lambda: np.zeros(size, np.uint8)
    at = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    part = rgba[at].copy()

    def read() -> Pixels:
        whole = np.zeros(size, np.uint8)
        whole[at] = part
        return whole

    return read


def _lay(canvas: Pixels, layer: SplitLayer) -> NDArray[np.bool_]:
    """Blend a layer onto the canvas as compositors do, rounding to the nearest; where it covers."""
    rgba = layer.read()
    seen = rgba[..., 3] > 0
    below, above = canvas[seen].astype(np.uint32), rgba[..., :3][seen].astype(np.uint32)
    match layer.blending:
        case Blending.MULTIPLY:
            mixed = (2 * below * above + 255) // 510
        case Blending.SCREEN:
            mixed = below + above - (2 * below * above + 255) // 510
        case _:
            share = rgba[..., 3][seen].astype(np.uint32)[:, None]
            mixed = (2 * (above * share + below * (255 - share)) + 255) // 510
    canvas[seen] = mixed.astype(np.uint8)
    return np.asarray(rgba[..., 3] == 255, bool)
