"""How many frames the interpolation model sees at once, and into how many windows longer intervals are cut."""

from __future__ import annotations

from paints_undo_engine.request import InterpolationParameters

WINDOW = 16
"""Frames of a window, both ends included, as the model was trained for."""


def window_count(wanted: InterpolationParameters) -> int:
    """How many windows an interval is made of: one, or a first one and those of the chain."""
    return len(window_bounds(wanted.frames)) if is_chained(wanted) else 1


def is_chained(wanted: InterpolationParameters) -> bool:
    """Whether intervals are made of more than one window."""
    return wanted.chained and wanted.frames > WINDOW


def window_bounds(frames: int) -> list[int]:
    """Which states of the first window, 0 to 15, are the ends of the windows after it; the last one is 15."""
    windows = -(-(frames - 1) // (WINDOW - 1))
    return [round(number * (WINDOW - 1) / windows) for number in range(windows + 1)]
