"""32-bit weights: recognised from a file's head, and made into 16 bits once, beside the files as published.

Networks that compute in float16 are then loaded from half as many bytes, with the very numbers that rounding at every
start would give. Wider computation goes on from the files as published.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from paints_undo_engine.checkpoints.catalogue import PublishedModel
from paints_undo_engine.checkpoints.folders import NARROWED, weight_files
from paints_undo_engine.checkpoints.record import FileEntry, ModelRecord, write_record
from paints_undo_engine.errors import CheckpointError

HEAD_BYTES = 16 * 2**20
"""The longest head of a file that is looked at; the largest known one has 0.3 MB."""
_LENGTH = 8
_INTEGERS = frozenset({"I64", "I32", "U8", "BOOL"})


def is_wide(head: dict[str, Any]) -> bool:
    """Whether all numbers of a safetensors file with this head (JSON) are in 32 bits; index tables do not count."""
    dtypes = {str(entry.get("dtype")) for name, entry in head.items() if name != "__metadata__"}
    return dtypes - _INTEGERS == {"F32"}


def head_length(first: bytes) -> int:
    """Bytes of the JSON head of a safetensors file, from the first eight of the file. Raises `ValueError`."""
    length = int.from_bytes(first[:_LENGTH], "little")
    if len(first) < _LENGTH or not 2 <= length <= HEAD_BYTES:
        raise ValueError(f"a head of {length} bytes")
    return length


def read_head(file: BinaryIO) -> dict[str, Any]:
    """The head of an open safetensors file. Raises `ValueError`."""
    head = json.loads(file.read(head_length(file.read(_LENGTH))))
    if not isinstance(head, dict) or not all(isinstance(entry, dict) for entry in head.values()):
        raise ValueError("a head that is no table of tensors")
    return head


def wide_folders(model: PublishedModel, folder: Path) -> tuple[str, ...]:
    """The components of a complete model that are in 32 bits; damaged files count as none."""
    return tuple(name for name in model.weights if _is_wide_folder(folder / name))


def _is_wide_folder(folder: Path) -> bool:
    try:
        heads = []
        for path in weight_files(folder):
            with path.open("rb") as file:
                heads.append(read_head(file))
    except (CheckpointError, OSError, ValueError):
        return False
    return all(map(is_wide, heads))


def narrow(model: PublishedModel, folder: Path, record: ModelRecord) -> Iterator[tuple[str, int, int]]:
    """Make 16-bit files of what is in 32 bits and has none yet, and note them in the record.

    Yields the file, and bytes of 32-bit files that are read, of how many. A component with a number too large for
    float16 is left as it is. Closing it leaves no half file. Raises `CheckpointError` for damaged files.
    """
    todo = [
        name for name in wide_folders(model, folder) if f"{name}/{NARROWED}" not in record.made or _lacks(folder, name)
    ]
    sizes = {name: sum(path.stat().st_size for path in weight_files(folder / name)) for name in todo}
    done, made = 0, dict(record.made)
    for name in todo:
        target = folder / name / NARROWED
        part = target.with_name(f"{NARROWED}.part")
        try:
            for read in _write(part, weight_files(folder / name)):
                yield f"{name}/{NARROWED}", done + read, sum(sizes.values())
            part.replace(target)
            made[f"{name}/{NARROWED}"] = FileEntry(target.stat().st_size, "sha256", _digest(target))
            write_record(folder, ModelRecord(record.repository, record.revision, record.files, made, record.warnings))
        except OverflowError:
            continue
        finally:
            part.unlink(missing_ok=True)
            done += sizes[name]


def _lacks(folder: Path, name: str) -> bool:
    return not (folder / name / NARROWED).is_file()


def _write(target: Path, sources: Iterable[Path]) -> Iterator[int]:
    """Write the tensors of `sources` in float16; yields the bytes that have been read."""
    import numpy as np
    from safetensors import SafetensorError, safe_open

    heads: dict[str, tuple[Path, list[int], str]] = {}
    for source in sources:
        with source.open("rb") as file:
            for name, entry in read_head(file).items():
                if name != "__metadata__":
                    heads[name] = (source, entry["shape"], entry["dtype"])
    head, end = {}, 0
    for name, (_, shape, dtype) in heads.items():
        size = math.prod(shape) * (2 if dtype == "F32" else _bytes_of(dtype))
        head[name] = {"dtype": "F16" if dtype == "F32" else dtype, "shape": shape, "data_offsets": [end, end + size]}
        end += size
    text = json.dumps(head).encode()
    text += b" " * (-len(text) % 8)
    read = 0
    with target.open("wb") as file:
        file.write(len(text).to_bytes(_LENGTH, "little") + text)
        for name, (source, _, dtype) in heads.items():
            try:
                with safe_open(source, framework="np") as weights:
                    values = np.ascontiguousarray(weights.get_tensor(name))
            except SafetensorError as error:
                raise CheckpointError(f"{source} is truncated or damaged ({error}). Download it again.") from error
            file.write((_halved(values) if dtype == "F32" else values).data)
            read += values.nbytes
            yield read


def _halved(values: Any) -> Any:
    import numpy as np

    with np.errstate(over="ignore"):
        halved = values.astype(np.float16)
    if not np.isfinite(halved).all():
        raise OverflowError
    return halved


def _bytes_of(dtype: str) -> int:
    return {"I64": 8, "I32": 4}.get(dtype, 1)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
