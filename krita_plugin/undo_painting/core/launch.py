"""How a daemon is found on the disk and started so that it outlives Krita. Nothing here starts anything."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REMOVED_PREFIXES = (
    "PYTHON",
    "LD_",
    "DYLD_",
    "QT_",
    "QML",
    "PYENV_",
    "VIRTUAL_ENV",
    "CONDA_",
    "APPDIR",
    "APPIMAGE",
    "GIO_",
)
CREATE_NEW_PROCESS_GROUP = 0x00000200
CREATE_NO_WINDOW = 0x08000000
BELOW_NORMAL_PRIORITY_CLASS = 0x00004000
YIELDING = 5


def environment_folder(home: Path) -> Path:
    """The Python environment that *Set up* makes."""
    return home / "environment"


def environment_program(home: Path, name: str, platform: str = sys.platform) -> Path:
    """A program of that environment, such as `python` or `paints-undo`."""
    folder = environment_folder(home)
    return folder / "Scripts" / f"{name}.exe" if platform == "win32" else folder / "bin" / name


@dataclass(frozen=True)
class Program:
    """The command that runs `paints-undo`, and what its environment needs beside the cleaned one."""

    command: tuple[str, ...]
    environment: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class DaemonTarget:
    """Where to look: a remote daemon, or this machine's by its home folder; `program` runs `paints-undo`."""

    home: Path
    remote: str = ""
    token: str = ""
    fingerprint: str = ""
    program: Program | None = None
    version: str = ""


def find_program(
    home: Path,
    configured: str,
    launcher_file: Path,
    which: Callable[[str], str | None] | None = None,
    platform: str = sys.platform,
) -> Program | None:
    """The program that runs `paints-undo`, or None when nothing is installed.

    Looked for in this order: the settings, the environment of *Set up*, what `paints-undo plugin install` recorded
    beside the plugin, the search path (as `which` tells, Python's own by itself). Never Krita's own Python:
    `sys.executable` inside Krita is Krita.
    """
    if configured:
        return Program((configured,)) if Path(configured).is_file() else None
    own = environment_program(home, "paints-undo", platform)
    if own.is_file():
        return Program((str(own),))
    try:
        data = json.loads(launcher_file.read_text(encoding="utf-8"))
        command, extra = tuple(data["command"]), dict(data.get("environment", {}))
        if command and all(isinstance(part, str) for part in command) and Path(command[0]).is_file():
            return Program(command, tuple((str(name), str(value)) for name, value in extra.items()))
    except (OSError, ValueError, KeyError, TypeError):
        pass
    import shutil  # by the network's thread, which looks, and not with the plugin

    found = (which or shutil.which)("paints-undo")
    return Program((found,)) if found else None


@dataclass(frozen=True)
class Search:
    """Where a daemon is to be looked for, as the settings say: `program` is the configured command, `launcher` the file
    that `paints-undo plugin install` leaves beside the plugin."""

    home: Path
    remote: str
    token: str
    fingerprint: str
    program: str
    launcher: Path
    version: str

    def target(self) -> DaemonTarget:
        """The target, with the program that the disk holds now."""
        program = find_program(self.home, self.program, self.launcher)
        return DaemonTarget(self.home, self.remote, self.token, self.fingerprint, program, self.version)


def clean_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment for a program outside Krita: without what points at Krita's own Python and libraries."""
    return {name: value for name, value in environment.items() if not name.upper().startswith(REMOVED_PREFIXES)}


def start_command(program: Program) -> list[str]:
    """The command that runs a daemon which ends by itself when nobody needs it."""
    return [*program.command, "serve", "--detached"]


def start_environment(program: Program, home: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """The environment for that command; what it writes is UTF-8, in whatever code page Windows is."""
    own = {**dict(program.environment), "PYTHONIOENCODING": "utf-8", "PAINTS_UNDO_HOME": str(home)}
    return {**clean_environment(environment), **own}


def detached(platform: str = sys.platform) -> dict[str, Any]:
    """What `subprocess.Popen` needs so that the daemon has no console window and lives on when Krita ends.

    Not DETACHED_PROCESS: Windows then ignores CREATE_NO_WINDOW, and whatever the process starts (an environment's
    `python.exe` starts the real one) opens a console window of its own.
    """
    if platform == "win32":
        return {"creationflags": CREATE_NEW_PROCESS_GROUP | CREATE_NO_WINDOW, "close_fds": True}
    return {"start_new_session": True, "close_fds": True}


def start_options(platform: str = sys.platform) -> dict[str, Any]:
    """What `subprocess.Popen` needs to start a daemon: detached, and on Windows behind the artist's own programs."""
    options = detached(platform)
    if platform == "win32":
        options["creationflags"] |= BELOW_NORMAL_PRIORITY_CLASS
    return options


def yield_to_artist(pid: int) -> None:
    """Put a program that was just started, with all that it will start, behind Krita and the screen: they need the
    processor for moments only, and then at once. Nothing to do on Windows (see `start_options`)."""
    with contextlib.suppress(OSError, AttributeError):
        os.setpriority(os.PRIO_PROCESS, pid, YIELDING)
    # Where Linux shares the processor between sessions, only a session's own number counts outside it.
    with contextlib.suppress(OSError):
        Path(f"/proc/{pid}/autogroup").write_text(str(YIELDING), encoding="ascii")


def sandboxed() -> bool:
    """Whether other programs' processes cannot be seen from here."""
    return Path("/.flatpak-info").exists()


def certainly_dead(pid: int) -> bool:
    """Whether no process of that number runs; False where it cannot be told: in a sandbox, which sees none but its
    own."""
    if pid <= 0 or sandboxed():
        return False
    if sys.platform == "win32":
        return _ended_on_windows(pid)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def _ended_on_windows(pid: int) -> bool:
    """`os.kill` with signal 0 would end the process there, so the system is asked for it."""
    if sys.platform != "win32":
        return False
    import ctypes

    query_limited_information, still_active, no_such_process = 0x1000, 259, 87
    kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    handle = kernel.OpenProcess(query_limited_information, False, pid)
    if not handle:
        return ctypes.get_last_error() == no_such_process
    code = ctypes.c_ulong()
    known = kernel.GetExitCodeProcess(handle, ctypes.byref(code))
    kernel.CloseHandle(handle)
    return bool(known) and code.value != still_active
