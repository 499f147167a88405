"""The process that drives video hardware for a worker: ``python -P -m paints_undo_daemon.workers.encoding STORE``.

It has the rights of a device's worker, and gets bare pictures from one that may open nothing
(`paints_undo_engine.export.encoding`).
"""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path

from paints_undo_daemon.workers.confinement import Role, confine
from paints_undo_engine.export.encoding import service


def main(store: str) -> None:
    """Serve until the input ends."""
    os.umask(0o077)
    for words in confine(Role.DEVICE, Path(store), 0):
        logging.getLogger(__name__).warning("The encoders' process keeps rights that it does not need: %s.", words)
    service.main()


if __name__ == "__main__":
    main(*sys.argv[1:])
