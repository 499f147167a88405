"""Paints-Undo engine: a painting in, the process of how it could have been painted out.

A library of its own. It knows nothing of gRPC, jobs or Krita. Start with `paints_undo_engine.process`.
"""

__version__ = "0.1.0"
