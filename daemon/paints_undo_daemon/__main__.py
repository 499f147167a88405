"""`python -m paints_undo_daemon` is `paints-undo`."""

from __future__ import annotations

import sys

from paints_undo_daemon.cli import main

if __name__ == "__main__":
    sys.exit(main())
