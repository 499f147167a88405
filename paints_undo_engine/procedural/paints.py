"""The colours that are painted, where they are not those that were read: of what is translucent, and of flats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.model import Colour, Cover, Pixels
from paints_undo_engine.procedural.reading.channels import greatest
from paints_undo_engine.procedural.reading.model import Cel, Labels, Reading

_OPAQUE, _SHARE = 245, 0.5
"""Of 255, and of an area: where more of it is less opaque, it was seen lighter than it is."""
_MOST = 1.5
"""A tone that covers so many times as much as the flat's own colour may be the flat."""
_NEARER = 0.7
"""Of how far the flat's own colour is from the region, on the mean: a colour that is nearer takes its place."""


def unmixed(reading: Reading, picture: Pixels) -> Reading:
    """The reading with the own colours of regions and tones through which the ground can be seen.

    `picture` uint8 [H, W, 3 or 4]: without alpha nothing changes.
    """
    if picture.shape[2] == 3:
        return reading
    height, width = reading.shape
    alpha = np.asarray(cv2.resize(picture[..., 3], (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    weight = picture[..., 3:].astype(np.float32)
    mixed = cv2.resize(picture[..., :3] * weight, (width, height), interpolation=cv2.INTER_AREA)
    straight = mixed / np.maximum(cv2.resize(weight, (width, height), interpolation=cv2.INTER_AREA), 1)[..., None]
    regions = _own(reading.labels, alpha, straight, [region.colour for region in reading.regions])
    cels = _own(reading.cel_labels, alpha, straight, [cel.colour for cel in reading.cels])
    return replace(
        reading,
        regions=tuple(replace(region, colour=regions[region.label]) for region in reading.regions),
        cels=tuple(replace(cel, colour=cels[cel.label]) for cel in reading.cels),
    )


def rebased(reading: Reading) -> Reading:
    """The reading with flats of the colour that most of their region has in the end, even if that is not its light.

    The tone that covers most becomes the flat; what was lighter lies over it as a light.
    """
    chief: dict[int, Cel] = {}
    own = {cel.region: cel for cel in reading.cels if cel.step == 0}
    for cel in reading.cels:
        if cel.region not in chief or cel.area > chief[cel.region].area:
            chief[cel.region] = cel
    listed = [cel for cel in chief.values() if cel.step != 0]
    listed = [cel for cel in listed if cel.region not in own or cel.area > _MOST * own[cel.region].area]
    moved = {cel.region: cel for cel in listed if _fits_better(reading, cel)}
    regions = tuple(
        replace(region, colour=moved[region.label].colour) if region.label in moved else region
        for region in reading.regions
    )
    cels = tuple(
        replace(cel, step=cel.step - moved[cel.region].step) if cel.region in moved else cel for cel in reading.cels
    )
    return replace(reading, regions=regions, cels=cels)


def _fits_better(reading: Reading, cel: Cel) -> bool:
    """Whether a tone's colour is clearly nearer to all of its region than the flat's."""
    region = reading.regions[cel.region]
    rows, columns = region.box.grown(0.02, 0.02, 0.02, 0.02).slices(reading.shape)
    seen = reading.clean[rows, columns][reading.labels[rows, columns] == region.label].astype(np.int16)
    new, old = (float(greatest(np.abs(seen - np.array(one.colour, np.int16))).mean()) for one in (cel, region))
    return new < _NEARER * old


def _own(labels: Labels, alpha: Cover, straight: NDArray[np.floating], seen: Sequence[Colour]) -> list[Colour]:
    """The colour of each area, by its label; opaque ones keep that in which they were `seen`."""
    at = labels >= 0
    label, weight = labels[at], alpha[at].astype(np.float64)
    total = np.bincount(label, weight, len(seen))
    through = np.bincount(label, weight < _OPAQUE, len(seen)) / np.maximum(np.bincount(label, minlength=len(seen)), 1)
    channels = [np.bincount(label, weight * straight[at][:, c], len(seen)) / np.maximum(total, 1) for c in range(3)]
    colours = list(seen)
    for number in np.flatnonzero((through > _SHARE) & (total > 0)).tolist():
        red, green, blue = (round(float(channel[number])) for channel in channels)
        colours[number] = (red, green, blue)
    return colours
