"""Construction: what is drawn before the drawing. Different artists build in different ways."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.model import Phase, Tool
from paints_undo_engine.procedural.reading.crowns import PARTED, crown_of, is_under, piece_of
from paints_undo_engine.procedural.reading.face_lines import chin_in
from paints_undo_engine.procedural.reading.facing import facing_in, facing_of
from paints_undo_engine.procedural.reading.joints import Joint, Pose
from paints_undo_engine.procedural.reading.model import Box, Cover, Face, FaceSource, PictureKind, Reading
from paints_undo_engine.procedural.reading.poses import head_of
from paints_undo_engine.procedural.script import ScriptStep
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.arriving import Points
from paints_undo_engine.procedural.techniques.bodies import Body, measure_body
from paints_undo_engine.procedural.techniques.building import Lines, Way, body_built, body_lines
from paints_undo_engine.procedural.techniques.creatures import creature_body, creature_head
from paints_undo_engine.procedural.techniques.face_marks import eyes_seen
from paints_undo_engine.procedural.techniques.heads import Build, below_ball, features_placed, head_built
from paints_undo_engine.procedural.techniques.mannequins import (
    Mannequin,
    gesture_of,
    is_cramped,
    mannequin_in,
    mannequin_on,
)
from paints_undo_engine.procedural.techniques.masses import besides, massed, surveyed
from paints_undo_engine.procedural.techniques.part_forms import part_forms
from paints_undo_engine.procedural.techniques.sketching import Pencil
from paints_undo_engine.procedural.techniques.skulls import (
    Head,
    by_ears,
    face_in,
    guess_head,
    in_box,
    measure_head,
    on_crown,
    turned,
    within_figure,
)
from paints_undo_engine.procedural.techniques.underdrawing import is_scene

_MOST_FIGURES = 6
_BREADTH, _HEADS = 1.7, 9.0
"""In a face's widths and heights: how far a body reaches from its face to each side, and down."""
_NEAR = 0.9
"""In a head's widths and heights: how far from its middle its nose lies at most."""
_HAND = 0.8
"""Of a head's width: what is smaller before its chest is no other one's face; of a face's: nor does it hide a body."""
_GESTURES = (Way.ACTION, Way.TUBES)
"""Who begins with a line through the whole figure; the others begin with a ball, or with long curves."""
_SLIM = 0.7
"""Of a face's width: no shoulders are less broad."""
_CRACK = 0.012
"""Of the picture's longer side: a crack in a figure."""
_BUST, _NECK = 1.8, 1.45
"""In radii of a head: what is shorter and less broad below it is a neck that ends."""
_LIES = 0.4
"""How far down a face looks, of its own length, under which a body hangs: who lies or falls has none below it."""
_LINES, _LETTERS = 3, 10
"""So many lines of marks in a row are lettering, and so is one of so many marks."""
_SEEN = 0.5
"""Of a line of a body, what lies within its panel at least."""
_ASIDE = 0.5
"""How far aside somebody looks at least whose head without a face is built with one."""
_DOUBTFUL = 0.8
"""What is less likely a face may be an animal's, whose body has no shoulders."""
_TWICE = 0.75
"""In breadths of the shoulders: nearer to a body that is built already, joints without a head are its own."""
_BALLS = "head, ball"
"""Lines that go round the skull, and through the face; loose circles are the face's outline as well."""
_TINY = 0.045
"""Of the picture's longer side: a tiny face's width."""


def constructed(source: Source, pencil: Pencil) -> list[ScriptStep]:
    """The construction of the picture: heads and bodies; silhouettes, perspective and masses of what has none."""
    chance = source.chance("construction")
    # Seeds that follow each other build differently.
    turn = source.options.seed
    reading = source.reading
    steps: list[ScriptStep] = []
    if reading.kind is PictureKind.COMIC and reading.panels:
        steps += _panels(source, pencil)
    if reading.text:
        steps += _lettering(source, pencil)
    built: list[Points] = []
    bodies: list[Mannequin] = []

    def whole(head: Head | None, made: list[ScriptStep], body: Mannequin | None) -> list[ScriptStep]:
        before = pencil.count - len(made)
        done = _with_body(source, pencil, head, made, body, chance)
        if done:
            built.append(pencil.places(before))
        if body is not None:
            bodies.append(body)
        return done

    poses, inside = list(reading.poses), _closed(reading.figure.cover)
    faces = _sure_faces(reading)[:_MOST_FIGURES]
    places = [*(face.box for face in faces), *reading.heads]
    for face in faces:
        pencil.within = _panel_of(reading, face.box)
        measured = _measured(source, face, inside)
        pose = _taken(poses, face.box, measured, places)
        measured = measured if pose is None else by_ears(measured, pose)
        ball = head_built(pencil, measured, _build(turn), chance)
        drawn = zip(ball, pencil.drawn(pencil.count - len(ball)), strict=True)
        balls = [points for step, points in drawn if step.label.startswith(_BALLS)]
        pencil.superfluous(below_ball(measured, balls))
        head = [
            *ball,
            *features_placed(pencil, face, eyes_seen(face, source.on_white), measured, _build(turn), chance),
        ]
        others = [other.box for other in reading.faces if other is not face] + [*map(face_in, reading.heads)]
        hangs = pose is None and measured.down[1] > _LIES
        body = measure_body(_body_of(source, face.box, others), face.box, face.chin) if hangs else None
        if body is not None and _is_doubtful(face) and not (body.cut or _is_neck(body, measured)):
            eggs = creature_body(body, np.array([measured.x, measured.y]))
            steps += whole(None, [*head, *body_built(source, pencil, eggs, chance)], None)
            continue
        steps += whole(measured, head, _body(measured, pose, body, face.box, others))
    for box in reading.heads[:_MOST_FIGURES]:
        pencil.within = _panel_of(reading, box)
        pose = _taken(poses, box, guess_head(box), places)
        facing = _facing(reading, box) if pose is None else facing_in(pose, box)
        measured = guess_head(box, facing)
        others = [face_in(other) for other in reading.heads if other is not box] + [face.box for face in reading.faces]
        place = face_in(box)
        body = measure_body(_body_of(source, place, others), place, (box.centre[0], box.y + box.height))
        if reading.faceless and pose is None and abs(facing) < _ASIDE:
            lines = creature_head(box, chance)
            if body is not None and not _is_neck(body, measured):
                lines += creature_body(body, np.array([measured.x, measured.y]))
            steps += whole(None, body_built(source, pencil, lines, chance), None)
            continue
        head = head_built(pencil, measured, _build(turn), chance)
        steps += whole(measured, head, _body(measured, pose, None if pose else body, place, others))
    pencil.within = None
    for pose in poses:
        headless = mannequin_on(pose, None)
        if not _is_second(pose, reading) and not any(_is_same(headless, other) for other in bodies):
            steps += whole(None, [], headless)
    if reading.kind is PictureKind.COMIC and reading.panels:
        # A page's silhouette is its panels'.
        return steps
    forms = [] if is_scene(source) else part_forms(source, pencil, built, chance)
    if built:
        return steps + (forms or besides(source, pencil, built, chance))
    if reading.figure.boxes:
        return steps + (forms or massed(source, pencil, chance))
    return steps + (forms or surveyed(source, pencil, chance))


def _facing(reading: Reading, head: Box) -> float:
    """Where a head looks by its skin, which only colour tells."""
    coloured = reading.kind not in (PictureKind.PENCIL, PictureKind.LINE_ART)
    return facing_of(reading.pixels, reading.figure.cover, head) if coloured else 0.0


def _panel_of(reading: Reading, place: Box) -> Box | None:
    """The panel of a page in which a face or a head lies."""
    panels = reading.panels if reading.kind is PictureKind.COMIC else ()
    return next((panel for panel in panels if panel.holds(place.centre)), None)


def _is_same(body: Mannequin, other: Mannequin) -> bool:
    """Whether two bodies lie on one another, and are one person's."""
    away = min(float(np.hypot(*(body.at(down) - other.at(down)))) for down in (0.0, 0.5))
    return away < _TWICE * max(body.breadth, other.breadth)


def _closed(cover: Cover) -> NDArray[np.bool_]:
    """bool [h, w]: a figure uint8 [h, w] without cracks and specks, at which no head ends."""
    side = max(3, round(_CRACK * max(cover.shape))) | 1
    return np.asarray(cv2.morphologyEx(cover, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8)) > 127, bool)


def _measured(source: Source, face: Face, inside: NDArray[np.bool_]) -> Head:
    """The head about a face, in its figure, bool [h, w]: where the top of that is, if it has one face and is sure."""
    face = replace(face, chin=chin_in(face, source.face_lines[face]))
    if face.head is not None:
        return in_box(measure_head(face), face.head, drawn=face.source is FaceSource.ANIMEFACE)
    panel = _panel_of(source.reading, face.box)
    if panel is not None:
        own = np.zeros_like(inside)
        own[panel.slices(inside.shape)] = True
        inside = inside & own if inside.any() else own
    head = within_figure(turned(measure_head(face)), inside)
    figure = source.reading.figure
    box = next((box for box in figure.boxes if box.holds(face.box.centre)), None)
    if (
        box is None
        or figure.source not in PARTED
        or any(box.holds(other.box.centre) for other in source.reading.faces if other.box != face.box)
    ):
        return head
    crown = crown_of(piece_of(figure, box))
    if crown is None:
        return head
    top = Box(crown.box.x + round(box.x), crown.box.y + round(box.y), crown.box.width, crown.box.height)
    # A drawn face with large eyes tells how large its skull is.
    ends = crown.has_neck and face.source is not FaceSource.ANIMEFACE
    placed = on_crown(head, top, ends=ends) if top.holds(face.box.centre) else head
    return within_figure(placed, inside) if placed.radius > head.radius else placed


def _is_held(face: Box, head: Box) -> bool:
    return face.width < _HAND * head.width and is_under(face, head)


def _is_second(pose: Pose, reading: Reading) -> bool:
    """Whether a pose that no head took has a known head for its own, or on its lap, or its shoulders in one."""
    own, throat = head_of(pose), pose.middle(Joint.LEFT_SHOULDER)
    heads = [*(face.box for face in reading.faces), *reading.heads]
    if any(head.holds((float(throat[0]), float(throat[1]))) for head in heads):
        return True
    return own is not None and any(_is_held(own, head) or head.holds(own.centre) for head in heads)


def _sure_faces(reading: Reading) -> list[Face]:
    """The faces on which heads are built. What looks like one in the hands of a figure whose head is known is none, nor
    is what one finder alone has seen on a lap, or tiny and in no figure.
    """
    least, inside = _TINY * max(reading.shape), reading.figure.cover > 127

    def is_sure(face: Face) -> bool:
        if any(_is_held(face.box, head) for head in reading.heads):
            return False
        if face.source is not FaceSource.BLAZEFACE:
            return True
        if any(_is_held(face.box, other.box) for other in reading.faces):
            return False
        return face.box.width > least or bool(inside[face.box.slices(inside.shape)].any())

    return [face for face in reading.faces if is_sure(face)]


def _is_doubtful(face: Face) -> bool:
    """Whether one finder alone sees a face, and hardly: a panda's, a doll's, or one so small that its body is round."""
    return face.source is FaceSource.BLAZEFACE and face.confidence < _DOUBTFUL


def _build(turn: int) -> Build:
    return list(Build)[turn % len(Build)]


def _way(turn: int) -> Way:
    ways = list(Way)
    return ways[(turn + turn // len(ways)) % len(ways)]


def _taken(poses: list[Pose], box: Box, head: Head, heads: Sequence[Box]) -> Pose | None:
    """The pose of the body under a head in a box, which is taken out of those that are left: its nose lies nearest to
    that of all `heads`, and it fits it.
    """
    near = [
        pose
        for pose in poses
        if _away(pose, box) < _NEAR and min(_away(pose, other) for other in heads) == _away(pose, box)
    ]
    if not near:
        return None
    found = min(near, key=lambda pose: _away(pose, box))
    poses.remove(found)
    return found if found.breadth > _SLIM * box.width and not is_cramped(found, head) else None


def _away(pose: Pose, head: Box) -> float:
    """How far a pose's nose lies from the middle of a head, in the head's widths and heights."""
    return float((np.abs(pose.at(Joint.NOSE) - np.array(head.centre)) / (head.width, head.height)).max())


def _body(head: Head, pose: Pose | None, body: Body | None, face: Box, others: Sequence[Box]) -> Mannequin | None:
    """The body under a head: by its joints where they are known, else by its silhouette; None where it would run
    through one of the others' faces: who has the head lies, or they hide it. Much smaller ones are held by it.
    """
    if pose is not None:
        found = mannequin_on(pose, head)
    elif body is not None and not _is_neck(body, head):
        found = mannequin_in(body, head)
    else:
        return None
    large = [other for other in others if other.width > _HAND * face.width]
    trunk = [found.at(down) for down in np.linspace(0.1, 1, 9)]
    through = any(other.holds((float(x), float(y))) for x, y in trunk for other in large)
    return None if through else found


def _is_neck(body: Body, head: Head) -> bool:
    """Whether nothing but a neck is shown below a head."""
    return not body.cut and body.length < _BUST * head.radius and 2 * float(body.half.max()) < _NECK * head.radius


def _with_body(
    source: Source, pencil: Pencil, head: Head | None, steps: list[ScriptStep], body: Mannequin | None,
    chance: np.random.Generator,
) -> list[ScriptStep]:  # fmt: skip
    """The steps of a head, and the body under it; some begin with a line through both."""
    if body is None:
        return steps
    way = _way(source.options.seed)
    action: Lines = []
    if way in _GESTURES:
        crown = None if head is None else np.array([head.x, head.y]) - head.radius * head.down
        action = [("line of action", gesture_of(body, crown), 0.55)]
    first = body_built(source, pencil, action, chance)
    lines = [line for line in body_lines(body, way, chance) if _is_within(line[1], pencil.within)]
    return [*first, *steps, *body_built(source, pencil, lines, chance)]


def _is_within(line: Points, panel: Box | None) -> bool:
    """Whether most of a line float32 [n, 2] lies in its panel, if there is one."""
    return panel is None or float(np.mean([panel.holds((float(x), float(y))) for x, y in line])) > _SEEN


def _body_of(source: Source, head: Box, others: Sequence[Box]) -> NDArray[np.bool_]:
    """bool [h, w]: the figure in which a head lies, or where there are `others` what lies about and under this one."""
    cover = _figure_of(source, head)
    if not others:
        return cover
    reach = _BREADTH * head.width
    x = np.arange(cover.shape[1])
    beside = np.abs(x - head.centre[0]) < reach
    for other in others:
        if abs(other.centre[1] - head.centre[1]) < 3 * head.height:
            beside &= np.abs(x - head.centre[0]) < np.abs(x - other.centre[0])
    below = np.arange(cover.shape[0]) > head.y
    deep = np.arange(cover.shape[0]) < head.y + _HEADS * head.height
    return np.asarray(cover & beside[None] & (below & deep)[:, None], bool)


def _figure_of(source: Source, head: Box) -> NDArray[np.bool_]:
    """bool [h, w]: of several figures the one whose box has the most of a head; else all there is."""
    figure = source.reading.figure
    cover = figure.cover > 127
    if len(figure.boxes) < 2:
        return cover
    held = [float((cover[head.slices(cover.shape)]).mean()) if box.holds(head.centre) else 0.0 for box in figure.boxes]
    box = figure.boxes[int(np.argmax(held))]
    if not max(held):
        return cover
    whole = np.zeros_like(cover)
    rows, columns = box.slices(cover.shape)
    whole[rows, columns] = piece_of(figure, box)
    return whole


def _panels(source: Source, pencil: Pencil) -> list[ScriptStep]:
    steps = []
    for box in source.reading.panels:
        x, y, right, bottom = box.x, box.y, box.x + box.width, box.y + box.height
        ring = np.array([[x, y], [right, y], [right, bottom], [x, bottom], [x, y]], np.float32)
        steps.append(pencil.line(ring, Phase.CONSTRUCTION, "panel, frame", strength=0.6, tool=Tool.RULER))
    return steps


def _lettering(source: Source, pencil: Pencil) -> list[ScriptStep]:
    """A baseline and a cap line for each line of text, where it surely is text: few marks in a row may be anything."""
    text = source.reading.text
    if len(text) < _LINES and all(len(line.letters) < _LETTERS for line in text):
        return []
    steps = []
    for line in source.reading.text[:24]:
        left, right = line.box.x - 4, line.box.x + line.box.width + 4
        for y, name in ((line.baseline, "baseline"), (line.cap_line, "cap line")):
            ends = np.array([[left, y], [right, y]], np.float32)
            steps.append(pencil.line(ends, Phase.CONSTRUCTION, f"lettering, {name}", strength=0.5, tool=Tool.RULER))
    return steps
