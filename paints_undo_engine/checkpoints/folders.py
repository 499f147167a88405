"""The files of one component (unet, vae, text_encoder, ...) in a checkpoint's folder.

Only the standard library. Pickles are refused: they can run code when they are read.
"""

from __future__ import annotations

import json
from pathlib import Path, PurePosixPath
from typing import Any

from paints_undo_engine.errors import CheckpointError

WEIGHT_NAMES = (
    "model.safetensors",
    "diffusion_pytorch_model.safetensors",
    "model.fp16.safetensors",
    "diffusion_pytorch_model.fp16.safetensors",
)
NARROWED = "paints-undo.fp16.safetensors"
"""16-bit weights that were made of 32-bit ones here (`checkpoints.narrowing`)."""
PICKLE_SUFFIXES = frozenset({".bin", ".ckpt", ".pt", ".pth", ".pkl", ".pickle"})
MAX_JSON_BYTES = 16 * 2**20


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object from `path`. Raises `CheckpointError` when it is missing, too large or no object."""
    try:
        if path.stat().st_size > MAX_JSON_BYTES:
            raise CheckpointError(f"{path} is larger than {MAX_JSON_BYTES // 2**20} MB, which no such file is.")
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CheckpointError(f"{path} is missing. Download the model again, or check the folder.") from None
    except (OSError, ValueError, RecursionError) as error:
        raise CheckpointError(f"{path} cannot be read as JSON ({error}). Download it again.") from error
    if not isinstance(value, dict):
        raise CheckpointError(f"{path} should hold a JSON object, but holds a {type(value).__name__}.")
    return value


def read_config(folder: Path) -> dict[str, Any]:
    """The component's ``config.json``. Raises `CheckpointError`."""
    return read_json(folder / "config.json")


def weight_files(folder: Path, *, half: bool = False) -> tuple[Path, ...]:
    """The safetensors files that together hold the component's weights.

    With `half`, those in 16 bits that were made here, where there are such.

    Any published name is accepted: the library's own or the hub mixin's, plain or ``.fp16``, whole or in shards with
    their index. Whole files win over shards, plain ones over ``.fp16``.
    Raises `CheckpointError` when there are none, when a shard is missing, or when there are pickles alone.
    """
    if folder.is_file():
        _refuse_pickle(folder)
        return (folder,)
    if not folder.is_dir():
        raise CheckpointError(f"The folder {folder} is missing. Download the model, or check the path.")
    if half and (folder / NARROWED).is_file():
        return (folder / NARROWED,)
    for name in WEIGHT_NAMES:
        if (folder / name).is_file():
            return (folder / name,)
    for index in _indexes(folder):
        return _shards(index)
    single = sorted(path for path in folder.glob("*.safetensors") if path.name != NARROWED)
    if len(single) == 1:
        return (single[0],)
    for path in sorted(folder.iterdir()):
        _refuse_pickle(path)
    raise CheckpointError(
        f"{folder} holds no weights: expected one of {', '.join(WEIGHT_NAMES)}, or shards with their index."
    )


def _indexes(folder: Path) -> list[Path]:
    found = sorted(folder.glob("*.safetensors.index*.json"))
    return sorted(found, key=lambda path: ".fp16" in path.name)


def _shards(index: Path) -> tuple[Path, ...]:
    table = read_json(index).get("weight_map")
    if not isinstance(table, dict) or not table or not all(isinstance(name, str) for name in table.values()):
        raise CheckpointError(f"{index} lists no shards under weight_map. Download it again.")
    paths = []
    for name in sorted(set(table.values())):
        if PurePosixPath(name).name != name or "\\" in name or not name.endswith(".safetensors"):
            raise CheckpointError(f"{index} names {name!r}, which is no safetensors file beside it.")
        if not (index.parent / name).is_file():
            raise CheckpointError(f"The shard {name} that {index} lists is missing. Download the model again.")
        paths.append(index.parent / name)
    return tuple(paths)


def _refuse_pickle(path: Path) -> None:
    if path.suffix in PICKLE_SUFFIXES:
        raise CheckpointError(
            f"{path} is a pickle, which can run code when it is read, and is refused. Use a .safetensors file."
        )
