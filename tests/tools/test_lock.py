"""The lock holds what the project asks for, hashed, and says which part an extra needs."""

from __future__ import annotations

import importlib.util
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

TOOLS = Path(__file__).resolve().parents[2] / "tools"


@pytest.fixture(scope="module")
def lock() -> ModuleType:
    spec = importlib.util.spec_from_file_location("lock", TOOLS / "lock.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_everything_that_the_project_asks_for_is_locked(lock: ModuleType) -> None:
    document = tomllib.loads(lock.PYPROJECT.read_text())
    parts = [*document["project"]["optional-dependencies"], *document["dependency-groups"]]
    assert lock.roots(parts) <= lock.entries(lock.LOCK.read_text()).keys()


def test_every_entry_is_pinned_and_hashed(lock: ModuleType) -> None:
    for name, found in lock.entries(lock.LOCK.read_text()).items():
        assert all("--hash=sha256:" in entry for entry in found), name


def test_what_only_one_build_of_torch_needs_stands_apart(lock: ModuleType) -> None:
    rest, torch = lock.without_torch(lock.select(lock.LOCK.read_text(), ["diffusion"]))
    assert {"torch", "triton", "nvidia-cudnn-cu13"} <= torch.keys()
    assert {"numpy", "sympy", "diffusers"} <= rest.keys()
    assert not rest.keys() & torch.keys()
    for found in (entry for name, entry in torch.items() if name != "torch"):
        assert all("sys_platform == 'linux'" in entry for entry in found)


def test_a_plain_install_is_light(lock: ModuleType) -> None:
    plain = lock.select(lock.LOCK.read_text(), [])
    assert {"numpy", "grpcio", "opencv-python-headless"} <= plain.keys()
    assert not {"torch", "onnxruntime", "transformers", "pytest"} & plain.keys()


def test_an_extra_brings_what_its_packages_need(lock: ModuleType) -> None:
    text = (
        "numpy==1 \\\n    --hash=sha256:aa\n    # via\n    #   opencv-python-headless\n    #   torch\n"
        "sympy==1 \\\n    --hash=sha256:bb\n    # via torch\n"
        "mpmath==1 \\\n    --hash=sha256:cc\n    # via sympy\n"
        "torch==2.13.0 \\\n    --hash=sha256:dd\n    # via paints-undo (pyproject.toml)\n"
    )
    assert lock.select(text, []).keys() == {"numpy"}
    assert lock.select(text, ["diffusion"]).keys() == {"numpy", "sympy", "mpmath", "torch"}


def test_no_index_is_named(lock: ModuleType) -> None:
    assert "://" not in lock.LOCK.read_text()
