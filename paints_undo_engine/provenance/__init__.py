"""What exports say about themselves: the note, the seal that binds it to its file, and how both are read again.

`note` is what is said, `seal` binds it to the bytes of the file, `verifying` reads a file and says what holds.
"""

from __future__ import annotations

from paints_undo_engine.provenance.note import Provenance

__all__ = ["Provenance"]
