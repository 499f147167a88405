"""The command line's own error."""

from __future__ import annotations

from paints_undo_engine.errors import PaintsUndoError


class WrongUsageError(PaintsUndoError):
    """The command was given something that it cannot use; the exit code is 2."""
