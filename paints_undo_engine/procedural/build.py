"""Makes a plan: decide what is painted when, leave out what nobody would see, and set up the canvas' layers."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.analysis import Analysis
from paints_undo_engine.procedural.channels import peak
from paints_undo_engine.procedural.compositor import UNIT, Layer, Stack, Times
from paints_undo_engine.procedural.drawing import drawn
from paints_undo_engine.procedural.filling import filled, finish
from paints_undo_engine.procedural.grid import Grid
from paints_undo_engine.procedural.laying_in import laid_in
from paints_undo_engine.procedural.ledger import adjustments, operations
from paints_undo_engine.procedural.material import Material, Pixels, graded
from paints_undo_engine.procedural.options import ProceduralOptions
from paints_undo_engine.procedural.plan import Operation, Plan
from paints_undo_engine.procedural.side_by_side import side_by_side
from paints_undo_engine.procedural.timetable import compaction, remap, spans
from paints_undo_engine.request import PaintingMode

_CURVES = 4

Fades = tuple[tuple[float, float], ...]
"""When the drawing below is dimmed, and to which opacity."""


def make_plan(picture: Pixels, options: ProceduralOptions | None = None) -> Plan:
    """The plan of a picture: uint8 [H, W, 3 or 4], sRGB, straight alpha; shown on white where it is transparent."""
    a = Analysis(_on_white(picture), options or ProceduralOptions())
    drawing, painting = side_by_side(lambda: drawn(a), lambda: _painted(a))
    materials = [*drawing, *painting]
    inked = any(material.work.phase == "ink" for material in materials)
    extra = {"ink": 1, "flats": 1} if inked else {"flats": 1}
    listed, ends = spans([material.work for material in materials], _visible(a, materials), extra, a.habit.pace)
    fades = ((ends["sketch"], 0.4), (ends["ink"], 0.0)) if inked else ((ends["sketch"], 0.6),)
    arrivals = [span.times(material.work) for material, span in zip(materials, listed, strict=True)]
    new = _renumbering(
        a, _layers(materials, arrivals, fades, full=False, overpainted=a.mode is PaintingMode.FLAT), ends, fades
    )
    ends = {phase: float(new[int(end)]) for phase, end in ends.items()}
    total = int(max(ends.values()))
    curves = _curves(a)

    def made() -> list[Operation]:
        return [*operations(a, materials, listed, new, total, fades), *adjustments(a, total, curves)]

    ends["adjustments"] = float(total + curves)
    times = [remap(time, new) for time in arrivals]
    layers = _layers(
        materials,
        times,
        tuple((float(new[int(fade)]), opacity) for fade, opacity in fades),
        full=True,
        overpainted=a.mode is PaintingMode.FLAT,
    )
    curve = Layer(
        "curve", a.rgb, np.full(a.small.shape[:2], total * UNIT, np.uint16), max(1, curves) * UNIT, steps=True
    )
    return Plan(picture, a.mode, Stack([*layers, curve], a.grid), total + curves, made, ends)


def _painted(a: Analysis) -> list[Material]:
    """All phases after the drawing."""
    made = laid_in(a) if a.mode is PaintingMode.PAINT else filled(a)
    return [*made, finish(a, made[-1])]


def _on_white(picture: Pixels) -> Pixels:
    if picture.shape[2] == 3:
        return np.ascontiguousarray(picture)
    alpha = picture[..., 3:].astype(np.uint16)
    mixed = picture[..., :3] * alpha + 255 * (255 - alpha)
    return ((mixed + 127) // 255).astype(np.uint8)


def _curves(a: Analysis) -> int:
    """How many adjustments the picture bears, so that each can be seen."""
    change = float(np.percentile(peak(a.small, graded(a.small)), 99))
    return min(_CURVES, int(change // 3))


def _visible(a: Analysis, materials: list[Material]) -> dict[str, float]:
    """The share of the canvas that each phase changes; drawn lines count for what surrounds them."""
    visible: dict[str, float] = {}
    below = np.full_like(a.small, 255)
    for material in materials:
        if material.small_cover is not None and material.work.kind != "brush stroke":
            share = float((material.small_cover > 40).mean()) * 2.5
        else:
            share = float((peak(below, material.small) > 8).mean())
            below = material.small
        visible[material.work.phase] = max(visible.get(material.work.phase, 0.0), min(share, 1.0))
    return visible


def _layers(
    materials: list[Material], times: list[Times], fades: Fades, *, full: bool, overpainted: bool
) -> list[Layer]:
    """The canvas' layers, bottom first: the pen's lies above the paint, although it is drawn earlier.

    What is not in the picture, the pen lines of flat art, is painted over with its details; other ink last of all.
    """
    layers = []
    for material, time in zip(materials, times, strict=True):
        work = material.work
        fading = fades if work.phase in ("construction", "sketch") else ()
        target = material.full if full else material.small
        cover = material.full_cover if full else material.small_cover
        drawn_or_done = work.phase in ("construction", "sketch", "ink", "highlights")
        shown = target if drawn_or_done else graded(target)
        layers.append(Layer(work.kind, shown, time, material.ramp, cover, fading))
    ink = [layer for layer in layers if layer.name == "pen stroke"]
    others = [layer for layer in layers if layer.name != "pen stroke"]
    covering = next((i for i, layer in enumerate(others) if layer.name == "detail brush"), -1) if overpainted else -1
    return [*others[:covering], *ink, *others[covering:]]


def _renumbering(a: Analysis, layers: list[Layer], ends: dict[str, float], fades: Fades) -> NDArray[np.float64]:
    """The renumbering that leaves out operations in which nothing changes that can be seen.

    What arrives slowly must change more in all to be seen in a single operation, and counts for the operation in which
    it is half there. A brush that goes over the strokes of a coarser one changes what those have left.
    """
    strokes = [layer for layer in layers if layer.name == "brush stroke"]
    coarser = dict(zip(map(id, strokes[1:]), strokes, strict=False))
    at_once = Stack([replace(layer, ramp=1) for layer in layers], Grid(a.small, a.small))
    changed, faint = [], []
    begin, before = 0.0, at_once.render(0.0)
    for end in sorted(set(ends.values())):
        settings = sum(begin <= fade < begin + 2 for fade, _ in fades)
        if settings:
            before = at_once.render(begin + settings)
        after = at_once.render(end)
        difference = peak(before, after)
        weak = cv2.inRange(difference, 3, 6) > 0
        spread = np.count_nonzero(weak) > 0.1 * weak.size
        for layer in layers:
            inside = cv2.inRange(layer.time, begin * UNIT, end * UNIT - 1) > 0
            if inside.any():
                if spread and layer.cover is None:
                    faint.append((layer.time.astype(np.int32), inside & weak))
                inside &= difference > max(6, round(4 * layer.ramp / UNIT))
                if layer.cover is not None:
                    inside &= layer.cover > 24
                if id(layer) in coarser:
                    inside &= peak(coarser[id(layer)].target, layer.target) > 6
                half_there = layer.time.astype(np.int32) + min(layer.ramp, UNIT) // 2
                changed.append((half_there, inside))
        begin, before = end, after
    least = max(2, round(3e-5 * a.small.shape[0] * a.small.shape[1]))
    return compaction(changed, {int(fade) for fade, _ in fades}, int(max(ends.values())), least, faint)
