"""A still life in pencil: jug, apples and a pear, hatched."""

from pencil.drawing import SIZE, draw

__all__ = ["SIZE", "draw"]
