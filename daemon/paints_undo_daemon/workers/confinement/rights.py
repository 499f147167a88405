"""Which worker needs what."""

from __future__ import annotations

import contextlib
import os
import sys
import sysconfig
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

from paints_undo_engine.checkpoints.catalogue import FIGURES
from paints_undo_engine.checkpoints.places import in_folder, models_folder
from paints_undo_engine.upscaling import find_folder

_SYSTEM = ("/usr", "/lib", "/lib64", "/etc", "/proc", "/sys", "/dev/urandom", "/dev/random", "/dev/zero", "/opt")
_PICTURES = ("pictures", "temporary", "damaged", "trash")


class Role(StrEnum):
    """What a worker does: CONFINED computes on the processor and writes exports, DEVICE drives an accelerator (whose
    driver opens devices, sockets and caches of its own), DOWNLOADS fetches models.
    """

    CONFINED = "confined"
    DEVICE = "device"
    DOWNLOADS = "downloads"


def readable() -> Iterator[Path]:
    """The system's libraries, the interpreter, the folders that packages are imported from, the optional models that
    work without a device."""
    paths = sysconfig.get_paths()
    names = {*_SYSTEM, sys.prefix, sys.base_prefix, sys.exec_prefix, *paths.values(), *filter(None, sys.path)}
    for name in sorted(names):
        path = Path(name)
        if path.exists():
            yield path
    weights = find_folder()
    if weights is not None:
        yield from {weights, *(file.resolve().parent for file in weights.iterdir())}
    yield from _figures()


def make_figures_folder(home: Path) -> None:
    """Make the figures' folder of a daemon's home where it lacks: rights are for what is there, and networks may come
    later. The daemon does it before it starts a worker, which may outlive it.
    """
    models = models_folder(os.environ | {"PAINTS_UNDO_HOME": str(home)})
    with contextlib.suppress(OSError):  # somebody else's folder of models: what comes later counts from the next worker
        in_folder(FIGURES, models).mkdir(parents=True, exist_ok=True)


def _figures() -> Iterator[Path]:
    """The folder of the figures' networks, and its files where those are links."""
    folder = in_folder(FIGURES, models_folder())
    for path in (folder, *(folder / name for name in FIGURES.files)):
        with contextlib.suppress(OSError):
            yield path.resolve(strict=True)


def writable(store: Path) -> Iterator[Path]:
    """The folders of pictures (not the database beside them), and where output goes to be forgotten."""
    for name in _PICTURES:
        if (store / name).is_dir():
            yield store / name
    yield Path(os.devnull)
