"""Starting the daemon again in place of one that cannot go on."""

from __future__ import annotations

import logging
import os
import sys
import time

log = logging.getLogger(__name__)

EXIT_BROKEN = 70
_SINCE = "PAINTS_UNDO_STARTED_ANEW"
_SHORTEST_SECONDS = 60.0


def start_anew() -> int:
    """Begin again as a new program in this process, with the same arguments; does not return where that works.

    Returns `EXIT_BROKEN` when the last time is less than a minute ago, so that nothing goes round in circles, and on
    Windows, where a process cannot become another one: whoever needs the daemon, or a service manager, starts it.
    """
    now = time.time()
    last = float(os.environ.get(_SINCE) or 0.0)
    if os.name == "nt" or 0.0 <= now - last < _SHORTEST_SECONDS:
        log.critical("The daemon ends: it could not go on.")
        return EXIT_BROKEN
    os.environ[_SINCE] = str(now)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606
    return EXIT_BROKEN
