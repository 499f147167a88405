"""An anime figure before a blurred street at dusk: line art, flats, cels, soft light."""

from figure.picture import HEIGHT, WIDTH, draw

__all__ = ["HEIGHT", "WIDTH", "draw"]
