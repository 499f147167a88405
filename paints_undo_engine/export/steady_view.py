"""A view that does not move, drawn in a video's own planes: a state is scaled and converted in one pass."""

from __future__ import annotations

import av
import numpy as np
from av.video.reformatter import VideoReformatter

from paints_undo_engine._picture.alpha import on_white
from paints_undo_engine.export.beside import Beside
from paints_undo_engine.export.geometry import Canvas
from paints_undo_engine.export.planes import Pixels, Planes
from paints_undo_engine.picture import Picture, Placement

_WHOLE = 1e-6


class SteadyView:
    """What a canvas shows of one state after the other."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self._scaler = VideoReformatter()
        self._beside = Beside(canvas)

    def show(self, picture: Picture) -> Planes:
        """A picture on white, as `Canvas.show` draws it. It is the caller's to change."""
        shown = Picture(on_white(picture.pixels), picture.placement)
        place = self._place(shown.placement)
        if place is None:
            return Planes.of(self._canvas.show(shown))
        return self._put(self._scaled(shown.pixels, place[2], place[3]), place[0], place[1], self._ground(shown))

    def _place(self, placement: Placement) -> tuple[int, int, int, int] | None:
        """Where a picture lies on the canvas: left, top, width, height; None where that is not on even whole pixels, or
        where the painting is not covered."""
        canvas, region = self._canvas, self._canvas.region
        across, down = canvas.width / region.width, canvas.height / region.height
        edges = (
            (placement.x - region.x) * across,
            (placement.y - region.y) * down,
            (placement.x + placement.width - region.x) * across,
            (placement.y + placement.height - region.y) * down,
        )
        left, top, right, bottom = (round(edge) for edge in edges)
        fits = all(abs(edge - round(edge)) < _WHOLE and round(edge) % 2 == 0 for edge in edges)
        seen = (max(0, left), max(0, top), min(canvas.width, right), min(canvas.height, bottom))
        return (left, top, right - left, bottom - top) if fits and seen == canvas.inner else None

    def _scaled(self, pixels: Pixels, width: int, height: int) -> Planes:
        shrinks = width <= pixels.shape[1] and height <= pixels.shape[0]
        frame = self._scaler.reformat(
            av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24"),
            width, height, "yuv420p",
            dst_colorspace="ITU709",  # type: ignore[arg-type]  # PyAV 14.0 takes names alone, the stubs know numbers
            dst_color_range="MPEG", src_color_range="JPEG",
            interpolation="AREA" if shrinks else "BICUBIC",
        )  # fmt: skip
        return Planes(np.asarray(frame.to_ndarray(), np.uint8))

    def _put(self, scaled: Planes, left: int, top: int, beside: Planes | None) -> Planes:
        """A scaled picture with its corner at `left`, `top` of the canvas."""
        if beside is None and (left, top, scaled.width, scaled.height) == (
            0,
            0,
            self._canvas.width,
            self._canvas.height,
        ):
            return scaled
        made = Planes.empty(self._canvas.width, self._canvas.height) if beside is None else beside.copy()
        x0, y0, x1, y1 = self._canvas.inner
        for (plane, share), (new, _) in zip(made.parts, scaled.parts, strict=True):
            rows, columns = slice(y0 // share, y1 // share), slice(x0 // share, x1 // share)
            plane[rows, columns] = new[
                (y0 - top) // share : (y1 - top) // share, (x0 - left) // share : (x1 - left) // share
            ]
        return made

    def _ground(self, shown: Picture) -> Planes | None:
        """What lies beside the painting; None where nothing does."""
        canvas = self._canvas
        return None if canvas.inner == (0, 0, canvas.width, canvas.height) else self._beside.of(shown)
