"""Colours that can be read on whatever the artist's theme is (the contrast ratio of WCAG 2.1, 4.5 at least)."""

from __future__ import annotations

Colour = tuple[int, int, int]

ENOUGH = 4.5
ALARMS: tuple[Colour, ...] = (
    (201, 42, 42),
    (163, 24, 24),
    (110, 8, 8),
    (255, 138, 128),
    (255, 180, 171),
    (255, 214, 209),
)
"""Reds, from those for a bright theme to those for a dark one."""


def luminance(colour: Colour) -> float:
    """Relative luminance, 0 (black) to 1 (white)."""
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in _parts(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Colour, other: Colour) -> float:
    """The contrast of two colours, 1 to 21."""
    darker, brighter = sorted((luminance(one), luminance(other)))
    return (brighter + 0.05) / (darker + 0.05)


def alarm(background: Colour) -> Colour:
    """A red for words on this background: the first of `ALARMS` that can be read there, or black or white."""
    found = (colour for colour in ALARMS if contrast(colour, background) >= ENOUGH)
    return next(found, max(((0, 0, 0), (255, 255, 255)), key=lambda colour: contrast(colour, background)))


def dim(text: Colour, background: Colour) -> Colour:
    """A quieter colour than the text's own: as near to the background as can still be read."""
    for share in range(50, -1, -5):
        mixed = tuple(round(a + (b - a) * share / 100) for a, b in zip(text, background, strict=True))
        red, green, blue = mixed
        if contrast((red, green, blue), background) >= ENOUGH:
            return red, green, blue
    return text


def _parts(colour: Colour) -> tuple[float, float, float]:
    red, green, blue = colour
    return red / 255, green / 255, blue / 255
