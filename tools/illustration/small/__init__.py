"""Small pictures of the kinds that need a method of their own: watercolour, pixel art, a logo, a comic page."""

from small.comic import draw as comic
from small.emblem import draw as logo
from small.sprite import draw as sprite
from small.watercolour import draw as watercolour

__all__ = ["comic", "logo", "sprite", "watercolour"]
