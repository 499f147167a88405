"""Letters of a flat graphic are written; no shape's colour is filled where they come."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from paints_undo_engine.procedural import Options, make_document
from paints_undo_engine.procedural.reading.read import read

LOGO = Path(__file__).parents[2] / "assets" / "logo.png"


def test_nothing_stands_where_letters_will_be_written() -> None:
    with Image.open(LOGO) as image:
        picture = np.asarray(image.convert("RGB").resize((512, 512)))
    found = read(picture)
    [line] = found.text
    rows, columns = line.box.scaled(found.scale).grown(0.02, 0.1, 0.02, 0.1).slices((512, 512))
    document = make_document(picture, Options())
    paper = picture[0, 0].astype(int)
    first = next(operation.index for operation in document.operations if "lettering" in operation.label)
    outlined = [operation for operation in document.operations[:first] if "outline" in operation.label]
    assert outlined
    tops = [operation.bounds[1] for operation in outlined]
    assert not [top for top in tops if rows.start <= top < rows.stop]
    standing = document.render(first)[rows, columns].astype(int)
    # Thin guides may cross it.
    assert float((np.abs(standing - paper).max(axis=2) > 40).mean()) < 0.02
