"""What a result can become outside Krita: presets named by their purpose, and options as the protocol names them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Any

from .pace import Curve, Pace
from .translate import chosen, tr

RESULT_FIRST_SECONDS = 1.5
"""How long the painting is shown before the beginning."""
END_CARD_SECONDS = 1.5
"""How long the card at a video's end is shown; the engine's number."""


class Shape(Enum):
    """The shape of the exported pictures, by the protocol's name; empty: as painted."""

    PAINTED = ""
    SQUARE = "SQUARE"
    PORTRAIT = "PORTRAIT"
    UPRIGHT = "TALL"
    WIDE = "WIDE"

    @property
    def ratio(self) -> tuple[int, int] | None:
        """Width and height, or None for the painting's own."""
        ratios = {Shape.SQUARE: (1, 1), Shape.PORTRAIT: (4, 5), Shape.UPRIGHT: (9, 16), Shape.WIDE: (16, 9)}
        return ratios.get(self)


class Kind(Enum):
    """The file's format, by the protocol's name, with its ending."""

    MP4 = "MP4", "mp4"
    WEBM = "WEBM", "webm"
    GIF = "GIF", "gif"
    WEBP = "WEBP", "webp"
    APNG = "APNG", "png"
    PNG_SEQUENCE = "PNG_SEQUENCE", "zip"
    ORA = "ORA", "ora"
    PSD = "PSD", "psd"
    CONTACT_SHEET = "CONTACT_SHEET", "png"

    @property
    def ending(self) -> str:
        """The file name's ending."""
        return self.value[1]

    @property
    def moves(self) -> bool:
        """Whether it plays: then length, order and hold matter."""
        return self in (Kind.MP4, Kind.WEBM, Kind.GIF, Kind.WEBP, Kind.APNG)

    @property
    def video(self) -> bool:
        """Whether it is a video, which ends with the card that says what it is."""
        return self in (Kind.MP4, Kind.WEBM)

    @property
    def layered(self) -> bool:
        """Whether it holds layers."""
        return self in (Kind.ORA, Kind.PSD)


@dataclass(frozen=True)
class Export:
    """How a file is made. `seconds`: how long it plays, all in all; 0: by the frame rate. `longer_side` 0: the frames'
    own. `fill`: where the shape differs, the whole painting between blurred parts of it, instead of a crop. `split`:
    the layer split instead of the key states, in layered files. `curve` is that of the artist's own pace."""

    kind: Kind = Kind.MP4
    shape: Shape = Shape.PAINTED
    fill: bool = True
    seconds: float = 0.0
    longer_side: int = 0
    frames_per_second: int = 12
    hold_seconds: float = 2.0
    result_first: bool = False
    backwards: bool = False
    there_and_back: bool = False
    split: bool = False
    pace: Pace = Pace.EVEN
    curve: Curve = Curve()

    def options(self) -> dict[str, Any]:
        """Fields of `ExportOptions`: enum values by their names."""
        made: dict[str, Any] = {"format": f"EXPORT_FORMAT_{self.kind.value[0]}"}
        if self.kind.layered:
            return {**made, "layer_content": "LAYER_CONTENT_SPLIT" if self.split else "LAYER_CONTENT_KEYFRAMES"}
        if self.longer_side:
            made["max_side"] = self.longer_side
        if self.kind is Kind.CONTACT_SHEET:
            return made
        if self.shape is not Shape.PAINTED:
            made["aspect"] = f"ASPECT_{self.shape.value}"
            made["fill"] = "FILL_BLUR" if self.fill else "FILL_CROP"
        if not self.kind.moves:
            return made
        made["hold_last_seconds"] = self.hold_seconds
        made["result_first_seconds"] = RESULT_FIRST_SECONDS if self.result_first else 0.0
        if self.kind.video:
            made["language"] = f"LANGUAGE_{chosen()[:2].upper()}"
        if self.pace is Pace.OWN:
            made["pace_curve"] = self.curve.text()
        elif self.pace is not Pace.EVEN:
            made["pace"] = f"PACE_{self.pace.value}"
        made["reverse"], made["ping_pong"] = self.backwards, self.there_and_back
        if self.seconds:
            made["duration_seconds"] = self.seconds
        else:
            made["frames_per_second"] = float(self.frames_per_second)
        return made

    def size(self, width: int, height: int) -> tuple[int, int]:
        """The pictures' size, for frames of `width` x `height`."""
        across, down = width, height
        if self.shape.ratio is not None:
            wide, high = self.shape.ratio
            grow = max if self.fill else min
            across = round(grow(width, height * wide / high))
            down = round(across * high / wide)
        longer = max(across, down)
        if self.longer_side:
            across, down = (max(2, round(side * self.longer_side / longer)) for side in (across, down))
        return across, down

    def length(self, frames: int) -> float:
        """How long it plays, in seconds: as long as was chosen, or the frames, the holds and the end card together."""
        if self.seconds:
            return self.seconds
        shown = max(1, 2 * frames - 1) if self.there_and_back else frames
        around = (RESULT_FIRST_SECONDS if self.result_first else 0.0) + (END_CARD_SECONDS if self.kind.video else 0.0)
        return shown / self.frames_per_second + self.hold_seconds + around

    def shown(self, width: int, height: int) -> tuple[float, float, float, float]:
        """What is left of a frame of `width` x `height`: left, top, width, height as shares of the frame. With `fill`
        it is more than the frame: the rest is blurred."""
        across, down = Export(shape=self.shape, fill=self.fill).size(width, height)
        return (1 - across / width) / 2, (1 - down / height) / 2, across / width, down / height


class Purpose(Enum):
    """What a file is for."""

    VIDEO = "video"
    UPRIGHT = "upright"
    SQUARE = "square"
    PORTRAIT = "portrait"
    WIDE = "wide"
    CHAT = "chat"
    SHEET = "sheet"
    PICTURES = "pictures"
    PSD = "psd"
    ORA = "ora"


def claim_of(path: Path) -> Path:
    """Where the signed claim of a file lies that cannot hold it itself."""
    return path.with_name(f"{path.name}.c2pa")


def words(purpose: Purpose) -> str:
    """The purpose's name."""
    return {
        Purpose.VIDEO: tr("Video, as painted"),
        Purpose.UPRIGHT: tr("Upright video for a phone, 9:16, 15 s"),
        Purpose.SQUARE: tr("Square post, 1:1, 15 s"),
        Purpose.PORTRAIT: tr("Portrait post, 4:5, 15 s"),
        Purpose.WIDE: tr("Wide video, 16:9, 30 s"),
        Purpose.CHAT: tr("Small GIF for a chat"),
        Purpose.SHEET: tr("Contact sheet, one picture"),
        Purpose.PICTURES: tr("Numbered pictures (ZIP)"),
        Purpose.PSD: tr("Layers for Photoshop (PSD)"),
        Purpose.ORA: tr("Layers as OpenRaster (ORA)"),
    }[purpose]


def preset(purpose: Purpose, base: Export, split: bool) -> Export:
    """What a purpose needs, the artist's own rate and hold kept. `split`: the result has a layer split."""
    made = replace(Export(), frames_per_second=base.frames_per_second, hold_seconds=base.hold_seconds)
    changes: dict[Purpose, dict[str, Any]] = {
        Purpose.VIDEO: {},
        Purpose.UPRIGHT: {"shape": Shape.UPRIGHT, "seconds": 15.0, "longer_side": 1920},
        Purpose.SQUARE: {"shape": Shape.SQUARE, "seconds": 15.0, "longer_side": 1080},
        Purpose.PORTRAIT: {"shape": Shape.PORTRAIT, "seconds": 15.0, "longer_side": 1350},
        Purpose.WIDE: {"shape": Shape.WIDE, "seconds": 30.0, "longer_side": 1920},
        Purpose.CHAT: {"kind": Kind.GIF, "seconds": 6.0, "longer_side": 480, "hold_seconds": 1.0},
        Purpose.SHEET: {"kind": Kind.CONTACT_SHEET, "longer_side": 2048},
        Purpose.PICTURES: {"kind": Kind.PNG_SEQUENCE},
        Purpose.PSD: {"kind": Kind.PSD, "split": split},
        Purpose.ORA: {"kind": Kind.ORA, "split": split},
    }
    return replace(made, **changes[purpose])
