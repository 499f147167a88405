"""A reading on the grid of the picture itself, where the analysis grid is finer: nothing finer can be drawn."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from paints_undo_engine.procedural.reading.edges import Edge
from paints_undo_engine.procedural.reading.joints import Pose
from paints_undo_engine.procedural.reading.letters import unlettered
from paints_undo_engine.procedural.reading.model import (
    Cel,
    Cover,
    Eye,
    Face,
    Ink,
    InkPath,
    Labels,
    PaperSheet,
    Path,
    Perspective,
    Pixels,
    Point,
    Reading,
    Region,
    TextLine,
)
from paints_undo_engine.procedural.reading.view import on_white, resized


def fitted(reading: Reading, pixels: Pixels, alpha: Cover | None) -> Reading:
    """The same answer with its maps at the picture's size and its places in the picture's pixels.

    `pixels` uint8 [H, W, 3] with straight `alpha` uint8 [H, W] or None are what was read. A reading whose grid is not
    finer than the picture stays as it is.
    """
    if reading.scale >= 1:
        return reading
    shape, scale = reading.size, reading.scale
    labels, cel_labels = _nearest(reading.labels, shape), _nearest(reading.cel_labels, shape)
    letters = _nearest(reading.letters, shape)
    ink, figure = reading.ink, reading.figure
    return replace(
        reading,
        scale=1.0,
        pixels=unlettered(np.ascontiguousarray(pixels) if alpha is None else on_white(pixels, alpha), letters),
        alpha=None if reading.alpha is None else alpha,
        sheet=_sheet(reading.sheet, shape),
        faces=tuple(_face(face, scale) for face in reading.faces),
        heads=tuple(box.scaled(scale) for box in reading.heads),
        poses=tuple(Pose(_placed(pose.places, scale), pose.seen) for pose in reading.poses),
        figure=replace(
            figure,
            cover=resized(figure.cover, shape),
            boxes=tuple(box.scaled(scale) for box in figure.boxes),
        ),
        ink=Ink(
            resized(ink.cover, shape),
            resized(ink.colour, shape),
            tuple(_path(path, scale) for path in ink.paths),
            ink.explained,
            ink.connected,
            ink.length,
        ),
        clean=resized(reading.clean, shape),
        labels=labels,
        regions=_regions(reading.regions, labels, scale),
        cel_labels=cel_labels,
        cels=_cels(reading.cels, cel_labels),
        perspective=_perspective(reading.perspective, scale),
        text=tuple(_text(line, scale) for line in reading.text),
        letters=letters,
        balloons=_nearest(reading.balloons, shape),
        panels=tuple(box.scaled(scale) for box in reading.panels),
        edges=reading.edges.each(lambda edges: _edges(edges, scale)),
        patterns=_nearest(reading.patterns.astype(np.int32), shape) > 0,
        walls=_nearest(reading.walls.astype(np.int32), shape) > 0,
        seen_lines=None if reading.seen_lines is None else resized(reading.seen_lines, shape),
    )


def _sheet(sheet: PaperSheet | None, shape: tuple[int, int]) -> PaperSheet | None:
    if sheet is None:
        return None
    return replace(
        sheet, light=np.asarray(cv2.resize(sheet.light, shape[::-1], interpolation=cv2.INTER_AREA), np.float32)
    )


def _nearest(labels: Labels, shape: tuple[int, int]) -> Labels:
    return np.asarray(cv2.resize(labels, shape[::-1], interpolation=cv2.INTER_NEAREST_EXACT), np.int32)


def _placed(points: Path, scale: float) -> Path:
    """Places [n, 2]; the middle of the first pixel stays 0, 0."""
    return ((points + np.float32(0.5)) * np.float32(scale) - np.float32(0.5)).astype(np.float32)


def _point(point: Point, scale: float) -> Point:
    return (point[0] + 0.5) * scale - 0.5, (point[1] + 0.5) * scale - 0.5


def _face(face: Face, scale: float) -> Face:
    left, right = (_eye(eye, scale) for eye in face.eyes)
    return replace(
        face,
        box=face.box.scaled(scale),
        eyes=(left, right),
        mouth=face.mouth.scaled(scale),
        nose=_point(face.nose, scale),
        chin=_point(face.chin, scale),
        head=face.head and face.head.scaled(scale),
    )


def _eye(eye: Eye, scale: float) -> Eye:
    return replace(eye, centre=_point(eye.centre, scale), radius=(eye.radius[0] * scale, eye.radius[1] * scale))


def _path(path: InkPath, scale: float) -> InkPath:
    """A stroke with its samples again about one pixel apart."""
    count = len(path.points)
    at = np.linspace(0, count - 1, max(2, round((count - 1) * scale) + 1))
    samples = np.arange(count)
    points = np.stack([np.interp(at, samples, path.points[:, axis]) for axis in range(2)], axis=1)
    width = np.maximum(np.interp(at, samples, path.width) * scale, 1).astype(np.float32)
    return replace(path, points=_placed(points.astype(np.float32), scale), width=width, length=path.length * scale)


def _edges(edges: tuple[Edge, ...], scale: float) -> tuple[Edge, ...]:
    return tuple(Edge(_placed(edge.points, scale), edge.weight * scale) for edge in edges)


def _regions(regions: tuple[Region, ...], labels: Labels, scale: float) -> tuple[Region, ...]:
    area = np.bincount(labels[labels >= 0], minlength=len(regions))
    return tuple(
        replace(
            region,
            area=int(area[region.label]),
            box=region.box.scaled(scale),
            centre=_point(region.centre, scale),
        )
        for region in regions
    )


def _cels(cels: tuple[Cel, ...], labels: Labels) -> tuple[Cel, ...]:
    area = np.bincount(labels[labels >= 0], minlength=len(cels))
    return tuple(replace(cel, area=int(area[cel.label])) for cel in cels)


def _perspective(found: Perspective, scale: float) -> Perspective:
    horizon = found.horizon and (_point(found.horizon[0], scale), _point(found.horizon[1], scale))
    ends = (_placed(lines.reshape(-1, 2), scale).reshape(-1, 4) for lines in (found.segments, found.guides))
    segments, guides = ends
    return Perspective(segments, tuple(_point(point, scale) for point in found.points), horizon, guides)


def _text(line: TextLine, scale: float) -> TextLine:
    return replace(
        line,
        box=line.box.scaled(scale),
        baseline=line.baseline * scale,
        cap_line=line.cap_line * scale,
        letters=tuple(letter.scaled(scale) for letter in line.letters),
    )
