"""The painting as an artist's layers, which composite to it exactly.

Every pixel has one *owner*: the topmost layer that has paint there. Opaque owners hold the painting's own colour, so
no faint residue is spread over the canvas to make the sum come out; translucent ones (soft shade, ink) hold an opacity
and a colour whose normal blending meets the painting with so much room that compositors which round and compositors
which cut off agree. Where no such pair exists the pixel is opaque. The least opaque pair that maps one colour to
another: Tan, Lien, Gingold 2015, "Decomposing Images into Layers via RGB-space Geometry".

For transparent pictures a partly transparent pixel lies in its owner alone, with the painting's own alpha and colour:
it is exact too, and the layers below have a hole there. What is fully transparent has no colour to keep.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.channels import peak
from paints_undo_engine.procedural.plan import Plan
from paints_undo_engine.procedural.solve import composite, translucent

Pixels = NDArray[np.uint8]
Mask = NDArray[np.bool_]

_HARD, _SOFT, _DETAIL, _INK_COVER, _INK_DARKER, _HIGHLIGHT = 8, 4, 10, 24, 10, 14
"""Levels of difference from which on a layer has paint (ink: of cover, and darker than what is below)."""

_HIGHLIGHT_SHARE = 0.01
"""Of the canvas: a larger bright patch is no highlight."""

_SAMPLES = 20000
"""Pixels that the final adjustments are learned from."""

_ROLES = {
    "fill": "flats",
    "hard brush": "hard shade",
    "soft brush": "soft shade",
    "detail brush": "details",
    "fine brush": "details",
}
_STROKE_ROLES = ("flats", "hard shade", "soft shade")


@dataclass(frozen=True, eq=False)
class Layer:
    """One layer of the split: `rgba` uint8 [H, W, 4], straight alpha; `opacity` 0..1; blended normally, in sRGB.

    `kind` is sketch, flats, hard shade, soft shade, details, ink, highlights or correction.
    """

    name: str
    rgba: Pixels
    visible: bool
    opacity: float
    kind: str


def split_layers(plan: Plan) -> list[Layer]:
    """The layers of a plan's painting, bottom first; the visible ones composite to it exactly (see above)."""
    painting = np.ascontiguousarray(plan.picture[..., :3])
    alpha = plan.picture[..., 3] if plan.picture.shape[2] == 4 else np.full(painting.shape[:2], 255, np.uint8)
    painted = _painted(plan, painting, alpha)
    if not painted:
        return [Layer("Flats", np.dstack([painting, alpha]), True, 1.0, "flats")]
    layers = [Layer("Sketch", _sketch(plan), False, 1.0, "sketch")] if _drawn(plan) else []
    layers += [Layer(kind.capitalize(), rgba, True, 1.0, kind) for kind, rgba in painted.items()]
    wrong = np.zeros(alpha.shape, bool)
    for integer in (False, True):
        result = composite([layer.rgba for layer in layers if layer.visible], integer=integer)
        wrong |= (result != np.dstack([painting, alpha])).any(axis=2) & (alpha > 0)
    if wrong.any():
        mend = np.dstack([painting, np.where(wrong, alpha, 0).astype(np.uint8)])
        layers.append(Layer("Correction", _clear_unseen(mend), True, 1.0, "correction"))
    return layers


def _painted(plan: Plan, painting: Pixels, alpha: Pixels) -> dict[str, Pixels]:
    """RGBA of the painted kinds and of ink, bottom first."""
    targets = _targets(plan)
    if not targets:
        return {}
    cover = _ink_cover(plan, painting.shape[:2])
    canvas = targets.pop("flats")
    colours, masks = {"flats": canvas}, {"flats": np.ones(cover.shape, bool)}
    for kind, threshold in (("hard shade", _HARD), ("soft shade", _SOFT)):
        if kind in targets:
            masks[kind] = _clean(_apart(targets[kind], canvas) > threshold)
            colours[kind] = targets[kind]
            canvas = np.where(masks[kind][..., None], targets[kind], canvas)
    inked = (cover > _INK_COVER) & (_grey(canvas) - _grey(painting) > _INK_DARKER)
    under_ink = targets.get("details", canvas)
    wanted = np.where(inked[..., None], under_ink, painting)
    detailed = _apart(wanted, canvas) > _DETAIL
    bright = _highlights(painting, canvas, detailed & ~inked)
    colours |= {"details": wanted, "ink": painting, "highlights": painting}
    masks |= {"details": detailed & ~bright, "ink": inked, "highlights": bright}
    return _solve(colours, masks, cover, painting, alpha)


def _solve(
    colours: dict[str, Pixels], masks: dict[str, Mask], cover: Pixels, painting: Pixels, alpha: Pixels
) -> dict[str, Pixels]:
    """Bottom to top: what each layer must hold so that its owner pixels end as the painting."""
    kinds = list(colours)
    owner = np.zeros(alpha.shape, np.int8)
    for index, kind in enumerate(kinds):
        owner[masks[kind]] = index
    below = painting
    solved = {}
    for index, kind in enumerate(kinds):
        mask = masks[kind] & (alpha > 0) & ((alpha == 255) | (owner == index))
        goal = np.where((owner == index)[..., None], painting, colours[kind])
        rgba = np.zeros((*alpha.shape, 4), np.uint8)
        rgba[mask] = np.dstack([goal, np.full(alpha.shape, 255, np.uint8)])[mask]
        blended = mask & (alpha == 255)
        if kind in ("soft shade", "ink"):
            least = cover[blended] if kind == "ink" else np.full(int(blended.sum()), 40, np.uint8)
            rgba[blended] = translucent(below[blended], goal[blended], least)
        partial = mask & (alpha < 255)
        rgba[..., 3][partial] = alpha[partial]
        if rgba[..., 3].any():
            solved[kind] = rgba
        below = np.where(mask[..., None], goal, below)
    return solved


def _targets(plan: Plan) -> dict[str, Pixels]:
    """The canvas after each painting phase, in the painting's final colours."""
    strokes = iter(_STROKE_ROLES)
    final = _ungrading(plan)
    found: dict[str, Pixels] = {}
    for layer in plan.stack.layers:
        role = _ROLES.get(layer.name) or (next(strokes, None) if layer.name == "brush stroke" else None)
        if role:
            found[role] = final(np.ascontiguousarray(plan.stack.whole(layer.target)))
    return found if "flats" in found else {}


def _ungrading(plan: Plan) -> Callable[[Pixels], Pixels]:
    """What turns the process' colours into the painting's: the affine map learned from the canvas before and after
    the final adjustments."""
    named = {layer.name: plan.stack.whole(layer.target) for layer in plan.stack.layers}
    if "dab" not in named or "curve" not in named:
        return lambda target: target
    every = max(1, named["curve"].size // (3 * _SAMPLES))
    before = named["dab"].reshape(-1, 3)[::every].astype(np.float64)
    after = named["curve"].reshape(-1, 3)[::every].astype(np.float64)
    # A pull towards the identity keeps colours apart that the painting has too few of to learn from (greys, say).
    pull = np.eye(3) * 0.01 * len(before)
    centre_before, centre_after = before.mean(axis=0), after.mean(axis=0)
    offset_before = before - centre_before
    matrix = np.linalg.solve(offset_before.T @ offset_before + pull, offset_before.T @ (after - centre_after) + pull).T
    shift = (centre_after - matrix @ centre_before)[:, None]
    return lambda target: np.asarray(cv2.transform(target, np.hstack([matrix, shift])), np.uint8)


def _sketch(plan: Plan) -> Pixels:
    """All pencil lines as one layer."""
    height, width = plan.picture.shape[:2]
    colour: NDArray[np.floating] = np.zeros((height, width, 3))
    alpha: NDArray[np.floating] = np.zeros((height, width, 1))
    for target, full_cover in _drawn(plan):
        cover = full_cover[..., None].astype(np.float32) / 255
        total = cover + alpha * (1 - cover)
        colour = (target * cover + colour * alpha * (1 - cover)) / np.maximum(total, 1e-6)
        alpha = total
    return _clear_unseen(np.dstack([np.rint(colour), np.rint(alpha * 255)]).astype(np.uint8))


def _drawn(plan: Plan) -> list[tuple[Pixels, Pixels]]:
    """Target and cover of everything drawn with a pencil, bottom first."""
    pencil = [layer for layer in plan.stack.layers if layer.name in ("pencil line", "rough line")]
    return [(layer.target, plan.stack.whole(layer.cover)) for layer in pencil if layer.cover is not None]


def _ink_cover(plan: Plan, shape: tuple[int, ...]) -> Pixels:
    pens = [layer for layer in plan.stack.layers if layer.name == "pen stroke"]
    covers = [plan.stack.whole(pen.cover) for pen in pens if pen.cover is not None]
    return covers[0] if covers else np.zeros(shape, np.uint8)


def _highlights(painting: Pixels, canvas: Pixels, among: Mask) -> Mask:
    """Small bright patches."""
    bright = (among & (_grey(painting) - _grey(canvas) > _HIGHLIGHT)).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(bright, connectivity=8)
    small = stats[:, cv2.CC_STAT_AREA] <= _HIGHLIGHT_SHARE * bright.size
    return np.asarray(small[labels] & (bright > 0), bool)


def _clean(mask: Mask) -> Mask:
    """Without specks and pinholes."""
    return np.asarray(cv2.medianBlur(mask.astype(np.uint8), 5) > 0, bool)


def _apart(a: Pixels, b: Pixels) -> Pixels:
    return peak(np.ascontiguousarray(a), np.ascontiguousarray(b))


def _grey(pixels: Pixels) -> NDArray[np.int16]:
    return cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.int16)


def _clear_unseen(rgba: Pixels) -> Pixels:
    """No colour where nothing is seen: such a layer compresses well and has no stale paint in it."""
    rgba[rgba[..., 3] == 0] = 0
    return rgba
