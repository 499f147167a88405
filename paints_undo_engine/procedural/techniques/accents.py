"""Accents: short dark marks in painted forms, which no pen drew. Nobody inks them on paper: they come on paint."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.along import values_along
from paints_undo_engine.procedural.reading.clean_lines import clean_shares
from paints_undo_engine.procedural.reading.joints import Joint
from paints_undo_engine.procedural.reading.model import Part
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.spotting import eyes_of

_DRAWN = 0.6
"""Of the lines' length: where more is clean a pen drew the short ones as well."""
_SHORT, _CLEAN = 0.05, 0.6
"""Of the diagonal: what belongs to a longer line is none; of its length: what is cleaner a pen has drawn."""
_COVERED = 90
"""Of 255: what is covered less is a line's rim."""
_PALE, _AROUND = 170, 0.0045
"""Levels of the darkest channel: beside what is paler a short line is a line. Of the longer side: how far is beside."""

_KNUCKLES, _HAND = 2, 0.4
"""How many joints after its wrist a hand's knuckles are; of the trunk's breadth, how far a hand reaches about both."""


@dataclass(frozen=True, slots=True, eq=False)
class Accents:
    """`own` bool [n]: which of the line art's paths are accents; `where` bool [h, w]: what they cover."""

    own: NDArray[np.bool_]
    where: NDArray[np.bool_]


def find_accents(source: Source) -> Accents:
    """The short bits of line art among colours that hang on no longer line, are not clean, and lie in no head, no skin
    and no lettering. None where most lines are clean.
    """
    reading = source.reading
    paths = reading.ink.paths
    lengths = np.array([path.length for path in paths])
    clean = clean_shares(reading.pixels, paths) * lengths
    if clean.sum() >= _DRAWN * lengths.sum():
        return Accents(np.zeros(len(paths), bool), np.zeros(reading.shape, bool))
    covered = (reading.ink.cover > _COVERED).astype(np.uint8)
    _, pieces, stats, _ = cv2.connectedComponentsWithStats(covered, connectivity=8)
    longest = np.hypot(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
    drawn, whole = np.zeros((2, len(stats)))
    for path, share in zip(paths, clean.tolist(), strict=True):
        passed = values_along(pieces, path.points)
        longest[passed] = np.maximum(longest[passed], path.length)
        chief = int(np.bincount(passed).argmax())
        drawn[chief] += share
        whole[chief] += path.length
    beside = np.bincount(pieces.ravel(), _beside(source).ravel(), len(stats)) / stats[:, cv2.CC_STAT_AREA]
    accent = (longest < _SHORT * source.diagonal) & (drawn < _CLEAN * whole) & (beside < _PALE)
    accent[0] = False
    accent[pieces[_spared(source)]] = False
    where = accent[pieces]
    own = [float(values_along(where, path.points).mean()) > 0.5 for path in paths]
    return Accents(np.array(own, bool), where)


def _beside(source: Source) -> NDArray[np.uint8]:
    """How pale what lies beside lines is, at its paler side: uint8 [h, w]."""
    pixels = source.reading.pixels
    side = 2 * max(2, round(_AROUND * max(pixels.shape))) + 1
    disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    return np.asarray(cv2.morphologyEx(pixels.min(axis=2), cv2.MORPH_CLOSE, disk), np.uint8)


def _spared(source: Source) -> NDArray[np.bool_]:
    """Where short marks are features, fingers or letters: bool [h, w]."""
    reading = source.reading
    skin = [region.label for region in reading.regions if region.part is Part.SKIN]
    spared = eyes_of(source) | np.isin(reading.labels, skin)
    for box in [*(face.box for face in reading.faces), *reading.heads, *(line.box for line in reading.text)]:
        spared[box.grown(0.15, 0.15, 0.15, 0.15).slices(spared.shape)] = True
    hands = np.zeros(spared.shape, np.uint8)
    for pose in reading.poses:
        for wrist in (Joint.LEFT_WRIST, Joint.RIGHT_WRIST):
            if pose.has(wrist):
                x, y = np.rint(pose.places[[wrist, wrist + _KNUCKLES]].mean(axis=0)).astype(int).tolist()
                cv2.circle(hands, (x, y), round(_HAND * pose.breadth), 1, -1)
    return spared | (hands > 0)
