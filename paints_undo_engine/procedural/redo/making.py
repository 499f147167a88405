"""From a picture and its branches to the process that they lead to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from paints_undo_engine.procedural.build import make_document
from paints_undo_engine.procedural.document.document import Document
from paints_undo_engine.procedural.document.model import Pixels
from paints_undo_engine.procedural.options import Options
from paints_undo_engine.procedural.reading.model import Reading
from paints_undo_engine.procedural.reading.read import read
from paints_undo_engine.procedural.redo.branch import Branch
from paints_undo_engine.procedural.redo.candidates import candidate
from paints_undo_engine.request import Branch as Wanted


def make_branch(picture: Pixels, options: Options, branches: Sequence[Wanted]) -> Document | Branch:
    """The document of a picture, uint8 [H, W, 3 or 4], and the branches off it, each off the one before."""
    made: Document | Branch = make_document(picture, options)
    for number, (step, chosen) in enumerate(branches):
        reading = _read(picture)
        name, picture = candidate(picture, reading, chosen, _seed(options.seed, number))
        made = Branch(made, make_document(picture, options), step, reading.labels, name, options.seed)
    return made


def finished_picture(picture: Pixels, seed: int, branches: Sequence[Wanted]) -> Pixels:
    """What the branches lead to, at the picture's own size."""
    for number, (_, chosen) in enumerate(branches):
        picture = candidate(picture, _read(picture), chosen, _seed(seed, number))[1]
    return picture


def _read(picture: Pixels) -> Reading:
    return read(np.ascontiguousarray(picture[..., :3]), picture[..., 3] if picture.shape[2] == 4 else None)


def _seed(seed: int, number: int) -> int:
    """Another one for each branch of a chain, so that the same candidate twice is not the same colours."""
    return seed + number
