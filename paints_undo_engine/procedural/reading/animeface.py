"""The library inside the `animeface` wheel (nvxs, MIT licence), called without its wrapper.

The wrapper needs an older Pillow and answers with nothing under a newer one, so only the compiled library is used: it
is found beside the installed package, which is never imported. All buffers are the library's own; pixels are copied in.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from paints_undo_engine.procedural.reading.model import Box, Pixels, Point

_LEAST_SIDE = 48
_MOST_POSITIONS = 256
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


@dataclass(frozen=True, slots=True)
class Seen:
    """A face as the library sees it, in the pixels of the picture that it was given; `eyes` from left to right."""

    likelihood: float
    box: Box
    eyes: tuple[Box, Box]
    nose: Point
    mouth: Box
    chin: Point


def is_installed() -> bool:
    """Whether the library is there."""
    return _library() is not None


def detect(pixels: Pixels) -> list[Seen]:
    """What may be upright faces in uint8 [h, w, 3], each at least 43 pixels wide; none without the library."""
    library = _library()
    if library is None or min(pixels.shape[:2]) < _LEAST_SIDE:
        return []
    return [_seen(position) for position in _positions(library, pixels)]


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


def _positions(library: ctypes.CDLL, picture: Pixels) -> list[_Position]:
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


def _seen(position: _Position) -> Seen:
    eyes = sorted((_box(position.left_eye), _box(position.right_eye)), key=lambda eye: eye.centre[0])
    nose, chin = (_box(rect).centre for rect in (position.nose, position.chin))
    likelihood = float(np.clip(position.likelihood, 0, 1))
    return Seen(likelihood, _box(position.face), (eyes[0], eyes[1]), nose, _box(position.mouth), chin)


def _box(rect: _Rect) -> Box:
    return Box(float(rect.x), float(rect.y), float(max(rect.width, 1)), float(max(rect.height, 1)))
