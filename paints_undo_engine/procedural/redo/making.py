"""From a picture and its branches to the process that they lead to."""

from __future__ import annotations

from collections.abc import Sequence

from paints_undo_engine.procedural.build import make_document
from paints_undo_engine.procedural.document.document import Document
from paints_undo_engine.procedural.document.model import Pixels
from paints_undo_engine.procedural.options import Options
from paints_undo_engine.procedural.reading.readings import Reader, read_picture
from paints_undo_engine.procedural.redo.branch import Branch
from paints_undo_engine.procedural.redo.candidates import candidate
from paints_undo_engine.request import Branch as Wanted


def make_branch(
    picture: Pixels, options: Options, branches: Sequence[Wanted], reader: Reader = read_picture
) -> Document | Branch:
    """The document of a picture, uint8 [H, W, 3 or 4], and the branches off it, each off the one before."""
    made: Document | Branch = make_document(picture, options, reader)
    for number, (step, chosen) in enumerate(branches):
        reading = reader(picture)
        name, picture = candidate(picture, reading, chosen, _seed(options.seed, number))
        made = Branch(made, make_document(picture, options, reader), step, reading.labels, name, options.seed)
    return made


def finished_picture(picture: Pixels, seed: int, branches: Sequence[Wanted], reader: Reader = read_picture) -> Pixels:
    """What the branches lead to, at the picture's own size."""
    for number, (_, chosen) in enumerate(branches):
        picture = candidate(picture, reader(picture), chosen, _seed(seed, number))[1]
    return picture


def _seed(seed: int, number: int) -> int:
    """Another one for each branch of a chain, so that the same candidate twice is not the same colours."""
    return seed + number
