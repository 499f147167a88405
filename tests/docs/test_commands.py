"""Every command in the README and in docs/ is run as it stands there, from an installed wheel, outside the checkout."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import wave
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PureWindowsPath

import cv2
import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
STUDIO = ROOT / "docs" / "studio.md"  # sets up machines, as root
DOCUMENTS = [ROOT / "README.md", *sorted({*(ROOT / "docs").glob("*.md")} - {STUDIO})]
NOT_HERE = {
    r"--engine diffusion|^paints-undo (bench|models (download|verify|inspect|accept))|/data/models": "needs the models",
    r"^paints-undo (serve|web)( --(listen|port).*)?$": "runs until it is stopped; tests/daemon and tests/web do that",
    r"box:": "needs another machine",
    r"^(sudo|pu|alias) |service (un)?install( --system)?$|doctor --fix": "changes the machine",
    r"^(python|pytest|make|git|py) |plugin build|^\.venv": "belongs to a checkout",
    r"^pip install": "is what the fixture does; tests/tools has the rest",
    r"^(curl|BASE=|export [A-Z]|cd )": "tests/web runs these calls",
    r"restore ": "replaces the store; tests/daemon does that",
    r"admin (cancel|delete)": "needs a job of another client; tests/studio does that",
    r"pictures delete": "needs a picture that was sent and that no job uses",
    r"verify \*": "tells pictures without marks by its exit code; tests/cli has that",
}
"""Why a command is not run here, by a pattern."""
BEFORE = {
    r"store (rebuild|adopt)": "paints-undo stop",
    r"verify process\.mp4": "paints-undo undo painting.png -o process.mp4",
}
"""What goes before a command in its folder, by a pattern."""


def commands_of(text: str) -> Iterator[str]:
    """The commands of a document, without comments: blocks marked as `sh`, and indented ones of known programs."""
    for block in re.findall(r"^```sh\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
        for line in block.replace("\\\n", " ").splitlines():
            yield re.sub(r"\s+# .*", "", line).strip()
    for line in re.findall(r"^    ((?:paints-undo|pip|python|make|git|pytest) .*)$", text, re.MULTILINE):
        yield re.sub(r"\s+# .*", "", line).strip()


FOUND = list(
    dict.fromkeys(line for path in DOCUMENTS for line in commands_of(path.read_text(encoding="utf-8")) if line)
)
RUN = [line for line in FOUND if not any(re.search(pattern, line) for pattern in NOT_HERE)]


@dataclass
class Shell:
    """A folder with two pictures, a mask and a sound for each command, and one home for all of them."""

    folder: Path
    environment: dict[str, str]
    jobs: list[str] = field(default_factory=list)
    count: int = 0

    def run(self, line: str) -> subprocess.CompletedProcess[str]:
        """Run a command in a fresh folder."""
        for known, own in zip(("3f2a", "77c0"), self.jobs, strict=False):
            line = line.replace(known, own)
        line = line.replace("/backup/", f"{self.folder}/backup/")
        self.count += 1
        place = self.folder / f"command-{self.count}"
        shutil.copytree(self.folder / "pictures", place)
        return subprocess.run(
            ["bash", "-ec", line],
            cwd=place,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )


def draw(path: Path, seed: int) -> None:
    generator = np.random.default_rng(seed)
    picture = np.full((96, 80, 3), 235, np.uint8)
    for _ in range(5):
        x, y, radius = (int(generator.integers(*limits)) for limits in ((10, 70), (10, 86), (6, 24)))
        cv2.circle(picture, (x, y), radius, [int(value) for value in generator.integers(30, 220, 3)], -1)
    cv2.imwrite(str(path), picture)


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    folder = tmp_path_factory.mktemp("elsewhere")
    site, programs, pictures = folder / "site", folder / "bin", folder / "pictures"
    for made in (site, programs, pictures, folder / "home"):
        made.mkdir()
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    install = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-compile", "--target", str(site)]
    subprocess.run([*install, str(wheel)], check=True, capture_output=True)
    program = programs / "paints-undo"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m paints_undo_daemon "$@"\n')
    program.chmod(0o755)
    draw(pictures / "painting.png", 1)
    draw(pictures / "my-lines.png", 2)
    upper_half = np.zeros((96, 80), np.uint8)
    upper_half[:48] = 255
    cv2.imwrite(str(pictures / "sky.png"), upper_half)
    with wave.open(str(pictures / "music.wav"), "wb") as music:
        music.setnchannels(1)
        music.setsampwidth(2)
        music.setframerate(8000)
        music.writeframes(np.random.default_rng(3).integers(-9000, 9000, 40_000).astype("<i2").tobytes())
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PAINTS_UNDO_", "XDG_"))}
    own = {"HOME": str(folder / "home"), "PYTHONPATH": str(site), "PAINTS_UNDO_HOME": str(folder / "home" / "data")}
    shell = Shell(folder, inherited | own | {"PATH": f"{programs}:{os.environ['PATH']}", "OMP_NUM_THREADS": "1"})
    where = "python -c 'import paints_undo_daemon; print(paints_undo_daemon.__file__)'"
    assert str(site) in shell.run(where.replace("python", f'"{sys.executable}"', 1)).stdout
    for _ in range(2):
        assert shell.run("paints-undo undo painting.png -o process.mp4").returncode == 0
    shell.jobs = [job["job"] for job in json.loads(shell.run("paints-undo jobs list --json").stdout)]
    yield shell
    shell.run("paints-undo stop")


def test_what_is_not_run_here_is_known_and_little() -> None:
    left_out = [line for line in FOUND if line not in RUN]
    assert len(RUN) >= 40
    for pattern, reason in NOT_HERE.items():
        assert any(re.search(pattern, line) for line in left_out), f"nothing is left out any more that {reason}"


def windows_commands() -> list[str]:
    """What is written for Windows, where there is no `make`: programs of the checkout, with backslashes."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in DOCUMENTS)
    return re.findall(r"`((?:py|\.venv\\Scripts\\python) [^`]+)`", text)


@pytest.mark.parametrize("line", windows_commands())
def test_a_command_for_windows_names_a_program_and_options_that_exist(line: str) -> None:
    _, program, *options = line.split()
    path = ROOT.joinpath(*PureWindowsPath(program).parts)
    assert path.is_file()
    if options:
        told = subprocess.run([sys.executable, str(path), "--help"], capture_output=True, text=True, check=True).stdout
        assert [option for option in options if option.startswith("--") and option not in told] == []


def test_windows_has_commands() -> None:
    assert {line.split()[1] for line in windows_commands()} == {r"tools\bootstrap.py", r"tools\run_tests.py"}


@pytest.mark.slow
def test_every_command_does_what_it_says(shell: Shell) -> None:
    failed = {}
    for line in RUN:
        needed = [command for pattern, command in BEFORE.items() if re.search(pattern, line)]
        answer = shell.run("\n".join([*needed, line]))
        if answer.returncode:
            failed[line] = answer.stderr[-500:]
    assert failed == {}
