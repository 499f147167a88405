"""Figure and ground: parted by the alpha, by the one colour of a plain ground, by what a network sees where it is
installed, or by what a face tells of a body.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from paints_undo_engine.procedural.reading.channels import greatest, largest, smallest
from paints_undo_engine.procedural.reading.figure_network import find_figures_cover
from paints_undo_engine.procedural.reading.likely_faces import others
from paints_undo_engine.procedural.reading.model import Box, Cover, Face, FaceSource, Figure, FigureSource, Pixels
from paints_undo_engine.procedural.reading.seen_figure import (
    drawn_to_borders,
    figures_in,
    has_backdrop,
    missed,
    with_seen,
)
from paints_undo_engine.procedural.reading.subject_network import find_subject_cover
from paints_undo_engine.procedural.reading.subjects import figure_of, nearly, with_subject, without_blotches
from paints_undo_engine.procedural.reading.surroundings import without_ground
from paints_undo_engine.procedural.reading.view import FIGURE_SIDE, fitted, resized

_TURNS = 2
_UNLIKE_SKIN, _LIKE_HAIR, _COLOURED_HAIR = 12.0, 10.0, 12.0
"""In Lab with a third of the light."""
_LINE, _BUSY, _WORN = 14, 0.5, 1.6
"""Levels of a drawn line; of the lines about a head, those of a busy ground; in faces, the most that is worn on one."""
_ASIDE, _ABOVE = 2.2, 1.5
"""In widths and heights of a head: how far the body of somebody beside the others reaches."""
_FEW_HAIRS, _HOLE = 60, 0.004
_LEAST_HAIR, _MOST_HAIR = 0.01, 0.5
"""Of what was found of the figure: what is smaller is a speck, what is larger is the ground."""
CROWD, _SMALL_FACE = 3, 0.13
"""Faces, none of which is wider than this share of the longer side."""
_RIM, _SIDE_RIM = 0.1, 0.3
"""Of a face's box: its rim, in which the ground may be seen."""
_SURELY = 200
"""Levels of a network's sureness beside a plain ground."""
_VEILED = 128
"""Of 255: alpha that is nowhere lower cuts nothing out."""
_LEAST, _MOST = 0.004, 0.94
"""Of the picture: what covers less is a speck, what covers more leaves no ground."""


def find_figure(pixels: Pixels, alpha: Cover | None, faces: tuple[Face, ...]) -> Figure:
    """The figures in uint8 [h, w, 3] with `alpha` uint8 [h, w] or None, and the faces found in it."""
    if alpha is not None and int(alpha.min()) < _VEILED:
        return made(alpha, FigureSource.ALPHA, "the picture is transparent around it")
    plain = _by_plain_ground(pixels)
    if plain is not None and all(_holds(plain, face) for face in faces):
        figure = _before_plain_ground(plain, pixels, faces)
        if figure.source is not FigureSource.NONE:
            return figure
    if _is_crowd(faces, max(pixels.shape[:2])):
        return whole(pixels.shape, "several small faces were found, of which none stands out")
    drawn = _is_line_art(pixels)
    sureness = None if drawn else find_figures_cover(pixels)
    # A face tells that it is a person, whom the network for figures knows best.
    subject = None if drawn or faces else find_subject_cover(pixels)
    seen = None if sureness is None else _seen(pixels, faces, sureness, subject)
    if seen is not None:
        return made(seen, FigureSource.NETWORK, "a network has seen it")
    if faces and not drawn:
        subject = find_subject_cover(pixels)
    about = None if drawn else _subject(pixels, faces, sureness, subject)
    if about is not None:
        return made(about, FigureSource.NETWORK, "the picture is about it, as a network has found")
    if _tells(faces, max(pixels.shape[:2])):
        cover = _by_outline(pixels, faces) if drawn else refined(_by_faces(pixels, faces), pixels)
        return made(cover, FigureSource.FACE, "a face was found, and a body under it")
    return _none(pixels.shape, "there is neither alpha nor a face nor a plain ground")


def _before_plain_ground(plain: Cover, pixels: Pixels, faces: tuple[Face, ...]) -> Figure:
    """What stands out from a plain ground: the figure, with what of it has the ground's colour and a network has seen,
    and without an even backdrop.
    """
    figure = made(plain, FigureSource.PLAIN_GROUND, "the ground has one even colour")
    sureness = find_figures_cover(pixels) if figure.source is not FigureSource.NONE else None
    if sureness is None:
        return figure
    seen = _seen(pixels, faces, sureness)
    if seen is not None and has_backdrop(plain, seen, pixels):
        return made(seen, FigureSource.NETWORK, "a network has seen it before an even backdrop")
    plain = without_blotches(plain, sureness, pixels, faces)
    if seen is None:
        return made(plain, figure.source, figure.reason)
    surely = np.where(resized(sureness, plain.shape) > _SURELY, seen, np.uint8(0))
    return made(with_seen(plain, surely), figure.source, figure.reason)


def _tells(faces: tuple[Face, ...], side: int) -> bool:
    """Whether faces tell figures from their ground: small ones that one finder alone knows may stand among others."""
    return any(face.source is not FaceSource.BLAZEFACE or face.box.width > _SMALL_FACE * side for face in faces)


def _is_crowd(faces: tuple[Face, ...], side: int) -> bool:
    """Whether so many are so small that there are others: who is found and who is not must not be told apart."""
    return len(faces) >= CROWD and max(face.box.width for face in faces) < _SMALL_FACE * side


def whole(shape: tuple[int, ...], reason: str) -> Figure:
    """A crowd: all of a picture [h, w, ...] is worked as one figure."""
    box = Box(0, 0, float(shape[1]), float(shape[0]))
    return Figure(np.full(shape[:2], 255, np.uint8), (box,), FigureSource.CROWD, reason)


def _holds(cover: Cover, face: Face) -> bool:
    """Whether a figure has a face whole: one that does not has run out through a gap in its outline."""
    inside = cover[_core(face).slices(cover.shape)]
    return bool(inside.size and (inside > 127).mean() > 0.85)


def _core(face: Face) -> Box:
    """Of a face what surely is one: of a person's, which may be seen from the side, what lies about eyes and mouth."""
    rim = _RIM if face.source is FaceSource.ANIMEFACE else _SIDE_RIM
    return face.box.grown(-rim, -_RIM, -rim, -_RIM)


def _none(shape: tuple[int, ...], reason: str) -> Figure:
    return Figure(np.zeros(shape[:2], np.uint8), (), FigureSource.NONE, reason)


def made(cover: Cover, source: FigureSource, reason: str) -> Figure:
    """The figure of a cover uint8 [h, w], with its boxes; none where it is a speck or leaves no ground."""
    mask = (cover > 127).astype(np.uint8)
    share = float(mask.mean())
    if not _LEAST < share < (1.0 if source is FigureSource.ALPHA else _MOST):
        return _none(cover.shape, f"what was found covers {share:.1%} of the picture")
    count, _, stats, _ = cv2.connectedComponentsWithStats(mask)
    order = np.argsort(-stats[1:, cv2.CC_STAT_AREA], kind="stable")[:8] + 1
    chief = float(stats[order[0], cv2.CC_STAT_AREA]) if count > 1 else 0.0
    boxes = tuple(
        Box(*(float(value) for value in stats[label, :4])) for label in order if stats[label, 4] > 0.08 * chief
    )
    return Figure(cover, boxes, source, reason)


def _seen(pixels: Pixels, faces: tuple[Face, ...], sureness: Cover, subject: Cover | None = None) -> Cover | None:
    """What the network sees, with what the picture's `subject` has beside it, and bodies of faces that it does not see:
    uint8 [h, w]; None where it is not sure.
    """
    side = max(pixels.shape[:2])
    cover = figures_in(sureness, faces, side)
    if cover is None:
        return None
    if subject is not None:
        more = with_subject(cover, subject, pixels)
        cover, sureness = more, np.where(more > cover, subject, sureness)
    found = drawn_to_borders(cover, sureness, pixels)
    unseen = missed(found, faces, side)
    if unseen:
        found |= _by_faces(pixels, unseen)
    for face in faces:
        box = _core(face).scaled(FIGURE_SIDE / side)
        cv2.ellipse(found, (box.centre, (box.width, box.height), 0), 255, -1)
    return refined(filled(found // 255, _HOLE) * np.uint8(255), pixels)


def _subject(pixels: Pixels, faces: tuple[Face, ...], sureness: Cover | None, subject: Cover | None) -> Cover | None:
    """What the picture is about, where a network has found it and it is a figure: uint8 [h, w]."""
    cover = None if subject is None else figure_of(subject, sureness, faces, pixels)
    if subject is None or cover is None:
        return None
    found = drawn_to_borders(cover, nearly(cover, subject), pixels)
    return refined(filled(found // 255, _HOLE) * np.uint8(255), pixels)


def _by_faces(pixels: Pixels, faces: tuple[Face, ...]) -> Cover:
    """Heads and bodies under faces, and under what is likely one of somebody beside them: 0 or 255 on a small grid."""
    scale = FIGURE_SIDE / max(pixels.shape[:2])
    small = resized(pixels, fitted(pixels.shape))
    lab = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2Lab), np.uint8)
    known = [face.box.scaled(scale) for face in faces]
    found = _cut(lab, known)
    for face in faces:
        found |= _loose_hair(small, found, face, scale) | _headgear(small, found, face, scale)
    found = _joined(without_ground(found, small, faces, scale), faces, scale)
    beside = [box.scaled(scale) for box in others(pixels, faces)]
    if beside:
        found |= _cut(lab, known + beside, 1) & _about(beside, found.shape)
    return filled(found, _HOLE) * np.uint8(255)


def _about(heads: Sequence[Box], shape: tuple[int, ...]) -> Cover:
    """Where the bodies under some heads may be at most: uint8 [h, w], 0 or 1."""
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    near = [
        (np.abs(x - head.centre[0]) < _ASIDE * head.width) & (y > head.centre[1] - _ABOVE * head.height)
        for head in heads
    ]
    return np.asarray(np.any(near, axis=0), np.uint8)


def _cut(lab: Pixels, heads: Sequence[Box], turns: int = _TURNS) -> Cover:
    """What GrabCut (Rother, Kolmogorov & Blake 2004) parts in Lab, uint8 [h, w, 3], from heads and bodies: 0 or 1."""
    height, width = lab.shape[:2]
    prior = np.full((height, width), cv2.GC_BGD, np.uint8)
    y, x = np.mgrid[:height, :width].astype(np.float32)
    layers = [_body_prior(box, x, y) for box in heads]
    for level in (cv2.GC_PR_BGD, cv2.GC_PR_FGD, cv2.GC_FGD):
        for layer in layers:
            prior[layer == level] = level
    if not (prior == cv2.GC_FGD).any() or not ((prior == cv2.GC_BGD) | (prior == cv2.GC_PR_BGD)).any():
        return np.zeros((height, width), np.uint8)
    cv2.setRNGSeed(7)
    cv2.grabCut(lab, prior, (0, 0, 1, 1), np.zeros((1, 65)), np.zeros((1, 65)), turns, cv2.GC_INIT_WITH_MASK)
    return np.asarray((prior == cv2.GC_FGD) | (prior == cv2.GC_PR_FGD), np.uint8)


def _loose_hair(small: Pixels, found: Cover, face: Face, scale: float) -> Cover:
    """Tails and strands that go on from a head by their colour alone: uint8 [h, w], 0 or 1."""
    lab = cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_RGB2Lab)
    skin = cv2.cvtColor(np.array([[face.skin]], np.float32) / 255, cv2.COLOR_RGB2Lab)[0, 0]
    box = face.box.scaled(scale)
    cx, cy = box.centre
    y, x = np.mgrid[: found.shape[0], : found.shape[1]].astype(np.float32)
    around = ((x - cx) / (0.85 * box.width)) ** 2 + ((y - (cy - 0.15 * box.height)) / (0.9 * box.height)) ** 2 < 1
    around &= (found > 0) & (y < cy) & (_apart(lab, skin) > _UNLIKE_SKIN)
    own = lab[around]
    if len(own) < _FEW_HAIRS:
        return np.zeros_like(found)
    cv2.setRNGSeed(7)
    criteria = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 10, 0.5)
    samples = np.ascontiguousarray(own, np.float32)
    _, of, tones = cv2.kmeans(samples, 3, np.empty(0, np.int32), criteria, 1, cv2.KMEANS_PP_CENTERS)
    share = np.bincount(of.ravel(), minlength=3) / len(own)
    alike = np.min([_apart(lab, tone) for tone in np.asarray(tones)[share > 0.2]], axis=0) < _LIKE_HAIR
    # What is nearly grey is like too many things.
    alike &= np.hypot(lab[..., 1], lab[..., 2]) > _COLOURED_HAIR
    near = cv2.morphologyEx((alike & (found == 0)).astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    _, pieces, stats, _ = cv2.connectedComponentsWithStats(near)
    beside = np.unique(pieces[cv2.dilate(found, np.ones((5, 5), np.uint8)) > 0])
    most = _MOST_HAIR * float(found.sum())
    kept = [at for at in beside.tolist() if at and _LEAST_HAIR * found.sum() < stats[at, cv2.CC_STAT_AREA] < most]
    return np.isin(pieces, kept).astype(np.uint8)


def _headgear(small: Pixels, found: Cover, face: Face, scale: float) -> Cover:
    """Hats, ears and bows that are drawn with lines on a head, before a ground that has few: uint8 [h, w], 0 or 1."""
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))
    lines = (cv2.morphologyEx(grey, cv2.MORPH_BLACKHAT, disk) > _LINE).astype(np.uint8)
    box = face.box.scaled(scale)
    cx, cy = box.centre
    y, x = np.mgrid[: found.shape[0], : found.shape[1]].astype(np.float32)
    near = (np.abs(x - cx) < 1.3 * box.width) & (y > cy - 1.7 * box.height) & (y < cy + 0.2 * box.height)
    around, away = near & (found == 0), ~near & (found == 0)
    if not around.any() or not away.any() or lines[away].mean() > _BUSY * lines[around].mean():
        return np.zeros_like(found)
    side = max(3, round(0.16 * box.width)) | 1
    brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    closed = cv2.morphologyEx(((lines > 0) & near | (found > 0)).astype(np.uint8), cv2.MORPH_CLOSE, brush)
    opened = cv2.morphologyEx(filled(np.asarray(closed, np.uint8), 0.01), cv2.MORPH_OPEN, disk)
    worn = (opened > 0) & around
    _, pieces = cv2.connectedComponents((worn | (found > 0)).astype(np.uint8))
    heads = np.unique(pieces[found > 0])
    worn &= np.isin(pieces, heads)
    return worn.astype(np.uint8) if worn.sum() < _WORN * box.area else np.zeros_like(found)


def _apart(lab: np.ndarray, colour: np.ndarray) -> np.ndarray:
    """How unlike the paint of each pixel is, whatever light falls on it."""
    way = lab - colour
    return np.asarray(np.sqrt((0.35 * way[..., 0]) ** 2 + way[..., 1] ** 2 + way[..., 2] ** 2))


def _is_line_art(pixels: Pixels) -> bool:
    """Whether nearly all is white or grey, so that colour tells nothing of figure and ground."""
    small = resized(pixels, fitted(pixels.shape))
    least, most = smallest(small), largest(small)
    return bool((least > 215).mean() > 0.55 and ((most - least) > 24).mean() < 0.02)


def _by_outline(pixels: Pixels, faces: tuple[Face, ...]) -> Cover:
    """What the lines around a face enclose; where that is all or nothing, heads and trunks as they usually are."""
    height, width = fitted(pixels.shape)
    small = resized(pixels, (height, width))
    drawn = (smallest(small) < 200).astype(np.uint8)
    disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))
    closed = cv2.morphologyEx(drawn, cv2.MORPH_CLOSE, disk)
    outside = cv2.copyMakeBorder(1 - closed, 1, 0, 1, 1, cv2.BORDER_CONSTANT, value=1)
    _, pieces = cv2.connectedComponents(np.asarray(outside, np.uint8), connectivity=4)
    inside = (pieces != pieces[0, 0])[1:, 1:-1].astype(np.uint8)
    opened = np.asarray(cv2.morphologyEx(inside, cv2.MORPH_OPEN, disk), np.uint8)
    scale = height / pixels.shape[0]
    mask = _joined(opened, faces, scale)
    y, x = np.mgrid[:height, :width].astype(np.float32)
    layers = [_body_prior(face.box.scaled(scale), x, y) for face in faces]
    usual = np.max([(layer == cv2.GC_PR_FGD) | (layer == cv2.GC_FGD) for layer in layers], axis=0).astype(np.uint8)
    both = float((mask & usual).sum())
    if both < 0.5 * float(usual.sum()) or float(mask.mean()) > 0.75:
        mask = usual
    return np.asarray(cv2.resize(255 * mask, pixels.shape[1::-1], interpolation=cv2.INTER_LINEAR), np.uint8)


def _body_prior(box: Box, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """One face's prior: surely face, neck and chest, probably the head with hair and the trunk, surely nothing far."""
    cx, cy = box.centre
    w, h = box.width, box.height
    layer = np.full(x.shape, cv2.GC_BGD, np.uint8)
    near = (np.abs(x - cx) < 3.3 * w) & (y > cy - 2.3 * h)
    layer[near] = cv2.GC_PR_BGD
    head = ((x - cx) / (0.95 * w)) ** 2 + ((y - (cy - 0.15 * h)) / (1.05 * h)) ** 2 < 1
    trunk = (y > cy + 0.6 * h) & (np.abs(x - cx) < np.minimum(0.55 * w + 0.35 * (y - cy - 0.6 * h), 1.35 * w))
    layer[near & (head | trunk)] = cv2.GC_PR_FGD
    face = ((x - cx) / (0.42 * w)) ** 2 + ((y - (cy + 0.05 * h)) / (0.45 * h)) ** 2 < 1
    neck = (np.abs(x - cx) < 0.14 * w) & (y >= cy) & (y < cy + 0.85 * h)
    chest = (np.abs(x - cx) < 0.26 * w) & (y >= cy + 0.85 * h) & (y < cy + 1.35 * h)
    layer[face | neck | chest] = cv2.GC_FGD
    return layer


def _joined(found: Cover, faces: tuple[Face, ...], scale: float) -> Cover:
    """Without specks and holes; only pieces that hold a face or are large beside those that do."""
    disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))
    found = np.asarray(cv2.morphologyEx(found, cv2.MORPH_OPEN, disk), np.uint8)
    _, pieces, stats, _ = cv2.connectedComponentsWithStats(found)
    chosen = set()
    for face in faces:
        inside = pieces[face.box.scaled(scale).slices(pieces.shape)].ravel()
        if inside.any():
            chosen.add(int(np.bincount(inside[inside > 0]).argmax()))
    chief = max((int(stats[label, 4]) for label in chosen), default=0)
    chosen |= {label for label in range(1, len(stats)) if stats[label, 4] > 0.05 * chief}
    kept = np.isin(pieces, sorted(chosen)).astype(np.uint8) if chosen else found
    return filled(kept, _HOLE)


def filled(mask: Cover, share: float) -> Cover:
    """Holes smaller than a share of the picture are closed."""
    _, pieces, stats, _ = cv2.connectedComponentsWithStats(1 - mask, connectivity=4)
    small = [label for label in range(1, len(stats)) if stats[label, 4] < share * mask.size]
    return np.asarray(mask | np.isin(pieces, small), np.uint8)


def _by_plain_ground(pixels: Pixels) -> Cover | None:
    """What is not connected to the border by its colour, where nearly all of the border has one colour."""
    height = len(pixels)
    lab = cv2.cvtColor(pixels, cv2.COLOR_RGB2Lab).astype(np.int16)
    rim = np.concatenate([lab[0], lab[: -height // 5, 0], lab[: -height // 5, -1]])
    plain = np.median(rim, axis=0)
    even = float((greatest(np.abs(rim - plain)) < 9).mean())
    if even < 0.8:
        return None
    same = (greatest(np.abs(lab - plain.astype(np.int16))) < 9).astype(np.uint8)
    _, pieces = cv2.connectedComponents(same, connectivity=4)
    touching = np.unique(np.concatenate([pieces[0], pieces[:, 0], pieces[:, -1], pieces[-1]]))
    ground = np.isin(pieces, touching[touching > 0])
    cover = np.where(ground, 0, 255).astype(np.uint8)
    return np.asarray(cv2.medianBlur(cover, 3), np.uint8)


def refined(mask: Cover, pixels: Pixels) -> Cover:
    """A mask of a small grid on the picture's, its border drawn to near edges (guided filter, He et al. 2010)."""
    height, width = pixels.shape[:2]
    guide = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
    rough = np.asarray(cv2.resize(mask, (width, height), interpolation=cv2.INTER_LINEAR)).astype(np.float32) / 255
    radius = max(3, round(0.012 * max(height, width)))
    size = (2 * radius + 1, 2 * radius + 1)

    def mean(values: np.ndarray) -> np.ndarray:
        return np.asarray(cv2.blur(values, size), np.float32)

    mean_guide, mean_rough = mean(guide), mean(rough)
    slope = (mean(guide * rough) - mean_guide * mean_rough) / (mean(guide * guide) - mean_guide**2 + 1e-3)
    offset = mean_rough - slope * mean_guide
    soft = np.clip((mean(slope) * guide + mean(offset) - 0.5) * 3 + 0.5, 0, 1)
    return np.asarray(np.round(soft * 255), np.uint8)
