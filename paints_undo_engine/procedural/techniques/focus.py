"""Where an artist looks first."""

from __future__ import annotations

from paints_undo_engine.procedural.source import Source


def focus_of(source: Source) -> tuple[float, float]:
    """The place on the grid that matters most: between the eyes, else a head, a figure's upper part, the middle."""
    reading = source.reading
    if reading.faces:
        left, right = (eye.centre for eye in reading.faces[0].eyes)
        return (left[0] + right[0]) / 2, (left[1] + right[1]) / 2
    if reading.heads:
        return reading.heads[0].centre
    if reading.figure.boxes:
        box = reading.figure.boxes[0]
        return box.x + box.width / 2, box.y + 0.2 * box.height
    height, width = reading.shape
    return width / 2, height * 0.45
