"""Which engines there are, whether they can run here, and how to get one.

Nothing heavy is imported before `load` is called.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, cast

from paints_undo_engine.checkpoints.catalogue import find
from paints_undo_engine.checkpoints.library import ModelState, list_models, locate
from paints_undo_engine.descriptions import (
    DEFAULT_ENGINE,
    ENGINE_NAMES,
    ENGINES,
    Ability,
    Description,
    describe,
    lack_of,
)
from paints_undo_engine.errors import EngineUnavailableError
from paints_undo_engine.installation import install_command, missing_packages

if TYPE_CHECKING:
    from collections.abc import Callable

    from paints_undo_engine.contract import Engine

__all__ = [
    "DEFAULT_ENGINE",
    "ENGINES",
    "ENGINE_NAMES",
    "Ability",
    "Description",
    "EngineSettings",
    "Lack",
    "Obstacle",
    "can_redo",
    "describe",
    "find_obstacle",
    "find_warnings",
    "lack_of",
    "load",
]


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """What an engine is made with.

    `device` is ``auto``, ``cpu``, ``cuda:0``, ...; `models` a folder of models, or None for where downloads are kept;
    `compiling` ``off``, ``on`` or ``auto``: whether networks are compiled beside the work; `attention` ``auto``,
    ``sdpa`` or ``xformers``: whose kernels, where ``auto`` is what `paints-undo bench` has switched on for the device;
    `precision` ``auto``, ``fp16``, ``bf16`` or ``fp32``: what numbers the models compute in.
    """

    device: str = "auto"
    models: Path | None = None
    compiling: str = "auto"
    attention: str = "auto"
    precision: str = "auto"


class Lack(StrEnum):
    """What an engine lacks here."""

    PACKAGES = "packages"
    MODELS = "models"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why an engine cannot run here: what is lacking, and a sentence that names it and says what to do."""

    lack: Lack
    reason: str
    command: str

    @property
    def message(self) -> str:
        """The reason, and the command to run on this machine."""
        return f"{self.reason} Run: {self.command}"


def find_obstacle(name: str, models: Path | None = None) -> Obstacle | None:
    """Why engine `name` cannot run here, or None when it can; nothing is imported, model files are only looked at.

    `models` is a folder of models, or None for where downloads are kept. Raises `UnknownEngineError`.
    """
    description = describe(name)
    missing = missing_packages(description.packages)
    if missing:
        listed = ", ".join(package.distribution for package in missing)
        command = install_command(description.extra, missing)
        return Obstacle(Lack.PACKAGES, f"The engine {name} needs the packages {listed}.", command)
    states = {info.id: info.state for info in list_models(models)} if description.models else {}
    lacking = [model for model in description.models if states.get(model) is not ModelState.READY]
    if lacking:
        reason = f"The engine {name} needs the models {', '.join(lacking)}."
        return Obstacle(Lack.MODELS, reason, "paints-undo models download")
    return None


def can_redo(name: str, models: Path | None = None) -> bool:
    """Whether engine `name` can continue a process differently with the models here; files are only looked at."""
    description = describe(name)
    if Ability.REDO not in description.abilities:
        return False
    states = {info.id: info.state for info in list_models(models)} if description.redo_models else {}
    return all(states.get(model) is ModelState.READY for model in description.redo_models)


def find_warnings(model_id: str, models: Path | None = None) -> tuple[str, ...]:
    """What is unusual in a model's files and does no harm, in sentences; reads their heads, and imports torch.

    None where the packages to read them are missing. Raises `CheckpointError`, `EngineUnavailableError`.
    """
    model, obstacle = find(model_id), find_obstacle("diffusion")
    if not model.weights or (obstacle is not None and obstacle.lack is Lack.PACKAGES):
        return ()
    inspecting = import_module("paints_undo_engine.diffusion.inspecting")
    reports = inspecting.inspect_model(model, locate(model.id, models))
    return tuple(warning for report in reports for warning in report.warnings)


def load(name: str, settings: EngineSettings | None = None) -> Engine:
    """Make engine `name`. Its weights are loaded when a stage first needs them.

    Raises `UnknownEngineError` when there is none, `EngineUnavailableError` when packages are missing or the engine
    cannot run on the device.
    """
    chosen = settings or EngineSettings()
    obstacle = find_obstacle(name, chosen.models)
    if obstacle is not None and obstacle.lack is Lack.PACKAGES:
        raise EngineUnavailableError(obstacle.message)
    create = cast("Callable[[EngineSettings], Engine]", import_module(describe(name).module).create)
    return create(chosen)
