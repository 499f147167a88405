"""H.264 in MP4 and VP9 in WebM, by PyAV; a frame is encoded and let go before the next is read."""

from __future__ import annotations

import os
import struct
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import cast

import av
from av.container import OutputContainer
from av.video.stream import VideoStream

from paints_undo_engine.export import budget
from paints_undo_engine.export.film import Film
from paints_undo_engine.export.options import ExportFormat, ExportOptions
from paints_undo_engine.export.planes import Planes
from paints_undo_engine.export.sound import Sound
from paints_undo_engine.export.source import ProcessSource
from paints_undo_engine.provenance import Provenance

_CODECS = {
    ExportFormat.MP4: (
        "libx264",
        {
            "preset": "superfast",
            "qp": "19",
            "bf": "0",
            "x264-params": "scenecut=0:rc-lookahead=0:sync-lookahead=0:weightp=0:mbtree=0:aq-mode=0:subme=0",
        },
    ),
    ExportFormat.WEBM: (
        "libvpx-vp9",
        {"deadline": "realtime", "cpu-used": "6", "crf": "22", "b": "0", "row-mt": "1", "lag-in-frames": "0"},
    ),
}
_FREE = _CODECS[ExportFormat.WEBM]
"""What an MP4 holds without x264, which is under the GPL: where FFmpeg was built without it, or it is not wanted."""
_GPL = frozenset({"libx264"})
GPL_VARIABLE = "PAINTS_UNDO_GPL_ENCODERS"
"""In the environment: `false` where no encoder under the GPL may be used."""
_BT709 = 1
_MAX_THREADS = 8
"""Each holds pictures of its own (`budget`)."""
_WAITING = 2
"""Pictures that wait for the encoder."""
XMP_UUID = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")


def write(source: ProcessSource, target: Path, options: ExportOptions) -> Iterator[tuple[int, int]]:
    """Write an MP4 (yuv420p, fast start) or WebM with a constant frame rate; held frames are repeated, and the end card
    follows them.

    Raises `ExportError` above its `budget`, and what the container's writing raises.
    """
    film = Film(source, options)
    codec = _codec(options.format)
    kind = ExportFormat.WEBM if codec is _FREE else options.format
    budget.check(kind, film.canvas.width, film.canvas.height, film.length)
    with open_film(target, options.format) as container:
        if not options.omit_metadata:
            note_in(container, options.format, source.provenance)
        with closing(_Encoder(container, codec, options.format, film, source.sound)) as encoder:
            for step, shown in enumerate(film.shown(), 1):
                if shown.planes is not None:
                    encoder.put(shown.planes, shown.ticks)
                yield step, film.steps
            encoder.finish()
    if options.format is ExportFormat.MP4 and not options.omit_metadata:
        with target.open("ab") as file:
            file.write(xmp_box(source.provenance.xmp()))


def open_film(target: Path, kind: ExportFormat) -> OutputContainer:
    """The file that an MP4 or WebM is written to."""
    flags = {"movflags": "+faststart"} if kind is ExportFormat.MP4 else {"write_crc32": "0"}
    return av.open(str(target), "w", format=kind.value, options=flags)


def note_in(container: OutputContainer, kind: ExportFormat, note: Provenance) -> None:
    """Put into the container's tags what the file is; an MP4's XMP follows when it is closed."""
    container.metadata["title"] = "Generated painting process"
    container.metadata["comment"] = note.sentence
    if kind is ExportFormat.WEBM:
        container.metadata["XMP"] = note.xmp()


class _Encoder:
    """Encodes in a thread of its own, so that the next picture is drawn meanwhile; at most `_WAITING` pictures wait."""

    def __init__(
        self,
        container: OutputContainer,
        codec: tuple[str, dict[str, str]],
        kind: ExportFormat,
        film: Film,
        sound: Path | None,
    ) -> None:
        name, settings = codec
        stream = cast(VideoStream, container.add_stream(name, rate=film.rate, options=settings))
        stream.width, stream.height, stream.pix_fmt = film.canvas.width, film.canvas.height, "yuv420p"
        context = stream.codec_context
        context.thread_count = min(_MAX_THREADS, os.cpu_count() or 1)
        context.time_base = 1 / film.rate
        context.color_primaries = context.color_trc = context.colorspace = _BT709
        self._container, self._stream, self._position = container, stream, 0
        self._sound = None if sound is None else Sound(container, kind, sound, film.length / film.rate)
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
        for tick in range(position, position + ticks):
            frame.pts = tick
            self._container.mux(self._stream.encode(frame))
            if self._sound is not None:
                self._sound.advance(frame.time_base * (tick + 1))

    def _flush(self) -> None:
        self._container.mux(self._stream.encode(None))
        if self._sound is not None:
            self._sound.finish()


def _codec(export_format: ExportFormat) -> tuple[str, dict[str, str]]:
    """The encoder of a format and its settings, as far as it may be used and this FFmpeg has it."""
    name, settings = _CODECS[export_format]
    wanted = name not in _GPL or os.environ.get(GPL_VARIABLE, "").lower() not in ("false", "0", "no", "off")
    return (name, settings) if wanted and _has(name) else _FREE


def _has(encoder: str) -> bool:
    try:
        av.codec.Codec(encoder, "w")
    except av.codec.codec.UnknownCodecError:
        return False
    return True


def xmp_box(packet: str) -> bytes:
    """A ``uuid`` box with an XMP packet (XMP Specification, part 3, section 1.2.7.1: ISO base media files)."""
    contents = XMP_UUID + packet.encode()
    return struct.pack(">I4s", 8 + len(contents), b"uuid") + contents
