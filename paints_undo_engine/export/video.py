"""H.264 in MP4 and VP9 in WebM, by PyAV; a frame is encoded and let go before the next is read."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import numpy as np
from av.video.stream import VideoStream
from numpy.typing import NDArray

from paints_undo_engine.export import budget, end_card
from paints_undo_engine.export.camera import Centre, located, views
from paints_undo_engine.export.geometry import canvas_for
from paints_undo_engine.export.options import ExportFormat, ExportOptions, Fill
from paints_undo_engine.export.source import ProcessSource
from paints_undo_engine.export.timeline import timeline

_CODECS = {
    ExportFormat.MP4: ("libx264", {"preset": "veryfast", "crf": "17", "rc-lookahead": "12", "bf": "2"}),
    ExportFormat.WEBM: (
        "libvpx-vp9",
        {"deadline": "realtime", "cpu-used": "6", "crf": "22", "b": "0", "row-mt": "1", "lag-in-frames": "0"},
    ),
}
_FREE = _CODECS[ExportFormat.WEBM]
"""What an MP4 holds where FFmpeg was built without x264, which is under the GPL."""
_BT709 = 1
_MAX_THREADS = 8
"""Each holds pictures of its own (`budget`)."""
FASTEST = Fraction(120)
PACED_RATE = Fraction(30)
"""Frames per second where the pace is not linear or the camera moves; frames that are shown longer are repeated."""
XMP_UUID = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")


def write(source: ProcessSource, target: Path, options: ExportOptions) -> Iterator[tuple[int, int]]:
    """Write an MP4 (yuv420p, fast start) or WebM with a constant frame rate; held frames are repeated, and the end card
    follows them.

    Raises `ExportError` above its `budget`, and what the container's writing raises.
    """
    follows = options.fill is Fill.FOLLOW
    steady = options.has_steady_pace and not follows
    plan = timeline(len(source.states), options, FASTEST if steady else PACED_RATE, source.phases)
    rate = plan.rate if steady else PACED_RATE
    plan = plan.by_tick(rate) if follows else plan
    canvas = canvas_for(source.painting, source.sample(), options, even=True)
    ticks = plan.ticks(rate)
    budget.check(options.format, canvas.width, canvas.height, sum(ticks))
    flags = {"movflags": "+faststart"} if options.format is ExportFormat.MP4 else {"write_crc32": "0"}
    with av.open(str(target), "w", format=options.format.value, options=flags) as container:
        if not options.omit_metadata:
            container.metadata["title"] = "Generated painting process"
            container.metadata["comment"] = source.provenance.sentence
            if options.format is ExportFormat.WEBM:
                container.metadata["XMP"] = source.provenance.xmp()
        name, settings = _codec(options.format)
        stream = cast(VideoStream, container.add_stream(name, rate=rate, options=settings))
        stream.width, stream.height, stream.pix_fmt = canvas.width, canvas.height, "yuv420p"
        context = stream.codec_context
        context.thread_count = min(_MAX_THREADS, os.cpu_count() or 1)
        context.time_base = 1 / rate
        context.color_primaries = context.color_trc = context.colorspace = _BT709
        first = len({shot.frame for shot in plan.shots}) if follows else 0
        centres: dict[int, Centre] = {}
        position, steps = 0, first + len(ticks)
        for frame, centre in located(source, plan) if follows else ():
            centres[frame] = centre
            yield len(centres), steps
        moving = zip(plan.shots, views(source, canvas, plan, options, centres), ticks, strict=False)
        frame, picture = -1, source.sample()
        for step, (shot, view, shown) in enumerate(moving, first + 1):
            if shot.frame != frame:
                frame, picture = shot.frame, source.states[shot.frame].read()
            pixels = view.show(picture)
            position = _show(container, stream, pixels, position, shown)
            yield step, steps
        if plan.card:
            painting = canvas.show(source.painting.picture())
            _show(container, stream, end_card.draw(painting, options.language), position, ticks[-1])
            yield steps, steps
        container.mux(stream.encode(None))
    if options.format is ExportFormat.MP4 and not options.omit_metadata:
        with target.open("ab") as file:
            file.write(xmp_box(source.provenance.xmp()))


def _codec(export_format: ExportFormat) -> tuple[str, dict[str, str]]:
    """The encoder of a format and its settings, as far as this FFmpeg has it."""
    name, settings = _CODECS[export_format]
    return (name, settings) if _has(name) else _FREE


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


def _show(
    container: av.container.OutputContainer, stream: VideoStream, pixels: NDArray[np.uint8], position: int, ticks: int
) -> int:
    picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")
    converted = picture.reformat(format="yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG")
    for tick in range(position, position + ticks):
        converted.pts = tick
        converted.time_base = stream.codec_context.time_base
        container.mux(stream.encode(converted))
    return position + ticks
