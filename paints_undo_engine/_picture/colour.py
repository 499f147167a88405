"""Any colour model and profile to sRGB."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from paints_undo_engine._picture.alpha import Pixels, to_8bit
from paints_undo_engine._picture.profile import convert_16bit

Converted = tuple[Pixels, tuple[str, ...]]

_SPACES = {"RGB": "RGB ", "L": "GRAY", "CMYK": "CMYK", "LAB": "Lab "}
_FLAGS = ImageCms.Flags.BLACKPOINTCOMPENSATION | ImageCms.Flags.HIGHRESPRECALC


def from_image(image: Image.Image, icc: bytes | None) -> Converted:
    """A loaded Pillow picture of any mode: uint8 or uint16 [H, W, 3 or 4] in sRGB, and notes."""
    if image.mode.startswith("I;16"):
        return from_array(np.asarray(image).astype(np.uint16)[:, :, None], icc)
    if image.mode in ("I", "F"):
        return _from_wide(np.asarray(image))
    alpha = None
    if image.has_transparency_data:
        grey = image.mode in ("LA", "La")
        image = image.convert("RGBA")
        alpha = np.asarray(image.getchannel("A"))
        image = image.getchannel("R") if grey else image.convert("RGB")
    elif image.mode not in _SPACES:
        image = image.convert("L" if image.mode == "1" else "RGB")
    rgb, notes = _to_srgb(image, icc)
    pixels = np.asarray(rgb)
    return (pixels if alpha is None else np.dstack([pixels, alpha])), notes


def from_array(samples: NDArray[Any], icc: bytes | None) -> Converted:
    """uint8, uint16 or float [H, W, 1 to 4] (grey, grey + alpha, RGB, RGBA): uint8 or uint16 in sRGB, and notes."""
    if samples.dtype not in (np.uint8, np.uint16):
        return _from_wide(samples)
    channels = samples.shape[2]
    if channels < 3:
        samples = np.concatenate([samples[:, :, :1]] * 3 + [samples[:, :, 1:]], axis=2)
    if icc is None or samples.dtype == np.uint8 or _profile(icc, "RGB") is None:
        return samples, ()
    rgb, notes = _to_srgb(Image.fromarray(to_8bit(samples)[:, :, :3].copy()), icc)
    if not notes:
        return samples, ()
    deep = convert_16bit(samples, icc)
    if deep is not None:
        return deep, notes
    pixels = np.asarray(rgb)
    if samples.shape[2] == 4:
        pixels = np.dstack([pixels, to_8bit(samples)[:, :, 3]])
    return pixels, (*notes, "For that it was reduced to 8 bits.")


def _from_wide(samples: NDArray[Any]) -> Converted:
    """32-bit integers and floats: 0 .. 1, 255, 65535 or the largest value become 0 .. 65535."""
    if samples.ndim == 2:
        samples = samples[:, :, None]
    values = np.nan_to_num(samples.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    top = float(values.max(initial=0.0))
    integers = not np.issubdtype(samples.dtype, np.floating)
    full = next((full for full in ((255.0, 65535.0) if integers else (1.0, 255.0, 65535.0)) if top <= full), top)
    deep = np.rint(np.clip(values / full, 0, 1) * 65535).astype(np.uint16)
    return from_array(deep, None)[0], (f"Its wide values were read as 0 to {full:g} and converted to 16 bits.",)


def _to_srgb(image: Image.Image, icc: bytes | None) -> tuple[Image.Image, tuple[str, ...]]:
    profile = _profile(icc, image.mode) if icc else None
    if profile is None and image.mode == "LAB":
        profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    if profile is None:
        if image.mode == "CMYK":
            return image.convert("RGB"), ("CMYK without a usable profile was converted to sRGB by the plain formula.",)
        return image.convert("RGB"), ()
    transform = ImageCms.buildTransform(
        profile,
        ImageCms.createProfile("sRGB"),
        image.mode,
        "RGB",
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        flags=_FLAGS,
    )
    if _changes_nothing(transform, image.mode):
        return image.convert("RGB"), ()
    converted = ImageCms.applyTransform(image, transform)
    assert converted is not None  # only in-place transforms give nothing
    kind = "CMYK" if image.mode == "CMYK" else "Lab" if image.mode == "LAB" else "Its colour profile"
    return converted, (f"{kind} was converted to sRGB.",)


def _profile(icc: bytes, mode: str) -> ImageCms.ImageCmsProfile | None:
    """The embedded profile, when it can be read and is for this colour model."""
    try:
        profile = ImageCms.getOpenProfile(io.BytesIO(icc))
    except (OSError, ImageCms.PyCMSError):
        return None
    return profile if profile.profile.xcolor_space == _SPACES.get(mode) else None


def _changes_nothing(transform: ImageCms.ImageCmsTransform, mode: str) -> bool:
    """Whether a profile is sRGB in all but name: a grid of colours moves by one level at most."""
    if mode == "RGB":
        levels = np.linspace(0, 255, 9, dtype=np.uint8)
        grid = np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), axis=-1).reshape(1, -1, 3)
    elif mode == "L":
        grid = np.arange(256, dtype=np.uint8)[None]
    else:
        return False
    probe = Image.fromarray(grid)
    moved = np.abs(np.asarray(ImageCms.applyTransform(probe, transform), np.int16) - np.asarray(probe.convert("RGB")))
    return int(moved.max()) <= 1
