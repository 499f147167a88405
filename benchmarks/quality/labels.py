"""The labelled list: which pictures the judge looks at, and what a person saw in them.

`pictures.tsv`, `unseen.tsv`, and `unseen_second.tsv` to `unseen_fifteenth.tsv` name pictures of other projects by
package (or repository), path and SHA-256; they hold none of them. A folder of pictures that are kept back may carry a
table of its own, `labels.tsv`, with the same columns (no package, relative paths).
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

LIST = Path(__file__).with_name("pictures.tsv")
UNSEEN = Path(__file__).with_name("unseen.tsv")
"""Pictures that were chosen, labelled and marked by somebody else, after the engine had been tuned."""


class Kind(StrEnum):
    """What a person would call a picture."""

    INKED = "inked"
    """A drawing with lines, coloured: anime, cartoon, cel."""
    PAINTED_FIGURE = "painted figure"
    LANDSCAPE = "landscape"
    SCENE = "scene"
    """Rooms, streets, backgrounds of games."""
    PHOTO = "photo"
    NIGHT = "night"
    LINE_ART = "line art"
    """Lines without colour."""
    COMIC = "comic"
    FLAT = "flat"
    """Logos, signs, icons: areas of even colour."""
    PIXEL = "pixel"
    PENCIL = "pencil"
    WATERCOLOUR = "watercolour"


LINE_BASED = frozenset({Kind.INKED, Kind.LINE_ART, Kind.COMIC})
"""Kinds whose process has to spend its time on lines."""


class Half(StrEnum):
    """Tune on one half of the list, report both."""

    TUNING = "tuning"
    HELD_OUT = "held out"


@dataclass(frozen=True)
class Picture:
    """One picture of the list and its labels."""

    path: Path
    sha256: str
    kinds: tuple[Kind, ...]
    """What it may be read as, the best name first."""
    eyes: tuple[tuple[float, float], ...] = ()
    """Centres of the two eyes of the largest face, (x, y) as shares of width and height; empty: not labelled."""

    @property
    def half(self) -> Half:
        """Decided by the parity of the hash's first byte alone."""
        return Half.HELD_OUT if int(self.sha256[:2], 16) % 2 else Half.TUNING

    @property
    def kind(self) -> Kind:
        """The best name."""
        return self.kinds[0]

    @property
    def name(self) -> str:
        """A short name for tables and files: the path's last two parts."""
        return "-".join(self.path.with_suffix("").parts[-2:]).replace(" ", "_")


def read_list(table: Path, roots: Sequence[Path]) -> tuple[list[Picture], list[str]]:
    """The pictures of a table that lie under one of `roots` with the labelled bytes, and the paths that do not."""
    found, missing = [], []
    with table.open(newline="", encoding="utf-8") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            path = _locate(row["path"], row["sha256"], roots)
            if path is None:
                missing.append(f"{row['package']}: {row['path']}")
            else:
                kinds = tuple(Kind(word) for word in row["kinds"].split("|"))
                found.append(Picture(path, row["sha256"], kinds, _points(row["eyes"] or "")))
    return found, missing


def from_files(paths: Iterable[Path], kind: Kind) -> list[Picture]:
    """Pictures without a table: all of one kind."""
    return [Picture(path, _hash(path), (kind,)) for path in paths]


def _locate(relative: str, sha256: str, roots: Sequence[Path]) -> Path | None:
    for root in roots:
        path = root / relative
        if path.is_file() and _hash(path) == sha256:
            return path
    return None


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _points(text: str) -> tuple[tuple[float, float], ...]:
    pairs = (pair.split(",") for pair in text.split())
    return tuple((float(x), float(y)) for x, y in pairs)
