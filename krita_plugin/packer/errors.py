"""What the packer raises."""

from __future__ import annotations

from paints_undo_engine.errors import PaintsUndoError


class PackError(PaintsUndoError):
    """The plugin could not be packed or put in place; the message says why."""
