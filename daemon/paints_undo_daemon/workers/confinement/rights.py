"""Which worker needs what."""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

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
    """The system's libraries, the interpreter, the folders that packages are imported from, the upscaler's weights."""
    paths = sysconfig.get_paths()
    names = {*_SYSTEM, sys.prefix, sys.base_prefix, sys.exec_prefix, *paths.values(), *filter(None, sys.path)}
    for name in sorted(names):
        path = Path(name)
        if path.exists():
            yield path
    weights = find_folder()
    if weights is not None:
        yield from {weights, *(file.resolve().parent for file in weights.iterdir())}


def writable(store: Path) -> Iterator[Path]:
    """The folders of pictures (not the database beside them), and where output goes to be forgotten."""
    for name in _PICTURES:
        if (store / name).is_dir():
            yield store / name
    yield Path(os.devnull)
