"""Read a picture: what is known of it before a process is planned."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from types import MappingProxyType
from typing import cast

import cv2
import numpy as np

from paints_undo_engine.procedural.reading.blazeface import find_faint, find_in_heads
from paints_undo_engine.procedural.reading.clean_lines import CleanLines, clean_shares, find_clean_lines
from paints_undo_engine.procedural.reading.crowns import is_page, tops_of, with_crowns
from paints_undo_engine.procedural.reading.dark_ground import find_dark_ground, on_light_ground
from paints_undo_engine.procedural.reading.dots import with_dots
from paints_undo_engine.procedural.reading.drawn_faces_network import SeenHead
from paints_undo_engine.procedural.reading.drawn_heads import find_drawn_heads, rather_heads, traced, unfaced
from paints_undo_engine.procedural.reading.faces import find_coloured_skin, find_faces
from paints_undo_engine.procedural.reading.figure import find_figure
from paints_undo_engine.procedural.reading.figure_network import find_somebody
from paints_undo_engine.procedural.reading.figure_parts import before_ground, ended_by_parts
from paints_undo_engine.procedural.reading.hair_lines import with_strands, without_shades
from paints_undo_engine.procedural.reading.heads import find_heads, without_buried
from paints_undo_engine.procedural.reading.ink import (
    explained,
    find_cover,
    find_dirt,
    line_colour,
    remove_lines,
    with_lashes,
    without,
    without_dark_bits,
    without_masses,
)
from paints_undo_engine.procedural.reading.kind import (
    COLOURS,
    Measures,
    find_kind,
    find_medium,
    find_subject,
    find_techniques,
    measure,
)
from paints_undo_engine.procedural.reading.letters import unlettered
from paints_undo_engine.procedural.reading.lighting import lighting, lit, unlit, unlit_sheet
from paints_undo_engine.procedural.reading.lined_figure import among_others, find_lined_figure
from paints_undo_engine.procedural.reading.looking import is_coloured
from paints_undo_engine.procedural.reading.main_edges import find_edges
from paints_undo_engine.procedural.reading.model import (
    Cover,
    Face,
    FaceSource,
    Figure,
    FigureSource,
    Ink,
    Part,
    PictureKind,
    Pixels,
    Reading,
)
from paints_undo_engine.procedural.reading.pages import on_page
from paints_undo_engine.procedural.reading.panels import find_panels, find_strips
from paints_undo_engine.procedural.reading.part_masks import SeenParts
from paints_undo_engine.procedural.reading.patterns import edges_beside, find_patterns, without_patterns
from paints_undo_engine.procedural.reading.pen_lines import drawn_with_a_pen, thinned_within, with_lights
from paints_undo_engine.procedural.reading.perspective import find_perspective, find_straight_lines
from paints_undo_engine.procedural.reading.pixel_art import pixel_cells
from paints_undo_engine.procedural.reading.poses import (
    find_poses,
    head_of,
    with_heads,
    without_beheaded,
    without_headless,
)
from paints_undo_engine.procedural.reading.regions import find_regions
from paints_undo_engine.procedural.reading.seen_lines import find_seen_lines, without_unseen
from paints_undo_engine.procedural.reading.seen_parts import find_seen_parts
from paints_undo_engine.procedural.reading.settling import settled
from paints_undo_engine.procedural.reading.sheet_drawing import drawing_on, sheet_in, without_relief
from paints_undo_engine.procedural.reading.strokes import assign, connection, find_strokes, in_colour
from paints_undo_engine.procedural.reading.traces import likely_methods
from paints_undo_engine.procedural.reading.turned_faces import find_turned_faces
from paints_undo_engine.procedural.reading.view import MEASURED_SIDE, ReducedPicture, resized, view_of
from paints_undo_engine.procedural.reading.written import find_lettering, without_lettering
from paints_undo_engine.procedural.reading.zones import eyes_mask


def read(pixels: Pixels, alpha: Cover | None = None) -> Reading:
    """Read uint8 [H, W, 3] with straight `alpha` uint8 [H, W] or None.

    The same picture gives the same answer at any size, and an opaque alpha is as none.

    Example: `read(painting.rgb8()).kind`
    """
    stages = read_in_stages(pixels, alpha)
    while True:
        try:
            next(stages)
        except StopIteration as end:
            return cast(Reading, end.value)


def read_in_stages(pixels: Pixels, alpha: Cover | None = None) -> Generator[Ink, None, Reading]:
    """As `read`; on the way it yields the line art as soon as that is known, long before the rest."""
    cells = pixel_cells(pixels, alpha)
    view = view_of(pixels, alpha, cells)
    if (cells is None or cells.across.side <= 1) and max(view.size) > _SPRITE and _is_pen_on_nothing(view):
        cells, view = None, replace(view, alpha=None)
    grid = cells is not None
    panels = find_panels(view.pixels)
    strips = () if panels else find_strips(view.pixels)
    with ThreadPoolExecutor(1) as beside:
        looking = None if grid else beside.submit(find_drawn_heads, view.pixels)
        lettering = without_lettering(view.pixels) if grid else find_lettering(view.pixels, panels or strips)
        view = replace(view, pixels=unlettered(view.pixels, lettering.letters))
        table = lighting(view.pixels)
        bright = view if table is None else replace(view, pixels=lit(view.pixels, table))
        # A drawing is looked at as if its paper were white and evenly lit.
        sheet = sheet_in(bright)
        drawing = drawing_on(bright, sheet)
        lined = bright
        if drawing is not None:
            bright, sheet, lined = drawing.view, drawing.sheet, without_relief(drawing)
        light = None if drawing is not None or grid or view.alpha is not None else _on_light_ground(bright)
        relit = table is not None or drawing is not None or light is not None
        if light is not None:
            bright = lined = light
        if looking is not None and relit:
            looking = beside.submit(find_drawn_heads, bright.pixels)
        finding = beside.submit(_find_figure, bright, looking)
        drawn = _find_ink(lined)
        yield drawn
        straight = find_straight_lines(view.pixels)
        made_by = {} if grid else likely_methods(lit(view.pixels, table) if light is None else light.pixels, view.alpha)
        measures, lines = (
            measure(bright, drawn, None if drawing is None else drawing.means),
            find_clean_lines(bright.pixels, drawn, 1 / view.scale),
        )
        faces, figure, sights, parts = finding.result()
        faces = unlit(faces, table)
        if not (grid or measures.uncoloured or measures.rubbed):
            figure = _lined(bright, figure, faces, drawn, lines) if measures.few < COLOURS else figure
        posing = None if grid else beside.submit(find_poses, bright.pixels, figure, faces)
        edges = beside.submit(find_edges, view.pixels, figure, panels or strips)
        ink, seen = _chosen_pen(lined, figure.cover, drawn, measures)
        if seen is not measures:
            lines = find_clean_lines(bright.pixels, ink, 1 / view.scale)
        # Without colour dark shapes are drawn with the pen as well.
        if not seen.uncoloured and not grid:
            eyes = eyes_mask(view.pixels.shape, faces)
            ink = drawn_with_a_pen(ink, eyes, 1 / view.scale)
            ink = without_dark_bits(without_masses(ink, bright.pixels, eyes), bright.pixels, eyes)
            ink = with_dots(with_lashes(ink, bright.pixels, eyes), bright.pixels)
            if figure.source is FigureSource.PLAIN_GROUND:
                dirt = find_dirt(ink, bright.pixels, figure.cover > 127)
                ink = without(ink, dirt)
                figure = replace(figure, cover=np.where(dirt, 0, figure.cover).astype(np.uint8))
        if relit:
            ink = in_colour(ink, line_colour(view.pixels, ink.cover))
        clean = remove_lines(
            view.pixels, ink.cover, figure.cover, soft=int(np.clip(np.ceil(1 / view.scale - 0.01), 1, 3))
        )
        # Where no trace of a head is seen none is looked for by silhouette and skin.
        blind = sights is not None and not sights
        heads = () if blind else find_heads(bright.pixels, figure, faces)
        # A face with large eyes is a drawing's; one with a person's proportions may as well be painted.
        drawn_face = any(face.source is FaceSource.ANIMEFACE for face in faces)
        headed = bool(heads or faces)
        kind, scores = find_kind(
            seen, ink, lines, figure, drawn_face, len(panels or strips), grid, headed, captioned=bool(strips)
        )
        kind, scores = settled(kind, scores, made_by, seen, ink, figure, faced=bool(faces), pixels=view.pixels)
        techniques = find_techniques(kind, figure, drawn_face, ink.explained)
        found = find_regions(
            view, clean, ink.cover, figure, faces, techniques,
            seen_parts=parts, coloured=kind is not PictureKind.LINE_ART,
            drawn=kind is PictureKind.INKED and figure.source in (FigureSource.NONE, FigureSource.CROWD),
        )  # fmt: skip
        if kind in _PAGES:
            found = on_page(found, view.pixels, lettering.balloons, panels or strips)
        poses = () if posing is None else posing.result()
        poses = poses if sights is None else without_beheaded(poses, faces, [sight.box for sight in sights])
    if kind is PictureKind.LINE_ART and is_page(figure):
        # Others were seen across several drawings.
        poses = without_headless(poses, faces, ())
    heads = with_heads(poses, heads if kind in _WITH_HEADS else (), faces)
    posed = [head for pose in poses if (head := head_of(pose)) is not None]
    if kind not in _WITHOUT_HEADS and not (blind and not posed):
        heads = with_crowns(bright.pixels, figure, faces, heads, posed)
    if sights is not None:
        surely = rather_heads(sights, [face.box for face in faces], poses, figure, panels or strips)
        told = [head for head in heads if traced([head], sights) or not unfaced([head], posed)]
        heads = (*surely, *unfaced(told, surely))
    heads = before_ground(heads, parts, found.labels.shape)
    patterns = np.zeros(found.labels.shape, bool)
    # Where lines explain nearly all, short ones close together are a face's, a bag's, a page's.
    if not (seen.uncoloured or grid or ink.explained > _LINED):
        skin = [region.label for region in found.regions if region.part is Part.SKIN and region.figure is not None]
        patterns = find_patterns(view.pixels, faces, heads, np.isin(found.labels, skin))
        ink, gone = without_patterns(ink, patterns)
        clean = np.where(gone[..., None], view.pixels, clean)
    # What is inked in grey tones is looked at as well, unless the pen has drawn all of it.
    greys = kind is PictureKind.INKED and seen.uncoloured and not grid
    lined_as = find_seen_lines(bright.pixels, ink) if greys else None
    if not (seen.uncoloured or grid) or lined_as is not None:
        hair = np.isin(found.labels, [region.label for region in found.regions if region.part is Part.HAIR])
        eyes = eyes_mask(hair.shape, faces)
        hair = with_lights(hair) & ~eyes
        shades = np.zeros_like(hair)
        if kind is PictureKind.INKED:
            ink, shades = without_shades(ink, view.pixels, hair, eyes)
            lined_as = lined_as if greys else find_seen_lines(bright.pixels, ink)
            if lined_as is not None:
                within = np.zeros_like(hair)
                for face in faces:
                    within[face.box.slices(hair.shape)] = True
                ink, unseen = without_unseen(ink, lined_as, hair, eyes, within)
                shades |= unseen
        ink, gone = thinned_within(ink, hair, clean_shares(view.pixels, ink.paths))
        clean = np.where((gone | shades)[..., None], view.pixels, clean)
        if kind is PictureKind.INKED and lined_as is None:
            ink = with_strands(ink, view.pixels, hair)
    return Reading(
        size=view.size,
        scale=view.scale,
        pixels=view.pixels,
        alpha=view.alpha,
        kind=kind,
        scores=MappingProxyType(dict(scores)),
        subject=find_subject(figure, kind, bool(faces)),
        medium=find_medium(view, bright if light is None else view, seen, kind, ink, cells),
        sheet=unlit_sheet(sheet, table),
        faces=faces,
        heads=heads,
        poses=without_headless(poses, faces, heads),
        figure=figure,
        ink=replace(ink, paths=assign(ink.paths, found.labels, np.array([region.order for region in found.regions]))),
        clean=clean,
        labels=found.labels,
        regions=found.regions,
        cel_labels=found.cel_labels,
        cels=found.cels,
        perspective=find_perspective(straight, figure.cover),
        text=lettering.lines,
        letters=lettering.letters,
        balloons=lettering.balloons,
        panels=panels or strips,
        edges=edges_beside(edges.result(), patterns),
        made_by=made_by,
        patterns=patterns,
        walls=found.walls,
        faceless=sights is not None,
        seen_lines=lined_as,
        seen_parts=parts,
    )


_SIMPLE, _THIN, _GAIN = 0.7, 0.6, 0.2
"""A picture this even, or of so few colours, whose thin lines explain less than this may be drawn with a felt pen, if
that explains more."""
_SMALL = 320
"""The longer side of a picture in which no parts are looked for."""
_HALF, _ALL = 0.4, 0.93
"""Another one whose thin lines explain so much is, if a felt pen explains this: of 25 paintings .84 at most."""


_LINED = 0.85
"""Of the edges, what a drawing's lines explain that has no patterns but drawn ones."""
_WITH_HEADS = (PictureKind.INKED, PictureKind.PAINTED, PictureKind.WATERCOLOUR, PictureKind.PHOTO)
"""Kinds in which colour tells skin."""
_WITHOUT_HEADS = (PictureKind.COMIC, PictureKind.PIXEL, PictureKind.WATERCOLOUR, PictureKind.PENCIL)
"""Kinds whose silhouette is a page's, a sprite's whose head is no larger than a few squares, or as often that of
flowers and jugs."""
_PAGES = (PictureKind.INKED, PictureKind.COMIC, PictureKind.FLAT)
"""Kinds that are drawn thing by thing, balloons among them."""
_SPRITE = 128
"""Pixels: smaller lines on nothing are a sprite's."""
_PEN_DARK, _PEN_SHARE, _PEN_WIDTH = 110, 0.35, 0.012
"""Levels, share of the picture, and share of the diagonal (half the width) that the pen's lines do not exceed."""


def _is_pen_on_nothing(view: ReducedPicture) -> bool:
    """Whether all that is not transparent is dark lines: a line drawing whose paper was left out, no figure."""
    if view.alpha is None:
        return False
    drawn = view.alpha > 127
    if not 0 < float(drawn.mean()) < _PEN_SHARE or float((view.pixels[drawn].max(axis=1) < _PEN_DARK).mean()) < 0.92:
        return False
    depth = np.asarray(cv2.distanceTransform(drawn.astype(np.uint8), cv2.DIST_L2, 3))
    return float(np.percentile(depth[drawn], 95)) < _PEN_WIDTH * view.diagonal


def _find_figure(
    view: ReducedPicture, looking: Future[list[SeenHead] | None] | None
) -> tuple[tuple[Face, ...], Figure, Sequence[SeenHead] | None, SeenParts | None]:
    """The faces, the figure, what may be heads, which `looking` has, and parts; None if nobody looked for them: then
    nobody looks for faces.
    """
    seen = None if looking is None else looking.result()
    faces = () if looking is None else find_faces(view.pixels, seen)
    figure = find_figure(view.pixels, view.alpha, faces)
    sure = without_buried(view.pixels, figure, faces)
    if not (looking is None or faces) and is_coloured(view.pixels):
        sure = _hardly_seen(view.pixels, figure, seen)
    elif len(sure) < len(faces):
        figure = find_figure(view.pixels, view.alpha, sure)
    parts = None if looking is None or max(view.size) <= _SMALL else find_seen_parts(view.pixels)
    return sure, ended_by_parts(figure, parts, view.pixels), seen, parts


def _hardly_seen(pixels: Pixels, figure: Figure, seen: Sequence[SeenHead] | None) -> tuple[Face, ...]:
    """The faces of a picture in which none was seen at once: in the tops of figures, of blue or green skin, and where
    the network for figures sees somebody turned over, or faint and in what was `seen` as perhaps a head, if anybody
    looked for these: light between trunks has eyes and a mouth as well.
    """
    heads = find_in_heads(pixels, tops_of(figure, ()))
    found = tuple(heads) or find_coloured_skin(pixels)
    somebody = None if found else find_somebody(pixels)
    if somebody is None:
        return found
    turned = find_turned_faces(pixels, somebody)
    faint = () if turned else find_faint(pixels, somebody)
    return turned or tuple(face for face in faint if seen is None or traced([face.box], seen))


def _lined(view: ReducedPicture, figure: Figure, faces: tuple[Face, ...], ink: Ink, lines: CleanLines) -> Figure:
    """The figure; where none is known, the one about which lines were drawn."""
    if figure.source is not FigureSource.NONE or not lines.are_drawn:
        return among_others(figure, faces, lines)
    return find_lined_figure(view.pixels, ink.cover, lines) or figure


def _find_ink(view: ReducedPicture, thick: bool = False) -> Ink:
    """The line art; what of the edges it explains is not known yet."""
    cover = find_cover(view.pixels, thick)
    colour = line_colour(view.pixels, cover)
    scale = MEASURED_SIDE / max(view.pixels.shape[:2])
    height, width = (max(1, round(side * min(scale, 1.0))) for side in view.pixels.shape[:2])
    connected, length = connection(resized(view.pixels, (height, width)))
    return Ink(cover, colour, find_strokes(cover, colour), 0.0, connected, length)


def _on_light_ground(view: ReducedPicture) -> ReducedPicture | None:
    """A drawing on a ground as dark as its lines as it would be on a white one; None for any other picture."""
    ground = find_dark_ground(view.pixels)
    pixels = None if ground is None else on_light_ground(view.pixels, ground, _find_ink(view), 1 / view.scale)
    return None if pixels is None else replace(view, pixels=pixels)


def _chosen_pen(view: ReducedPicture, inside: Cover, thin: Ink, seen: Measures) -> tuple[Ink, Measures]:
    """The line art with what it explains, drawn with a thick pen where that explains a simple picture better, or nearly
    all of any.
    """
    thin = replace(thin, explained=explained(view.pixels, thin.cover, inside))
    simple = max(seen.even, seen.few) > _SIMPLE
    if thin.explained < _THIN and (simple or thin.explained > _HALF):
        felt = _find_ink(view, thick=True)
        felt = replace(felt, explained=explained(view.pixels, felt.cover, inside))
        if felt.explained > (thin.explained + _GAIN if simple else _ALL):
            return felt, measure(view, felt, seen.means)
    return thin, seen
