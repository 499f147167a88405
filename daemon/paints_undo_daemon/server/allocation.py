"""What the C library does with memory that is given back."""

from __future__ import annotations

import ctypes
import logging
import sys

log = logging.getLogger(__name__)

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""mallopt(3)."""
_KEPT_BYTES = 16 * 2**20
_LARGEST_BYTES = 8 * 2**20


def keep_buffers() -> None:
    """Let glibc keep up to 16 MiB for the next buffer in place of returning it to the kernel after each.

    A picture on its way is copied several times in pieces of 1 MiB, and fresh pages for every copy cost more than the
    copying. Other C libraries are left as they are.
    """
    if sys.platform != "linux":
        return
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return
    for parameter, value in ((_TRIM_THRESHOLD, _KEPT_BYTES), (_MMAP_THRESHOLD, _LARGEST_BYTES)):
        if not mallopt(parameter, value):
            log.debug("The C library does not take the threshold %d.", parameter)
