"""PNG for other programs: pictures of 16 bits name their colour profile."""

from __future__ import annotations

import numpy as np

from paints_undo_engine import png
from paints_undo_engine._picture import profile
from paints_undo_engine._picture.alpha import Pixels


def encode(pixels: Pixels) -> bytes:
    """As `png.encode`. Krita asks in a dialog for the profile of each picture of 16 bits that names none."""
    data = png.encode(pixels)
    return data if pixels.dtype == np.uint8 else png.with_profile(data, profile.srgb())
