"""Work in a process of its own that may write only so many bytes to a file, which is how a quota looks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PROGRAM = """
import resource, signal, sys
from pathlib import Path
from paints_undo_engine.errors import ExportError
{prepare}
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))
try:
    {work}
except ExportError as error:
    print(error)
"""


def check_refused(size: int, prepare: str, work: str) -> None:
    """That `work`, a line of Python, fails with the sentence for a full disk; what it uses is made by `prepare`."""
    code = PROGRAM.format(size=size, prepare=prepare, work=work)
    path = os.pathsep.join([str(Path(__file__).parents[1]), *sys.path])
    environment = {**os.environ, "PYTHONPATH": path}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False)
    assert "cannot be written: the file would be larger" in done.stdout, done.stdout + done.stderr
