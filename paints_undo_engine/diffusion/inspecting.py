"""What a checkpoint on this machine looks like to us: configs, tensors, dtypes, versions, to paste into a report.

Only files' headers are read.
"""

from __future__ import annotations

import json
import platform
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from torch import nn

from paints_undo_engine.checkpoints.catalogue import PublishedModel
from paints_undo_engine.checkpoints.folders import read_config
from paints_undo_engine.checkpoints.loading import TensorFit, fit
from paints_undo_engine.checkpoints.weights import Weights
from paints_undo_engine.diffusion import components
from paints_undo_engine.diffusion.full_size.manifests import manifest
from paints_undo_engine.errors import CheckpointError

PACKAGES = ("torch", "diffusers", "transformers", "safetensors", "huggingface-hub", "onnxruntime", "numpy")


@dataclass(frozen=True, slots=True)
class ComponentReport:
    """A component's folder. `dtypes` counts tensors by the file's word; `error` says why it cannot be used."""

    name: str
    config: dict[str, Any]
    dtypes: dict[str, int]
    size_bytes: int
    fit: TensorFit | None
    changed: dict[str, tuple[Any, Any]]
    error: str = ""

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is unusual and does no harm."""
        found = []
        if self.fit is not None and self.fit.unexpected:
            names = ", ".join(self.fit.unexpected)
            found.append(f"{self.name}: {len(self.fit.unexpected)} tensors are not used: {names}")
        if set(self.dtypes) - {"I64", "I32"} == {"F32"}:
            found.append(f"{self.name}: 32-bit numbers, {self.size_bytes / 1e9:.1f} GB; 16 bits are what is needed")
        return tuple(found)


def inspect_model(model: PublishedModel, folder: Path) -> Iterator[ComponentReport]:
    """A report on each of a model's components in `folder`."""
    short = model.names[-1]
    for part in model.weights:
        yield inspect_component(f"{short}/{part}", folder / part)


def inspect_component(name: str, folder: Path) -> ComponentReport:
    """A report on the component `name`, whatever state its folder is in."""
    config: dict[str, Any] = {}
    dtypes: Counter[str] = Counter()
    size = 0
    try:
        config = read_config(folder)
        with Weights.of(folder) as weights:
            dtypes.update(entry.dtype for entry in weights.entries.values())
            size = sum(path.stat().st_size for path in {entry.file for entry in weights.entries.values()})
            module: nn.Module = components.build(name, config)
            found = fit(module, weights)
    except (CheckpointError, ValueError, TypeError, KeyError) as reason:
        return ComponentReport(name.rstrip("/"), config, dict(dtypes), size, None, {}, str(reason))
    error = "" if found.usable else found.describe()
    return ComponentReport(name.rstrip("/"), config, dict(dtypes), size, found, _changed(name, config), error)


def _changed(name: str, config: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """The fields of a config that differ from what is known or assumed of the published one: expected, found."""
    expected = manifest(name).config if name in components.NAMES else {}
    return {key: (value, config.get(key)) for key, value in expected.items() if config.get(key) != value}


def versions() -> dict[str, str]:
    """The versions that loading depends on."""
    found = {"python": platform.python_version(), "system": platform.platform()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found


def as_text(reports: list[ComponentReport], folder_name: str) -> str:
    """The reports of one model for a bug report; no path of this machine is in it."""
    lines = [folder_name]
    for report in reports:
        dtypes = ", ".join(f"{count} {dtype}" for dtype, count in sorted(report.dtypes.items()))
        lines.append(f"  {report.name}: {dtypes or 'no tensors'}, {report.size_bytes} bytes")
        lines += [f"    cannot be used: {report.error}"] if report.error else []
        lines += [f"    warning: {warning}" for warning in report.warnings]
        lines += [f"    {key}: {found!r}, expected {known!r}" for key, (known, found) in report.changed.items()]
        lines.append(f"    config: {json.dumps(report.config, sort_keys=True)}")
    return "\n".join(lines)
