"""The painter's head: hair behind, face, eyes, fringe, beret. Drawn in the head's own coordinates.

Origin between the eyebrows' height and the eyes, x to the right, y down, the face 236 wide and 330 from beret to chin.
"""

from __future__ import annotations

import numpy as np

from .canvas import Array, Canvas, Gradient, Mask, Path, ellipse, line

INK = "#2e1c26"
SKIN, SKIN_SHADE, SKIN_INK = "#fde3cf", "#eeb09c", "#6d3238"
HAIR, HAIR_SHADE, HAIR_DEEP, HAIR_LIGHT, HAIR_GLINT = "#c0603f", "#8e3f3c", "#652b37", "#e0905a", "#ffd9a0"
BERET, BERET_SHADE, BERET_LIGHT = "#2f7f8c", "#1f586f", "#57aeb0"

_ORIGIN, _TILT, _SCALE = (516.0, 428.0), np.radians(-5.0), 1.06
_TURN = -9.0


def place(points: Array) -> Array:
    """From the head's coordinates to the canvas."""
    c, s = np.cos(_TILT), np.sin(_TILT)
    x, y = points[:, 0] * _SCALE, points[:, 1] * _SCALE
    return np.stack([_ORIGIN[0] + c * x - s * y, _ORIGIN[1] + s * x + c * y], 1).astype(np.float32)


def _turned(points: Array) -> Array:
    """A slight turn of the face: what lies in the middle moves most, as on a cylinder."""
    shift = _TURN * (1 - np.clip(points[:, 0] / 130, -1, 1) ** 2)
    return np.stack([points[:, 0] + shift, points[:, 1]], 1).astype(np.float32)


def _on(text: str, closed: bool = False) -> Path:
    return line(text, closed).moved(place)


def _face(text: str, closed: bool = False) -> Path:
    return line(text, closed).moved(_turned).moved(place)


def _face_ellipse(x: float, y: float, rx: float, ry: float, degrees: float = 0.0) -> Path:
    return ellipse(x, y, rx, ry, degrees).moved(_turned).moved(place)


def draw_back_hair(canvas: Canvas) -> None:
    """The long hair that falls behind neck and shoulders, blown to the right."""
    mass = _on(
        "-128,-120! -170,-40 -182,60 -186,170 -204,280 -240,372! -196,352 -176,330! -182,392 -206,440! -150,410 -128,362!"
        " -110,430! -70,380 -40,340! 40,350 90,380! 118,420 150,452! 150,410 148,382! 190,424 262,446! 226,398 206,346!"
        " 250,372 316,376! 252,330 214,250 192,150 180,40 172,-40 128,-120!",
        closed=True,
    )
    mask = canvas.mask(mass)
    canvas.paint(mask, HAIR_SHADE)
    canvas.paint(
        canvas.mask(
            _on("-120,-40! -140,120 -130,300 -100,440! 120,440! 150,260 140,60 120,-40!", closed=True), soften=9
        ).within(mask),
        HAIR_DEEP,
        0.85,
    )
    for lock in (
        "-160,-40 -176,80 -176,190 -196,290 -226,358! -188,300 -164,190 -160,80",
        "166,-30 176,80 190,180 216,270 292,366! 228,300 204,200 188,90",
    ):
        canvas.paint(canvas.mask(_on(lock, closed=True)).within(mask), HAIR, 0.9)
    for strand in (
        "-150,20 -158,140 -166,240 -196,320",
        "-136,60 -146,180 -150,280 -170,350",
        "-118,200 -128,300 -140,370",
        "160,40 172,150 188,240 240,320",
        "146,80 158,190 172,290 224,390",
        "130,160 138,270 150,350",
        "178,110 200,220 262,330",
    ):
        canvas.ink(_on(strand), HAIR_DEEP, 4.0, (0.3, 0.6), clip=mask)
    for strand in ("-172,60 -180,170 -198,260", "184,90 202,200 244,300"):
        canvas.ink(_on(strand), HAIR_LIGHT, 7.0, (0.5, 0.5), clip=mask)
    canvas.ink(mass, INK, 5.0, (0.15, 0.25), 0.35)


_FACE = "-112,-110! -117,-40 -117,10 -112,58 -98,98 -70,132 -36,156 -8,166 14,165 44,152 78,124 102,90 114,52 118,4 117,-40 112,-110!"


def draw_face(canvas: Canvas) -> None:
    """Ears, face, nose, mouth, cheeks and eyes."""
    for side in (-1, 1):
        ear = _on(f"{108 * side},0! {132 * side},-14 {140 * side},18 {130 * side},52 {110 * side},62!", closed=True)
        canvas.paint(canvas.mask(ear), SKIN_SHADE)
        canvas.ink(ear, SKIN_INK, 3.5)
    outline = _on(_FACE, closed=True)
    face = canvas.mask(outline)
    canvas.paint(face, Gradient((430, 300), (580, 610), ("#fff0e0", SKIN, "#fbd3bd")))
    _face_shadows(canvas, face)
    _cheeks(canvas, face)
    _nose_and_mouth(canvas, face)
    for side in (-1, 1):
        _eye(canvas, side, face)
        _brow(canvas, side)
    jaw = _on("-117,-20 -117,10 -112,58 -98,98 -70,132 -36,156 -8,166 14,165 44,152 78,124 102,90 114,52 118,4 117,-30")
    canvas.ink(jaw, INK, 5.2, (0.25, 0.25), 0.3)


def _face_shadows(canvas: Canvas, face: Mask) -> None:
    fringe = _face(
        "-120,-120! -120,60 -114,96! -100,40 -96,12! -84,46 -76,36! -66,4 -56,-6! -40,34 -28,36! -22,-4 -14,-14! 4,24 12,28!"
        " 20,-12 30,-20! 50,22 62,28! 66,-4 76,-14! 92,34 104,46! 104,20 108,16! 112,70 116,88! 124,60 124,-120!",
        closed=True,
    )
    canvas.paint(canvas.mask(fringe).within(face), SKIN_SHADE, 0.78)
    side = _on("-120,20! -106,70 -84,108 -50,140 -6,158! -10,172 -60,160 -124,110!", closed=True)
    canvas.paint(canvas.mask(side, soften=1).within(face), SKIN_SHADE, 0.6)


def _cheeks(canvas: Canvas, face: Mask) -> None:
    for x in (-74, 74):
        canvas.paint(canvas.mask(_face_ellipse(x, 92, 31, 17), soften=11).within(face), "#f27a70", 0.62)
        for k in range(3):
            hatch = _face(f"{x - 12 + 11 * k},98 {x - 8 + 11 * k},91 {x - 5 + 11 * k},84")
            canvas.ink(hatch, "#d9605f", 2.4, opacity=0.8)
        canvas.paint(canvas.mask(_face_ellipse(x + 14, 80, 7, 4, -15)).within(face), "#fff6ec", 0.8)


def _nose_and_mouth(canvas: Canvas, face: Mask) -> None:
    canvas.paint(
        canvas.mask(_face("-8,84! 2,88 12,84! 8,96 -2,96!", closed=True), soften=1).within(face), SKIN_SHADE, 0.8
    )
    canvas.ink(_face("-7,85 1,90 9,86"), SKIN_INK, 3.2)
    canvas.paint(canvas.mask(_face_ellipse(4, 72, 4.5, 6)), "#fffaf2", 0.9)
    mouth = _face("-24,116! -12,121 0,120 12,121 26,114! 20,130 4,137 -12,131!", closed=True)
    inside = canvas.mask(mouth)
    canvas.paint(inside, "#9c3d45")
    canvas.paint(canvas.mask(_face("-20,114! 20,114! 16,123 -14,124!", closed=True)).within(inside), "#fffaf5")
    canvas.paint(canvas.mask(_face_ellipse(4, 136, 13, 7)).within(inside), "#e5766f")
    canvas.ink(_face("-30,113 -24,116 -12,121 0,120 12,121 26,114 32,110"), INK, 4.0, (0.2, 0.2))
    canvas.ink(_face("-22,118 -12,131 4,137 20,129 25,117"), SKIN_INK, 3.0)
    canvas.ink(_face("-6,147 3,149 12,147"), "#c97f72", 3.0)


def _eye(canvas: Canvas, side: int, face: Mask) -> None:
    """One eye about (62 side, 34); `side` -1 is the viewer's left."""

    def at(text: str) -> str:
        """Points given for the eye on the viewer's right, about its own centre."""
        moved = []
        for word in text.split():
            x, y = word.rstrip("!").split(",")
            moved.append(f"{side * (62 + float(x))},{36 + float(y)}{'!' if word.endswith('!') else ''}")
        return " ".join(moved)

    white = canvas.mask(
        _face(at("-37,-2! -28,-22 -8,-35 14,-35 32,-22 40,-2! 36,18 24,34 2,39 -20,33 -32,18!"), closed=True)
    )
    canvas.paint(white, "#fffdfb")
    centre = 62 * side - 2
    iris = canvas.mask(_face_ellipse(centre, 35, 27, 36)).within(white)
    top, bottom = place(np.array([[centre, 0], [centre, 72]], np.float32))
    canvas.paint(iris, Gradient(tuple(top), tuple(bottom), ("#123b46", "#1c6a6f", "#3fb09a", "#a8eecb")))
    canvas.paint(canvas.mask(_face_ellipse(centre, 34, 12, 17)).within(iris), "#0d2530", 0.95)
    canvas.paint(canvas.mask(_face_ellipse(centre, 12, 30, 20), soften=3).within(iris), "#0b1f2c", 0.75)
    glow = canvas.mask(
        _face(
            f"{centre - 20},50 {centre},66 {centre + 20},50! {centre + 14},62 {centre},71 {centre - 14},62!",
            closed=True,
        ),
        soften=1.2,
    )
    canvas.paint(glow.within(iris), "#e9ffe0", 0.75)
    for k in range(-3, 4):
        canvas.ink(
            _face(f"{centre + 3 * k},{48 - abs(k)} {centre + 6 * k},{60 - 2 * abs(k)}"),
            "#d6fbe0",
            1.8,
            opacity=0.55,
            clip=iris,
        )
    canvas.ink(_face_ellipse(centre, 35, 27, 36), "#0e2f3a", 4.2, (0, 0), clip=white)
    canvas.paint(
        canvas.mask(_face(at("-42,-40! 44,-40! 44,-14 20,-22 -8,-22 -40,-6!"), closed=True)).within(white),
        "#7d8fb8",
        0.55,
    )
    canvas.paint(canvas.mask(_face_ellipse(centre + 9, 20, 10, 13, 12)).within(white), "#ffffff")
    canvas.paint(canvas.mask(_face_ellipse(centre - 12, 52, 5, 6)).within(white), "#ffffff", 0.95)
    lash = _face(
        at(
            "-41,2! -34,-20 -12,-41 14,-43 36,-30 52,-16! 46,-14 44,-10! 50,-6 52,-2! 46,-3 41,-4! 40,2 38,4! 32,-16 14,-29 -8,-29 -26,-17 -36,0!"
        ),
        closed=True,
    )
    canvas.paint(canvas.mask(lash), INK)
    canvas.ink(_face(at("-26,36 -8,42 12,41 28,32 34,22")), SKIN_INK, 3.2, (0.5, 0.3))
    canvas.ink(_face(at("-24,-46 -4,-54 18,-53 38,-42")), SKIN_INK, 2.8)


def _brow(canvas: Canvas, side: int) -> None:
    brow = _face(" ".join(f"{side * x},{y}" for x, y in ((32, -40), (56, -50), (80, -48), (104, -34))))
    canvas.ink(brow, HAIR_DEEP, 6.5, (0.15, 0.7), 0.2)


_FRINGE = (
    "-126,-112! -146,-60 -148,0 -138,48 -118,86! -112,40 -104,-2 -100,-16! -96,14 -84,40! -74,16 -64,-14 -58,-34!"
    " -52,-6 -34,26! -26,4 -18,-20 -16,-42! -6,-12 10,18! 14,-8 20,-34 30,-52! 38,-14 62,16! 64,-10 68,-30 74,-46!"
    " 82,-12 106,34! 108,8 108,-10 112,-24! 120,30 118,82! 138,44 148,0 146,-60 126,-112! 60,-150 -60,-150"
)


def draw_front_hair(canvas: Canvas) -> None:
    """Side locks and fringe, over the face."""
    for outline, shade, glint in _SIDE_LOCKS:
        lock = _on(outline, closed=True)
        mask = canvas.mask(lock)
        canvas.paint(mask, HAIR)
        canvas.paint(canvas.mask(_on(shade, closed=True)).within(mask), HAIR_SHADE)
        canvas.ink(_on(glint), HAIR_LIGHT, 8.0, (0.5, 0.5), clip=mask)
        canvas.ink(lock, INK, 4.8, (0.15, 0.25), 0.35)
    fringe = _face(_FRINGE, closed=True)
    mask = canvas.mask(fringe)
    canvas.paint(mask, HAIR)
    top, bottom = place(np.array([[0, -130], [0, 60]], np.float32))
    canvas.paint(mask, Gradient(tuple(top), tuple(bottom), ("#8e3f3c", "#c0603f", "#cf7448")), 0.75)
    for shade in _FRINGE_SHADES:
        canvas.paint(canvas.mask(_face(shade, closed=True)).within(mask), HAIR_SHADE)
    ring = (
        "-142,-58! -128,-66 -112,-70! -108,-52! -100,-72 -76,-80! -72,-60! -64,-82 -36,-90! -32,-66! -24,-90 6,-94! 12,-68!"
        " 20,-92 48,-90! 54,-64! 60,-88 84,-82! 90,-58! 96,-78 118,-70! 122,-52! 128,-66 142,-58! 136,-36! 128,-48 122,-46!"
        " 116,-30! 104,-52! 92,-38! 80,-58! 60,-44! 46,-66! 22,-50! 4,-70! -18,-50! -36,-66! -56,-46! -72,-58! -92,-38! -108,-48! -122,-30! -134,-44!"
    )
    canvas.paint(canvas.mask(_face(ring, closed=True)).within(mask), HAIR_LIGHT)
    for glint in ("-96,-64 -78,-70", "-52,-74 -38,-78", "-14,-78 2,-80", "30,-78 46,-76", "66,-72 80,-68"):
        canvas.ink(_face(glint), HAIR_GLINT, 7.5, (0.4, 0.4), clip=mask)
    for strand in _FRINGE_STRANDS:
        canvas.ink(_face(strand), HAIR_DEEP, 3.4, (0.5, 0.3), clip=mask)
    canvas.ink(_face(_FRINGE.split(" 60,-150")[0]), INK, 4.8, (0.2, 0.3), 0.35)


_SIDE_LOCKS = (
    (
        "-140,-70! -158,20 -158,110 -150,190 -150,270 -172,344! -128,300 -112,230 -112,160 -116,90 -110,30 -104,-50!",
        "-126,-40 -124,60 -128,150 -124,230 -160,330! -120,290 -108,220 -108,150 -112,80 -104,20",
        "-146,40 -147,110 -140,190",
    ),
    (
        "140,-70! 158,10 164,100 160,180 174,262 214,322! 158,302 132,244 122,170 118,90 112,30 106,-50!",
        "122,-40 126,50 132,140 142,220 196,312! 146,290 124,230 114,150 112,70 106,10",
        "150,20 153,100 150,180",
    ),
)
_FRINGE_SHADES = (
    "-146,-20 -140,44 -118,86! -116,40 -120,0 -126,-40",
    "-84,40! -78,10 -66,-30 -60,-60! -70,-30 -82,0 -92,20",
    "-34,26! -28,0 -20,-30 -16,-66! -26,-40 -38,-10 -44,8",
    "10,18! 16,-10 26,-40 36,-70! 18,-44 6,-20 -2,0",
    "62,16! 66,-10 72,-36 78,-66! 62,-40 52,-16 50,0",
    "106,34! 108,0 110,-24 112,-50! 98,-30 92,-10 94,10",
    "118,82! 138,44 148,0 146,-40! 134,0 126,40",
)
_FRINGE_STRANDS = (
    "-110,-120 -124,-70 -128,-10 -120,50",
    "-80,-126 -96,-80 -98,-30 -88,20",
    "-60,-130 -70,-90 -72,-50 -68,-20",
    "-40,-134 -48,-90 -46,-40 -36,6",
    "-6,-136 -10,-100 -10,-60 2,0",
    "20,-136 30,-100 32,-70 30,-54",
    "50,-134 56,-100 52,-50 60,0",
    "84,-128 92,-90 92,-40 102,16",
    "110,-120 124,-70 128,-10 122,50",
)


def draw_beret(canvas: Canvas) -> None:
    """The beret, over the crown of the hair."""
    body = _on(
        "-140,-84! -172,-112 -188,-156 -170,-206 -112,-250 -30,-272 60,-262 134,-232 178,-186 180,-136 144,-84! 110,-116 60,-138 0,-146 -60,-140 -112,-118!",
        closed=True,
    )
    mask = canvas.mask(body)
    canvas.paint(mask, BERET)
    canvas.paint(
        canvas.mask(
            _on(
                "-200,-120! -170,-150 -110,-170 0,-186 100,-170 150,-140 190,-110! 150,-60! 100,-120 0,-150 -100,-130 -150,-60!",
                closed=True,
            ),
            soften=1.2,
        ).within(mask),
        BERET_SHADE,
    )
    canvas.paint(
        canvas.mask(
            _on("-190,-200! -150,-230 -120,-240! -150,-200 -160,-170 -150,-120! -200,-120!", closed=True), soften=5
        ).within(mask),
        BERET_SHADE,
        0.8,
    )
    canvas.paint(
        canvas.mask(_on("40,-250 100,-232 148,-196 156,-172! 120,-206 70,-226 20,-236", closed=True), soften=5).within(
            mask
        ),
        BERET_LIGHT,
        0.95,
    )
    canvas.paint(
        canvas.mask(_on("84,-232 116,-216 134,-198! 112,-208 90,-220", closed=True), soften=1).within(mask),
        "#c3ecdf",
        0.9,
    )
    for fold in (
        "-150,-104 -158,-140 -140,-176",
        "-96,-128 -110,-160 -100,-190",
        "92,-130 112,-156 110,-186",
        "136,-100 156,-128 156,-156",
        "10,-148 18,-166 12,-182",
    ):
        canvas.ink(_on(fold), "#123b4d", 3.6, (0.1, 0.8))
    canvas.ink(_on("-120,-150 -60,-172 10,-180 80,-170 130,-148"), BERET_LIGHT, 3.0, opacity=0.5)
    canvas.ink(body, INK, 5.4, (0.1, 0.1), 0.5)
    band = _on(
        "-142,-82! -112,-118 -60,-140 0,-146 60,-138 110,-116 146,-82! 140,-70! 106,-102 58,-123 0,-131 -60,-125 -108,-104 -136,-68!",
        closed=True,
    )
    canvas.paint(canvas.mask(band), "#e3b04b")
    canvas.paint(
        canvas.mask(_on("-146,-80! -112,-112 -80,-128! -70,-118 -104,-98 -136,-66!", closed=True)).within(
            canvas.mask(band)
        ),
        "#b07a35",
    )
    canvas.ink(band, INK, 4.0, (0.1, 0.1), 0.5)
    stem = _on("8,-262! 6,-284 18,-292! 26,-284 22,-262!", closed=True)
    canvas.paint(canvas.mask(stem), BERET_SHADE)
    canvas.ink(stem, INK, 4.2, (0.2, 0.2), 0.5)
