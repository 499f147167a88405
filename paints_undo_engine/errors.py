"""The engine's exception tree.

    PaintsUndoError
    ├── InvalidRequestError      a parameter out of range: field, value, allowed range
    ├── PaintingError            the file is no picture that can be used
    │   ├── UnsupportedPictureError   not a picture, or a kind that is not read
    │   ├── DamagedPictureError       truncated or broken inside
    │   ├── PictureTooLargeError      more pixels than the limit
    │   └── BlankPaintingError        one colour, or nothing at all
    ├── EngineUnavailableError   the engine cannot run here (a package, a device or the weights are missing)
    │   └── UnknownEngineError        there is no engine of this name
    ├── CheckpointError          a checkpoint that does not fit, is damaged or of a refused kind
    │   └── DownloadError             a checkpoint could not be fetched
    ├── OutOfMemoryError         the device or the machine has too little memory for this memory plan
    ├── SlowJobError             the job would take very long on this device, and that was not allowed
    ├── NotFiniteError           a result would hold infinite values or NaN
    ├── ExportError              a result could not be written
    │   └── ExportTooLargeError       it would be too much for its format: field, problem, fits
    └── VerificationError        a file cannot be read to look for its marks

Every message is a sentence that says what happened and what to do.
"""

from __future__ import annotations


class PaintsUndoError(Exception):
    """Base of every error that the engine raises on purpose."""


class InvalidRequestError(PaintsUndoError):
    """A parameter is out of its range.

    `field` is the dotted name in the request (``keyframes.steps``), `value` what was given, `allowed` the range in
    words.
    """

    def __init__(self, field: str, value: object, allowed: str) -> None:
        super().__init__(f"{field} is {value!r}, but must be {allowed}.")
        self.field = field
        self.value = value
        self.allowed = allowed


class PaintingError(PaintsUndoError):
    """A file cannot be used as a painting."""


class UnsupportedPictureError(PaintingError):
    """The file is not a picture, or of a kind that is not read."""


class DamagedPictureError(PaintingError):
    """The file begins like a picture but is truncated or broken."""


class PictureTooLargeError(PaintingError):
    """The picture has more pixels than the limit."""


class BlankPaintingError(PaintingError):
    """There is nothing to be seen but one colour, or nothing at all: no painting that could be undone."""

    def __init__(self) -> None:
        super().__init__("The painting has only one colour, so there is nothing to undo. Paint first.")


class EngineUnavailableError(PaintsUndoError):
    """The engine cannot run here: a package, a device or the weights are missing."""


class UnknownEngineError(EngineUnavailableError):
    """There is no engine of this name."""


class CheckpointError(PaintsUndoError):
    """A checkpoint does not fit, is damaged or of a kind that is refused."""


class DownloadError(CheckpointError):
    """A checkpoint could not be fetched.

    `reason` is one word: ``offline`` (the user's setting), ``disk`` (too little space), ``busy`` (another download of
    it runs), ``unreachable`` (the network or the hub), ``refused`` (the hub does not have or give it), ``digest`` (what
    came, or what the hub offers, is not what was recorded).
    """

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


class OutOfMemoryError(PaintsUndoError):
    """The device or the machine has too little memory for this memory plan."""


class SlowJobError(PaintsUndoError):
    """The job would take very long on this device, and the request does not allow that."""


class NotFiniteError(PaintsUndoError):
    """A model gave infinite values or NaN, as narrow number formats do on some devices."""


class ExportError(PaintsUndoError):
    """A result could not be written."""


class ExportTooLargeError(ExportError):
    """An export would be too much for its format.

    `field` is the option that makes it smaller, `problem` the sentences without its name, which is another one for
    those who do not write Python: what is `refused`, the longer side that `fits`, in pixels, and what would do
    `otherwise`.
    """

    field = "max_side"

    def __init__(self, refused: str, fits: int, otherwise: str = "") -> None:
        self.refused, self.fits, self.otherwise = refused, fits, otherwise
        self.problem = f"{refused} A longer side of {fits} pixels would fit{otherwise}."
        super().__init__(f"{self.problem} The option is {self.field}.")


class VerificationError(PaintsUndoError):
    """A file cannot be read to look for its marks."""
