"""What a worker gives up before it takes its first task: it decodes files that strangers have made.

A worker that has become somebody else's reads what the interpreter and its packages need, writes into the store's
picture folders, and does nothing else: it opens no connection, starts no program, looks into no other process, and
takes no more memory than it was given. Where the kernel lacks a means or refuses it, the others hold; `missing` says
which it lacks, `refused` which it refuses.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeAlias

from paints_undo_daemon.workers.confinement import job_object, landlock, limits, seccomp
from paints_undo_daemon.workers.confinement.rights import Role, make_figures_folder, readable, writable
from paints_undo_daemon.workers.confinement.seccomp import Denied

__all__ = ["Role", "confine", "confine_reader", "make_figures_folder", "missing", "refused"]

_DENIED = {
    Role.CONFINED: (Denied.KERNEL, Denied.SOCKETS, Denied.PROGRAMS, Denied.OTHERS),
    Role.DOWNLOADS: (Denied.KERNEL, Denied.PROGRAMS, Denied.OTHERS),
    Role.DEVICE: (Denied.KERNEL,),
}


_Step: TypeAlias = tuple[str, Callable[[], object]]
_MEMORY = "a ceiling of memory"
_PRIVILEGES = "the promise of no new privileges"
_CAPABILITIES = "giving up capabilities"
_LANDLOCK = "Landlock, which keeps from files and connections"
_SECCOMP = "the filter of calls, which keeps from programs and connections"
_TRYING_SECONDS = 60


def confine(role: Role, store: Path, memory_bytes: int) -> list[str]:
    """Give up what a worker of this role does not need, for good; before any thread is started.

    `memory_bytes` is the ceiling for memory of its own (0: none). What the system refuses keeps nothing else from being
    given up. Returns what was refused, in words; `missing` says what the system lacks.
    """
    confined = role is Role.CONFINED
    limits.apply(memory_bytes if confined else 0)
    steps: list[_Step] = [(_MEMORY, lambda: job_object.enter(memory_bytes))] if confined else []
    if sys.platform == "linux" and not (role is Role.DEVICE and _needs_setuid_helper()):
        steps.append((_PRIVILEGES, seccomp.promise_no_new_privileges))
        if confined:
            steps.append((_CAPABILITIES, limits.drop_capabilities))
        if role is not Role.DOWNLOADS:
            read, write = (readable(), writable(store)) if confined else ((), ())
            steps.append((_LANDLOCK, lambda: landlock.apply(read, write, restrict_files=confined)))
        steps.append((_SECCOMP, lambda: seccomp.apply(_DENIED[role])))
    return list(_refused(steps))


def confine_reader(files: Iterable[Path]) -> list[str]:
    """Let this process read some files, or what lies in some folders, and do nothing else, for good: a command that
    looks into what strangers have made. Returns what the system refuses, in words, as `confine` does."""
    limits.apply(limits.default_memory())
    if sys.platform != "linux":
        return []
    read, write = (*readable(), *files), (Path(os.devnull),)
    steps: list[_Step] = [
        (_PRIVILEGES, seccomp.promise_no_new_privileges),
        (_LANDLOCK, lambda: landlock.apply(read, write, restrict_files=True)),
        (_SECCOMP, lambda: seccomp.apply(_DENIED[Role.CONFINED])),
    ]
    return list(_refused(steps))


def refused() -> list[str]:
    """What this system refuses to a worker although it has the means, in words: a process of its own tries."""
    with tempfile.TemporaryDirectory() as store:
        command = [sys.executable, "-P", "-m", __name__, store]
        try:
            tried = subprocess.run(command, capture_output=True, timeout=_TRYING_SECONDS, check=False)  # noqa: S603
        except subprocess.TimeoutExpired:
            return [f"a process that gave up its rights has not ended within {_TRYING_SECONDS} seconds"]
    try:
        words: list[str] = json.loads(tried.stdout)
    except ValueError:
        return ["a process that gave up its rights has ended by itself"]
    return words


def _refused(steps: Iterable[_Step]) -> Iterator[str]:
    for what, give_up in steps:
        try:
            give_up()
        except OSError as error:
            yield f"the system refuses {what} ({error.strerror or error})"


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
