"""A learned upscaler: frames enlarged by a small network before the painting's detail is added, where one is installed.

The network is Real-ESRGAN's compact one (Wang et al. 2021). Without its weights, or without torch, there is none, and
frames are enlarged by cubic convolution.

>>> upscaler = installed()  # None where there is none
>>> large = restore(frame, painting, calibration, upscaler=upscaler)
"""

from __future__ import annotations

import logging
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from paints_undo_engine.checkpoints.catalogue import UPSCALER
from paints_undo_engine.checkpoints.library import locate
from paints_undo_engine.errors import CheckpointError, EngineUnavailableError

if TYPE_CHECKING:
    from paints_undo_engine.upscaling.upscaler import NetworkUpscaler

__all__ = ["find_folder", "installed"]

_PACKAGES = ("torch", "safetensors")
_log = logging.getLogger(__name__)


def find_folder(models: Path | None = None) -> Path | None:
    """The folder of the upscaler's weights, None where they are not here; files are only looked at."""
    try:
        return locate(UPSCALER.id, models)
    except (EngineUnavailableError, OSError):  # workers may look into no folder that was not there at their start
        return None


@lru_cache(maxsize=2)
def installed(models: Path | None = None) -> NetworkUpscaler | None:
    """The upscaler, loaded once; None where packages or weights are missing, or where the weights are no such network.

    `models` is a folder of models, or None for where downloads are kept.
    """
    folder = find_folder(models)
    if folder is None or any(find_spec(name) is None for name in _PACKAGES):
        return None
    from paints_undo_engine.upscaling.upscaler import load

    try:
        return load(folder)
    except CheckpointError as error:
        _log.warning("Frames are enlarged without the upscaler: %s", error)
        return None
