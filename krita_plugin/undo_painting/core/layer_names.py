"""The names of the painting's own layers and groups in the artist's language."""

from __future__ import annotations

from .translate import chosen, tr


def words(name: str) -> str:
    """A layer's name, such as `left dark blue cloth 2, soft shading`. In English it stays as the engine has it, and so
    does everywhere what is not known here."""
    return name if chosen() == "en" else ", ".join(map(_words, name.split(", ")))


def _words(part: str) -> str:
    bare = part.rstrip(" 0123456789")
    number, left = part[len(bare) :], bare.lower()
    details = []
    for words in (_sides(), _colours()):
        found = max((word for word in words if left.startswith(f"{word} ")), key=len, default="")
        if found:
            details.append(words[found])
            left = left[len(found) + 1 :]
    thing = _things().get(left)
    return part if thing is None else " · ".join([thing, *reversed(details)]) + number


def _sides() -> dict[str, str]:
    return {"left": tr("left"), "right": tr("right"), "upper": tr("upper"), "lower": tr("lower")}


def _colours() -> dict[str, str]:
    """The colours and their tones, as the engine calls them."""
    plain = {
        "beige": tr("beige"),
        "black": tr("black"),
        "blue": tr("blue"),
        "brown": tr("brown"),
        "green": tr("green"),
        "grey": tr("gray"),
        "olive": tr("olive"),
        "orange": tr("orange"),
        "pink": tr("pink"),
        "purple": tr("purple"),
        "red": tr("red"),
        "teal": tr("teal"),
        "white": tr("white"),
        "yellow": tr("yellow"),
    }
    dark = {f"dark {word}": tr("dark {color}", color=shown) for word, shown in plain.items()}
    pale = {f"{tone} {word}": tr("pale {color}", color=shown) for word, shown in plain.items() for tone in _PALE}
    return plain | dark | pale


_PALE = ("pale", "light")


def _things() -> dict[str, str]:
    return {
        "accessory": tr("Accessory"),
        "background": tr("Background"),
        "background details": tr("Background details"),
        "cloth": tr("Clothes"),
        "construction": tr("Construction"),
        "contours": tr("Contours"),
        "darker": tr("Darker"),
        "details": tr("Details"),
        "eyes": tr("Eyes"),
        "figure": tr("Figure"),
        "flat": tr("Flat colors"),
        "flats": tr("Flat colors"),
        "foliage": tr("Foliage"),
        "ground": tr("Ground"),
        "hair": tr("Hair"),
        "lighter": tr("Lighter"),
        "line art": tr("Line art"),
        "mouth": tr("Mouth"),
        "object": tr("Object"),
        "outlines": tr("Outlines"),
        "paint": tr("Paint"),
        "painted background": tr("Painted background"),
        "painting": tr("Painting"),
        "paper": tr("Paper"),
        "pen accents": tr("Pen accents"),
        "pencil": tr("Pencil"),
        "rendering": tr("Rendering"),
        "rough sketch": tr("Rough sketch"),
        "shading": tr("Shading"),
        "shape": tr("Shape"),
        "sketch": tr("Sketch"),
        "skin": tr("Skin"),
        "sky": tr("Sky"),
        "small forms": tr("Small forms"),
        "small parts": tr("Small parts"),
        "soft edge": tr("Soft edge"),
        "soft shading": tr("Soft shading"),
        "text": tr("Text"),
        "value study": tr("Value study"),
        "water": tr("Water"),
        "what lies between": tr("What lies between"),
    }
