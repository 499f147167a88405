"""A job object around this process: Windows' limits for memory and further processes.

https://learn.microsoft.com/windows/win32/procthread/job-objects. The job lasts as long as its process; it lies within
any job that the process is in already (Windows 8 and later).
"""

from __future__ import annotations

import ctypes
import sys

_EXTENDED_LIMITS = 9  # JobObjectExtendedLimitInformation
_ACTIVE_PROCESSES, _PROCESS_MEMORY, _NO_ERROR_WINDOW = 0x8, 0x100, 0x400


class BasicLimits(ctypes.Structure):
    """JOBOBJECT_BASIC_LIMIT_INFORMATION."""

    _fields_ = (
        ("process_user_time", ctypes.c_int64),
        ("job_user_time", ctypes.c_int64),
        ("flags", ctypes.c_uint32),
        ("smallest_working_set", ctypes.c_size_t),
        ("largest_working_set", ctypes.c_size_t),
        ("active_processes", ctypes.c_uint32),
        ("affinity", ctypes.c_size_t),
        ("priority_class", ctypes.c_uint32),
        ("scheduling_class", ctypes.c_uint32),
    )


class ExtendedLimits(ctypes.Structure):
    """JOBOBJECT_EXTENDED_LIMIT_INFORMATION."""

    _fields_ = (
        ("basic", BasicLimits),
        ("input_output", ctypes.c_uint64 * 6),
        ("process_memory", ctypes.c_size_t),
        ("job_memory", ctypes.c_size_t),
        ("peak_process_memory", ctypes.c_size_t),
        ("peak_job_memory", ctypes.c_size_t),
    )


def limits_of(memory_bytes: int) -> ExtendedLimits:
    """No second process, no window when this one crashes, and at most so much committed memory (0: no ceiling)."""
    limits = ExtendedLimits()
    limits.basic.flags = _ACTIVE_PROCESSES | _NO_ERROR_WINDOW | (_PROCESS_MEMORY if memory_bytes else 0)
    limits.basic.active_processes = 1
    limits.process_memory = memory_bytes
    return limits


def enter(memory_bytes: int) -> None:
    """Put this process into a job of its own, for good. Windows only. Raises `OSError`."""
    if sys.platform != "win32":
        return
    kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    kernel.CreateJobObjectW.restype = kernel.GetCurrentProcess.restype = ctypes.c_void_p
    kernel.CreateJobObjectW.argtypes = (ctypes.c_void_p, ctypes.c_wchar_p)
    kernel.SetInformationJobObject.argtypes = (ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p, ctypes.c_uint32)
    kernel.AssignProcessToJobObject.argtypes = (ctypes.c_void_p, ctypes.c_void_p)
    limits = limits_of(memory_bytes)
    job = kernel.CreateJobObjectW(None, None)  # the handle stays open until the process ends
    if not (
        job
        and kernel.SetInformationJobObject(job, _EXTENDED_LIMITS, ctypes.byref(limits), ctypes.sizeof(limits))
        and kernel.AssignProcessToJobObject(job, kernel.GetCurrentProcess())
    ):
        raise ctypes.WinError(ctypes.get_last_error())
