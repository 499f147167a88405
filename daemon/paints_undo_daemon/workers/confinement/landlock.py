"""Landlock (Linux 5.13 and later): which files a process may touch, by three system calls.

Numbers and structures: the kernel's ``include/uapi/linux/landlock.h``; the calls have the same numbers on every
processor. What an older kernel does not know is left out.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterable
from pathlib import Path

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION_FLAG = 1
_PATH_BENEATH = 1

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = (1 << bit for bit in range(4))
_CHANGES = sum(1 << bit for bit in range(4, 13))
"""Removing and making files, folders, devices, sockets, pipes and links."""
_REFER, _TRUNCATE, _IOCTL = 1 << 13, 1 << 14, 1 << 15
_FILES_AND_FOLDERS = _EXECUTE | _WRITE_FILE | _READ_FILE | _READ_DIR | _CHANGES
_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL
_MAKING_SPECIAL = (1 << 6) | (1 << 9) | (1 << 10) | (1 << 11) | (1 << 12)
"""Character devices, sockets, pipes, block devices and symbolic links."""
_READ = _READ_FILE | _READ_DIR
_WRITE = (_FILES_AND_FOLDERS | _REFER | _TRUNCATE) & ~(_EXECUTE | _MAKING_SPECIAL)
_TCP = 0b11
_ABSTRACT_SOCKETS, _SIGNALS = 1, 2


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32))


def abi() -> int:
    """The version of Landlock that the kernel has; 0 without."""
    return max(0, _call(_CREATE_RULESET, None, 0, _VERSION_FLAG))


def apply(read: Iterable[Path], write: Iterable[Path], *, restrict_files: bool) -> None:
    """Let this thread, and those that it starts, read and write below some paths only, and open no TCP connection.

    Without `restrict_files` only the network is taken away. Needs the promise of no new privileges. Raises `OSError`
    when the kernel, which has Landlock, refuses.
    """
    version = abi()
    if not version:
        return
    handled = _known(version) if restrict_files else 0
    scoped = _ABSTRACT_SOCKETS | _SIGNALS if restrict_files and version >= 6 else 0
    attributes = _Ruleset(handled, _TCP if version >= 4 else 0, scoped)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    if not (handled or attributes.network):
        return
    ruleset = _checked(_call(_CREATE_RULESET, ctypes.byref(attributes), size, 0))
    try:
        for paths, allowed in ((read, _READ), (write, _WRITE)):
            for path in paths:
                _allow(ruleset, path, allowed & handled)
        _checked(_call(_RESTRICT_SELF, ruleset, 0))
    finally:
        os.close(ruleset)


def _known(version: int) -> int:
    known = _FILES_AND_FOLDERS
    for since, right in ((2, _REFER), (3, _TRUNCATE), (5, _IOCTL)):
        known |= right if version >= since else 0
    return known


def _allow(ruleset: int, path: Path, allowed: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:  # gone meanwhile, or not ours to see
        return
    try:
        if not path.is_dir():
            allowed &= _OF_FILES
        rule = _Beneath(allowed, descriptor)
        _checked(_call(_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.byref(rule), 0))
    finally:
        os.close(descriptor)


def _call(number: int, *arguments: object) -> int:
    library = ctypes.CDLL(None, use_errno=True)
    library.syscall.restype = ctypes.c_long
    converted = [ctypes.c_long(value) if isinstance(value, int) else value for value in arguments]
    return int(library.syscall(ctypes.c_long(number), *converted))


def _checked(result: int) -> int:
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    return result
