"""Results into the document: as layers, as an animation, as the layer split."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import pixels
from ..core import choice as choosing
from ..core import memory
from ..core.animation_file import AnimationFile, tiles
from ..core.choice import Choice, Timeline
from ..core.jobs import Job, Picture
from ..core.mapping import Rect, frame_rect
from ..core.translate import tr
from ..krita_adapter import animation
from ..krita_adapter import document as documents
from ..krita_adapter.layers import SRGB, LayerBuilder
from ..net.pictures import Layer, Pixels
from .session import Session, Task

if TYPE_CHECKING:
    from .controller import Controller

AHEAD = 4
SECONDS_PER_MEGAPIXEL = 0.012


class ClosedError(Exception):
    """The document was closed while its import was being prepared."""

    def __init__(self) -> None:
        super().__init__(tr("The document was closed; nothing was imported."))


class Importing:
    """Imports of all sessions; one at a time for each."""

    def __init__(self, controller: Controller) -> None:
        self._controller = controller
        self._bridge = controller.bridge

    def chosen(self, job: Job, choice: Choice) -> list[Picture]:
        """The pictures that a choice takes, in order."""
        if choice.which == "keyframes" or not job.frames:
            return [job.keyframes[index] for index in sorted(job.keyframes)]
        listed = [job.frames[index] for index in sorted(job.frames)]
        return [listed[index] for index in choosing.frames(choice, len(listed))]

    def estimate(self, document: Any, job: Job, choice: Choice) -> memory.Estimate:
        """What an import will hold in memory."""
        rect = frame_rect(job.source, None, document.width(), document.height())
        limit = self._controller.settings.memory_limit or memory.limit(memory.available())
        return memory.layers(len(self.chosen(job, choice)), rect.width, rect.height, limit)

    def seconds(self, document: Any, job: Job, choice: Choice) -> float:
        """How long Krita will hold its window while it reads an animation."""
        return len(self.chosen(job, choice)) * document.width() * document.height() / 1e6 * SECONDS_PER_MEGAPIXEL

    def layers(self, document: Any, job: Job, choice: Choice, sure: bool = False) -> bool:
        """Import as a group of layers; False when it cannot begin, or needs the artist's word first (much memory)."""
        session = self._begin(document, job, choice, sure)
        if session is None:
            return False
        wanted = self.chosen(job, choice)
        builder = LayerBuilder(document, choosing.group_name(job.engine, job.title))
        native = not documents.exact_in_8_bit(document)
        size = document.width(), document.height()
        session.task = Task(tr("Building layers …"), 0, len(wanted), give_back=builder.close)
        session.task.future = self._bridge.run(
            self._layers(session, job, wanted, choice, builder, native, size),
            done=lambda _: self._attach(session, builder),
            failed=lambda error: self._failed(session, error, builder),
        )
        self._controller.changed()
        return True

    def split(self, document: Any, job: Job) -> bool:
        """Import the procedural engine's layer split."""
        session = self._controller.session(document)
        if session is None or session.task is not None:
            return False
        builder = LayerBuilder(document, choosing.group_name(job.engine, job.title))
        session.task = Task(tr("Fetching the layers …"), give_back=builder.close)
        session.task.future = self._bridge.run(
            self._split(session, job, builder, (document.width(), document.height())),
            done=lambda _: self._attach(session, builder),
            failed=lambda error: self._failed(session, error, builder),
        )
        self._controller.changed()
        return True

    def timeline(
        self,
        document: Any,
        job: Job,
        choice: Choice,
        timeline: Timeline,
        new_document: bool = False,
        sure: bool = False,
    ) -> bool:
        """Import as an animation, into the document or a new one."""
        session = self._begin(document, job, choice, sure)
        if session is None:
            return False
        wanted = self.chosen(job, choice)
        size = document.width(), document.height()
        folder = tempfile.TemporaryDirectory(prefix="undo-painting-")
        file = Path(folder.name) / "process.kra"
        name = choosing.group_name(job.engine, job.title)
        session.task = Task(tr("Preparing frames …"), 0, len(wanted), give_back=folder.cleanup)
        session.task.future = self._bridge.run(
            self._file(session, job, wanted, size, timeline, file, name),
            done=lambda _: self._place(session, file, len(wanted), timeline, name, new_document, folder),
            failed=lambda error: self._failed(session, error, None, folder.cleanup),
        )
        self._controller.changed()
        return True

    def cancel(self, session: Session) -> None:
        """Break off what is being prepared; the document was not touched yet."""
        if session.task is not None:
            session.task.cancel()
        session.task = None
        self._controller.note(session, tr("Import cancelled; the document is as it was."))

    def _begin(self, document: Any, job: Job, choice: Choice, sure: bool) -> Session | None:
        controller = self._controller
        session = controller.session(document)
        if session is None or session.task is not None:
            return None
        if not self.chosen(job, choice):
            controller.note(session, tr("There is nothing to import yet."), bad=True)
            return None
        estimate = self.estimate(document, job, choice)
        if estimate.too_much and not sure:
            text = tr(
                "This needs about {needed}; at most {limit} should be used. Import every {stride}. frame instead?",
                needed=memory.words(estimate.needed),
                limit=memory.words(estimate.limit),
                stride=estimate.stride,
            )
            controller.note(session, text, action="every-nth")
            return None
        return session

    async def _pictures(
        self, job: Job, wanted: list[Picture], keyframes: bool
    ) -> AsyncIterator[tuple[Picture, Pixels]]:
        """The wanted pictures in order; runs of neighbours come in one stream."""
        indices = [picture.index for picture in wanted]
        for begin, end, stride in _runs(indices):
            daemon = await self._controller.daemon()
            async for item in daemon.frames(job.job_id, begin, end, stride, keyframes):
                yield item

    async def _layers(
        self,
        session: Session,
        job: Job,
        wanted: list[Picture],
        choice: Choice,
        builder: LayerBuilder,
        native: bool,
        size: tuple[int, int],
    ) -> None:
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
        whole = documents.canvas(document)
        image = document.projection(0, 0, whole.width, whole.height)
        return pixels.for_upload(image, True)[0] == job.painting_hash

    async def _split(self, session: Session, job: Job, builder: LayerBuilder, size: tuple[int, int]) -> None:
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

    async def _file(
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

    def _attach(self, session: Session, builder: LayerBuilder) -> None:
        session.task = None
        document = documents.find(session.document)
        if document is None:
            builder.close()
            return
        try:
            count = builder.count
            builder.attach(document)
        except Exception as error:
            self._failed(session, error, builder)
            return
        self._controller.note(session, tr("{count} layers imported; one undo takes them back.", count=count))

    def _place(
        self,
        session: Session,
        file: Path,
        count: int,
        timeline: Timeline,
        name: str,
        new_document: bool,
        folder: Any,
    ) -> None:
        session.task = None
        try:
            document = documents.find(session.document)
            if document is None:
                return
            target = animation.new_document(document, name) if new_document else document
            animation.place(target, file, timeline, count)
            text = tr("{count} frames are on the timeline; one undo takes them back.", count=count)
            self._controller.note(session, text)
        except animation.AnimationError as error:
            self._controller.note(session, tr("{reason} Nothing was changed.", reason=str(error)), bad=True)
        finally:
            folder.cleanup()

    def _failed(
        self,
        session: Session,
        error: Exception,
        builder: LayerBuilder | None,
        give_back: Callable[[], None] | None = None,
    ) -> None:
        session.task = None
        if builder is not None:
            builder.close()
        if give_back is not None:
            give_back()
        self._controller.note(session, tr("{reason} The document is as it was.", reason=str(error)), bad=True)


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
