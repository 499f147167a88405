"""Which engines there are, whether they can run here, and how to get one.

Nothing heavy is imported before `load` is called.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, cast

from paints_undo_engine.errors import EngineUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from paints_undo_engine.process import Engine


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """What an engine is made with.

    `device` is ``auto``, ``cpu``, ``cuda:0``, ...; `models` a folder of models, or None for where downloads are kept;
    `compiling` ``auto``, ``on`` or ``off``: whether networks are compiled beside the work;
    `attention` ``sdpa`` or ``xformers``: whose kernels.
    """

    device: str = "auto"
    models: Path | None = None
    compiling: str = "auto"
    attention: str = "sdpa"


@dataclass(frozen=True, slots=True)
class _Entry:
    module: str
    packages: tuple[str, ...]
    extra: str


_ENTRIES: Mapping[str, _Entry] = {
    "procedural": _Entry("paints_undo_engine.procedural.engine", ("numpy", "cv2", "PIL"), ""),
    "diffusion": _Entry(
        "paints_undo_engine.diffusion.engine",
        ("torch", "diffusers", "transformers", "safetensors", "einops", "onnxruntime", "huggingface_hub"),
        "diffusion",
    ),
}


def missing_packages(name: str) -> tuple[str, ...]:
    """The packages that engine `name` needs and that are not installed; nothing is imported."""
    return tuple(package for package in _ENTRIES[name].packages if find_spec(package) is None)


def load(name: str, settings: EngineSettings | None = None) -> Engine:
    """Make engine `name`. Its weights are loaded when a stage first needs them.

    Raises `EngineUnavailableError` when packages are missing or the engine cannot run on the device.
    """
    missing = missing_packages(name)
    if missing:
        raise EngineUnavailableError(
            f"The engine {name} needs the packages {', '.join(missing)}. "
            f'Install them with: pip install "paints-undo[{_ENTRIES[name].extra}]"'
        )
    create = cast("Callable[[EngineSettings], Engine]", import_module(_ENTRIES[name].module).create)
    return create(settings or EngineSettings())
