"""Stored pictures as the engine's paintings and pictures, and back."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from paints_undo.v1 import jobs_pb2
from paints_undo.worker.v1 import worker_pb2
from paints_undo_daemon.convert import placement_from_proto, placement_to_proto
from paints_undo_daemon.raw_pixels import CHANNELS, shape_line
from paints_undo_daemon.store.pictures import PictureFiles, PictureLostError
from paints_undo_engine import painting as paintings
from paints_undo_engine import png
from paints_undo_engine.events import FrameMade, KeyframeMade
from paints_undo_engine.painting import Painting
from paints_undo_engine.picture import Picture
from paints_undo_engine.restoring import Calibration, calibrate

_KEPT = 2


class Pictures:
    """Reads and writes the store's pictures for a worker; keeps the last paintings decoded.

    One that does not `decode` reads raw pixels and what `png.encode` made, and refuses all else whatever it is told of
    it: it has rights that a stranger's file must not get hold of.
    """

    def __init__(self, files: PictureFiles, *, decodes: bool = True) -> None:
        self.files = files
        self._decodes = decodes
        self._paintings: OrderedDict[tuple[Any, ...], Painting] = OrderedDict()
        self._normalised: dict[tuple[Any, ...], str] = {}
        self._calibrations: OrderedDict[tuple[Any, ...], Calibration] = OrderedDict()

    def painting(self, stored: worker_pb2.StoredPicture) -> Painting:
        """Decode a painting. Raises `PictureLostError`, the `PaintingError`s, `OSError`."""
        key = _key(stored)
        if key not in self._paintings:
            self._paintings[key] = self._decode(stored)
            while len(self._paintings) > _KEPT:
                old, _ = self._paintings.popitem(last=False)
                self._normalised.pop(old, None)
        self._paintings.move_to_end(key)
        return self._paintings[key]

    def masked(self, stored: worker_pb2.StoredPicture, masks: Iterable[worker_pb2.StoredPicture]) -> Painting:
        """A painting with its masks, by the hashes that they were sent with.

        Raises `InvalidRequestError` for one of another size.
        """
        painting = self.painting(stored)
        given = {mask.sent_hash or mask.hash: self._decode(mask) for mask in masks}
        return painting.with_masks(given) if given else painting

    def _decode(self, stored: worker_pb2.StoredPicture) -> Painting:
        data = self.files.read(stored.hash)
        line = shape_line(stored.encoding, stored.width, stored.height)
        if not line:
            decoded = paintings.decode(data) if self._decodes else paintings.from_png(data)
            return replace(decoded, notes=(*decoded.notes, *stored.notes))
        if not data.startswith(line):
            raise PictureLostError(stored.hash, damaged=True)
        return paintings.from_raw(memoryview(data)[len(line) :], stored.width, stored.height, CHANNELS[stored.encoding])

    def normalised(self, stored: worker_pb2.StoredPicture) -> str:
        """The hash of the painting as PNG in its own depth and size, which is stored."""
        key = _key(stored)
        painting = self.painting(stored)
        digest = self._normalised.get(key)
        if digest is None or self.files.size(digest) is None:
            digest = self._normalised[key] = self.files.add_bytes(paintings.normalised_png(painting))
        return digest

    def supplied(self, stored: worker_pb2.StoredPicture, painting: Painting) -> Picture:
        """A keyframe that the artist supplies: it covers the whole painting."""
        return Picture(self.painting(stored).rgb8(), painting.placement)

    def keyframe(self, frame: jobs_pb2.Frame, last_index: int) -> KeyframeMade:
        """A stored keyframe as the engine wants it; the painting itself has no picture."""
        picture = None
        if frame.index != last_index:
            picture = self.frame(frame)
        return KeyframeMade(frame.index, frame.operation_step, picture, frame.label)

    def frame(self, frame: jobs_pb2.Frame) -> Picture:
        """The picture of a stored frame or keyframe. Raises `PictureLostError`."""
        return Picture(png.decode(self.files.read(frame.picture_hash)), placement_from_proto(frame.placement))

    def calibration(self, frame: jobs_pb2.Frame, stored: worker_pb2.StoredPicture) -> Calibration:
        """What a nearly finished frame tells of its engine's softness; the last ones are kept."""
        key = (frame.picture_hash, _key(stored))
        if key not in self._calibrations:
            self._calibrations[key] = calibrate(self.frame(frame), self.painting(stored))
            while len(self._calibrations) > _KEPT:
                self._calibrations.popitem(last=False)
        return self._calibrations[key]

    def store(self, made: KeyframeMade | FrameMade, stored: worker_pb2.StoredPicture) -> jobs_pb2.Frame:
        """Write the picture of a keyframe or frame and describe it."""
        if made.picture is None:
            painting = self.painting(stored)
            digest, width, height, placement = (
                self.normalised(stored),
                painting.width,
                painting.height,
                painting.placement,
            )
        else:
            height, width = made.picture.pixels.shape[:2]
            digest, placement = self.files.add_bytes(png.encode(made.picture.pixels)), made.picture.placement
        frame = jobs_pb2.Frame(
            index=made.index,
            operation_step=made.operation_step,
            picture_hash=digest,
            width=width,
            height=height,
            placement=placement_to_proto(placement),
            label=made.label,
        )
        if isinstance(made, FrameMade):
            frame.interval = made.interval
        return frame


def _key(stored: worker_pb2.StoredPicture) -> tuple[Any, ...]:
    """Raw pixels are told by their size as well; that of a file is known only when it has been decoded once. Two
    uploads may have been normalised to one file, each with notes of its own."""
    size = (stored.width, stored.height) if stored.encoding in CHANNELS else ()
    return stored.hash, stored.encoding, *size, *stored.notes
