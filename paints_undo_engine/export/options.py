"""What may be asked of an export. Standard library only, so that the daemon's front can check options by itself."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from paints_undo_engine.errors import ExportError, InvalidRequestError
from paints_undo_engine.export.pace import parse_curve
from paints_undo_engine.parameters import check_parameters, parameter

DEFAULT_FRAMES_PER_SECOND = 12.0
END_CARD_SECONDS = 1.5
"""How long a video's end card is shown."""
SMALLEST_SIDE, LARGEST_SIDE = 16, 16384
"""What may be asked for as the longer side of a picture, in pixels."""
NEARLY_FINISHED = 300.0
"""The operation step below which a state shows enough of the painting to measure the engine's softness on it."""


class ExportFormat(StrEnum):
    """The formats of an export."""

    MP4 = "mp4"
    WEBM = "webm"
    GIF = "gif"
    WEBP = "webp"
    APNG = "apng"
    PNG_SEQUENCE = "png-sequence"
    ORA = "ora"
    PSD = "psd"
    CONTACT_SHEET = "contact-sheet"
    HTML = "html"
    PDF = "pdf"
    SPRITE_SHEET = "sprite-sheet"

    @property
    def suffix(self) -> str:
        """The file name's ending; a sequence's is that of its archive."""
        return _SUFFIXES.get(self, f".{self.value}")

    @property
    def is_sheet(self) -> bool:
        """Whether it is one page with a few states."""
        return self in (ExportFormat.CONTACT_SHEET, ExportFormat.PDF)

    @property
    def is_layered(self) -> bool:
        """Whether it holds layers instead of a sequence of pictures."""
        return self in (ExportFormat.ORA, ExportFormat.PSD)

    @property
    def media_type(self) -> str:
        """The IANA media type, or the one in common use."""
        return _MEDIA_TYPES[self]


_SUFFIXES = {
    ExportFormat.PNG_SEQUENCE: ".zip",
    ExportFormat.CONTACT_SHEET: ".png",
    ExportFormat.SPRITE_SHEET: ".sprites.zip",
}
_MEDIA_TYPES = {
    ExportFormat.MP4: "video/mp4",
    ExportFormat.WEBM: "video/webm",
    ExportFormat.GIF: "image/gif",
    ExportFormat.WEBP: "image/webp",
    ExportFormat.APNG: "image/apng",
    ExportFormat.PNG_SEQUENCE: "application/zip",
    ExportFormat.ORA: "image/openraster",
    ExportFormat.PSD: "image/vnd.adobe.photoshop",
    ExportFormat.CONTACT_SHEET: "image/png",
    ExportFormat.HTML: "text/html",
    ExportFormat.PDF: "application/pdf",
    ExportFormat.SPRITE_SHEET: "application/zip",
}


class LayerContent(StrEnum):
    """What the layers of a layered file are."""

    KEYFRAMES = "keyframes"
    FRAMES = "frames"
    SPLIT = "split"
    STAGES = "stages"


class FrameSize(StrEnum):
    """The size that pictures are given in: the painting's, restored with its own detail, or the engine's."""

    PAINTING = "painting"
    MODEL = "model"


class Aspect(StrEnum):
    """The shape of the exported picture."""

    OWN = "own"
    SQUARE = "1:1"
    PORTRAIT = "4:5"
    TALL = "9:16"
    WIDE = "16:9"

    @property
    def ratio(self) -> float | None:
        """Width by height, or None for the painting's own."""
        if self is Aspect.OWN:
            return None
        width, height = self.value.split(":")
        return int(width) / int(height)


class Fill(StrEnum):
    """How a painting of another shape than the `Aspect` is brought into it."""

    BLUR = "blur"
    BARS = "bars"
    CROP = "crop"
    FOLLOW = "follow"


class Pace(StrEnum):
    """How the time is shared out among the frames."""

    LINEAR = "linear"
    EASED = "eased"
    PHASES = "phases"
    OPERATIONS = "operations"
    FACES = "faces"


class Language(StrEnum):
    """The languages of what is written into the picture."""

    EN = "en"
    DE = "de"
    ES = "es"
    FR = "fr"
    JA = "ja"
    ZH = "zh"


def language_of(locale: str) -> Language:
    """The language of a locale such as ``de_AT.UTF-8`` or ``zh-CN``; English for one that is not known.

    >>> language_of("de_AT.UTF-8")
    <Language.DE: 'de'>
    """
    code = locale.replace("-", "_").split("_")[0].split(".")[0].lower()
    return Language(code) if code in tuple(Language) else Language.EN


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """How a process is exported; the fields are those of the service's message of the same name.

    `frames_per_second` 0 means 12, unless `duration_seconds` sets the length of the file. Holds (`hold_last_seconds`
    for the painting at the end, `result_first_seconds` for the painting before the beginning) and the end card of a
    video (1.5 seconds) are taken from that length. Raises `InvalidRequestError`.
    """

    format: ExportFormat = parameter(ExportFormat.MP4, "The kind of file.")
    frames_per_second: float = parameter(
        0, "Frames in a second.", minimum=0.1, maximum=120, zero_means="12, or what the duration asks for"
    )
    duration_seconds: float = parameter(
        0, "Length of the file, holds and end card included.", unit="seconds", minimum=0, maximum=600
    )
    hold_last_seconds: float = parameter(
        2, "How long the painting stays at the end.", unit="seconds", minimum=0, maximum=60
    )
    result_first_seconds: float = parameter(
        0, "How long the painting is shown before the beginning.", unit="seconds", minimum=0, maximum=60
    )
    reverse: bool = parameter(False, "From the painting back to the blank canvas.")
    ping_pong: bool = parameter(False, "There and back again.")
    aspect: Aspect = parameter(Aspect.OWN, "The shape of the picture.")
    fill: Fill = parameter(
        Fill.BLUR,
        "Where the shape differs: the whole painting between blurred parts of itself or black bars, its middle, "
        "or a camera that follows the work.",
    )
    max_side: int = parameter(
        0, "Longer side.", unit="pixels", minimum=SMALLEST_SIDE, maximum=LARGEST_SIDE, zero_means="as the size says"
    )
    size: FrameSize = parameter(FrameSize.PAINTING, "The painting's size, or the one that the engine works in.")
    layer_content: LayerContent = parameter(
        LayerContent.KEYFRAMES,
        "What the layers of .ora and .psd are; 'stages' is the split, and above it a group for each stage.",
    )
    omit_metadata: bool = parameter(False, "Leave out the note that the process is generated.", advanced=True)
    omit_end_card: bool = parameter(False, "Leave out the card at a video's end that says so.", advanced=True)
    language: Language = parameter(Language.EN, "The language of that card.")
    pace: Pace = parameter(
        Pace.LINEAR,
        "How time is shared out: the same for each frame, slow at both ends, the same for each phase or each operation "
        "of the work, or slow for faces.",
    )
    pace_curve: str = parameter(
        "",
        "How much of the process is shown by when, in points TIME:PROGRESS from 0:0 to 1:1, instead of the pace.",
        max_length=1000,
    )
    omit_provenance: bool = parameter(False, "Leave out the signed claim of how the file was made.", advanced=True)

    show_operation: bool = parameter(False, "Write on a video what is being done.")
    show_progress: bool = parameter(False, "Draw a bar of progress on a video.")
    show_palette: bool = parameter(False, "Draw the painting's colours on a video, each from when it comes into use.")
    show_brush: bool = parameter(False, "Draw a ring on a video where the work is.")
    title: str = parameter("", "Written on a video's beginning and end.", max_length=80)
    author: str = parameter("", "Written on a video's beginning and end.", max_length=80)
    zoom_seconds: float = parameter(
        0, "How long a video that is done goes close to a detail.", unit="seconds", minimum=0, maximum=30
    )
    wipe_seconds: float = parameter(
        0,
        "How long a video that is done compares the painting with its sketch, by a line that goes there and back.",
        unit="seconds", minimum=0, maximum=30,
    )  # fmt: skip

    omit_corrections: bool = parameter(
        False, "Leave out what goes wrong and is mended; of an engine that knows its operations."
    )
    omit_layers: str = parameter(
        "",
        "Leave out these layers of the split: names of layers or groups, separated by commas, such as 'background'.",
        max_length=400,
    )

    def __post_init__(self) -> None:
        check_parameters(self)
        if self.frames_per_second and self.duration_seconds:
            raise InvalidRequestError("frames_per_second", self.frames_per_second, "0 when duration_seconds is given")

        if self.pace_curve:
            parse_curve(self.pace_curve)
            if self.pace is not Pace.LINEAR:
                raise InvalidRequestError("pace", self.pace.value, "linear when pace_curve is given")

    @property
    def has_steady_pace(self) -> bool:
        """Whether each frame is shown for the same time, holds apart."""
        return self.pace is Pace.LINEAR and not self.pace_curve

    def wants_split(self, *, has_split: bool) -> bool:
        """Whether the layer split is needed; of an engine without one, where nothing else is asked for."""
        asked = {LayerContent.SPLIT: True, LayerContent.STAGES: has_split}
        return bool(self.omit_layers) or (self.format.is_layered and asked.get(self.layer_content, False))

    @property
    def is_video(self) -> bool:
        """Whether the file has a constant frame rate, and pictures that something may be drawn over."""
        return self.format in (ExportFormat.MP4, ExportFormat.WEBM)

    @property
    def keeps_depth(self) -> bool:
        """Whether the file's pictures have 16 bits where the painting has them."""
        return self.format in (ExportFormat.PNG_SEQUENCE, ExportFormat.ORA) and self.size is FrameSize.PAINTING

    @property
    def has_end_card(self) -> bool:
        """Whether the file ends with the card that says what it is: a video does, unless it is left out."""
        return self.is_video and not self.omit_end_card

    @property
    def has_overlays(self) -> bool:
        """Whether anything is drawn over the pictures of a video."""
        drawn = self.show_operation or self.show_progress or self.show_palette or self.show_brush
        return self.is_video and bool(drawn or self.title or self.author)


def format_of(path: Path) -> ExportFormat:
    """The format that a file name asks for: by its ending; without one (or for a folder) a PNG sequence.

    Raises `ExportError` for an unknown ending.

    >>> format_of(Path("fox.sprites.zip"))
    <ExportFormat.SPRITE_SHEET: 'sprite-sheet'>
    """
    if not path.suffix or path.is_dir():
        return ExportFormat.PNG_SEQUENCE
    fitting = [known for known in ExportFormat if path.name.lower().endswith(known.suffix)]
    if not fitting:
        endings = " ".join(sorted(known.suffix for known in ExportFormat))
        raise ExportError(f"{path.name} has an unknown ending. Use one of {endings}, or a folder for a PNG sequence.")
    return max(fitting, key=lambda known: len(known.suffix))


def options_for(path: Path, **values: Any) -> ExportOptions:
    """`ExportOptions` with the format taken from the file name. Raises `ExportError` and `InvalidRequestError`."""
    return ExportOptions(format=format_of(path), **values)
