"""What a worker gives up before it takes its first task: it decodes files that strangers have made.

A worker that has become somebody else's reads what the interpreter and its packages need, writes into the store's
picture folders, and does nothing else: it opens no connection, starts no program, looks into no other process, and
takes no more memory than it was given. Where the kernel lacks a means, the others hold; `missing` says which it lacks.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterable
from pathlib import Path

from paints_undo_daemon.workers.confinement import job_object, landlock, limits, seccomp
from paints_undo_daemon.workers.confinement.rights import Role, readable, writable
from paints_undo_daemon.workers.confinement.seccomp import Denied

__all__ = ["Role", "confine", "confine_reader", "missing"]

_DENIED = {
    Role.CONFINED: (Denied.KERNEL, Denied.SOCKETS, Denied.PROGRAMS, Denied.OTHERS),
    Role.DOWNLOADS: (Denied.KERNEL, Denied.PROGRAMS, Denied.OTHERS),
    Role.DEVICE: (Denied.KERNEL,),
}


def confine(role: Role, store: Path, memory_bytes: int) -> list[str]:
    """Give up what a worker of this role does not need, for good; before any thread is started.

    `memory_bytes` is the ceiling for memory of its own (0: none). Returns what this system cannot take away, in words.
    """
    limits.apply(memory_bytes if role is Role.CONFINED else 0)
    if role is Role.CONFINED:
        job_object.enter(memory_bytes)
    if sys.platform != "linux" or (role is Role.DEVICE and _needs_setuid_helper()):
        return missing()
    seccomp.promise_no_new_privileges()
    if role is Role.CONFINED:
        limits.drop_capabilities()
    if role is not Role.DOWNLOADS:
        folders = role is Role.CONFINED
        landlock.apply(readable() if folders else (), writable(store) if folders else (), restrict_files=folders)
    seccomp.apply(_DENIED[role])
    return missing()


def confine_reader(files: Iterable[Path]) -> None:
    """Let this process read some files, or what lies in some folders, and do nothing else, for good: a command that
    looks into what strangers have made. Where the system refuses, it goes on with its rights."""
    limits.apply(limits.default_memory())
    if sys.platform != "linux":
        return
    with contextlib.suppress(OSError):
        seccomp.promise_no_new_privileges()
        landlock.apply((*readable(), *files), (Path(os.devnull),), restrict_files=True)
        seccomp.apply(_DENIED[Role.CONFINED])


def missing() -> list[str]:
    """The means of confinement that this system lacks, in words; empty where all are there."""
    if sys.platform == "win32":
        return ["on Windows memory and further programs are limited, files and connections are not"]
    if sys.platform != "linux":
        return [f"on {sys.platform} nothing keeps workers from files, connections and programs"]
    lacking, version = [], landlock.abi()
    if version < 1:
        lacking.append("the kernel has no Landlock (5.13 and later, if it is switched on): workers may open any file")
    if version < 4:
        lacking.append(
            "the kernel's Landlock knows no connections (6.7 and later): workers of accelerators may open some"
        )
    if not seccomp.is_supported():
        lacking.append("no seccomp filter for this processor: workers may open connections and start programs")
    if not seccomp.is_supported() and version < 6:
        lacking.append("the kernel's Landlock knows no signals (6.12 and later): workers may end other processes")
    return lacking


def _needs_setuid_helper() -> bool:
    """NVIDIA's driver may still have to make its devices, by a program that needs new privileges."""
    return Path("/proc/driver/nvidia").exists() and not Path("/dev/nvidia-uvm").exists()
