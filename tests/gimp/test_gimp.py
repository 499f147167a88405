"""The plug-in in a real GIMP 3 with a real daemon."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from gimp_plugin import packer
from krita_plugin.packer.install import launcher
from paints_undo_daemon.client import connect

pytestmark = [pytest.mark.gimp, pytest.mark.slow]
INSIDE = Path(__file__).with_name("inside.py")
SECONDS = 900


class Gimp:
    """A GIMP with the plug-in, in a home of its own."""

    def __init__(self, folder: Path, *, program: bool = True) -> None:
        self.folder = folder
        plug_in = packer.stage(folder / "config" / "GIMP" / "3.0" / "plug-ins")
        if program:
            (plug_in / "launcher.json").write_text(json.dumps(launcher()), encoding="utf-8")
        self.environment = os.environ | {
            "HOME": str(folder),
            "XDG_CONFIG_HOME": str(folder / "config"),
            "PAINTS_UNDO_HOME": str(folder / "daemon"),
            "ANSWER": str(folder / "answer.json"),
        }

    def call(self, *pictures: tuple[Path, str]) -> list[dict[str, Any]]:
        """What the plug-in made of pictures."""
        wanted = [[str(path), content] for path, content in pictures]
        script = f"exec(open({str(INSIDE)!r}).read())"
        batch = ["--batch-interpreter=python-fu-eval", "-b", script, "--quit"]
        subprocess.run(
            ["xvfb-run", "-a", "gimp-console-3.0", "--no-fonts", *batch],
            env=self.environment | {"PICTURES": json.dumps(wanted)},
            timeout=SECONDS,
            check=True,
            capture_output=True,
        )
        answers = json.loads((self.folder / "answer.json").read_text(encoding="utf-8"))
        return [answers[f"{path} {content}"] for path, content in pictures]


@pytest.fixture
def gimp(tmp_path: Path) -> Iterator[Gimp]:
    """A GIMP whose daemon runs already: on a busy machine it takes longer to start than the plug-in waits."""
    made = Gimp(tmp_path)
    with connect(home=tmp_path / "daemon") as client:
        yield made
        client.stop_server()


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A round figure with outlines in front of two flats."""
    pixels = np.full((160, 120, 3), (220, 190, 150), np.uint8)
    pixels[110:] = (90, 150, 120)
    cv2.circle(pixels, (60, 80), 40, (70, 90, 210), -1, cv2.LINE_AA)
    cv2.circle(pixels, (60, 80), 40, (20, 20, 30), 2, cv2.LINE_AA)
    path = tmp_path / "picture.png"
    cv2.imwrite(str(path), pixels)
    return path


@pytest.fixture
def transparent(picture: Path, tmp_path: Path) -> Path:
    """The figure alone, with soft edges."""
    pixels = np.asarray(cv2.imread(str(picture)))
    alpha = np.zeros(pixels.shape[:2], np.uint8)
    cv2.circle(alpha, (60, 80), 41, 255, -1, cv2.LINE_AA)
    path = tmp_path / "transparent.png"
    cv2.imwrite(str(path), np.dstack([pixels, alpha]))
    return path


def test_pictures_go_there_and_layers_come_back(gimp: Gimp, picture: Path, transparent: Path):
    states, split, cut_out = gimp.call((picture, "keyframes"), (picture, "layers"), (transparent, "layers"))
    for answer in (states, split, cut_out):
        assert answer["status"] == "success", answer
        assert answer["size"] == [120, 160]
        assert answer["largest_difference"] <= 2
        assert answer["unchanged"]
    names = [layer["name"] for layer in states["layers"]]
    assert len(names) == 8
    assert names[0].startswith("100%")
    assert names[-1].startswith("0%")
    assert all(layer["size"] == [120, 160] for layer in states["layers"])
    assert any("layers" in layer for layer in split["layers"])


@pytest.mark.skipif(shutil.which("paints-undo") is not None, reason="would start the installed program")
def test_without_a_program_it_is_said_what_to_do(tmp_path: Path, picture: Path):
    (answer,) = Gimp(tmp_path, program=False).call((picture, "keyframes"))
    assert answer["status"] == "execution-error"
    assert "pip install paints-undo" in answer["error"]
