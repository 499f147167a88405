"""Words on a picture, in one line or two."""

from __future__ import annotations

from collections.abc import Callable


def in_lines(words: str, width: Callable[[str], int], room: int) -> list[str]:
    """The words in one line, or in two where they do not fit into one of `room` pixels and can be parted.

    >>> in_lines("Complementary palette", len, 16)
    ['Complementary', 'palette']
    """
    if width(words) <= room:
        return [words]
    parts = words.split(" ")
    for count in range(len(parts) - 1, 0, -1):
        first = " ".join(parts[:count])
        if width(first) <= room:
            return [first, " ".join(parts[count:])]
    return [words]
