"""One golden file: its metadata, its inputs, its expected outputs and the checkpoints that it was made with."""

from __future__ import annotations

import json
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import safetensors
import torch
from numpy.typing import NDArray

from paints_undo_engine.checkpoints.weights import Weights


class Golden:
    """`path` is the file; the golden set's folder, with ``repos`` and ``tagger``, lies around it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.root = path.parent
        self.name = path.stem
        self.used: set[str] = set()
        with safetensors.safe_open(path, framework="pt") as file:
            self.meta: dict[str, Any] = json.loads(file.metadata()["meta"])
            self._tensors = {key: file.get_tensor(key) for key in file.keys() if not key.startswith("sd/")}  # noqa: SIM118
            self.has_weights = any(key.startswith("sd/") for key in file.keys())  # noqa: SIM118

    @cached_property
    def outputs(self) -> tuple[str, ...]:
        """Names of the expected outputs, without ``out/``."""
        return tuple(key.removeprefix("out/") for key in self._tensors if key.startswith("out/"))

    def has(self, name: str) -> bool:
        """Whether the input `name` is stored."""
        return f"in/{name}" in self._tensors

    def tensor(self, name: str) -> torch.Tensor:
        """The input `name`."""
        return self._tensors[f"in/{name}"].clone()

    def image(self, name: str) -> NDArray[np.uint8]:
        """The input `name` as uint8 pixels."""
        pixels = self.tensor(name).numpy()
        assert pixels.dtype == np.uint8
        return pixels

    def arguments(self, call: str) -> dict[str, torch.Tensor]:
        """All inputs ``in/<call>.<argument>`` by argument."""
        prefix = f"in/{call}."
        return {
            key.removeprefix(prefix): value.clone() for key, value in self._tensors.items() if key.startswith(prefix)
        }

    def expected(self, name: str) -> torch.Tensor:
        """The output `name`."""
        self.used.add(name)
        return self._tensors[f"out/{name}"]

    def repo(self, *parts: str) -> Path:
        """A folder of the checkpoints beside the file, such as ``repo("single_frame", "unet")``."""
        return self.root.joinpath("repos", *parts)

    def weights(self, *parts: str) -> Weights:
        """The file's own ``sd/*`` when it has them, else the component ``repos/<parts>``."""
        return Weights([self.path], prefix="sd/") if self.has_weights else Weights.of(self.repo(*parts))

    def config(self, *parts: str) -> dict[str, Any]:
        """The constructor's arguments that belong to `weights`: the metadata's own, or the component's config.json."""
        if self.has_weights and "config" in self.meta:
            return dict(self.meta["config"])
        config: dict[str, Any] = json.loads(self.repo(*parts, "config.json").read_text(encoding="utf-8"))
        return config
