"""A lake under mountains, painted with thousands of overlapping strokes of bristle brushes."""

from landscape.painting import SIZE, draw

__all__ = ["SIZE", "draw"]
