"""The daemon's front: the gRPC services. `serve` runs it."""

import os

os.environ.setdefault("GRPC_VERBOSITY", "NONE")
"""gRPC's core writes lines of its own to standard error, between those of the log. It looks at this when it is loaded,
which the next import does."""

from paints_undo_daemon.server.serve import serve  # noqa: E402

__all__ = ["serve"]
