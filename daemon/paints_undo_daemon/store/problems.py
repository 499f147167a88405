"""Why a store cannot be used."""

from __future__ import annotations

from paints_undo_engine.errors import PaintsUndoError


class StoreError(PaintsUndoError):
    """The store cannot be opened as it is; the message says why and what to do."""
