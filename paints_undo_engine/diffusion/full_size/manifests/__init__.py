"""The published models at full size: each component's configuration and the shape of every tensor in its file.

One JSON file for each component, named ``<model>/<component>.json``; a variant adds its name
(``multi_frame/unet.learnable_scale.json``). Only the standard library is used.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib import resources
from typing import Any


@dataclass(frozen=True, slots=True)
class Manifest:
    """A component: its class's name, the constructor's configuration, tensor names with shapes, and their elements."""

    component: str
    class_name: str
    config: dict[str, Any]
    tensors: dict[str, tuple[int, ...]]
    parameters: int


def components() -> tuple[str, ...]:
    """All manifests, such as ``single_frame/unet``."""
    root = resources.files(__name__)
    models = sorted(folder.name for folder in root.iterdir() if folder.is_dir() and not folder.name.startswith("_"))
    return tuple(
        f"{model}/{file.name.removesuffix('.json')}"
        for model in models
        for file in sorted((root / model).iterdir(), key=lambda file: file.name)
    )


def manifest(component: str) -> Manifest:
    """The manifest of a component as `components` names it. Raises `FileNotFoundError` for another name."""
    model, _, name = component.partition("/")
    data = json.loads((resources.files(__name__) / model / f"{name}.json").read_text(encoding="utf-8"))
    tensors = {key: tuple(shape) for key, shape in data["tensors"].items()}
    return Manifest(component, data["class"], data["config"], tensors, data["parameters"])
