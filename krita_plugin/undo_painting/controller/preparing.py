"""Preparing imports beside Krita's own thread: frames into layers of a hidden document, or into an animation file."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import pixels
from ..core import choice as choosing
from ..core.animation_file import AnimationFile, tiles
from ..core.choice import Choice, Timeline
from ..core.jobs import Job, Picture
from ..core.mapping import Rect, frame_rect
from ..core.translate import tr
from ..krita_adapter import document as documents
from ..krita_adapter.layers import SRGB, LayerBuilder
from ..net.pictures import Layer, Pixels
from .session import Session

if TYPE_CHECKING:
    from .controller import Controller

AHEAD = 4


class ClosedError(Exception):
    """The document was closed while its import was being prepared."""

    def __init__(self) -> None:
        super().__init__(tr("The document was closed; nothing was imported."))


class Preparing:
    """The coroutines of the imports. The artist's document is read by them, never changed."""

    def __init__(self, controller: Controller) -> None:
        self._controller = controller
        self._bridge = controller.bridge

    async def _pictures(
        self, job: Job, wanted: list[Picture], keyframes: bool
    ) -> AsyncIterator[tuple[Picture, Pixels]]:
        """The wanted pictures in order; runs of neighbours come in one stream."""
        indices = [picture.index for picture in wanted]
        for begin, end, stride in _runs(indices):
            daemon = await self._controller.daemon()
            async for item in daemon.frames(job.job_id, begin, end, stride, keyframes):
                yield item

    async def layers(
        self,
        session: Session,
        job: Job,
        wanted: list[Picture],
        choice: Choice,
        builder: LayerBuilder,
        native: bool,
        size: tuple[int, int],
    ) -> None:
        """Fill `builder` with the wanted pictures, one for each turn of Krita's own thread; the last one is visible."""
        keyframes = not job.frames or choice.which == "keyframes"
        total = len(job.keyframes) if keyframes else max(job.frame_count, len(job.frames))
        ready: asyncio.Queue[Any] = asyncio.Queue(AHEAD)

        async def produce() -> None:
            async for picture, data in self._pictures(job, wanted, keyframes):
                rect = frame_rect(job.source, picture.placement, *size)
                name = choosing.layer_name(picture.index, total, picture.operation_step, picture.label)
                work = self._bridge.in_pool(pixels.layer_bytes, data, rect.width, rect.height)
                await ready.put((name, asyncio.ensure_future(work), rect))
            await ready.put(None)

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
                await self._bridge.emit_and_wait(
                    self._add,
                    session,
                    builder,
                    (name, await work, rect, made == len(wanted)),
                    native and made == len(wanted),
                    job,
                )
            if made != len(wanted):
                raise RuntimeError(tr("The daemon sent {made} of {wanted} frames.", made=made, wanted=len(wanted)))
        finally:
            producer.cancel()

    def _add(self, session: Session, builder: LayerBuilder, item: tuple[Any, ...], native: bool, job: Job) -> None:
        name, data, rect, visible = item
        document = documents.find(session.document)
        if document is None:
            raise ClosedError
        if native and self._is_the_painting(document, job):
            builder.add_native(name, document, rect, visible)
        else:
            builder.add(name, data, rect, visible)
        if session.task is not None:
            session.task.done = builder.count
            self._controller.changed()

    def _is_the_painting(self, document: Any, job: Job) -> bool:
        """Whether the document still shows what the job was made from, and all of it."""
        if job.source.kind not in ("picture", "visible"):
            return False
        rect = job.source.rect
        image = document.projection(rect.x, rect.y, rect.width, rect.height)
        return pixels.for_upload(image, True)[0] == job.painting_hash

    async def split(self, session: Session, job: Job, builder: LayerBuilder, size: tuple[int, int]) -> None:
        """Fill `builder` with the procedural engine's layer split."""
        daemon = await self._controller.daemon()
        async for layer in daemon.layers(job.job_id):
            rect = frame_rect(job.source, None, *size)
            data = await self._bridge.in_pool(pixels.layer_bytes, layer.pixels, rect.width, rect.height)
            await self._bridge.emit_and_wait(self._add_split, session, builder, layer, data, rect)

    def _add_split(self, session: Session, builder: LayerBuilder, layer: Layer, data: bytes, rect: Rect) -> None:
        builder.add(layer.name, data, rect, layer.visible, layer.opacity)
        if session.task is not None:
            session.task.done, session.task.of = builder.count, layer.count
            self._controller.changed()

    async def file(
        self,
        session: Session,
        job: Job,
        wanted: list[Picture],
        size: tuple[int, int],
        timeline: Timeline,
        path: Path,
        name: str,
    ) -> None:
        """Write the document file with the animated layer."""
        keyframes = not job.frames or any(picture.index not in job.frames for picture in wanted)
        keyframes = keyframes or wanted[0] is job.keyframes.get(wanted[0].index)
        last, made = len(wanted) - 1, 0
        pending: list[tuple[int, Rect, Any]] = []
        with AnimationFile(path, *size, SRGB, name, len(wanted)) as file:

            async def write() -> None:
                nonlocal made
                time, rect, work = pending.pop(0)
                await self._bridge.in_pool(file.add, time, await work, rect.x, rect.y)
                made += 1
                self._bridge.emit(self._step, session, made)

            pictures = self._pictures(job, list(reversed(wanted)) if timeline.reverse else wanted, keyframes)
            async for picture, data in pictures:
                rect = frame_rect(job.source, picture.placement, *size)
                work = asyncio.ensure_future(self._bridge.in_pool(_tiles, data, rect))
                pending.append((timeline.start + made + len(pending), rect, work))
                if len(pending) >= AHEAD:
                    await write()
            while pending:
                await write()
        if made != last + 1:
            raise RuntimeError(tr("The daemon sent {made} of {wanted} frames.", made=made, wanted=len(wanted)))

    def _step(self, session: Session, done: int) -> None:
        if session.task is not None:
            session.task.done = done
            self._controller.changed()


def _tiles(data: Pixels, rect: Rect) -> bytes:
    return tiles(pixels.layer_bytes(data, rect.width, rect.height), rect.width, rect.height)


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
