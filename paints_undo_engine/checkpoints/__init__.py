"""Checkpoints of the published models: where they are, how they get there, and how they are read.

Importing this package imports neither torch nor the hub's library. `loading` and `weights` do, and are imported by who
fills networks.
"""

from paints_undo_engine.checkpoints.download import FileProgress, download
from paints_undo_engine.checkpoints.library import ModelInfo, ModelState, list_models, locate, note_warnings, verify

__all__ = ["FileProgress", "ModelInfo", "ModelState", "download", "list_models", "locate", "note_warnings", "verify"]
