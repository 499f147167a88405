"""Regions: flats, the parts that they are, and their hard tones."""

from __future__ import annotations

import cv2
import numpy as np

from paints_undo_engine.procedural import regions as segments
from paints_undo_engine.procedural.reading.model import (
    Box,
    Cel,
    Cover,
    Figure,
    FigureSource,
    Labels,
    Part,
    Pixels,
    Region,
    Technique,
)
from paints_undo_engine.procedural.reading.view import resized


def find_regions(
    clean: Pixels, cover: Cover, figure: Figure, technique: Technique
) -> tuple[Labels, tuple[Region, ...], Labels, tuple[Cel, ...]]:
    """Flats and cels of the line-free picture uint8 [h, w, 3] with the ink's cover."""
    half = resized(clean, ((clean.shape[0] + 1) // 2, (clean.shape[1] + 1) // 2))
    ink = np.asarray(cv2.resize(cover, half.shape[1::-1], interpolation=cv2.INTER_AREA), np.uint8)
    found = segments.segment(np.asarray(cv2.bilateralFilter(half, 5, 24, 3), np.uint8), ink)
    size = clean.shape[1::-1]
    labels = np.asarray(cv2.resize(found.flats, size, interpolation=cv2.INTER_NEAREST), np.int32)
    cel_labels = np.asarray(cv2.resize(found.cels, size, interpolation=cv2.INTER_NEAREST), np.int32)
    inside = figure.cover > 127
    regions = []
    count = len(found.flat_colours)
    area = np.bincount(labels.ravel(), minlength=count)
    within = np.bincount(labels.ravel(), inside.ravel(), count)
    for label in range(count):
        mask = (labels == label).astype(np.uint8)
        x, y, width, height = cv2.boundingRect(mask)
        belongs = figure.source is not FigureSource.NONE and within[label] > 0.5 * area[label]
        red, green, blue = (int(value) for value in found.flat_colours[label])
        regions.append(
            Region(
                label,
                f"{'figure' if belongs else 'ground'} {label + 1}",
                Part.OBJECT if belongs else Part.BACKGROUND,
                technique,
                (red, green, blue),
                int(area[label]),
                Box(x, y, width, height),
                Box(x, y, width, height).centre,
                0 if belongs else None,
                label,
                0.5,
            )
        )
    cel_area = np.bincount(cel_labels.ravel(), minlength=len(found.cel_colours))
    cels = tuple(
        Cel(
            label,
            int(found.flat_of[label]),
            int(np.sign(int(colour.astype(int).sum()) - sum(regions[int(found.flat_of[label])].colour))),
            (int(colour[0]), int(colour[1]), int(colour[2])),
            int(cel_area[label]),
        )
        for label, colour in enumerate(found.cel_colours)
    )
    return labels, tuple(regions), cel_labels, cels
