"""What a picture was read as: its kind, faces, figures, lines, regions, tones, perspective, lettering and panels.

All maps lie on one analysis grid [h, w], and all places are x, y in that grid's pixels (x to the right, y down; the
middle of the first pixel is 0, 0). `Reading.scale` leads from the grid to the picture's own pixels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.cell_grid import PixelCells
from paints_undo_engine.procedural.reading.edges import Edges
from paints_undo_engine.procedural.reading.joints import Pose
from paints_undo_engine.procedural.reading.part_masks import SeenParts
from paints_undo_engine.request import Method

Cover = NDArray[np.uint8]
"""uint8 [h, w]: how much of each pixel is covered, 0 not at all, 255 wholly."""
Pixels = NDArray[np.uint8]
"""uint8 [h, w, 3]: sRGB."""
Labels = NDArray[np.int32]
"""int32 [h, w]: the number of what each pixel belongs to, from 0."""
Path = NDArray[np.float32]
"""float32 [n, 2]: the samples of a line, x and y."""
Colour = tuple[int, int, int]
"""sRGB, 0 to 255."""
Point = tuple[float, float]
"""x and y."""


class PictureKind(StrEnum):
    """How the picture as a whole was made."""

    INKED = "inked"
    """Lines, flats and shading: anime, cartoons, clip art with outlines."""
    LINE_ART = "line art"
    """Lines alone, or nearly: no colours."""
    PENCIL = "pencil"
    """Grey or single-hued strokes and hatching on paper."""
    COMIC = "comic page"
    """Several panels with inked drawings."""
    FLAT = "flat graphic"
    """Areas of even colour without outlines: logos, icons, lettering, vector art."""
    PIXEL = "pixel art"
    """A small grid of pixels of few colours."""
    WATERCOLOUR = "watercolour"
    """Transparent washes on light paper."""
    PAINTED = "painted"
    """Opaque paint with a brush."""
    PHOTO = "photo"
    """A photograph or a rendering that looks like one."""


class Subject(StrEnum):
    """What the picture shows."""

    FIGURE = "figure"
    """One or more people or animals, or what is cut out as one."""
    SCENE = "scene"
    """A place: landscape, street, room."""
    OBJECT = "object"
    """A thing, sign or pattern."""


class Technique(StrEnum):
    """How a region is worked."""

    INKED = "inked"
    """Dark outlines, a flat, hard tones."""
    PALE_LINE = "pale line"
    """Thin, coloured or broken outlines: lasso and line."""
    PAINTED = "painted"
    """Brush and airbrush."""
    FLAT = "flat"
    """One even colour without outline."""


class Part(StrEnum):
    """What a region is."""

    SKIN = "skin"
    HAIR = "hair"
    EYES = "eyes"
    MOUTH = "mouth"
    CLOTH = "cloth"
    PROP = "accessory"
    OBJECT = "object"
    SKY = "sky"
    GROUND = "ground"
    FOLIAGE = "foliage"
    WATER = "water"
    BACKGROUND = "background"
    PAPER = "paper"
    TEXT = "text"


class FaceSource(StrEnum):
    """Which finder found a face."""

    ANIMEFACE = "animeface"
    MTCNN = "mtcnn"
    BLAZEFACE = "blazeface"
    """A small network, where that is installed."""


class FigureSource(StrEnum):
    """From what the figure was parted from the ground."""

    ALPHA = "alpha"
    FACE = "face"
    PLAIN_GROUND = "plain ground"
    """The ground is one even colour, or paper."""
    NETWORK = "network"
    """A small network has seen it, where that is installed."""
    LINES = "lines"
    """It was drawn with lines, the ground with a brush."""
    CROWD = "crowd"
    """Many small faces: the whole picture is worked as one figure."""
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle: its top left corner and its size."""

    x: float
    y: float
    width: float
    height: float

    @property
    def centre(self) -> Point:
        """The middle."""
        return self.x + self.width / 2, self.y + self.height / 2

    @property
    def area(self) -> float:
        """Width times height."""
        return self.width * self.height

    def scaled(self, scale: float) -> Box:
        """The same on a grid that is `scale` times as fine."""
        return Box(self.x * scale, self.y * scale, self.width * scale, self.height * scale)

    def grown(self, left: float, top: float, right: float, bottom: float) -> Box:
        """With so many widths or heights added at each side."""
        width, height = self.width * (1 + left + right), self.height * (1 + top + bottom)
        return Box(self.x - left * self.width, self.y - top * self.height, width, height)

    def holds(self, place: Point) -> bool:
        """Whether a place lies in it."""
        return 0 <= place[0] - self.x <= self.width and 0 <= place[1] - self.y <= self.height

    def shared(self, other: Box) -> float:
        """The area that both cover."""
        across = min(self.x + self.width, other.x + other.width) - max(self.x, other.x)
        down = min(self.y + self.height, other.y + other.height) - max(self.y, other.y)
        return max(across, 0.0) * max(down, 0.0)

    def slices(self, shape: tuple[int, ...]) -> tuple[slice, slice]:
        """Rows and columns of the rectangle, cut off at the border of a map of this shape."""
        height, width = shape[:2]
        top, bottom = (int(np.clip(round(at), 0, height)) for at in (self.y, self.y + self.height))
        left, right = (int(np.clip(round(at), 0, width)) for at in (self.x, self.x + self.width))
        return slice(top, bottom), slice(left, right)


@dataclass(frozen=True, slots=True)
class Eye:
    """An eye: its centre, and half of its width and height."""

    centre: Point
    radius: tuple[float, float]
    colour: Colour


@dataclass(frozen=True, slots=True)
class Face:
    """A face from the brow to the chin.

    `eyes` are the left and the right one of the face as it is seen upright; `tilt` is the angle of the line through
    them in radians, positive clockwise: half a turn for who stands on their head. `confidence` 0 to 1. `skin` and
    `hair` are the finder's colours. `head`: all of its head with the hair, where that was seen.
    """

    box: Box
    eyes: tuple[Eye, Eye]
    mouth: Box
    nose: Point
    chin: Point
    tilt: float
    skin: Colour
    hair: Colour
    confidence: float
    source: FaceSource
    head: Box | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Figure:
    """Figure and ground. `cover` is 255 in the figures; `boxes` one for each figure, the largest first.

    `source` NONE: there is no figure, `cover` is 0 everywhere and `reason` says why.
    """

    cover: Cover
    boxes: tuple[Box, ...]
    source: FigureSource
    reason: str


@dataclass(frozen=True, slots=True, eq=False)
class InkPath:
    """One stroke of the line art: samples about one pixel apart.

    `width` float32 [n] at each sample, in pixels; `length` in pixels; `region` the number of the region that lies along
    most of it (of the two sides the one in front).
    """

    points: Path
    width: NDArray[np.float32]
    length: float
    region: int
    colour: Colour


@dataclass(frozen=True, slots=True, eq=False)
class Ink:
    """The line art. `cover` over each pixel and `colour` uint8 [h, w, 3] of the line there (sensible where cover > 0).

    `explained` 0 to 1: the share of the picture's edges (of the figure's, where there is one) that lie along lines.
    `connected` 0 to 1: the share of the lines' length that lies in lines longer than 3 % of the diagonal.
    `length`: of all lines together, in diagonals.
    """

    cover: Cover
    colour: Pixels
    paths: tuple[InkPath, ...]
    explained: float
    connected: float
    length: float


@dataclass(frozen=True, slots=True)
class Region:
    """One flat: what an artist would fill with one colour, on one layer.

    `name` as an artist would say it ("hair", "skin", "red cloth"), unique in a reading. `colour` the flat's, in the
    light. `area` in pixels. `order` the depth: 0 is the farthest, drawn first. `figure`: the number of the figure's box
    that it belongs to, None for ground. `softness` 0 to 1: how much of its shading is gradual. `whole`: two regions of
    one such number are different things, however alike; -1 says nothing.
    """

    label: int
    name: str
    part: Part
    technique: Technique
    colour: Colour
    area: int
    box: Box
    centre: Point
    figure: int | None
    order: int
    softness: float
    whole: int = -1

    @property
    def called(self) -> str:
        """The name without the number that makes it unique."""
        return self.name.rstrip(" 0123456789")


@dataclass(frozen=True, slots=True)
class Cel:
    """One hard tone of a region; `step` 0 is the flat itself, -1, -2 shadows, 1, 2 lights."""

    label: int
    region: int
    step: int
    colour: Colour
    area: int


@dataclass(frozen=True, slots=True, eq=False)
class Perspective:
    """Straight lines of the picture, and where they meet.

    `segments` float32 [n, 4]: x0, y0, x1, y1. `points`: up to three vanishing points, the strongest first, which may
    lie far outside. `horizon`: its ends at the left and the right border, or None. `guides` float32 [m, 4]: lines from
    the points through the picture's chief edges.
    """

    segments: NDArray[np.float32]
    points: tuple[Point, ...]
    horizon: tuple[Point, Point] | None
    guides: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line of lettering: the box of its letters, the y of the baseline and of the capitals' tops."""

    box: Box
    baseline: float
    cap_line: float
    letters: tuple[Box, ...]
    colour: Colour


@dataclass(frozen=True, slots=True)
class Medium:
    """What the picture is drawn on and with.

    `paper`: the colour of the blank surface, None where all is covered. `hatching`, `washes`, `grain`, `glow` 0 to 1.
    `cells`: the squares that pixel art is made of, None for all others.
    """

    paper: Colour | None
    hatching: float
    washes: float
    grain: float
    glow: float
    cells: PixelCells | None


@dataclass(frozen=True, slots=True, eq=False)
class PaperSheet:
    """The sheet that a picture was drawn on. `light` float32 [h, w, 3]: the colour that bare paper has at each pixel, 1
    to 255; `bare` its share, 0 to 1; `grained`: it has a grain, as what a lens has seen, and may lie on something.
    """

    light: NDArray[np.float32]
    bare: float
    grained: bool


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """The whole answer.

    `size` height and width of the picture, `scale` picture pixels for each pixel of the grid. `pixels` the picture
    there, on white and without what is written on it; `alpha`, or None where it is opaque. `letters` numbers the
    letters of `text`, from 1, 0 where there is none: all else was read without them. `balloons` numbers what they
    stand in, if that is a thing. `clean` is the picture without its lines. `labels` numbers `regions`, `cel_labels`
    `cels`; transparent pixels have -1 in both. `sheet`: what paper shows through nearly everywhere, if any does.
    `heads`: of figures without a known face, each with hair and chin. `poses`: of figures whose joints are known.
    `faceless`: all finders have looked for faces in the heads. `made_by`: how likely each method has left such
    traces, 0 to 1; none of pixel art. `patterns` bool: where what has colour is a pattern, whose lines `ink` does not
    have. `walls` bool: where somebody would surely draw a line; `seen_lines` uint8: how likely that is, None if none
    lacks. `seen_parts`: the parts that a network sees, None where nobody looked.
    """

    size: tuple[int, int]
    scale: float
    pixels: Pixels
    alpha: Cover | None
    kind: PictureKind
    scores: Mapping[PictureKind, float]
    subject: Subject
    medium: Medium
    sheet: PaperSheet | None
    faces: tuple[Face, ...]
    heads: tuple[Box, ...]
    poses: tuple[Pose, ...]
    figure: Figure
    ink: Ink
    clean: Pixels
    labels: Labels
    regions: tuple[Region, ...]
    cel_labels: Labels
    cels: tuple[Cel, ...]
    perspective: Perspective
    text: tuple[TextLine, ...]
    letters: Labels
    balloons: Labels
    panels: tuple[Box, ...]
    edges: Edges
    made_by: Mapping[Method, float]
    patterns: NDArray[np.bool_]
    walls: NDArray[np.bool_]
    faceless: bool = False
    seen_lines: Cover | None = None
    seen_parts: SeenParts | None = None

    @property
    def has_drawn_face(self) -> bool:
        """Whether there is a face with large eyes, as only drawings have them."""
        return any(face.source is FaceSource.ANIMEFACE for face in self.faces)

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width of the grid."""
        return self.labels.shape[0], self.labels.shape[1]
