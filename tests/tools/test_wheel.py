"""The wheel holds the packages, their data and nothing else."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

import paints_undo_engine

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return zipfile.ZipFile(next(folder.glob("*.whl")))


def test_it_holds_the_packages_and_their_data(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    assert {
        "paints_undo_engine/py.typed",
        "paints_undo_engine/process.py",
        "paints_undo_daemon/__init__.py",
        "paints_undo/v1/jobs_pb2_grpc.py",
    } <= names
    assert {name.split("/")[0].split("-")[0] for name in names} <= {
        "paints_undo",
        "paints_undo_engine",
        "paints_undo_daemon",
        "krita_plugin",
    }
    assert not [name for name in names if "__pycache__" in name or "_vendor" in name]


def test_its_metadata_are_those_of_the_project(wheel: zipfile.ZipFile) -> None:
    name = next(name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    metadata = Parser().parsestr(wheel.read(name).decode())
    assert metadata["Name"] == "paints-undo"
    assert metadata["Version"] == paints_undo_engine.__version__
    assert metadata["License-Expression"] == "Apache-2.0"
    assert set(metadata.get_all("Provides-Extra", [])) == {"diffusion", "xformers", "web", "provenance", "ray"}
    required = metadata.get_all("Requires-Dist", [])
    assert not [line for line in required if "==" in line.partition(";")[0]], "what is exact stands in the lock"
    plain = [line for line in required if "extra ==" not in line]
    assert not [line for line in plain if line.startswith(("torch", "diffusers", "onnxruntime"))]
