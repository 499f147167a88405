"""`paints-undo service …`: have the system start the daemon and keep it running."""

from __future__ import annotations

import getpass
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from paints_undo_daemon import service_files
from paints_undo_daemon.cli import console
from paints_undo_daemon.cli.local import LocalCommand
from paints_undo_daemon.cli.problems import WrongUsageError
from paints_undo_daemon.home import home_folder
from paints_undo_daemon.service_files import Manager
from paints_undo_engine.errors import PaintsUndoError

_UNIT = "paints-undo.service"

app = typer.Typer(no_args_is_help=True, help="Have the system start the daemon and keep it running.")

SystemOption = Annotated[
    bool, typer.Option("--system", help="For the whole machine, as a user of its own (systemd, as root).")
]


@app.callback()
def service() -> None:
    """Have the system start the daemon and keep it running: systemd, launchd, or the Windows Task Scheduler."""


@app.command(cls=LocalCommand)
def install(
    system: SystemOption = False,
    print_only: Annotated[bool, typer.Option("--print", help="Print the file and install nothing.")] = False,
) -> None:
    """Install a service that starts the daemon, and start it.

    For this account: a systemd user unit, a launchd agent, or a Windows task at log-on. A user unit ends when you log
    out, unless lingering is on: loginctl enable-linger.

    Examples:

      paints-undo service install

      paints-undo service install --system --print
    """
    manager = _manager(system=system)
    command = [sys.executable, "-P", "-m", "paints_undo_daemon", "serve"]
    text = service_files.file_for(manager, command, home_folder())
    if print_only:
        typer.echo(text, nl=False)
        return
    match manager:
        case Manager.SYSTEMD_USER:
            _put(_user_units() / _UNIT, text)
            _run("systemctl", "--user", "daemon-reload")
            _run("systemctl", "--user", "enable", "--now", _UNIT)
            _say(f"The daemon runs until you log out; 'loginctl enable-linger {getpass.getuser()}' lets it go on.")
        case Manager.SYSTEMD_SYSTEM:
            _need_root()
            _make_user()
            _put(Path("/etc/systemd/system", _UNIT), text)
            _run("systemctl", "daemon-reload")
            _run("systemctl", "enable", "--now", _UNIT)
            as_user = f"sudo -u {service_files.SYSTEM_USER} env PAINTS_UNDO_HOME={service_files.SYSTEM_HOME}"
            _say(f"Administer it as its user: {as_user} paints-undo clients add NAME")
        case Manager.LAUNCHD:
            agent = _agents() / f"{service_files.LABEL}.plist"
            home_folder().mkdir(parents=True, exist_ok=True, mode=0o700)
            _put(agent, text)
            _run("launchctl", "bootstrap", f"gui/{os.getuid()}", str(agent))
        case Manager.WINDOWS:
            with tempfile.TemporaryDirectory(prefix="paints-undo-") as folder:
                task = Path(folder, "task.xml")
                task.write_text(text, encoding="utf-16")
                _run("schtasks", "/create", "/tn", service_files.TASK, "/xml", str(task), "/f")
            _run("schtasks", "/run", "/tn", service_files.TASK)
    _say("The daemon is started whenever the system needs it to be; 'paints-undo status' tells how it is.")


@app.command(cls=LocalCommand)
def uninstall(system: SystemOption = False) -> None:
    """Stop the service and take it away; jobs and pictures stay.

    Example:

      paints-undo service uninstall
    """
    match _manager(system=system):
        case Manager.SYSTEMD_USER:
            _run("systemctl", "--user", "disable", "--now", _UNIT)
            (_user_units() / _UNIT).unlink(missing_ok=True)
            _run("systemctl", "--user", "daemon-reload")
        case Manager.SYSTEMD_SYSTEM:
            _need_root()
            _run("systemctl", "disable", "--now", _UNIT)
            Path("/etc/systemd/system", _UNIT).unlink(missing_ok=True)
            _run("systemctl", "daemon-reload")
        case Manager.LAUNCHD:
            _run("launchctl", "bootout", f"gui/{os.getuid()}/{service_files.LABEL}")
            (_agents() / f"{service_files.LABEL}.plist").unlink(missing_ok=True)
        case Manager.WINDOWS:
            _run("schtasks", "/end", "/tn", service_files.TASK)
            _run("schtasks", "/delete", "/tn", service_files.TASK, "/f")
    _say("The service is gone.")


def _manager(*, system: bool) -> Manager:
    """The service manager of this system. Raises `WrongUsageError` where there is none for the whole machine."""
    if sys.platform == "linux":
        return Manager.SYSTEMD_SYSTEM if system else Manager.SYSTEMD_USER
    if system:
        raise WrongUsageError("--system is for systemd; here the service is this account's.")
    return Manager.WINDOWS if sys.platform == "win32" else Manager.LAUNCHD


def _user_units() -> Path:
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "systemd" / "user"


def _agents() -> Path:
    return Path.home() / "Library" / "LaunchAgents"


def _need_root() -> None:
    if os.geteuid() != 0:
        raise WrongUsageError("--system needs root: sudo paints-undo service install --system.")


def _make_user() -> None:
    known = subprocess.run(["id", "-u", service_files.SYSTEM_USER], check=False, capture_output=True)  # noqa: S603, S607
    if known.returncode:
        home = ("--home-dir", service_files.SYSTEM_HOME, "--no-create-home", "--shell", "/usr/sbin/nologin")
        _run("useradd", "--system", "--user-group", *home, service_files.SYSTEM_USER)


def _put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    _say(f"Wrote {path}.")


def _run(*command: str) -> None:
    """Run a program of the system. Raises `PaintsUndoError` with what it said."""
    program = shutil.which(command[0])
    if program is None:
        raise PaintsUndoError(f"There is no {command[0]} here; 'paints-undo service install --print' shows the file.")
    done = subprocess.run([program, *command[1:]], check=False, capture_output=True, text=True)  # noqa: S603
    if done.returncode:
        said = " ".join(f"{done.stderr} {done.stdout}".split())
        raise PaintsUndoError(f"'{_shown(command)}' failed: {said or done.returncode}")


def _shown(command: Sequence[str]) -> str:
    return " ".join(command)


def _say(text: str) -> None:
    console.err().print(text, markup=False)
