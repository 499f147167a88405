"""The phases of a process in the artist's language, and the one scale for a moment of it: the share of work done."""

from __future__ import annotations

from .translate import tr

LABELS = 8
"""Krita's layer colours, 1 to 8."""

STEPS = 1000.0
"""The operation step of the blank canvas; the painting's is 0."""


def phase_of(label: str) -> str:
    """The phase in what an engine calls a moment, such as `flats` in `flats, brush stroke 324`."""
    return label.partition(",")[0].strip()


def words(phase: str) -> str:
    """A phase in the artist's language; one that is not known here stays as the engine calls it."""
    known = {
        "blank canvas": tr("Blank canvas"),
        "construction": tr("Construction"),
        "sketch": tr("Sketch"),
        "line": tr("Line art"),
        "flats": tr("Flat colors"),
        "shading": tr("Shading"),
        "soft shading": tr("Soft shading"),
        "background": tr("Background"),
        "block-in": tr("Block-in"),
        "painting": tr("Rendering"),
        "details": tr("Details"),
        "effects": tr("Effects"),
        "adjustment": tr("Adjustments"),
        "the painting": tr("Finished painting"),
    }
    return known.get(phase.lower(), phase)


def done(operation_step: float) -> int:
    """How much of the work is done at an operation step, 0 to 100 per cent."""
    return round(100 * (1 - min(max(operation_step, 0.0), STEPS) / STEPS))


def moment(operation_step: float, label: str) -> str:
    """A moment of the process: how much is done, and at what the artist works."""
    phase = words(phase_of(label))
    if operation_step <= 0:
        return words("the painting")
    share = tr("{percent} %", percent=done(operation_step))
    return f"{share} · {phase}" if phase else share


class Colouring:
    """A layer colour for each phase, in the order in which the phases come."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}

    def label(self, phase: str) -> int:
        """Krita's number of the colour; 0 is none."""
        if not phase:
            return 0
        return self._known.setdefault(phase, len(self._known) % LABELS + 1)
