"""What a result can become outside Krita: an export's options, by the protocol's names, and what will come of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

from .pace import Curve, Pace
from .translate import chosen

END_CARD_SECONDS = 1.5
"""How long the card at a video's end is shown; the engine's number, as the next ones are."""
HOLD_SECONDS = 2.0
FRAMES_PER_SECOND = 12.0
PAGE_SIDE = 1080


class Aspect(Enum):
    """The shape of the exported pictures, by the protocol's name."""

    OWN = "OWN"
    SQUARE = "SQUARE"
    PORTRAIT = "PORTRAIT"
    TALL = "TALL"
    WIDE = "WIDE"

    @property
    def ratio(self) -> float | None:
        """Width by height, or None for the painting's own."""
        return {Aspect.SQUARE: 1.0, Aspect.PORTRAIT: 4 / 5, Aspect.TALL: 9 / 16, Aspect.WIDE: 16 / 9}.get(self)


class Fill(Enum):
    """How a painting of another shape is brought into it, by the protocol's name."""

    BLUR = "BLUR"
    BARS = "BARS"
    CROP = "CROP"
    FOLLOW = "FOLLOW"


class ExportFormat(Enum):
    """The file's format, by the protocol's name, with its ending."""

    MP4 = "MP4", "mp4"
    WEBM = "WEBM", "webm"
    GIF = "GIF", "gif"
    WEBP = "WEBP", "webp"
    APNG = "APNG", "apng"
    PNG_SEQUENCE = "PNG_SEQUENCE", "zip"
    ORA = "ORA", "ora"
    PSD = "PSD", "psd"
    CONTACT_SHEET = "CONTACT_SHEET", "png"
    HTML = "HTML", "html"
    PDF = "PDF", "pdf"
    SPRITE_SHEET = "SPRITE_SHEET", "sprites.zip"

    @property
    def ending(self) -> str:
        """The file name's ending."""
        return self.value[1]

    @property
    def moves(self) -> bool:
        """Whether it plays: then length, order and hold matter."""
        return self in (ExportFormat.MP4, ExportFormat.WEBM, ExportFormat.GIF, ExportFormat.WEBP, ExportFormat.APNG)

    @property
    def video(self) -> bool:
        """Whether it is a video, which ends with the card that says what it is, and may be drawn over."""
        return self in (ExportFormat.MP4, ExportFormat.WEBM)

    @property
    def layered(self) -> bool:
        """Whether it holds layers."""
        return self in (ExportFormat.ORA, ExportFormat.PSD)

    @property
    def sheet(self) -> bool:
        """Whether it is one page with a few states."""
        return self in (ExportFormat.CONTACT_SHEET, ExportFormat.PDF)


_KINDS = {kind.value[0]: kind for kind in ExportFormat}


@dataclass(frozen=True)
class Export:
    """How a file is made: fields of the protocol's `ExportOptions` by their names, enum values by theirs; what is
    absent is as the protocol has it by default. What this plugin does not know of is kept.

    >>> Export({"format": "EXPORT_FORMAT_GIF"}).changed(duration_seconds=6.0).seconds
    6.0
    """

    values: Mapping[str, Any] = field(default_factory=dict)

    def changed(self, **values: Any) -> Export:
        """With other values; None leaves one at its default."""
        made = {**self.values, **values}
        return Export({name: value for name, value in made.items() if value is not None})

    def options(self) -> dict[str, Any]:
        """The fields to send, with the artist's language for what is written on the pictures. The frame rate counts
        where no length is set."""
        made = self.changed(frames_per_second=None) if self.seconds else self
        return {**made.values, "language": f"LANGUAGE_{chosen()[:2].upper()}"}

    @property
    def known(self) -> bool:
        """Whether this plugin knows the format."""
        return self._word("format") in _KINDS

    @property
    def kind(self) -> ExportFormat:
        """The format."""
        return _KINDS.get(self._word("format"), ExportFormat.MP4)

    @property
    def shape(self) -> Aspect:
        """The pictures' shape."""
        return Aspect.__members__.get(self._word("aspect"), Aspect.OWN)

    @property
    def fill(self) -> Fill:
        """What is done where it is not the painting's."""
        return Fill.__members__.get(self._word("fill"), Fill.BLUR)

    @property
    def seconds(self) -> float:
        """How long it plays, all in all; 0: by the frame rate."""
        return self._number("duration_seconds")

    @property
    def longer_side(self) -> int:
        """In pixels; 0: the painting's own."""
        return int(self._number("max_side"))

    @property
    def split(self) -> bool:
        """Whether a layered file holds the painting taken apart, instead of states."""
        return self._word("layer_content") in ("SPLIT", "STAGES")

    @property
    def pace(self) -> Pace:
        """How the time is shared out."""
        if self.values.get("pace_curve"):
            return Pace.OWN
        return next((pace for pace in Pace if pace.value == self._word("pace")), Pace.EVEN)

    def paced(self, pace: Pace, curve: Curve) -> Export:
        """With another pace; `curve` is the artist's own."""
        if pace is Pace.OWN:
            return self.changed(pace=None, pace_curve=curve.text())
        return self.changed(pace=f"PACE_{pace.value}", pace_curve=None)

    def size(self, width: int, height: int) -> tuple[int, int]:
        """The pictures' size, for a painting of `width` x `height`."""
        across, down = self._region(width, height, self.fill in (Fill.CROP, Fill.FOLLOW))
        side = self.longer_side
        if self.kind is ExportFormat.HTML and not side and max(width, height) > PAGE_SIDE:
            side = PAGE_SIDE
        scale = side / max(across, down) if side else 1.0
        least = 2 if self.kind.video else 1
        made = [max(least, round(each * scale)) // least * least for each in (across, down)]
        return made[0], made[1]

    def length(self, frames: int) -> float:
        """How long it plays, in seconds: as long as was chosen, or the frames and all that is around them."""
        if self.seconds:
            return self.seconds
        shown = max(1, 2 * frames - 1) if self.values.get("ping_pong") else frames
        around = self._number("result_first_seconds") + self._number("hold_last_seconds", HOLD_SECONDS)
        if self.kind.video:
            around += self._number("zoom_seconds") + self._number("wipe_seconds")
            around += 0.0 if self.values.get("omit_end_card") else END_CARD_SECONDS
        return shown / (self._number("frames_per_second") or FRAMES_PER_SECOND) + around

    def shown(self, width: int, height: int) -> tuple[float, float, float, float]:
        """What is left of a painting of `width` x `height`: left, top, width, height as shares of it. Without a crop it
        is more than the painting: the rest is filled. A camera that follows the work shows all at both ends."""
        across, down = self._region(width, height, self.fill is Fill.CROP)
        return (1 - across / width) / 2, (1 - down / height) / 2, across / width, down / height

    def _region(self, width: int, height: int, inside: bool) -> tuple[float, float]:
        """The largest rectangle of the shape in the painting, or the smallest around it."""
        ratio = self.shape.ratio
        if ratio is None:
            return width, height
        too_wide = width / height > ratio
        return (height * ratio, height) if too_wide == inside else (width, width / ratio)

    def _word(self, name: str) -> str:
        """An enum value without its prefix; empty where it is absent."""
        prefix = {"format": "EXPORT_FORMAT_"}.get(name, f"{name.upper()}_")
        return str(self.values.get(name, "")).removeprefix(prefix)

    def _number(self, name: str, default: float = 0.0) -> float:
        return float(self.values.get(name, default))


def claim_of(path: Path) -> Path:
    """Where the signed claim of a file lies that cannot hold it itself."""
    return path.with_name(f"{path.name}.c2pa")
