"""Preparing imports: frames as the bytes of layers, or in an animation file."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core import choice as choosing
from ..core.animation_file import AnimationFile, tiles
from ..core.choice import Timeline
from ..core.jobs import Job, Picture
from ..core.mapping import Rect, frame_rect
from ..core.translate import tr
from ..net.pictures import Layer, Pixels
from . import coding

if TYPE_CHECKING:
    from .background import Background

AHEAD = 4


AddFrame = Callable[[str, bytes, Rect, Callable[[Any], bool] | None], None]
"""Takes a frame: its layer's name, its bytes, its place and, for the last one, what tells whether an image is the
painting."""


class Preparing:
    """Fetches frames and makes of them what Krita takes. The artist's document is neither read nor changed here."""

    def __init__(self, background: Background) -> None:
        self._background = background

    async def _pictures(
        self, job: Job, wanted: list[Picture], keyframes: bool
    ) -> AsyncIterator[tuple[Picture, Pixels]]:
        """The wanted pictures in order; runs of neighbours come in one stream."""
        indices = [picture.index for picture in wanted]
        for begin, end, stride in _runs(indices):
            daemon = await self._background.daemon()
            async for item in daemon.frames(job.job_id, begin, end, stride, keyframes):
                yield item

    async def layers(
        self, job: Job, wanted: list[Picture], keyframes_only: bool, size: tuple[int, int], add: AddFrame
    ) -> None:
        """Hand the wanted pictures to `add`, one for each turn of Krita's own thread."""
        keyframes = not job.frames or keyframes_only
        total = len(job.keyframes) if keyframes else max(job.frame_count, len(job.frames))
        ready: asyncio.Queue[Any] = asyncio.Queue(AHEAD)

        async def produce() -> None:
            async for picture, data in self._pictures(job, wanted, keyframes):
                rect = frame_rect(job.source, picture.placement, *size)
                name = choosing.layer_name(picture.index, total, picture.operation_step, picture.label)
                work = self._background.in_pool(coding.layer_bytes, data, rect.width, rect.height)
                await ready.put((name, asyncio.ensure_future(work), rect))
            await ready.put(None)

        def is_painting(image: Any) -> bool:
            return coding.for_upload(image, True)[0] == job.painting_hash

        producer = asyncio.ensure_future(produce())
        try:
            made = 0
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
                name, work, rect = item
                await self._background.ask(add, name, await work, rect, is_painting if made == len(wanted) else None)
            if made != len(wanted):
                raise RuntimeError(tr("The daemon sent {made} of {wanted} frames.", made=made, wanted=len(wanted)))
        finally:
            producer.cancel()

    async def split(self, job: Job, size: tuple[int, int], add: Callable[[Layer, bytes, Rect], None]) -> None:
        """Hand the procedural engine's layer split to `add`, one for each turn of Krita's own thread."""
        daemon = await self._background.daemon()
        async for layer in daemon.layers(job.job_id):
            rect = frame_rect(job.source, None, *size)
            data = await self._background.in_pool(coding.layer_bytes, layer.pixels, rect.width, rect.height)
            await self._background.ask(add, layer, data, rect)

    async def file(
        self,
        job: Job,
        wanted: list[Picture],
        size: tuple[int, int],
        timeline: Timeline,
        path: Path,
        name: str,
        profile: str,
        step: Callable[[int], None],
    ) -> None:
        """Write the document file with the animated layer in a colour `profile`; Krita's own thread hears of `step`."""
        keyframes = not job.frames or any(picture.index not in job.frames for picture in wanted)
        keyframes = keyframes or wanted[0] is job.keyframes.get(wanted[0].index)
        last, made = len(wanted) - 1, 0
        pending: list[tuple[int, Rect, Any]] = []
        with AnimationFile(path, *size, profile, name, len(wanted)) as file:

            async def write() -> None:
                nonlocal made
                time, rect, work = pending.pop(0)
                await self._background.in_pool(file.add, time, await work, rect.x, rect.y)
                made += 1
                self._background.emit(step, made)

            pictures = self._pictures(job, list(reversed(wanted)) if timeline.reverse else wanted, keyframes)
            async for picture, data in pictures:
                rect = frame_rect(job.source, picture.placement, *size)
                work = asyncio.ensure_future(self._background.in_pool(_tiles, data, rect))
                pending.append((timeline.start + made + len(pending), rect, work))
                if len(pending) >= AHEAD:
                    await write()
            while pending:
                await write()
        if made != last + 1:
            raise RuntimeError(tr("The daemon sent {made} of {wanted} frames.", made=made, wanted=len(wanted)))


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
