"""Weights on disk: named tensors in one or several safetensors files, mapped and read one at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import safetensors
import torch

from paints_undo_engine.checkpoints.folders import weight_files
from paints_undo_engine.errors import CheckpointError

FLOATING = {"F16": torch.float16, "BF16": torch.bfloat16, "F32": torch.float32}


@dataclass(frozen=True, slots=True)
class TensorEntry:
    """A tensor as its file's header declares it. `dtype` is the file format's word (F16, BF16, F32, I64, ...)."""

    file: Path
    shape: tuple[int, ...]
    dtype: str


class Weights:
    """The tensors under `prefix` in `files`; a context manager, because the files stay mapped while it is open.

    Raises `CheckpointError` when a file is truncated, damaged or no safetensors file.
    """

    def __init__(self, files: Sequence[Path], prefix: str = "") -> None:
        self._prefix = prefix
        self._open: dict[Path, Any] = {}
        self.entries: dict[str, TensorEntry] = {}
        for file in files:
            self._list(file)

    @classmethod
    def of(cls, folder: Path, *, half: bool = False) -> Weights:
        """The weights of the component in `folder` (or of one file), whichever published name they have.

        With `half`, those in 16 bits that were made of wider ones, where there are such.
        """
        return cls(weight_files(folder, half=half))

    def _list(self, file: Path) -> None:
        try:
            handle: Any = safetensors.safe_open(file, framework="pt", device="cpu")
            for key in handle.keys():  # noqa: SIM118 (a handle is no mapping)
                part = handle.get_slice(key)
                if key.startswith(self._prefix):
                    name = key.removeprefix(self._prefix)
                    self.entries[name] = TensorEntry(file, tuple(part.get_shape()), str(part.get_dtype()))
        except (safetensors.SafetensorError, OSError, ValueError) as error:
            raise CheckpointError(f"{file} is truncated or damaged ({error}). Download it again.") from error
        self._open[file] = handle

    def read(self, name: str) -> torch.Tensor:
        """The tensor `name` in the file's own dtype, on the CPU, backed by the mapped file."""
        entry = self.entries[name]
        try:
            tensor: torch.Tensor = self._open[entry.file].get_tensor(self._prefix + name)
        except (safetensors.SafetensorError, OSError) as error:
            raise CheckpointError(f"{name} in {entry.file} cannot be read ({error}). Download it again.") from error
        return tensor

    def __enter__(self) -> Weights:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._open.clear()
