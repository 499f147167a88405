"""A seccomp filter (Linux): system calls that a worker does not make, and that an intruder would.

The filter is a program for the kernel's classic BPF machine: compare the call's number, answer EPERM or let it pass.
Structures and numbers: the kernel's ``linux/filter.h``, ``linux/seccomp.h`` and its tables of system calls.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
from collections.abc import Iterable
from enum import StrEnum

_NO_NEW_PRIVS, _SET_SECCOMP, _FILTER = 38, 22, 2
_LOAD, _EQUAL, _ABOVE, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
_ALLOW, _ERROR = 0x7FFF0000, 0x00050000
_THREAD = 0x00010000
_OTHER_TABLE = 0x40000000
_REFUSE = (_RETURN, 0, 0, _ERROR | errno.EPERM)

Fields = tuple[int, int, int, int]


class Denied(StrEnum):
    """Groups of system calls. PROGRAMS are starting one and becoming two processes; threads stay allowed. OTHERS are
    signals, priorities, processors and limits for other processes; for the own one they stay allowed."""

    KERNEL = "kernel"
    SOCKETS = "sockets"
    PROGRAMS = "programs"
    OTHERS = "others"


_CALLS: dict[str, dict[Denied, tuple[int, ...]]] = {
    "x86_64": {
        Denied.KERNEL: (
            *(101, 135, 155, 161, 165, 166, 175, 176, 246, 248, 249, 250, 272, 298, 304, 308, 310, 311, 313),
            *(321, 323, 438),
        ),
        Denied.SOCKETS: (41, 42, 43, 49, 50, 288, 425, 426, 427),
        Denied.PROGRAMS: (57, 58, 59, 322),
        Denied.OTHERS: (200, 251, 256, 424, 440, 448),
    },
    "aarch64": {
        Denied.KERNEL: (
            *(117, 92, 41, 51, 40, 39, 105, 106, 104, 217, 218, 219, 97, 241, 265, 268, 270, 271, 273),
            *(280, 282, 438),
        ),
        Denied.SOCKETS: (198, 203, 202, 200, 201, 242, 425, 426, 427),
        Denied.PROGRAMS: (221, 281),
        Denied.OTHERS: (130, 30, 238, 424, 440, 448),
    },
}
"""KERNEL, in the order of the first table: ptrace, personality, pivot_root, chroot, mount, umount2, init_module,
delete_module, kexec_load, add_key, request_key, keyctl, unshare, perf_event_open, open_by_handle_at, setns,
process_vm_readv, process_vm_writev, finit_module, bpf, userfaultfd, pidfd_getfd. SOCKETS: socket, connect, accept,
bind, listen, accept4, io_uring. PROGRAMS: fork, vfork, execve, execveat. OTHERS: tkill, ioprio_set, migrate_pages,
pidfd_send_signal, process_madvise, process_mrelease."""
_OF_A_PROCESS = {
    "x86_64": (62, 234, 129, 297, 144, 142, 314, 203, 302),
    "aarch64": (129, 131, 138, 240, 119, 118, 274, 122, 261),
}
"""Calls whose first argument is a process, 0 for the own one where they know that: kill, tgkill, rt_sigqueueinfo,
rt_tgsigqueueinfo, sched_setscheduler, sched_setparam, sched_setattr, sched_setaffinity, prlimit64. To kill, 0 is the
group of processes, of which the daemon is one."""
_SIGNALLING = 4
"""The first of them send signals."""
_SET_PRIORITY = {"x86_64": 141, "aarch64": 140}
_CLONE = {"x86_64": 56, "aarch64": 220}
_CLONE3 = 435
_AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}


class _Instruction(ctypes.Structure):
    _fields_ = (("code", ctypes.c_uint16), ("yes", ctypes.c_uint8), ("no", ctypes.c_uint8), ("value", ctypes.c_uint32))


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.POINTER(_Instruction)))


def is_supported() -> bool:
    """Whether there is a table for this processor."""
    return platform.machine() in _CALLS and ctypes.sizeof(ctypes.c_void_p) == 8


def promise_no_new_privileges() -> None:
    """No program that this process starts will have more rights than it has. Raises `OSError`."""
    _control(_NO_NEW_PRIVS, 1, 0)


def apply(denied: Iterable[Denied]) -> None:
    """Have groups of calls answered with EPERM, for this thread and those that it starts. Raises `OSError`."""
    if not is_supported():
        return
    listed = filter_program(platform.machine(), denied, os.getpid())
    instructions = (_Instruction * len(listed))(*(_Instruction(*fields) for fields in listed))
    program = _Program(len(listed), ctypes.cast(instructions, ctypes.POINTER(_Instruction)))
    _control(_SET_SECCOMP, _FILTER, ctypes.addressof(program))


def filter_program(machine: str, denied: Iterable[Denied], process: int) -> list[Fields]:
    """The filter of a process, by its number: each instruction's code, jumps when true and when false, and value."""
    groups = set(denied)
    program = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, _AUDIT[machine]),
        _REFUSE,
        (_LOAD, 0, 0, _NUMBER),
        (_ABOVE, 0, 1, _OTHER_TABLE),
        _REFUSE,
    ]
    for group in Denied:
        for number in _CALLS[machine][group] if group in groups else ():
            program += [(_EQUAL, 0, 1, number), _REFUSE]
    if Denied.PROGRAMS in groups:
        # clone3 hides its flags in memory, so the C library is sent to clone, which may only make threads.
        program += [(_EQUAL, 0, 1, _CLONE3), (_RETURN, 0, 0, _ERROR | errno.ENOSYS)]
        program += [(_EQUAL, 0, 3, _CLONE[machine]), (_LOAD, 0, 0, _FIRST_ARGUMENT), (_ANY_BIT, 1, 0, _THREAD), _REFUSE]
        program += [(_LOAD, 0, 0, _NUMBER)]
    if Denied.OTHERS in groups:
        for place, number in enumerate(_OF_A_PROCESS[machine]):
            program += _only(number, (process,) if place < _SIGNALLING else (0, process))
        program += _only(_SET_PRIORITY[machine], (0,), (0,))  # a process, this one
    return [*program, (_RETURN, 0, 0, _ALLOW)]


def _only(number: int, *allowed: tuple[int, ...]) -> list[Fields]:
    """Allow a call only when its first arguments, which have 32 bits, are among the given values."""
    checks: list[Fields] = []
    for place, values in enumerate(allowed):
        checks.append((_LOAD, 0, 0, _FIRST_ARGUMENT + 8 * place))
        checks += [(_EQUAL, left, 0, value) for left, value in zip(range(len(values), 0, -1), values, strict=True)]
        checks.append(_REFUSE)
    return [(_EQUAL, 0, len(checks) + 1, number), *checks, (_RETURN, 0, 0, _ALLOW)]


def _control(option: int, first: int, second: int) -> None:
    library = ctypes.CDLL(None, use_errno=True)
    arguments = (ctypes.c_ulong(value) for value in (first, second, 0, 0))
    if library.prctl(ctypes.c_int(option), *arguments):
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
