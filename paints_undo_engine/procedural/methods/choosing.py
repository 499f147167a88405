"""Which method suits a picture: what it was read as decides, the seed chooses among those that suit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from paints_undo_engine.procedural.methods.graphic import filled_in
from paints_undo_engine.procedural.methods.inking import inked, lineless, part_by_part
from paints_undo_engine.procedural.methods.lines import outlined
from paints_undo_engine.procedural.methods.media import in_washes, pencilled
from paints_undo_engine.procedural.methods.method import MethodOfWork
from paints_undo_engine.procedural.methods.painting import painted_through
from paints_undo_engine.procedural.methods.pixels import pixelled
from paints_undo_engine.procedural.methods.values import by_values
from paints_undo_engine.procedural.options import Options
from paints_undo_engine.procedural.reading.borders import hard_borders, is_modelled
from paints_undo_engine.procedural.reading.lighting import is_gloomy
from paints_undo_engine.procedural.reading.model import FigureSource, PictureKind, Reading
from paints_undo_engine.procedural.reading.seen_lines import dark_share
from paints_undo_engine.procedural.reading.settling import are_shapes
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.request import MAX_SEED, VARIANT_STRIDE, Method

METHODS: Mapping[Method, MethodOfWork] = {
    Method.LINE: inked,
    Method.PARTS: part_by_part,
    Method.LINELESS: lineless,
    Method.PAINTER: painted_through,
    Method.OUTLINE: outlined,
    Method.VALUES: by_values,
    Method.PENCIL: pencilled,
    Method.WATERCOLOUR: in_washes,
    Method.PIXEL: pixelled,
    Method.FLAT: filled_in,
}

_SUITED: Mapping[PictureKind, tuple[tuple[Method, float], ...]] = {
    PictureKind.INKED: ((Method.LINE, 0.7), (Method.PARTS, 0.3)),
    PictureKind.LINE_ART: ((Method.OUTLINE, 1.0),),
    PictureKind.PENCIL: ((Method.PENCIL, 1.0),),
    PictureKind.COMIC: ((Method.LINE, 1.0),),
    PictureKind.FLAT: ((Method.FLAT, 1.0),),
    PictureKind.PIXEL: ((Method.PIXEL, 1.0),),
    PictureKind.WATERCOLOUR: ((Method.WATERCOLOUR, 1.0),),
    PictureKind.PAINTED: ((Method.PAINTER, 0.75), (Method.VALUES, 0.25)),
    PictureKind.PHOTO: ((Method.PAINTER, 0.8), (Method.VALUES, 0.2)),
}
"""The methods that suit each kind, and how often each is chosen."""


_SMOOTHLY = ((Method.LINELESS, 1.0),)
"""Even gradients between clean borders, as in vector scenes and renders: no brush leaves those."""
_TONES = 40
"""Of an illustration in flat shapes: a sign has fewer."""
_HARDLY = 0.15
"""How likely a brush is at most where lines or shapes are likelier: a brush may be smooth as well."""
_CRISP = 0.62
"""The share of hard borders that no bristles leave, whatever grain lies over them."""
_TRACED = 0.75
"""Of the edges: a figure of which lines explain so many was drawn with them, however smooth it is."""
_OUTLINED, _PATTERNED = 0.7, 0.5
"""Of the edges, along lines, and of the lines' length, in longer ones: with less of both a figure with hard borders is
shapes without lines, and what look like lines are patterns within them.
"""
_DARK = 0.33
"""Of what somebody would draw as lines, dark ones: with less a picture has none. Two without any have .16 and .27,
fifteen with some .35 and more.
"""
_STROKE, _LINES = 0.05, 1.0
"""Of the diagonal, and diagonals: shorter lines are texture; with less of the longer ones nobody drew it with lines."""


_POSSIBLE: Mapping[PictureKind, tuple[Method, ...]] = {
    PictureKind.INKED: (Method.LINE, Method.PARTS, Method.VALUES, Method.LINELESS),
    PictureKind.LINE_ART: (Method.OUTLINE,),
    PictureKind.PENCIL: (Method.PENCIL, Method.OUTLINE),
    PictureKind.COMIC: (Method.LINE, Method.PARTS),
    PictureKind.FLAT: (Method.FLAT, Method.LINELESS),
    PictureKind.PIXEL: (Method.PIXEL,),
    PictureKind.WATERCOLOUR: (Method.WATERCOLOUR, Method.PAINTER),
    PictureKind.PAINTED: (Method.PAINTER, Method.VALUES, Method.LINELESS),
    PictureKind.PHOTO: (Method.PAINTER, Method.VALUES),
}
"""The methods of a picture's variants, the likeliest first: those that suit it, then those that could be."""


def method_for(source: Source) -> tuple[Method, MethodOfWork]:
    """The method of one picture and seed, or the one that the options name; where nothing is seen, all are alike."""
    wanted = source.options.method
    if wanted is Method.AUTO:
        wanted = _variant(source)
    return wanted, METHODS[wanted if source.reading.regions else Method.PIXEL]


def _chosen(source: Source, options: Options) -> Method:
    methods: tuple[Method, ...]
    kind = source.reading.kind
    suited = _SUITED[kind]
    if kind is PictureKind.FLAT:
        suited = _SMOOTHLY if _is_illustration(source.reading) else suited
    elif kind is PictureKind.INKED:
        suited = _SMOOTHLY if _has_borders_alone(source.reading) else suited
    elif kind is PictureKind.PAINTED:
        suited = _without_bristles(source) or suited
    methods, weights = zip(*suited, strict=True)
    return methods[int(replace(source, options=options).chance("method").choice(len(methods), p=weights))]


def _is_illustration(reading: Reading) -> bool:
    """Whether flat shapes are a scene or a figure, or have many tones, and nobody builds them with boxes as a sign."""
    return reading.figure.source in (FigureSource.NONE, FigureSource.NETWORK) or len(reading.cels) > _TONES


def _without_bristles(source: Source) -> tuple[tuple[Method, float], ...] | None:
    """The methods of what looks painted but was made by a program, in shapes or with lines; None if a brush made it."""
    reading = source.reading
    drawn = _SUITED[PictureKind.INKED] if _has_lines(source) else _SMOOTHLY
    if _has_lines(source) and _is_in_the_dark(reading):
        return None
    figure = reading.figure.source is not FigureSource.NONE
    if figure and hard_borders(reading.pixels, reading.labels) > _CRISP:
        return _SMOOTHLY if _is_patterned(source) else drawn
    likely = reading.made_by
    likeliest = max(likely, key=lambda method: likely[method], default=Method.PAINTER)
    if likely.get(Method.PAINTER, 1.0) > _HARDLY:
        return None
    if likeliest is Method.LINELESS:
        return drawn if figure and _is_outlined(source) and not are_shapes(likely) else _SMOOTHLY
    return drawn if likeliest is Method.LINE else None


def _has_borders_alone(reading: Reading) -> bool:
    """Whether what somebody would draw as lines are borders of shapes, and its traces tell of no pen, either."""
    likely, seen = reading.made_by, reading.seen_lines
    if seen is None or likely.get(Method.LINELESS, 0.0) < likely.get(Method.LINE, 0.0):
        return False
    return dark_share(reading.pixels, seen) < _DARK


def _is_in_the_dark(reading: Reading) -> bool:
    """Whether a head's forms come softly out of the dark: what look like lines are none, and flats would hide it."""
    headed = bool(reading.faces or reading.heads)
    return headed and is_gloomy(reading.pixels) and is_modelled(reading.pixels)


def _has_lines(source: Source) -> bool:
    """Whether some of a figure's lines are left to be seen in the picture."""
    return source.reading.ink.explained > _TRACED or _long_lines(source) > _LINES * source.diagonal


def _is_outlined(source: Source) -> bool:
    """Whether long lines run along nearly all edges."""
    return source.reading.ink.explained > _TRACED and _long_lines(source) > _LINES * source.diagonal


def _is_patterned(source: Source) -> bool:
    """Whether what look like lines are short ones within shapes, and no outlines."""
    ink = source.reading.ink
    length = sum(path.length for path in ink.paths)
    return ink.explained < _OUTLINED and _long_lines(source) < _PATTERNED * length


def _long_lines(source: Source) -> float:
    """The length of the lines that are no texture, in pixels."""
    return sum(path.length for path in source.reading.ink.paths if path.length > _STROKE * source.diagonal)


def _variant(source: Source) -> Method:
    """The method that the first variant's seed has chosen, then the others in turn."""
    options = source.options
    first = _chosen(source, replace(options, seed=(options.seed - options.variant * VARIANT_STRIDE) % (MAX_SEED + 1)))
    methods = [first, *(method for method in _POSSIBLE[source.reading.kind] if method is not first)]
    return methods[options.variant % len(methods)]
