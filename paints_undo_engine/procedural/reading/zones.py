"""The zones of a picture, which no flat reaches over: ground, figure, a face's skin, eyes, mouths, hair, nothing."""

from __future__ import annotations

from enum import IntEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.model import Cover, Face, Figure, FigureSource, Labels, Pixels
from paints_undo_engine.procedural.reading.segments import lab_of

_CHEEK, _FACE_SHARE = 7.0, 0.12
"""How unlike the cheeks a face's skin may be, in Lab with half the light; the least share of its box that it fills."""
_FLUSH = 14.0
"""In Lab: how much redder and darker than the cheeks a blush is."""
_SHOWN = 8
"""Of 255: what is more transparent is not there."""


class Zone(IntEnum):
    """The zones' numbers in the map."""

    GROUND = 0
    FIGURE = 1
    EYES = 2
    MOUTH = 3
    TRANSPARENT = 4
    SKIN = 5
    HAIR = 6


def find_zones(pixels: Pixels, figure: Figure, faces: tuple[Face, ...], alpha: Cover | None) -> Labels:
    """int32 [h, w]: the zone of each pixel of uint8 [h, w, 3]."""
    least = _SHOWN if figure.source is FigureSource.ALPHA else 128
    zones = np.where(figure.cover >= least, Zone.FIGURE, Zone.GROUND).astype(np.int32)
    for face in faces:
        zones[_face_skin(pixels, face) & (zones == Zone.FIGURE)] = Zone.SKIN
        beside = _unlike_skin(pixels, face)
        for eye in face.eyes:
            zones[beside & (eye_mask(pixels.shape, face, eye_index=face.eyes.index(eye)) > 0)] = Zone.EYES
        mouth = _ellipse(pixels.shape, face.mouth.centre, (face.mouth.width / 2, face.mouth.height / 2), face.tilt)
        zones[beside & (mouth > 0)] = Zone.MOUTH
    if alpha is not None:
        zones[alpha < _SHOWN] = Zone.TRANSPARENT
    return zones


def _face_skin(pixels: Pixels, face: Face) -> NDArray[np.bool_]:
    """bool [h, w]: the largest piece of a face with its cheeks' colour, which must not take that of pale hair."""
    box = face.box
    rows, columns = box.slices(pixels.shape)
    mask = np.zeros(pixels.shape[:2], bool)
    if rows.stop <= rows.start or columns.stop <= columns.start:
        return mask
    oval = _ellipse(pixels.shape, (box.centre[0], box.centre[1] + 0.06 * box.height),
                    (0.5 * box.width, 0.5 * box.height), face.tilt)  # fmt: skip
    away = lab_of(pixels[rows, columns]) - lab_of(np.array([[face.skin]], np.uint8))[0, 0]
    light, red, yellow = away[..., 0], away[..., 1], away[..., 2]
    near = np.sqrt((0.5 * light) ** 2 + red**2 + yellow**2) < _CHEEK
    near |= (light > -_FLUSH) & (red > 2) & (red < _FLUSH) & (np.abs(yellow - 4) < 12)
    part = (near & (oval[rows, columns] > 0)).astype(np.uint8)
    part = cv2.morphologyEx(part, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    count, pieces, stats, _ = cv2.connectedComponentsWithStats(part)
    if count > 1 and stats[1:, cv2.CC_STAT_AREA].max() > _FACE_SHARE * box.area:
        mask[rows, columns] = pieces == 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
    return mask


def eye_mask(shape: tuple[int, ...], face: Face, eye_index: int) -> NDArray[np.uint8]:
    """uint8 [h, w], 0 or 255: an eye with its lashes."""
    eye = face.eyes[eye_index]
    return _ellipse(shape, eye.centre, (1.12 * eye.radius[0], 1.12 * eye.radius[1]), face.tilt)


def eyes_mask(shape: tuple[int, ...], faces: tuple[Face, ...]) -> NDArray[np.bool_]:
    """bool [h, w]: all eyes with their lashes and brows."""
    mask = np.zeros(shape[:2], np.uint8)
    for face in faces:
        for eye in face.eyes:
            x, y = eye.centre
            rx, ry = eye.radius
            mask |= _ellipse(shape, (x, y - 0.4 * ry), (1.35 * rx, 1.9 * ry), face.tilt)
    return mask > 0


def _ellipse(
    shape: tuple[int, ...], centre: tuple[float, float], radius: tuple[float, float], tilt: float
) -> NDArray[np.uint8]:
    mask = np.zeros(shape[:2], np.uint8)
    middle = (round(centre[0]), round(centre[1]))
    axes = (max(1, round(radius[0])), max(1, round(radius[1])))
    cv2.ellipse(mask, middle, axes, float(np.degrees(tilt)), 0, 360, 255, -1)
    return mask


def _unlike_skin(pixels: Pixels, face: Face) -> NDArray[np.bool_]:
    """bool [h, w]: inside the face's box, where the colour is not the skin's."""
    rows, columns = face.box.grown(0.2, 0.2, 0.2, 0.2).slices(pixels.shape)
    mask = np.zeros(pixels.shape[:2], bool)
    if rows.stop <= rows.start or columns.stop <= columns.start:
        return mask
    mask[rows, columns] = _other_paint(lab_of(pixels[rows, columns]), lab_of(np.array([[face.skin]], np.uint8))[0, 0])
    return mask


def _other_paint(lab: NDArray[np.float32], skin: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Much darker than skin, or of another hue, or far paler than it in colour; a blush is none of these."""
    chroma, own = np.hypot(lab[..., 1], lab[..., 2]), float(np.hypot(skin[1], skin[2]))
    turned = np.abs(np.angle(np.exp(1j * (np.arctan2(lab[..., 2], lab[..., 1]) - np.arctan2(skin[2], skin[1])))))
    darker = lab[..., 0] < skin[0] - 16
    pale = (chroma < 0.4 * own) & (own > 8) & (lab[..., 0] > skin[0] - 16)
    return np.asarray(darker | pale | ((turned > 0.9) & (chroma > 12)))


def head_mask(shape: tuple[int, ...], grid: tuple[int, ...], faces: tuple[Face, ...]) -> NDArray[np.bool_]:
    """bool of shape `grid`: the heads with their hair, from faces on a map of `shape`."""
    mask = np.zeros(grid[:2], np.uint8)
    scale = grid[0] / shape[0]
    for face in faces:
        box = face.box.scaled(scale)
        x, y = box.centre
        mask |= _ellipse(grid, (x, y - 0.12 * box.height), (0.85 * box.width, 0.9 * box.height), face.tilt)
    return mask > 0
