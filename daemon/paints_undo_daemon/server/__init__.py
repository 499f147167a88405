"""The daemon's front: the gRPC services. `serve` runs it."""

from paints_undo_daemon.server.serve import serve

__all__ = ["serve"]
