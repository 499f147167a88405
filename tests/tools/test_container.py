"""The container's file names what there is: sources, options, the health that the daemon answers."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from paints_undo_daemon.settings import PREFIX, described
from paints_undo_engine.checkpoints.catalogue import find

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "deploy" / "Containerfile"
INSTRUCTIONS = frozenset(
    {
        *("ARG", "FROM", "RUN", "WORKDIR", "COPY", "ENV", "USER", "VOLUME", "EXPOSE"),
        *("HEALTHCHECK", "STOPSIGNAL", "ENTRYPOINT", "CMD"),
    }
)


def instructions() -> list[tuple[str, str]]:
    """Each instruction with what follows it, in order."""
    lines = [line for line in FILE.read_text().splitlines() if not line.startswith("#")]
    whole = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [(line.split(maxsplit=1)[0], line.split(maxsplit=1)[1]) for line in whole.splitlines() if line]


def of(name: str) -> list[str]:
    return [text for found, text in instructions() if found == name]


def test_every_instruction_is_one() -> None:
    assert {name for name, _ in instructions()} <= INSTRUCTIONS


def test_what_is_copied_is_there_and_reaches_the_builder() -> None:
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = {source for text in of("COPY") if "--from" not in text for source in text.split()[:-1]}
    assert copied == let_in
    assert all((ROOT / source).exists() for source in copied)
    tracked = subprocess.run(["git", "ls-files", *copied], cwd=ROOT, capture_output=True, text=True, check=False)
    if tracked.returncode == 0:
        assert all(any(line.startswith(source) for line in tracked.stdout.splitlines()) for source in copied)


def test_the_wheel_s_packages_are_all_copied() -> None:
    copied = {source for text in of("COPY") for source in text.split()[:-1]}
    listed = re.search(r"packages = \[(.*?)\]", (ROOT / "pyproject.toml").read_text(), re.DOTALL)
    assert listed
    assert {name.split("/")[0] for name in re.findall(r'"(.+?)"', listed[1])} <= copied


def test_the_installer_takes_the_parts() -> None:
    run = next(text for text in of("RUN") if "bootstrap" in text)
    assert shlex.split(run) == ["python3", "tools/bootstrap.py", "${PARTS}"]
    shown = subprocess.run([sys.executable, ROOT / "tools/bootstrap.py", "--help"], capture_output=True, text=True)
    assert "--extra" in shown.stdout


def test_the_small_model_is_fetched_where_a_new_volume_begins() -> None:
    run = next(text for text in of("RUN") if "models download" in text)
    command = shlex.split(run.partition("&&")[2].removesuffix("|| true"))
    assert command[:3] == [".venv/bin/python", "-m", "paints_undo_daemon"]
    shown = subprocess.run([sys.executable, *command[1:], "--help"], capture_output=True, text=True, check=False)
    assert shown.returncode == 0, shown.stderr
    assert find(command[5]).pinned
    folder = command[command.index("--models") + 1]
    home = of("VOLUME")[0]
    assert [text.split()[-2:] for text in of("COPY") if "--chown" in text] == [[folder, f"{home}/models"]]


def test_it_runs_as_nobody_s_account_with_settings_that_exist() -> None:
    assert of("USER") == ["paints-undo"]
    names = {word.partition("=")[0] for text in of("ENV") for word in text.split()}
    settings = {PREFIX + name.upper() for name in described()} | {"PAINTS_UNDO_HOME"}
    assert {name for name in names if name.startswith(PREFIX)} <= settings
    home = re.search(r"PAINTS_UNDO_HOME=(\S+)", FILE.read_text())
    assert home
    assert of("VOLUME") == [home[1]]


@pytest.mark.parametrize("instruction", ["ENTRYPOINT", "CMD"])
def test_commands_are_lists(instruction: str) -> None:
    assert all(isinstance(json.loads(text), list) for text in of(instruction))


def test_the_health_check_asks_what_the_daemon_serves() -> None:
    command = json.loads(of("HEALTHCHECK")[0].partition("CMD ")[2])
    port = re.search(r"PAINTS_UNDO_METRICS_PORT=(\d+)", FILE.read_text())
    assert port
    assert f"http://127.0.0.1:{port[1]}/health" in command[2]
    compile(command[2], "health check", "exec")
