"""Try what a confined worker gives up, and say in JSON what the system refuses.

python -P -m paints_undo_daemon.workers.confinement STORE
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from paints_undo_daemon.workers.confinement import Role, confine

if __name__ == "__main__":
    json.dump(confine(Role.CONFINED, Path(sys.argv[1]), 0), sys.stdout)
