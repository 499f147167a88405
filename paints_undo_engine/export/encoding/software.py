"""Encoding in software, in a thread of its own."""

from __future__ import annotations

import os
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import cast

import av
from av.packet import Packet
from av.video.frame import PictureType
from av.video.stream import VideoStream

from paints_undo_engine.export.encoding.encoders import BT709, VP9, Encoder
from paints_undo_engine.export.encoding.showing_again import shown_again
from paints_undo_engine.export.encoding.target import Target
from paints_undo_engine.export.planes import Planes

_MAX_THREADS = 8
"""Each holds pictures of its own (`export.budget`)."""
_WAITING = 2
"""Pictures that wait for the encoder."""
_JUMP_SECONDS = 20
"""After so long a picture is encoded by itself, so that players can jump to it. Encoders count pictures, not seconds,
and in VP9 a picture that stays counts once."""


class SoftwareEncoding:
    """Encodes while the next picture is drawn; at most `_WAITING` pictures wait."""

    def __init__(self, target: Target, encoder: Encoder) -> None:
        added = target.container.add_stream(encoder.name, rate=target.rate, options=dict(encoder.settings))
        stream = cast(VideoStream, added)
        stream.width, stream.height, stream.pix_fmt = target.width, target.height, encoder.layout
        context = stream.codec_context
        context.thread_count = min(_MAX_THREADS, os.cpu_count() or 1)
        context.time_base = 1 / target.rate
        context.color_primaries = context.color_trc = context.colorspace = BT709
        self._container, self._stream, self._position = target.container, stream, 0
        self._shows_again, self._key = encoder is VP9, 0
        self._sound = target.sound()
        self._thread = ThreadPoolExecutor(1, "encoder")
        self._running: deque[Future[None]] = deque()

    def put(self, planes: Planes, ticks: int) -> None:
        """Take a picture that is seen for so many ticks. Raises what encoding an earlier one has raised."""
        while len(self._running) > _WAITING:
            self._running.popleft().result()
        self._running.append(self._thread.submit(self._encode, planes, self._position, ticks))
        self._position += ticks

    def finish(self) -> None:
        """Wait for the end, and write what the encoder still holds."""
        self._running.append(self._thread.submit(self._flush))
        while self._running:
            self._running.popleft().result()

    def close(self) -> None:
        """Forget what waits, and end the thread."""
        self._thread.shutdown(cancel_futures=True)
        if self._sound is not None:
            self._sound.close()

    def _encode(self, planes: Planes, position: int, ticks: int) -> None:
        frame = av.VideoFrame.from_ndarray(planes.buffer, format="yuv420p")
        frame.time_base = self._stream.codec_context.time_base
        if self._shows_again and (position - self._key) * frame.time_base >= _JUMP_SECONDS:
            frame.pict_type = PictureType.I
        again: bytes | None = None
        for tick in range(position, position + ticks):
            if again is None:
                frame.pts = tick
                packets = self._stream.encode(frame)
                again = shown_again(bytes(packets[0])) if self._shows_again and len(packets) == 1 else None
                if packets and packets[0].is_keyframe:
                    self._key = tick
                frame.pict_type = PictureType.NONE
            else:
                packets = [self._packet(again, tick)]
            self._container.mux(packets)
            if self._sound is not None:
                self._sound.advance(frame.time_base * (tick + 1))

    def _packet(self, data: bytes, tick: int) -> Packet[VideoStream]:
        packet = cast("Packet[VideoStream]", Packet(data))
        packet.stream, packet.time_base = self._stream, self._stream.codec_context.time_base
        packet.pts = packet.dts = tick
        packet.duration = 1
        return packet

    def _flush(self) -> None:
        self._container.mux(self._stream.encode(None))
        if self._sound is not None:
            self._sound.finish()
