"""The library inside the `animeface` wheel (nvxs, MIT licence), called without its wrapper.

The wrapper needs an older Pillow and answers with nothing under a newer one, so only the compiled library is used: it
is found beside the installed package, which is never imported. All buffers are the library's own; pixels are copied in.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np

from paints_undo_engine.procedural.reading.model import Box, Colour, Eye, Face, FaceSource, Pixels, Point
from paints_undo_engine.procedural.reading.view import resized

_SIDE = 640
_LEAST_SIDE = 48
_CLOSE = 140
"""The width of a face's box at which its eyes are found best, in pixels."""
_MOST_POSITIONS, _MOST_FACES = 256, 6
_LIKELY = 0.7
_DENSE, _COARSE = 0.17, 0.65
"""Where more than this share of the pixels are edges the search is slow, and made on a coarser picture."""
_STEP, _SCALE, _WINDOW = 4.0, 1.095, 42.592
"""The wrapper's own settings: stride, growth of the window, and its first side in pixels."""


class _Matrix(ctypes.Structure):
    _fields_ = (
        ("list", ctypes.c_int),
        ("list_step", ctypes.c_uint),
        ("n", ctypes.c_int),
        ("m", ctypes.c_int),
        ("rows", ctypes.c_int),
        ("cols", ctypes.c_int),
        ("step", ctypes.c_int),
        ("alias", ctypes.c_int),
        ("v", ctypes.POINTER(ctypes.c_float)),
    )


class _Rect(ctypes.Structure):
    _fields_ = tuple((name, ctypes.c_int) for name in ("x", "y", "width", "height"))


class _Position(ctypes.Structure):
    _fields_ = (
        ("likelihood", ctypes.c_float),
        *((name, _Rect) for name in ("face", "left_eye", "right_eye", "nose", "mouth", "chin")),
    )


_Pointer = ctypes.POINTER(_Matrix)


def find_with_animeface(pixels: Pixels) -> Sequence[Face] | None:
    """Faces of uint8 [h, w, 3], in its pixels, or None without the library."""
    library = _library()
    if library is None:
        return None
    height, width = pixels.shape[:2]
    scale = _SIDE / max(height, width)
    small = resized(pixels, (max(1, round(height * scale)), max(1, round(width * scale))))
    if min(small.shape[:2]) < _LEAST_SIDE:
        return ()
    if float((cv2.Canny(small, 60, 160) > 0).mean()) > _DENSE:
        scale *= _COARSE
        small = resized(pixels, (max(1, round(height * scale)), max(1, round(width * scale))))
    found = [position for position in _detect(library, small) if position.likelihood > _LIKELY]
    found.sort(key=lambda position: -position.face.width)
    faces = [
        _looked_at_again(library, pixels, _box(position.face).scaled(1 / scale)) for position in found[:_MOST_FACES]
    ]
    return [face for face in faces if face is not None]


def _looked_at_again(library: ctypes.CDLL, pixels: Pixels, box: Box) -> Face | None:
    """The face in a box, at the size at which its eyes are found best; None where it is not seen again."""
    rows, columns = box.grown(0.7, 0.7, 0.7, 0.7).slices(pixels.shape)
    part = pixels[rows, columns]
    scale = _CLOSE / box.width
    near = resized(part, (max(1, round(part.shape[0] * scale)), max(1, round(part.shape[1] * scale))))
    seen = [position for position in _detect(library, near) if position.likelihood > _LIKELY]
    if not seen:
        return None
    x, y = (box.centre[0] - columns.start) * scale, (box.centre[1] - rows.start) * scale
    best = min(seen, key=lambda position: float(np.hypot(*np.subtract(_box(position.face).centre, (x, y)))))
    return replace(_face(best, near, 1 / scale, (columns.start, rows.start)), box=box)


@cache
def _library() -> ctypes.CDLL | None:
    """The compiled library beside the installed package, with its functions declared."""
    spec = find_spec("animeface")
    if spec is None or not spec.submodule_search_locations:
        return None
    package = Path(next(iter(spec.submodule_search_locations)))
    found = [*package.parent.glob("animeface.libs/libnvxs*"), *package.glob(".dylibs/libnvxs*")]
    if not found:
        return None
    try:
        library = ctypes.CDLL(str(found[0]))
        library.nv_matrix3d_alloc.argtypes = (ctypes.c_int,) * 3
        library.nv_matrix3d_alloc.restype = _Pointer
        library.nv_matrix_zero.argtypes = (_Pointer,)
        library.nv_matrix_free.argtypes = (ctypes.POINTER(_Pointer),)
        library.nv_gray.argtypes = (_Pointer, _Pointer)
        library.nv_gaussian5x5.argtypes = (_Pointer, ctypes.c_int, _Pointer, ctypes.c_int)
        library.nv_laplacian1.argtypes = (_Pointer, _Pointer, ctypes.c_float)
        library.nv_integral.argtypes = (_Pointer, _Pointer, ctypes.c_int)
        library.nv_face_detect.argtypes = (
            ctypes.POINTER(_Position),
            ctypes.c_int,
            _Pointer,
            _Pointer,
            ctypes.POINTER(_Rect),
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.POINTER(ctypes.c_void_p),
            ctypes.c_int,
            ctypes.c_void_p,
            ctypes.c_float,
            ctypes.c_float,
            ctypes.c_float,
        )
        library.nv_face_detect.restype = ctypes.c_int
    except (OSError, AttributeError):
        return None
    return library


def _detect(library: ctypes.CDLL, picture: Pixels) -> list[_Position]:
    height, width = picture.shape[:2]
    sizes = ((3, 0), (1, 0), (1, 0), (1, 0), (1, 1), (1, 1))
    matrices = [library.nv_matrix3d_alloc(n, height + more, width + more) for n, more in sizes]
    try:
        if not all(matrices):
            return []
        for matrix in matrices:
            library.nv_matrix_zero(matrix)
        colour, grey, smooth, edge, grey_sum, edge_sum = matrices
        _fill(colour, picture)
        library.nv_gray(grey, colour)
        library.nv_gaussian5x5(smooth, 0, grey, 0)
        library.nv_laplacian1(edge, smooth, 4.0)
        library.nv_integral(grey_sum, grey, 0)
        library.nv_integral(edge_sum, edge, 0)
        positions = (_Position * _MOST_POSITIONS)()
        networks = {name: _network(library, name) for name in ("dir", "face_00", "face_01", "face_02", "parts")}
        voters = (ctypes.c_void_p * 3)(networks["face_01"], networks["face_02"], None)
        count = library.nv_face_detect(
            positions,
            _MOST_POSITIONS,
            grey_sum,
            edge_sum,
            ctypes.byref(_Rect(0, 0, width, height)),
            networks["dir"],
            networks["face_00"],
            voters,
            2,
            networks["parts"],
            _STEP,
            _SCALE,
            _WINDOW,
        )
        return list(positions)[: min(max(int(count), 0), _MOST_POSITIONS)]
    finally:
        for matrix in matrices:
            if matrix:
                library.nv_matrix_free(ctypes.byref(matrix))


def _network(library: ctypes.CDLL, name: str) -> int:
    """The address of weights that are compiled into the library."""
    return ctypes.addressof(ctypes.c_char.in_dll(library, f"nv_face_mlp_{name}"))


def _fill(matrix: ctypes._Pointer[_Matrix], picture: Pixels) -> None:
    """Copy RGB pixels into the library's BGR floats, whose pixels lie `step` floats apart."""
    head = matrix.contents
    height, width = picture.shape[:2]
    if (head.rows, head.cols, head.n) != (height, width, 3) or head.step < 3:
        raise MemoryError("The face finder's buffer has another layout.")
    values = np.ctypeslib.as_array(head.v, (height, width, head.step))
    values[..., :3] = picture[..., ::-1]


def _face(position: _Position, picture: Pixels, scale: float, corner: Point) -> Face:
    """A position in a part of the picture, `scale` picture pixels for each of the part's, from its corner."""
    box = _box(position.face)
    eyes = sorted((_box(position.left_eye), _box(position.right_eye)), key=lambda eye: eye.centre[0])
    (x0, y0), (x1, y1) = (eye.centre for eye in eyes)
    nose, chin = (_box(rect).centre for rect in (position.nose, position.chin))
    return Face(
        box=_placed(box, scale, corner),
        eyes=(_eye(eyes[0], picture, scale, corner), _eye(eyes[1], picture, scale, corner)),
        mouth=_placed(_box(position.mouth), scale, corner),
        nose=(nose[0] * scale + corner[0], nose[1] * scale + corner[1]),
        chin=(chin[0] * scale + corner[0], chin[1] * scale + corner[1]),
        tilt=float(np.arctan2(y1 - y0, max(x1 - x0, 1e-6))),
        skin=_colour(picture[_between(eyes, _box(position.mouth)).slices(picture.shape)]),
        hair=_colour(picture[_above(box, eyes).slices(picture.shape)]),
        confidence=float(np.clip(position.likelihood, 0, 1)),
        source=FaceSource.ANIMEFACE,
    )


def _box(rect: _Rect) -> Box:
    return Box(float(rect.x), float(rect.y), float(max(rect.width, 1)), float(max(rect.height, 1)))


def _placed(box: Box, scale: float, corner: Point) -> Box:
    return Box(box.x * scale + corner[0], box.y * scale + corner[1], box.width * scale, box.height * scale)


def _eye(box: Box, picture: Pixels, scale: float, corner: Point) -> Eye:
    inner = box.grown(-0.25, -0.25, -0.25, -0.25)
    x, y = box.centre
    radius = (box.width / 2 * scale, box.height / 2 * scale)
    return Eye((x * scale + corner[0], y * scale + corner[1]), radius, _colour(picture[inner.slices(picture.shape)]))


def _between(eyes: list[Box], mouth: Box) -> Box:
    """The cheeks: from the eyes' lower lids to the mouth."""
    top = max(eye.y + eye.height for eye in eyes)
    left, right = eyes[0].centre[0], eyes[1].centre[0]
    return Box(left, top, max(right - left, 1), max(mouth.y - top, 2))


def _above(box: Box, eyes: list[Box]) -> Box:
    """The front hair: from above the face's box down to the brows."""
    top, bottom = box.y - 0.35 * box.height, min(eye.y for eye in eyes) - 0.12 * box.height
    return Box(box.x + 0.15 * box.width, top, 0.7 * box.width, max(bottom - top, 2))


def _colour(pixels: Pixels) -> Colour:
    """The most frequent colour, in steps of 16, of a patch."""
    flat = pixels.reshape(-1, 3)
    if not len(flat):
        return (128, 128, 128)
    codes = (flat >> 4).astype(np.int32) @ np.array([256, 16, 1], np.int32)
    common = flat[codes == np.bincount(codes).argmax()]
    red, green, blue = (int(value) for value in np.median(common, axis=0))
    return (red, green, blue)
