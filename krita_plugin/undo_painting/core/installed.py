"""What *Set up* has made on this machine, read from the disk, and what the docker therefore offers."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from . import memory
from .installer import DIFFUSION_BYTES, Bundle
from .launch import environment_folder, environment_program
from .translate import tr


@dataclass(frozen=True)
class Installed:
    """`version` is empty where *Set up* has not been done (or not to its end); `diffusion`: PyTorch is there, too."""

    version: str = ""
    diffusion: bool = False


@dataclass(frozen=True)
class ServedModel:
    """A model as the docker lists it; sizes in bytes, `total` an estimate before the first download."""

    model_id: str
    description: str
    ready: bool
    size: int
    total: int
    message: str = ""


@dataclass(frozen=True)
class Offers:
    """The set-up panel: the buttons' texts and whether they can be pressed.

    `models` is what the models button does: `install` (packages, then models), `download` (models alone) or nothing.
    """

    set_up: str
    can_set_up: bool
    can_uninstall: bool
    models: str
    models_text: str
    lines: tuple[str, ...]


def look(home: Path, platform: str = sys.platform) -> Installed:
    """What is installed below `home`. The program `paints-undo` comes last, so without it nothing counts."""
    if not environment_program(home, "paints-undo", platform).is_file():
        return Installed()
    folder, pattern = environment_folder(home), "lib/python3*/site-packages/*.dist-info"
    if platform == "win32":
        pattern = "Lib/site-packages/*.dist-info"
    infos = [path.name.removesuffix(".dist-info") for path in folder.glob(pattern)]
    versions = [name.split("-")[1] for name in infos if name.startswith("paints_undo-")]
    return Installed(versions[0] if versions else "?", any(name.startswith("torch-") for name in infos))


def offers(
    bundle: Bundle | None,
    installed: Installed,
    busy: bool,
    models: Sequence[ServedModel],
    free_disk: int,
    engine_installed: bool,
) -> Offers:
    """What can be done now. `engine_installed`: the connected daemon (perhaps another machine's, perhaps installed
    without the plugin) has the diffusion engine's packages."""
    ready = bool(models) and all(model.ready for model in models)
    action = ""
    if engine_installed and not ready:
        action = "download"
    elif bundle is not None and installed.version and not engine_installed:
        action = "install"
    return Offers(
        set_up=_set_up_text(bundle, installed),
        can_set_up=bundle is not None and not busy,
        can_uninstall=bool(installed.version) and not busy,
        models="" if busy else action,
        models_text=tr("Download the models") if action == "download" else tr("Add the Paints-Undo models"),
        lines=_lines(action, models, free_disk),
    )


def _set_up_text(bundle: Bundle | None, installed: Installed) -> str:
    if not installed.version:
        return tr("Set up")
    if bundle is not None and bundle.version != installed.version:
        return tr("Upgrade to {version}", version=bundle.version)
    return tr("Repair")


def _lines(action: str, models: Sequence[ServedModel], free_disk: int) -> tuple[str, ...]:
    lines = [f"{model.model_id}: {_state(model)}" for model in models]
    missing = sum(max(0, model.total - model.size) for model in models if not model.ready)
    if action == "install":
        packages = memory.words(DIFFUSION_BYTES)
        lines.append(tr("PyTorch and its packages take up to {size}.", size=packages))
    if missing:
        lines.append(tr("{size} of models are to be downloaded.", size=memory.words(missing)))
    if free_disk and models:
        lines.append(tr("{free} free on the disk", free=memory.words(free_disk)))
    return tuple(lines)


def _state(model: ServedModel) -> str:
    if model.ready:
        return tr("ready")
    sizes = f"{memory.words(model.size)} / {memory.words(model.total)}"
    return f"{sizes} · {model.message}" if model.message and model.size else sizes
