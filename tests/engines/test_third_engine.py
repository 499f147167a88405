"""A new engine is one folder and one entry: everything else takes it as it is."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import paints_undo_engine
from paints_undo_engine import png

ROOT = Path(paints_undo_engine.__file__).parents[1]

ENTRY = """    Description(
        name="fading",
        summary="fades the painting in",
        module="paints_undo_engine.fading.engine",
        packages=(Package("numpy", "numpy"),),
        operation_steps=(250, 750),
        reads=("engine", "stop_after", "keyframes.operation_steps", "interpolation.frames"),
        abilities=frozenset({Ability.LAYERS}),
    ),
"""

ENGINE = '''
"""Fades the painting in."""
import numpy as np
from paints_undo_engine.contract import StateMade
from paints_undo_engine.events import KeyframeMade, Progress, Tagged
from paints_undo_engine.picture import Picture, SplitLayer


class FadingEngine:
    name = "fading"
    memory_plan = ""
    record_notes = ()

    def tags(self, painting, request):
        yield Tagged("faded")

    def _faded(self, painting, step):
        pixels = painting.rgb8().astype(float)
        return Picture(np.uint8(255 - (255 - pixels) * (1 - step / 1000)), painting.placement)

    def keyframes(self, painting, request, tags, tasks):
        for task in tasks:
            yield KeyframeMade(task.index, float(task.operation_step), self._faded(painting, task.operation_step))

    def interval(self, painting, request, interval):
        begin, end = interval.earlier.operation_step, interval.later.operation_step
        for number in range(1, interval.frames):
            position = number / (interval.frames - 1)
            step = begin + (end - begin) * position
            yield Progress(number, interval.frames - 1)
            yield StateMade(position, step, self._faded(painting, step))

    def layers(self, painting, request):
        rgba = np.dstack([painting.rgb8(), np.full((painting.height, painting.width), 255, np.uint8)])
        yield SplitLayer("everything", lambda: rgba)

    def close(self):
        pass


def create(settings):
    return FadingEngine()
'''


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    package = tmp_path / "paints_undo_engine"
    shutil.copytree(ROOT / "paints_undo_engine", package, ignore=shutil.ignore_patterns("__pycache__"))
    (package / "fading").mkdir()
    (package / "fading" / "__init__.py").write_text('"""An engine for a test."""\n')
    (package / "fading" / "engine.py").write_text(ENGINE)
    descriptions = package / "descriptions.py"
    head, begin, rest = descriptions.read_text().partition("ENGINES: tuple[Description, ...] = (\n")
    entries, end, tail = rest.partition("\n)\n")
    descriptions.write_text(head + begin + entries + "\n" + ENTRY.rstrip() + end + tail)
    places = [tmp_path, ROOT / "daemon"]
    made = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(map(str, places)),
        "COLUMNS": "200",
        "PAINTS_UNDO_HOME": str(tmp_path / "home"),
        "PAINTS_UNDO_MODELS": str(tmp_path / "no-models"),
    }
    yield made
    paints_undo(made, "stop", check=False)


def paints_undo(environment: dict[str, str], *arguments: str, check: bool = True) -> str:
    command = [sys.executable, "-m", "paints_undo_daemon", *arguments]
    elsewhere = Path(environment["PAINTS_UNDO_HOME"]).parent
    answer = subprocess.run(command, env=environment, cwd=elsewhere, capture_output=True, text=True, check=False)
    assert not check or answer.returncode == 0, answer.stderr
    return answer.stdout


def picture(folder: Path) -> str:
    import numpy as np

    path = folder / "painting.png"
    path.write_bytes(png.encode(np.random.default_rng(3).integers(0, 255, (24, 32, 3), np.uint8)))
    return str(path)


def test_a_third_engine_runs_without_a_daemon(environment: dict[str, str], tmp_path: Path) -> None:
    listed = json.loads(paints_undo(environment, "engines", "--in-process", "--json"))
    assert (listed[-1]["engine"], listed[-1]["state"], listed[-1]["layers"]) == ("fading", "ready", True)
    output = tmp_path / "layers.ora"
    arguments = ("--engine", "fading", "--interpolation-frames", "3", "--in-process", "--layers", "split")
    paints_undo(environment, "undo", picture(tmp_path), "-o", str(output), *arguments)
    with zipfile.ZipFile(output) as archive:
        assert b'name="everything"' in archive.read("stack.xml")
    assert "fading" in paints_undo(environment, "undo", "--help")


def test_a_third_engine_runs_in_the_daemon(environment: dict[str, str], tmp_path: Path) -> None:
    listed = {item["engine"]: item for item in json.loads(paints_undo(environment, "engines", "--json"))}
    fading = listed["fading"]
    assert (fading["state"], fading["layers"], fading["operation_steps"]) == ("ready", True, [250, 750])
    output = tmp_path / "layers.ora"
    arguments = ("--engine", "fading", "--interpolation-frames", "3", "--layers", "split")
    paints_undo(environment, "undo", picture(tmp_path), "-o", str(output), *arguments)
    with zipfile.ZipFile(output) as archive:
        assert b'name="everything"' in archive.read("stack.xml")
