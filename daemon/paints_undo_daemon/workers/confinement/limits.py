"""Limits that the system keeps for a process."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys

GIBIBYTE = 2**30
_MOST = 8 * GIBIBYTE
_CAPABILITY_VERSION = 0x20080522
_FILE_BYTES = 16 * GIBIBYTE


def apply(memory_bytes: int) -> None:
    """No core dumps (they hold paintings), no endless files, and at most so much memory (0: no ceiling).

    What counts is memory of the process's own that it may write to (`RLIMIT_DATA`), not the address space, of which
    allocators and libraries reserve far more than they use. Beyond it allocating fails: `MemoryError`.
    """
    if sys.platform == "win32":
        return
    import resource

    wanted = {"RLIMIT_CORE": 0, "RLIMIT_FSIZE": _FILE_BYTES}
    if memory_bytes:
        wanted["RLIMIT_DATA"] = memory_bytes
    for name, limit in wanted.items():
        with contextlib.suppress(AttributeError, ValueError, OSError):
            number = getattr(resource, name)
            _, hard = resource.getrlimit(number)
            limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
            resource.setrlimit(number, (limit, limit))


def drop_capabilities() -> None:
    """Give up what root, or a container's root, may do beyond other accounts (Linux). Raises `OSError`."""
    library = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0)
    none = (ctypes.c_uint32 * 6)()
    if library.capset(header, none):
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))


def default_memory() -> int:
    """Three quarters of the machine's memory, and 8 GiB at most: more than any task needs at its limits."""
    try:
        physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return _MOST
    return min(_MOST, physical * 3 // 4)
