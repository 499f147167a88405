"""The embedded engine: takes a finished picture apart into the history of a document, on the CPU.

`docs/procedural.md` explains how.
"""

from paints_undo_engine.procedural.build import make_document, make_split
from paints_undo_engine.procedural.document.document import Document
from paints_undo_engine.procedural.options import Options

__all__ = ["Document", "Options", "make_document", "make_split"]
