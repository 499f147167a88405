"""WD14, the tagger: describes a painting in words that the keyframe model was trained with.

Runs on onnxruntime and needs no torch. Source: docs/models.md, "Tagger".
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from paints_undo_engine.errors import CheckpointError, EngineUnavailableError

MODEL_NAME = "wd-v1-4-moat-tagger-v2.onnx"
TABLE_NAME = "wd-v1-4-moat-tagger-v2.csv"
INPUT_SIDE = 448
MAX_TABLE_BYTES = 16 * 2**20

_GENERAL, _CHARACTER = "0", "4"
_ACCELERATED = ("CUDAExecutionProvider", "ROCMExecutionProvider", "MIGraphXExecutionProvider", "DmlExecutionProvider")


@dataclass(frozen=True, slots=True)
class TagTable:
    """The tags in the model's order; general ones fill `general`, characters `characters`, ratings neither."""

    names: tuple[str, ...]
    general: slice
    characters: slice


def read_table(path: Path, published: bool = False) -> TagTable:
    """The tags of a table with the columns tag_id, name, category and count.

    Where a table lists no characters the published code takes every row for one; `published` does so too.
    Raises `CheckpointError` when the table is missing or damaged.
    """
    try:
        if path.stat().st_size > MAX_TABLE_BYTES:
            raise CheckpointError(f"{path} is larger than a table of tags can be.")
        rows = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))[1:]
        names, categories = [row[1] for row in rows], [row[2] for row in rows]
    except (OSError, UnicodeDecodeError, csv.Error, IndexError) as error:
        raise CheckpointError(f"The table of tags {path} cannot be read ({error}). Download it again.") from error
    first, end = _index(categories, _GENERAL), len(names)
    characters = _index(categories, _CHARACTER)
    if published:
        return TagTable(tuple(names), slice(first, characters), slice(characters, None))
    start = end if characters is None else characters
    return TagTable(tuple(names), slice(start if first is None else first, start), slice(start, end))


def _index(categories: list[str], category: str) -> int | None:
    return categories.index(category) if category in categories else None


def prepare(pixels: NDArray[np.uint8], side: int = INPUT_SIDE) -> NDArray[np.float32]:
    """The model's input, float32 [1, side, side, 3] in blue, green, red and 0..255, centred on white.

    `pixels` are [h, w] grey, [h, w, 3] or [h, w, 4]. A transparent picture is scaled with its alpha, which is then
    dropped, not composed: so it was in training.
    """
    picture = Image.fromarray(pixels)
    ratio = side / max(picture.size)
    width, height = (max(1, int(length * ratio)) for length in picture.size)
    scaled = picture.resize((width, height), Image.Resampling.LANCZOS)
    square = Image.new("RGB", (side, side), (255, 255, 255))
    square.paste(scaled, ((side - width) // 2, (side - height) // 2))
    return np.ascontiguousarray(np.asarray(square, np.float32)[None, :, :, ::-1])


def choose(
    probabilities: NDArray[np.float32], table: TagTable, general: float, character: float, exclude: str = ""
) -> str:
    """Tags above their threshold as a prompt: characters first, then general ones, each in the table's order.

    `exclude` lists tags, separated by commas, as the table spells them (``hat_(cap)``).
    """
    unwanted = {part.strip() for part in exclude.lower().split(",")}
    chosen = [
        *_above(probabilities, table, table.characters, character),
        *_above(probabilities, table, table.general, general),
    ]
    joined = ", ".join(name for name in chosen if name not in unwanted)
    return joined.replace("(", "\\(").replace(")", "\\)").replace("_", " ")


def _above(probabilities: NDArray[np.float32], table: TagTable, part: slice, threshold: float) -> Iterable[str]:
    pairs = zip(table.names[part], probabilities[part], strict=True)
    return (name for name, probability in pairs if probability > threshold)


class Tagger:
    """The model and its table, loaded. `side` is the side of its square input in pixels."""

    def __init__(self, model: Path, table: Path, *, accelerated: bool = True, published: bool = False) -> None:
        """`accelerated` uses a GPU where the installed onnxruntime can. Raises `CheckpointError`."""
        import onnxruntime

        if model.suffix != ".onnx":
            raise CheckpointError(f"{model} is no .onnx file, which is the only kind of tagger that is read.")
        self._table = read_table(table, published)
        usable = set(onnxruntime.get_available_providers()) if accelerated else set()
        providers = [name for name in _ACCELERATED if name in usable] + ["CPUExecutionProvider"]
        try:
            self._session: Any = onnxruntime.InferenceSession(str(model), providers=providers)
        except Exception as error:  # onnxruntime raises a class of its own for each kind of damage
            raise CheckpointError(f"The tagger {model} cannot be read ({error}). Download it again.") from error
        self._input = self._session.get_inputs()[0]
        declared = self._input.shape[1]
        self.side = declared if isinstance(declared, int) else INPUT_SIDE
        self._last: tuple[tuple[object, ...], NDArray[np.float32]] | None = None

    @classmethod
    def of(cls, folder: Path, *, accelerated: bool = True, published: bool = False) -> Tagger:
        """The tagger in `folder`, under its published file names."""
        return cls(folder / MODEL_NAME, folder / TABLE_NAME, accelerated=accelerated, published=published)

    def probabilities(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """One probability for each tag of the table, float32 [N]. Raises `CheckpointError` when the counts differ."""
        output = self._session.run(None, {self._input.name: prepare(pixels, self.side)})[0][0]
        if len(output) != len(self._table.names):
            raise CheckpointError(f"The tagger gives {len(output)} tags, but its table has {len(self._table.names)}.")
        return np.asarray(output, np.float32)

    def __call__(self, pixels: NDArray[np.uint8], general: float, character: float, exclude: str = "") -> str:
        """The painting's tags; thresholds 0..1 (published: 0.35 and 0.85). The model runs once for the same pixels."""
        key = (hashlib.blake2b(np.ascontiguousarray(pixels).data).digest(), pixels.shape)
        if self._last is None or self._last[0] != key:
            self._last = key, self.probabilities(pixels)
        return choose(self._last[1], self._table, general, character, exclude)


def installed(models: Path | None = None) -> Tagger | None:
    """The tagger, where onnxruntime and its model are on this machine: in `models`, or where downloads are kept."""
    if find_spec("onnxruntime") is None:
        return None
    from paints_undo_engine.checkpoints.library import locate

    try:
        return Tagger.of(locate("wd14_tagger", models))
    except (EngineUnavailableError, CheckpointError):
        return None
