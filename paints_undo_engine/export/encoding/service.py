"""The process that drives video hardware: ``python -P -m paints_undo_engine.export.encoding.service``.

It encodes one film after the other (`messages`) from standard input to standard output, by encoders of its own list
alone. It ends with its input, and with an encoder that does not come back.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from typing import BinaryIO, cast

import av
import numpy as np
from av.video.stream import VideoStream

from paints_undo_engine.export.encoding import messages
from paints_undo_engine.export.encoding.encoders import BT709, HARDWARE, Encoder
from paints_undo_engine.export.encoding.messages import Order, Reply

CONTAINER = "nut"
"""FFmpeg's own: it needs no seeking, and keeps a film's ticks as they are."""
_PATIENCE = 20.0
"""Seconds that one call of an encoder may take."""


def serve(incoming: BinaryIO, outgoing: BinaryIO, encoders: Sequence[Encoder] = HARDWARE) -> None:
    """Encode films until the input ends. Raises `OSError` and `ValueError` where the other side does not keep to what
    was agreed."""
    watch = _Watch()
    while (message := messages.read(incoming)) is not None:
        pictures = _pictures(incoming)
        try:
            order = Order.unpacked(message)
            encoder = next(each for each in encoders if each.name == order.encoder)
            _encode(order, encoder, pictures, outgoing, watch)
            last = Reply.FINISHED, b""
        except (av.FFmpegError, ValueError, StopIteration) as error:
            last = Reply.FAILED, str(error).encode()[:500]
            for _ in pictures:
                pass
        messages.write(outgoing, last[0].encode(), last[1])


def _pictures(incoming: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Ticks and planes of each picture, up to the film's end."""
    while message := messages.read(incoming):
        yield messages.LENGTH.unpack_from(message)[0], message[messages.LENGTH.size :]


def _encode(
    order: Order, encoder: Encoder, pictures: Iterator[tuple[int, bytes]], outgoing: BinaryIO, watch: _Watch
) -> None:
    rate = Fraction(order.ticks, order.seconds)
    with watch.over(), av.open(_Pieces(outgoing), "w", format=CONTAINER) as container:
        stream = cast(VideoStream, container.add_stream(encoder.name, rate=rate, options=dict(encoder.settings)))
        stream.width, stream.height, stream.pix_fmt = order.width, order.height, encoder.layout
        context = stream.codec_context
        context.time_base = 1 / rate
        context.color_primaries = context.color_trc = context.colorspace = BT709
        context.open()
        position = 0
        for ticks, planes in watch.between(pictures):
            shape = (order.height * 3 // 2, order.width)
            frame = av.VideoFrame.from_ndarray(np.frombuffer(planes, np.uint8).reshape(shape), format="yuv420p")
            if encoder.layout != "yuv420p":
                frame = frame.reformat(format=encoder.layout)
            frame.time_base = context.time_base
            for tick in range(position, position + ticks):
                frame.pts = tick
                watch.begin()
                container.mux(stream.encode(frame))
            position += ticks
        container.mux(stream.encode(None))


class _Pieces:
    """A file for PyAV that is written as messages."""

    def __init__(self, outgoing: BinaryIO) -> None:
        self._outgoing = outgoing

    def write(self, data: bytes) -> int:
        """Send a piece."""
        messages.write(self._outgoing, Reply.PIECE.encode(), data)
        return len(data)


class _Watch:
    """Ends the process when an encoder does not come back: no thread can be taken out of a driver."""

    def __init__(self) -> None:
        self._begun: float | None = None
        threading.Thread(target=self._look, daemon=True).start()

    @contextmanager
    def over(self) -> Iterator[None]:
        """Watch what is done within."""
        self.begin()
        try:
            yield
        finally:
            self._begun = None

    def begin(self) -> None:
        """A call begins."""
        self._begun = time.monotonic()

    def between(self, pictures: Iterator[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
        """The pictures; waiting for them counts for nothing."""
        while True:
            self._begun = None
            picture = next(pictures, None)
            self.begin()
            if picture is None:
                return
            yield picture

    def _look(self) -> None:
        while True:
            time.sleep(1)
            begun = self._begun
            if begun is not None and time.monotonic() - begun > _PATIENCE:
                os._exit(1)


def main() -> None:
    """Serve on the standard streams; what a driver prints goes to standard error."""
    incoming, outgoing = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(incoming, outgoing)


if __name__ == "__main__":
    main()
