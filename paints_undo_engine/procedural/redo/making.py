"""From a picture and its branches to the process that they lead to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from paints_undo_engine.procedural.build import document_in
from paints_undo_engine.procedural.document.document import Document
from paints_undo_engine.procedural.document.model import Pixels
from paints_undo_engine.procedural.mount import Mount, mounted
from paints_undo_engine.procedural.options import Options
from paints_undo_engine.procedural.reading.readings import Reader, read_picture
from paints_undo_engine.procedural.redo.branch import Area, BranchDocument, within
from paints_undo_engine.procedural.redo.candidates import candidate
from paints_undo_engine.request import Branch as Wanted

Masks = Mapping[str, Area]
_NO_MASKS: Masks = {}


def make_branch(
    picture: Pixels,
    options: Options,
    branches: Sequence[Wanted],
    reader: Reader = read_picture,
    masks: Masks = _NO_MASKS,
) -> Document | BranchDocument:
    """The document of a picture, uint8 [H, W, 3 or 4], and the branches off it, each off the one before.

    `masks` are those that the branches name, bool [h, w], of any size.
    """
    mount = mounted(picture)
    made: Document | BranchDocument = document_in(mount, options, reader)
    for number, (step, chosen, mask) in enumerate(branches):
        reading = reader(mount.inside)
        name, end = candidate(mount.inside, reading, chosen, _seed(options.seed, number))
        new = document_in(mount.holding(end), options, reader)
        made = BranchDocument(made, new, step, mount.spread(reading.labels), name, options.seed, masks.get(mask))
        mount = mount.about(made.picture)
    return made


def finished_picture(
    picture: Pixels,
    seed: int,
    branches: Sequence[Wanted],
    reader: Reader = read_picture,
    masks: Masks = _NO_MASKS,
) -> Pixels:
    """What the branches lead to, at the picture's own size."""
    mount = mounted(picture) if branches else Mount(picture)
    for number, (_, chosen, mask) in enumerate(branches):
        end = candidate(mount.inside, reader(mount.inside), chosen, _seed(seed, number))[1]
        mount = mount.about(within(masks.get(mask), mount.picture, mount.around(end)))
    return mount.picture


def _seed(seed: int, number: int) -> int:
    """Another one for each branch of a chain, so that the same candidate twice is not the same colours."""
    return seed + number
