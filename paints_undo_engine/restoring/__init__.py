"""Frames at the painting's own size: a small frame gets the painting's detail where it has the painting's structure.

>>> calibration = calibrate(nearly_finished, painting)  # how a model blurs, measured once for each process
>>> large = restore(frame, painting, calibration)
"""

from paints_undo_engine.restoring.calibration import Calibration
from paints_undo_engine.restoring.frames import at_size, calibrate, restore
from paints_undo_engine.restoring.upsampling import Upscaler

__all__ = ["Calibration", "Upscaler", "at_size", "calibrate", "restore"]
