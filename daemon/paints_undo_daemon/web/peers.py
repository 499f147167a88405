"""Which account is at the other end of a connection on the loopback (Linux)."""

from __future__ import annotations

import os
import sys
from pathlib import Path

_TABLES = ("/proc/net/tcp", "/proc/net/tcp6")
_OWN_END, _OTHER_END, _ACCOUNT = 1, 2, 7
_ADMINISTRATOR = 0
"""Who can do everything; connections are passed on in this account's name where a browser runs outside (WSL)."""


def is_foreign(client_port: int, server_port: int) -> bool:
    """Whether another account holds the end of a connection that goes from one port of this machine to another.

    The kernel lists both ends of a connection on the loopback, each with its account (proc_pid_net(5)). False where it
    is not known: on other systems, and for an end that is not listed.
    """
    if sys.platform != "linux":
        return False
    own_end, other_end = f":{client_port:04X}", f":{server_port:04X}"
    for table in _TABLES:
        try:
            lines = Path(table).read_text(encoding="ascii").splitlines()[1:]
        except OSError:
            continue
        for fields in map(str.split, lines):
            if fields[_OWN_END].endswith(own_end) and fields[_OTHER_END].endswith(other_end):
                return int(fields[_ACCOUNT]) not in (_ADMINISTRATOR, os.getuid())
    return False
