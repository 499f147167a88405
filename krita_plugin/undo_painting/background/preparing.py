"""Preparing imports: frames as the bytes of layers, or in an animation file."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from ..core import choice as choosing
from ..core.animation_file import AnimationFile, tiles
from ..core.choice import AnimationLayout, ImportOrder
from ..core.jobs import StoredFrame
from ..core.mapping import Rect, frame_rect
from ..core.translate import tr
from ..net.pictures import Pixels, SplitLayer
from ..qt import QImage
from . import coding
from .connection import ConnectionKeeper

AHEAD = 4

AddFrame = Callable[[str, str, bytes, Rect, Callable[[QImage], bool] | None], None]
"""Takes a frame: its layer's name, what is being done, its bytes, its place and, for the last one, what tells whether
an image is the painting."""


class Preparing:
    """Fetches frames and makes of them what Krita takes. The artist's document is neither read nor changed here."""

    def __init__(self, connection: ConnectionKeeper) -> None:
        self._connection = connection

    async def _pictures(self, order: ImportOrder, indices: list[int]) -> AsyncIterator[tuple[StoredFrame, Pixels]]:
        """The wanted pictures in order; runs of neighbours come in one stream."""
        for begin, end, stride in _runs(indices):
            daemon = await self._connection.daemon()
            async for item in daemon.frames(order.job_id, begin, end, stride, order.keyframes):
                yield item

    async def layers(self, order: ImportOrder, add: AddFrame) -> None:
        """Hand the wanted pictures to `add`, one for each turn of Krita's own thread."""
        ready: asyncio.Queue[Any] = asyncio.Queue(AHEAD)

        async def produce() -> None:
            async for picture, data in self._pictures(order, list(order.indices)):
                rect = frame_rect(order.source, picture.placement, *order.size)
                name = choosing.layer_name(picture.index, order.total, picture.operation_step, picture.label)
                work = self._connection.in_pool(coding.layer_bytes, data, rect.width, rect.height)
                await ready.put((name, picture.label, asyncio.ensure_future(work), rect))
            await ready.put(None)

        def is_painting(image: QImage) -> bool:
            return coding.for_upload(image, True)[0] == order.painting_hash

        producer = asyncio.ensure_future(produce())
        try:
            made, wanted = 0, len(order.indices)
            while True:
                getter = asyncio.ensure_future(ready.get())
                await asyncio.wait({getter, producer}, return_when=asyncio.FIRST_COMPLETED)
                if not getter.done() and producer.exception() is not None:
                    getter.cancel()
                    raise producer.exception() or RuntimeError
                item = await getter
                if item is None:
                    break
                made += 1
                name, label, work, rect = item
                await self._connection.ask(add, name, label, await work, rect, is_painting if made == wanted else None)
            if made != wanted:
                raise RuntimeError(tr("Only {made} of {wanted} frames came; try again.", made=made, wanted=wanted))
        finally:
            producer.cancel()

    async def split(self, order: ImportOrder, add: Callable[[SplitLayer, bytes, Rect], None]) -> None:
        """Hand the procedural engine's layer split to `add`, one for each turn of Krita's own thread."""
        daemon = await self._connection.daemon()
        async for layer in daemon.layers(order.job_id):
            rect = frame_rect(order.source, None, *order.size)
            data = await self._connection.in_pool(coding.layer_bytes, layer.pixels, rect.width, rect.height)
            await self._connection.ask(add, layer, data, rect)

    async def file(
        self,
        order: ImportOrder,
        timeline: AnimationLayout,
        path: Path,
        name: str,
        profile: str,
        step: Callable[[int], None],
    ) -> None:
        """Write the document file with the animated layer in a colour `profile`; Krita's own thread hears of `step`."""
        made, wanted = 0, len(order.indices)
        pending: list[tuple[int, Rect, Any]] = []
        with AnimationFile(path, *order.size, profile, name, wanted) as file:

            async def write() -> None:
                nonlocal made
                time, rect, work = pending.pop(0)
                await self._connection.in_pool(file.add, time, await work, rect.x, rect.y)
                made += 1
                self._connection.emit(step, made)

            indices = list(reversed(order.indices)) if timeline.reverse else list(order.indices)
            async for picture, data in self._pictures(order, indices):
                rect = frame_rect(order.source, picture.placement, *order.size)
                work = asyncio.ensure_future(self._connection.in_pool(_tiles, data, rect))
                pending.append((timeline.start + made + len(pending), rect, work))
                if len(pending) >= AHEAD:
                    await write()
            while pending:
                await write()
        if made != wanted:
            raise RuntimeError(tr("Only {made} of {wanted} frames came; try again.", made=made, wanted=wanted))


def _tiles(data: Pixels, rect: Rect) -> bytes:
    return tiles(coding.layer_bytes(data, rect.width, rect.height), rect.width, rect.height)


def _runs(indices: list[int]) -> list[tuple[int, int, int]]:
    """Indices as (begin, end, stride) pieces, each one stream; what does not ascend comes one by one."""
    pieces: list[tuple[int, int, int]] = []
    start = 0
    while start < len(indices):
        end = start + 1
        stride = max(1, indices[end] - indices[start]) if end < len(indices) else 1
        while end < len(indices) and indices[end] - indices[end - 1] == stride:
            end += 1
        pieces.append((indices[start], indices[end - 1] + 1, stride))
        start = end
    return pieces
