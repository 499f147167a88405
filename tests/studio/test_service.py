"""The files for service managers are what those take, with commands that have awkward paths."""

from __future__ import annotations

import plistlib
import shutil
import subprocess
from pathlib import Path, PureWindowsPath
from xml.etree import ElementTree as ET

import pytest

from paints_undo_daemon.cli import main
from paints_undo_daemon.service_files import Manager, file_for

COMMAND = ("/opt/my tools/100%/python", "-m", "paints_undo_daemon", "serve")
SYSTEMD = (Manager.SYSTEMD_USER, Manager.SYSTEMD_SYSTEM)


@pytest.mark.parametrize("manager", SYSTEMD)
def test_a_unit_quotes_what_systemd_would_read(manager: Manager) -> None:
    lines = file_for(manager, COMMAND, Path("/home/a b")).splitlines()
    assert 'ExecStart="/opt/my tools/100%%/python" -m paints_undo_daemon serve' in lines


@pytest.mark.parametrize("manager", SYSTEMD)
@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_systemd_takes_the_unit(manager: Manager, tmp_path: Path) -> None:
    program = tmp_path / "my tools" / "100%" / "python"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    unit = tmp_path / "paints-undo.service"
    unit.write_text(file_for(manager, [str(program), *COMMAND[1:]], tmp_path))
    who = ["--user"] if manager is Manager.SYSTEMD_USER else []
    done = subprocess.run(
        ["systemd-analyze", *who, "verify", "--man=no", str(unit)], check=False, capture_output=True, text=True
    )
    assert str(unit.name) not in done.stderr, done.stderr


def test_launchd_gets_the_command_and_the_folder() -> None:
    agent = plistlib.loads(file_for(Manager.LAUNCHD, COMMAND, Path("/Users/a b")).encode())
    assert agent["ProgramArguments"] == list(COMMAND)
    assert agent["EnvironmentVariables"] == {"PAINTS_UNDO_HOME": "/Users/a b"}


def test_windows_gets_a_task_that_is_never_ended_for_its_age() -> None:
    command = ("C:\\My Tools & more\\pythonw.exe", *COMMAND[1:])
    text = file_for(Manager.WINDOWS, command, PureWindowsPath("C:\\data"))
    task = ET.fromstring(text.encode("utf-16"))
    names = {"t": "http://schemas.microsoft.com/windows/2004/02/mit/task"}
    assert task.findtext(".//t:Command", namespaces=names) == command[0]
    assert task.findtext(".//t:Arguments", namespaces=names) == "-m paints_undo_daemon serve"
    assert task.findtext(".//t:ExecutionTimeLimit", namespaces=names) == "PT0S"


def test_printing_installs_nothing(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("PAINTS_UNDO_HOME", str(tmp_path / "home"))
    assert main(["service", "install", "--print"]) == 0
    assert str(tmp_path / "home") in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []
