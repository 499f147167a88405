"""Lines of lettering."""

from __future__ import annotations

from paints_undo_engine.procedural.reading.model import Pixels, TextLine


def find_text(_pixels: Pixels) -> tuple[TextLine, ...]:
    """Rows of letters in uint8 [h, w, 3]."""
    return ()
