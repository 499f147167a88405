"""Which account is at the other end of a connection on the loopback (Linux)."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

Address = tuple[str, int]
"""IPv4 address and port."""

_MAPPED = "0" * 16 + f"{int.from_bytes(bytes((0, 0, 255, 255)), sys.byteorder):08X}"
_TABLES = (("/proc/net/tcp", ""), ("/proc/net/tcp6", _MAPPED))
"""The kernel's lists of connections, with what stands before an IPv4 address there."""
_OWN_END, _OTHER_END, _ACCOUNT = 1, 2, 7
_ADMINISTRATOR = 0
"""Who can do everything; connections are passed on in this account's name where a browser runs outside (WSL)."""


def is_foreign(client: Address, server: Address) -> bool:
    """Whether another account holds the client's end of a connection on this machine.

    The kernel lists both ends of a connection on the loopback, each with its account (proc_pid_net(5)). Ports alone do
    not tell a connection: all of 127.0.0.0/8 is this machine, and an end that is just being closed is listed as the
    administrator's. False where it is not known: on other systems, and for an end that is not listed.
    """
    if sys.platform != "linux":
        return False
    for table, prefix in _TABLES:
        own_end, other_end = prefix + _listed(client), prefix + _listed(server)
        try:
            lines = Path(table).read_text(encoding="ascii").splitlines()[1:]
        except OSError:
            continue
        for fields in map(str.split, lines):
            if fields[_OWN_END] == own_end and fields[_OTHER_END] == other_end:
                return int(fields[_ACCOUNT]) not in (_ADMINISTRATOR, os.getuid())
    return False


def _listed(address: Address) -> str:
    """An address as the kernel lists it: the number in the machine's own order of bytes, and the port."""
    return f"{int.from_bytes(socket.inet_aton(address[0]), sys.byteorder):08X}:{address[1]:04X}"
