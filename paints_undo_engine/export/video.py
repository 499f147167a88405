"""H.264 in MP4 and VP9 in WebM, by PyAV; a frame is encoded and let go before the next is read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import av
import numpy as np
from av.video.stream import VideoStream
from numpy.typing import NDArray

from paints_undo_engine.export import budget
from paints_undo_engine.export.geometry import canvas_for
from paints_undo_engine.export.options import ExportFormat, ExportOptions
from paints_undo_engine.export.source import ProcessSource
from paints_undo_engine.export.timeline import timeline

_CODECS = {
    ExportFormat.MP4: ("libx264", {"preset": "veryfast", "crf": "17", "rc-lookahead": "12", "bf": "2"}),
    ExportFormat.WEBM: (
        "libvpx-vp9",
        {"deadline": "realtime", "cpu-used": "6", "crf": "22", "b": "0", "row-mt": "1", "lag-in-frames": "0"},
    ),
}
_BT709 = 1


def write(source: ProcessSource, target: Path, options: ExportOptions) -> Iterator[tuple[int, int]]:
    """Write an MP4 (yuv420p, fast start) or WebM with a constant frame rate; held frames are repeated.

    Raises `ExportError` above its `budget`, and what the container's writing raises.
    """
    plan = timeline(len(source.states), options)
    canvas = canvas_for(source.painting, source.sample(), options, even=True)
    ticks = plan.ticks(plan.rate)
    budget.check(options.format, canvas.width, canvas.height, sum(ticks))
    flags = {"movflags": "+faststart"} if options.format is ExportFormat.MP4 else {}
    with av.open(str(target), "w", format=options.format.value, options=flags) as container:
        if not options.omit_metadata:
            container.metadata["title"] = "Generated painting process"
            container.metadata["comment"] = source.provenance.sentence
        name, settings = _CODECS[options.format]
        stream = cast(VideoStream, container.add_stream(name, rate=plan.rate, options=settings))
        stream.width, stream.height, stream.pix_fmt = canvas.width, canvas.height, "yuv420p"
        context = stream.codec_context
        context.time_base = 1 / plan.rate
        context.color_primaries = context.color_trc = context.colorspace = _BT709
        position = 0
        for step, (shot, shown) in enumerate(zip(plan.shots, ticks, strict=True), 1):
            pixels = canvas.show(source.states[shot.frame].read())
            position = _show(container, stream, pixels, position, shown)
            yield step, len(plan.shots)
        container.mux(stream.encode(None))


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
