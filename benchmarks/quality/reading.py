"""Is every picture taken for what a person calls it? Accuracy and confusion."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .labels import Kind, Picture

_PAINTED = frozenset({Kind.PAINTED_FIGURE, Kind.LANDSCAPE, Kind.SCENE, Kind.NIGHT})
_LINED = frozenset({Kind.INKED, Kind.COMIC})

KINDS: Mapping[str, frozenset[Kind]] = {
    "inked": frozenset({Kind.INKED}),
    "line art": frozenset({Kind.LINE_ART}),
    "pencil": frozenset({Kind.PENCIL}),
    "comic page": frozenset({Kind.COMIC}),
    "flat graphic": frozenset({Kind.FLAT}),
    "pixel art": frozenset({Kind.PIXEL}),
    "watercolour": frozenset({Kind.WATERCOLOUR}),
    "painted": _PAINTED,
    "photo": frozenset({Kind.PHOTO}),
}
"""The engine's words for kinds, and which labels each of them meets."""

METHODS: Mapping[str, frozenset[Kind]] = {
    "line": _LINED | {Kind.PAINTED_FIGURE},
    "parts": _LINED | {Kind.PAINTED_FIGURE},
    "lineless": frozenset({Kind.FLAT, Kind.PAINTED_FIGURE, Kind.SCENE, Kind.LANDSCAPE}),
    "painter": _PAINTED | {Kind.PHOTO},
    "values": _PAINTED | {Kind.PHOTO},
    "outline": frozenset({Kind.LINE_ART}),
    "pencil": frozenset({Kind.PENCIL, Kind.LINE_ART}),
    "watercolour": frozenset({Kind.WATERCOLOUR}),
    "pixel": frozenset({Kind.PIXEL}),
    "flat": frozenset({Kind.FLAT}),
}
"""The engine's methods, and the kinds that an artist would paint that way."""


@dataclass(frozen=True)
class Answer:
    """What the engine made of one labelled picture."""

    picture: Picture
    kind: str
    method: str

    @property
    def kind_right(self) -> bool | None:
        """None where the engine gives no kind."""
        return bool(KINDS.get(self.kind, frozenset()) & set(self.picture.kinds)) if self.kind else None

    @property
    def method_right(self) -> bool:
        """Whether somebody would paint such a picture in this way."""
        return bool(METHODS.get(self.method, frozenset()) & set(self.picture.kinds))


def accuracy(answers: Sequence[Answer]) -> tuple[float | None, float]:
    """Shares of right kinds (None: not given) and of right methods."""
    kinds = [answer.kind_right for answer in answers if answer.kind_right is not None]
    methods = [answer.method_right for answer in answers]
    return (sum(kinds) / len(kinds) if kinds else None), sum(methods) / max(len(methods), 1)


def confusion(answers: Sequence[Answer], of: str) -> list[str]:
    """A table in lines: labelled kinds down, the engine's words ("kind" or "method") across."""
    counts = Counter((answer.picture.kind, getattr(answer, of)) for answer in answers)
    columns = sorted({word for _, word in counts})
    lines = [f"{'':16}" + "".join(f"{word[:12]:>13}" for word in columns)]
    for kind in Kind:
        row = [counts[kind, word] for word in columns]
        if any(row):
            lines.append(f"{kind:16}" + "".join(f"{count or '.':>13}" for count in row))
    return lines
