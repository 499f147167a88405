"""Regions of a page: balloons are things of their own, and nothing goes on from one panel to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.model import Box, Cel, Colour, Labels, Part, Pixels, Region
from paints_undo_engine.procedural.reading.regions import Regions

_LEAST = 0.0006
"""Of the picture: what of a region lies in another panel and is smaller stays with it."""


def on_page(found: Regions, pixels: Pixels, balloons: Labels, panels: Sequence[Box]) -> Regions:
    """Regions of uint8 [h, w, 3] with one for each of the `balloons`, int32 [h, w], 0 where there is none, and parted
    where panels end.
    """
    if not balloons.any() and not panels:
        return found
    places = np.zeros(balloons.shape, np.int32)
    for number, box in reversed(list(enumerate(panels, 1))):
        places[box.slices(places.shape)] = number
    labels, cel_labels = found.labels.copy(), found.cel_labels.copy()
    regions, cels = list(found.regions), list(found.cels)
    for region in found.regions if panels else ():
        rows, columns = region.box.slices(labels.shape)
        own = labels[rows, columns] == region.label
        area = np.bincount(places[rows, columns][own], minlength=len(panels) + 1)
        for place in np.argsort(-area)[1:].tolist():
            if area[place] < _LEAST * labels.size:
                break
            moved = own & (places[rows, columns] == place)
            _move(regions, cels, labels[rows, columns], cel_labels[rows, columns], moved, region)
    for number in range(1, int(balloons.max()) + 1):
        moved = (balloons == number) & (labels >= 0)
        if moved.any():
            _as_balloon(regions, cels, labels, cel_labels, moved, pixels)
    return _numbered_anew(replace(found, labels=labels, cel_labels=cel_labels), regions, cels)


def _move(
    regions: list[Region], cels: list[Cel], labels: Labels, cel_labels: Labels, moved: NDArray[np.bool_], region: Region
) -> None:
    """Make what is `moved` of a region, bool [h, w], another one with the same tones."""
    new = replace(region, label=len(regions), name=f"{region.called} {len(regions)}")
    labels[moved] = new.label
    area = np.bincount(cel_labels[moved], minlength=len(cels))
    seen = np.flatnonzero(area).tolist()
    base = min(seen, key=lambda label: (cels[label].step != 0, -area[label]))
    names = np.arange(len(cels) + len(seen))
    for label in seen:
        names[label] = len(cels)
        step = cels[label].step - cels[base].step
        cels.append(replace(cels[label], label=len(cels), region=new.label, step=step))
    cel_labels[moved] = names[cel_labels[moved]]
    regions.append(replace(new, colour=cels[names[base]].colour))


def _as_balloon(
    regions: list[Region],
    cels: list[Cel],
    labels: Labels,
    cel_labels: Labels,
    moved: NDArray[np.bool_],
    pixels: Pixels,
) -> None:
    chief = regions[int(np.bincount(labels[moved]).argmax())]
    red, green, blue = (int(level) for level in np.median(pixels[moved], axis=0))
    colour: Colour = (red, green, blue)
    label = len(regions)
    order = max(regions[other].order for other in np.unique(labels[moved]).tolist())
    regions.append(
        replace(
            chief,
            label=label,
            name=f"balloon {label}",
            part=Part.TEXT,
            colour=colour,
            figure=0,
            order=order,
            softness=0.0,
            whole=-1,
        )
    )
    labels[moved] = label
    cel_labels[moved] = len(cels)
    cels.append(Cel(len(cels), label, 0, colour, int(moved.sum())))


def _numbered_anew(found: Regions, regions: list[Region], cels: list[Cel]) -> Regions:
    """What is left of regions and tones in the maps of those that were `found`, with its size."""
    labels, cel_labels = found.labels, found.cel_labels
    shown = labels >= 0
    area = np.bincount(labels[shown], minlength=len(regions))
    cel_area = np.bincount(cel_labels[shown], minlength=len(cels))
    table, cel_table = (np.append(np.where(some > 0, np.cumsum(some > 0) - 1, -1), -1) for some in (area, cel_area))
    labels, cel_labels = table[labels].astype(np.int32), cel_table[cel_labels].astype(np.int32)
    described = []
    for region in regions:
        if area[region.label]:
            rows, columns = np.nonzero(labels == table[region.label])
            box = Box(*cv2.boundingRect(np.stack([columns, rows], axis=1).astype(np.int32)))
            centre = (float(columns.mean()), float(rows.mean()))
            label, size = int(table[region.label]), int(area[region.label])
            described.append(replace(region, label=label, area=size, box=box, centre=centre))
    tones = [
        replace(cel, label=int(cel_table[cel.label]), region=int(table[cel.region]), area=int(cel_area[cel.label]))
        for cel in cels
        if cel_area[cel.label]
    ]
    based = {cel.region for cel in tones if cel.step == 0}
    base = tuple(_with_base(tones, based))
    return replace(found, labels=labels, regions=tuple(described), cel_labels=cel_labels, cels=base)


def _with_base(cels: list[Cel], based: set[int]) -> list[Cel]:
    """Tones of which each region's largest is its flat, where its own went to another one."""
    largest: dict[int, Cel] = {}
    for cel in cels:
        if cel.region not in based and cel.area > (largest[cel.region].area if cel.region in largest else 0):
            largest[cel.region] = cel
    return [replace(cel, step=cel.step - largest[cel.region].step) if cel.region in largest else cel for cel in cels]
