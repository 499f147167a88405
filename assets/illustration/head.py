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

_ORIGIN, _TILT, _SCALE = (516.0, 452.0), np.radians(-5.0), 1.06
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
        "-128,-120! -166,-40 -190,50 -180,150 -204,250 -256,330 -276,372! -196,352 -176,330! -182,392"
        " -206,440! -150,410 -128,362!"
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
        "-158,-40 -180,60 -172,170 -196,270 -256,352! -188,300 -164,190 -160,80",
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


_FACE = (
    "-112,-110! -117,-40 -117,10 -112,58 -98,98 -70,132 -36,156 -8,166 14,165 44,152 78,124 102,90"
    " 114,52 118,4 117,-40 112,-110!"
)


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
        _eye(canvas, side)
    jaw = _on("-117,-20 -117,10 -112,58 -98,98 -70,132 -36,156 -8,166 14,165 44,152 78,124 102,90 114,52 118,4 117,-30")
    canvas.ink(jaw, INK, 5.2, (0.25, 0.25), 0.3)


def _face_shadows(canvas: Canvas, face: Mask) -> None:
    fringe = line(_FRINGE, closed=True).moved(lambda p: p + np.array((-5, 13), np.float32)).moved(_turned).moved(place)
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
    mouth = _face("-22,115! -10,119 2,117 14,119 25,114! 22,128 12,138 2,140 -9,138 -19,128!", closed=True)
    inside = canvas.mask(mouth)
    canvas.paint(inside, "#8f3440")
    canvas.paint(canvas.mask(_face("-20,112! 23,112! 18,123 2,125 -14,123!", closed=True)).within(inside), "#fffaf5")
    canvas.paint(canvas.mask(_face_ellipse(2, 138, 13, 8)).within(inside), "#e5766f")
    canvas.ink(_face("-27,112 -22,115 -10,119 2,117 14,119 25,114 30,110"), INK, 3.8, (0.2, 0.2))
    canvas.ink(_face("-20,122 -9,138 2,140 12,138 23,121"), SKIN_INK, 3.2)
    canvas.ink(_face("-6,150 2,152 10,150"), "#c97f72", 3.0)


def _eye(canvas: Canvas, side: int) -> None:
    """One eye about (60 side, 38); `side` -1 is the viewer's left."""

    def at(text: str, closed: bool = True) -> Path:
        """A line given for the eye on the viewer's right, about the eye's own centre."""
        own = line(text, closed)
        return own.moved(lambda p: p * (0.94 * side, 0.94) + (60 * side, 38)).moved(_turned).moved(place)

    def disc(x: float, y: float, rx: float, ry: float, degrees: float = 0.0) -> Path:
        """An ellipse about the iris: its light falls from the same side in both eyes."""
        return _face_ellipse(60 * side - 2 + x, 38 + y, rx, ry, degrees)

    white = canvas.mask(at("-36,4! -28,-20 -8,-34 14,-34 32,-22 40,-2! 36,18 24,33 2,38 -20,31 -31,18!"))
    canvas.paint(white, "#fffdfb")
    iris = canvas.mask(disc(0, 1, 25, 33)).within(white)
    top, bottom = place(np.array([[60 * side, 6], [60 * side, 72]], np.float32))
    canvas.paint(iris, Gradient(tuple(top), tuple(bottom), ("#123b46", "#1c6a6f", "#3fb09a", "#b4f3d0")))
    canvas.paint(canvas.mask(disc(0, 0, 11, 15)).within(iris), "#0d2530", 0.95)
    canvas.paint(canvas.mask(disc(0, -22, 28, 16), soften=3).within(iris), "#0b1f2c", 0.7)
    glow = canvas.mask(disc(0, 22, 17, 9), soften=1.5).within(iris)
    canvas.paint(glow, "#dffbe0", 0.55)
    for k in range(-3, 4):
        ray = _face(f"{60 * side - 2 + 3.4 * k},{54 - abs(k)} {60 * side - 2 + 5.6 * k},{64 - 2 * abs(k)}")
        canvas.ink(ray, "#effff0", 1.8, opacity=0.6, clip=iris)
    canvas.ink(disc(0, 1, 25, 33), "#0e2f3a", 4.0, (0, 0), clip=white)
    canvas.paint(canvas.mask(at("-42,-40! 44,-40! 44,-12 20,-22 -8,-22 -40,-4!")).within(white), "#7d8fb8", 0.5)
    canvas.paint(canvas.mask(disc(9, -13, 7.5, 10, 12)).within(white), "#ffffff")
    canvas.paint(canvas.mask(disc(-11, 15, 4.5, 5)).within(white), "#ffffff", 0.95)
    lash = at(
        "-39,8! -33,-16 -12,-38 14,-40 36,-28 54,-18! 47,-14 44,-11! 50,-8 53,-4! 46,-4 41,-4! 40,2 38,4!"
        " 32,-18 14,-30 -8,-30 -26,-18 -39,8!"
    )
    canvas.paint(canvas.mask(lash), INK)
    canvas.ink(at("-24,35 -8,41 12,40 28,31 35,18", closed=False), SKIN_INK, 3.2, (0.5, 0.3))
    canvas.ink(at("-20,-46 -2,-52 18,-51 38,-41", closed=False), SKIN_INK, 2.8)


def draw_brows(canvas: Canvas) -> None:
    """The eyebrows, seen through the fringe as the drawing custom has it."""
    for side in (-1, 1):
        brow = _face(" ".join(f"{side * x},{y}" for x, y in ((34, -26), (56, -37), (78, -37), (100, -24))))
        canvas.ink(brow, HAIR_DEEP, 6.0, (0.15, 0.7), 0.2, opacity=0.9)


_FRINGE = (
    "-126,-112! -148,-60 -150,0 -142,50 -124,92! -118,50 -112,16 -106,-8! -104,0 -100,14 -92,28! -86,6 -76,-18 -66,-36!"
    " -66,-20 -60,-4 -50,12! -42,-8 -30,-34 -18,-52! -18,-36 -12,-18 0,0! 8,-22 18,-52 24,-78! 34,-50 46,-28 62,-12!"
    " 62,-28 64,-40 66,-50! 76,-26 88,-4 104,14! 104,0 106,-10 110,-20! 118,26 126,94! 144,50 150,0 148,-60 126,-112!"
    " 60,-150 -60,-150"
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
        "-142,-58! -128,-66 -112,-70! -108,-52! -100,-72 -76,-80! -72,-60! -64,-82 -36,-90! -32,-66!"
        " -24,-90 6,-94! 12,-68!"
        " 20,-92 48,-90! 54,-64! 60,-88 84,-82! 90,-58! 96,-78 118,-70! 122,-52! 128,-66 142,-58! 136,-36!"
        " 128,-48 122,-46!"
        " 116,-30! 104,-52! 92,-38! 80,-58! 60,-44! 46,-66! 22,-50! 4,-70! -18,-50! -36,-66! -56,-46!"
        " -72,-58! -92,-38! -108,-48! -122,-30! -134,-44!"
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
    "-150,-20 -144,44 -124,92! -120,46 -124,0 -130,-40",
    "-92,28! -86,6 -74,-24 -62,-60! -78,-30 -92,-4 -98,12",
    "-50,12! -42,-10 -28,-40 -14,-76! -34,-42 -52,-20 -58,-4",
    "0,0! 8,-22 18,-56 24,-96! 4,-56 -10,-36 -14,-18",
    "62,-12! 48,-30 34,-56 26,-90! 52,-54 58,-40 62,-28",
    "104,14! 90,-6 76,-32 66,-66! 94,-40 102,-20 104,0",
    "126,94! 144,50 150,0 148,-40! 134,0 126,40",
)
_FRINGE_STRANDS = (
    "-110,-120 -128,-70 -132,-10 -126,60",
    "-76,-128 -100,-80 -106,-40 -98,10",
    "-56,-132 -76,-92 -80,-60 -70,-30",
    "-34,-134 -52,-94 -62,-50 -54,-4",
    "-8,-136 -20,-100 -28,-70 -20,-52",
    "10,-136 6,-100 -6,-60 -4,-14",
    "22,-136 26,-110 26,-90",
    "38,-134 44,-100 50,-60 60,-22",
    "60,-132 72,-100 72,-70 68,-50",
    "84,-126 96,-90 100,-40 104,4",
    "110,-120 128,-70 132,-10 126,50",
)


def draw_beret(canvas: Canvas) -> None:
    """The beret, over the crown of the hair."""
    body = _on(
        "-142,-84! -190,-82 -226,-116 -222,-172 -176,-226 -100,-264 -10,-272 80,-256 142,-220 170,-172"
        " 166,-122 146,-84!"
        " 110,-116 60,-138 0,-146 -60,-140 -112,-118!",
        closed=True,
    )
    mask = canvas.mask(body)
    canvas.paint(mask, BERET)
    canvas.paint(
        canvas.mask(
            _on(
                (
                    "-200,-120! -170,-150 -110,-170 0,-186 100,-170 150,-140 190,-110! 150,-60! 100,-120 0,-150"
                    " -100,-130 -150,-60!"
                ),
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
        (
            "-142,-82! -112,-118 -60,-140 0,-146 60,-138 110,-116 146,-82! 140,-70! 106,-102 58,-123 0,-131"
            " -60,-125 -108,-104 -136,-68!"
        ),
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
