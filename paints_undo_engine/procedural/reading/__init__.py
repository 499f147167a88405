"""Reading a picture: figure and ground, faces, line art, flats and tones, perspective, lettering.

`read(pixels, alpha)` gives a `Reading`; `enlarge(labels, pixels)` brings its label maps to the picture's own size.
"""

from paints_undo_engine.procedural.reading.enlarge import EnlargedLabels, enlarge
from paints_undo_engine.procedural.reading.read import read

__all__ = ["EnlargedLabels", "enlarge", "read"]
