"""Line, flats, hard and soft shading: how most drawn figures are made, before a ground of their own kind."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.layer import Layer
from paints_undo_engine.procedural.document.model import Keys, Phase, Pixels, Tool
from paints_undo_engine.procedural.methods.drawing import Drawing, drawing
from paints_undo_engine.procedural.methods.method import Recipe
from paints_undo_engine.procedural.script import Step, Work
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.adjusting import Adjusting, Mirroring
from paints_undo_engine.procedural.techniques.airbrushing import airbrushed
from paints_undo_engine.procedural.techniques.brushing import Brushing, levels_of, painted
from paints_undo_engine.procedural.techniques.filling import Filling, filled
from paints_undo_engine.procedural.techniques.lining import lined
from paints_undo_engine.procedural.techniques.refining import refined
from paints_undo_engine.procedural.techniques.toning import toned

SHARES = {
    Phase.CONSTRUCTION: 0.04,
    Phase.SKETCH: 0.15,
    Phase.LINE: 0.24,
    Phase.FLATS: 0.08,
    Phase.SHADING: 0.12,
    Phase.SOFT_SHADING: 0.12,
    Phase.BACKGROUND: 0.11,
    Phase.DETAILS: 0.09,
    Phase.EFFECTS: 0.02,
    Phase.ADJUSTMENT: 0.035,
}
"""About what a digital illustrator spends."""

FIGURE = ("Figure",)
GROUND = ("Background",)


def inked(source: Source) -> Recipe:
    """Sketch, ink, flats, tones, airbrush on the figure; the ground by brush; details; curves."""
    reading = source.reading
    figure = [region.label for region in reading.regions if region.figure is not None]
    ground = [region.label for region in reading.regions if region.figure is None]
    if not figure:
        figure, ground = ground, []
    drawn = drawing(source)
    line = lined(source, group=FIGURE)
    filling = Filling(source, figure, FIGURE, Phase.FLATS)
    flats = filling.steps()
    trial = filling.trial(source.chance("trial"))
    tones = toned(source, figure, FIGURE)
    behind = _ground(source, ground)
    standing = _standing(source, figure, behind[1])
    soft = airbrushed(source, figure, _bare(source, figure), source.small_clean, FIGURE)
    details = refined(
        source, standing, source.small, source.pixels, _where(source), source.alpha, name="Details", group=()
    )
    adjusting, mirroring = Adjusting(source), Mirroring(source)
    steps: list[Step] = [*drawn.steps, *line.steps]
    ground_first = source.chance("ground").random() < 0.4
    steps += behind[0].steps if ground_first else []
    steps += flats
    steps += [trial[0]] if trial else []
    cut = len(tones.steps) // 2
    steps += tones.steps[:cut]
    steps += [trial[1]] if trial else []
    steps += [] if ground_first else behind[0].steps
    steps += [*tones.steps[cut:], *soft.steps, *details.steps, *adjusting.steps()]

    def layers() -> list[Layer]:
        made = [*behind[0].layers(), filling.layer(), *tones.layers(), *soft.layers(), *details.layers()]
        return [*made[:-1], *drawn.layers(), *line.layers(), *made[-1:]]

    return Recipe(steps, SHARES, layers, adjusting.curves, mirroring.view)


def _where(source: Source) -> NDArray[np.bool_]:
    return np.asarray(source.reading.labels >= 0, bool)


def _bare(source: Source, figure: Sequence[int]) -> Pixels:
    """Flats and hard tones on the grid: the colours from which the airbrush starts."""
    cels = source.reading.cels
    palette = np.full((len(cels) + 1, 3), 255, np.uint8)
    for cel in cels:
        flat = source.reading.regions[cel.region].colour if cel.step == 0 else cel.colour
        palette[cel.label] = source.colour(flat)
    return palette[source.reading.cel_labels]


def _standing(source: Source, figure: Sequence[int], ground: Pixels) -> Pixels:
    """What is on the canvas before details, about."""
    inside = np.isin(source.reading.labels, figure)
    standing = np.where(inside[..., None], _bare(source, figure), ground)
    cover = source.reading.ink.cover[..., None].astype(np.float32) / 255
    mixed = standing * (1 - cover) + source.ink_colour * cover
    return np.rint(mixed).astype(np.uint8)


def _ground(source: Source, ground: Sequence[int]) -> tuple[Work, Pixels]:
    """The work on the ground, and what it leaves on the grid: even grounds by bucket, others by brush."""
    reading = source.reading
    blank = np.full_like(source.small, 255)
    if not ground:
        return Work([], list), blank
    mask = np.isin(reading.labels, ground)
    coloured = [label for label in ground if min(reading.regions[label].colour) < 250]
    if _even(source, mask):
        if not coloured:
            return Work([], list), blank
        palette = np.array([source.colour(region.colour) for region in reading.regions] + [(255, 255, 255)], np.uint8)
        work = filled(source, coloured, GROUND, Phase.BACKGROUND)
        return work, np.where(mask[..., None], palette[reading.labels], blank)
    goal = _behind(source, mask)
    reach = max(3, round(source.diagonal / 45))
    wide = cv2.dilate(mask.astype(np.uint8), np.ones((reach, reach), np.uint8)) > 0
    masses = np.where(mask, reading.labels, -2).astype(np.int32)
    names = [region.name for region in reading.regions] + ["background", "background"]
    order = [region.label for region in sorted(reading.regions, key=lambda region: region.order)]
    brushing = Brushing(source, goal, wide, np.where(mask, reading.labels, 0).astype(np.int32), names, order, blank, "ground")
    del masses
    levels = levels_of((22, 44, 90, 180, 340), (0.16, 0.18, 0.22, 0.22, 0.22), [Phase.BACKGROUND] * 5)
    return painted(brushing, levels, "Painted background", GROUND), brushing.canvas


def _even(source: Source, mask: NDArray[np.bool_]) -> bool:
    """Whether the ground is of nearly one colour all over."""
    if not mask.any():
        return True
    some = source.small_clean[mask].astype(np.float32)
    return float(np.abs(some - np.median(some, axis=0)).max(axis=1).mean()) < 5


def _behind(source: Source, mask: NDArray[np.bool_]) -> Pixels:
    """The ground with what lies behind the figure filled from around, ever wider."""
    filled_in = source.small_clean.astype(np.float32) * mask[..., None]
    weight = mask.astype(np.float32)
    goal = source.small_clean.astype(np.float32)
    known = mask.copy()
    for divisor in (160, 60, 20, 6):
        sigma = source.diagonal / divisor
        mass = cv2.GaussianBlur(weight, (0, 0), sigma)
        mean = cv2.GaussianBlur(filled_in, (0, 0), sigma) / np.maximum(mass, 1e-4)[..., None]
        new = ~known & (mass > 0.05)
        goal[new] = mean[new]
        known |= new
    return np.clip(np.rint(goal), 0, 255).astype(np.uint8)


__all__ = ["Drawing", "Keys", "Tool", "inked"]
