"""Letters for Alt: every text gets one of its own, whatever the language and whatever letters Krita's menus have."""

from __future__ import annotations

from collections.abc import Iterable


def letter(text: str) -> str:
    """The letter that a text is reached by (lower case), or empty."""
    place = text.replace("&&", "\0\0").find("&")
    return text[place + 1 : place + 2].lower() if place >= 0 else ""


def assign(texts: Iterable[str], taken: Iterable[str] = ()) -> list[str]:
    """The texts, each with `&` before its first letter that is neither `taken` nor another's: beginnings of words
    first. A text without a free letter stays without.
    """
    used = {item.lower() for item in taken}
    made = []
    for text in texts:
        plain = text.replace("&", "&&")
        begins = [place for place in range(len(plain)) if place == 0 or plain[place - 1] == " "]
        for place in [*begins, *range(len(plain))]:
            found = plain[place].lower()
            if found.isascii() and found.isalpha() and found not in used:
                used.add(found)
                plain = f"{plain[:place]}&{plain[place:]}"
                break
        made.append(plain)
    return made
