"""Results into the document: as layers, as an animation, as the layer split."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core import choice as choosing
from ..core import log, memory
from ..core.choice import HERE, Choice, Target, Timeline
from ..core.jobs import Job, Picture
from ..core.mapping import Rect, frame_rect
from ..core.translate import tr
from ..krita_adapter import animation
from ..krita_adapter import document as documents
from ..krita_adapter.layers import SRGB, LayerBuilder
from ..net.pictures import Layer
from ..qt import QTimer
from .session import Note, Session, Task

if TYPE_CHECKING:
    from ..background.preparing import AddFrame
    from .controller import Controller

SECONDS_PER_MEGAPIXEL = 0.012
IDLE_MS = 50


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

    def estimate(self, document: Any, job: Job, choice: Choice, target: Target = HERE) -> memory.Estimate:
        """What an import will hold in memory."""
        rect = frame_rect(job.source, None, document.width(), document.height())
        limit = self._controller.settings.memory_limit or memory.limit(memory.available())
        return memory.layers(len(self.chosen(job, choice)), rect.width, rect.height, limit, target.percent)

    def seconds(self, document: Any, job: Job, choice: Choice, target: Target = HERE) -> float:
        """How long Krita will hold its window while it reads an animation."""
        width, height = target.size(document.width(), document.height())
        return len(self.chosen(job, choice)) * width * height / 1e6 * SECONDS_PER_MEGAPIXEL

    def layers(self, document: Any, job: Job, choice: Choice, target: Target = HERE, sure: bool = False) -> bool:
        """Import as a group of layers, into the document or a new one; False when it cannot begin, or needs the
        artist's word first (much memory).
        """
        session = self._begin(document, job, choice, target, sure, "layers")
        if session is None:
            return False
        wanted = self.chosen(job, choice)
        name = choosing.group_name(job.engine, job.title)
        size = target.size(document.width(), document.height())
        builder = LayerBuilder(document, name, size if target.elsewhere else None)
        whole = job.source.kind in ("picture", "visible")
        native = whole and not target.elsewhere and not documents.exact_in_8_bit(document)
        session.task = Task(tr("Building layers …"), 0, len(wanted), give_back=builder.close)
        keyframes = choice.which == "keyframes"
        add = self._adder(session, job, builder, native)
        session.task.work = self._bridge.run(
            lambda background: background.preparing.layers(job, wanted, keyframes, size, add),
            done=lambda _: self._when_idle(
                session, lambda: self._attach(session, builder, (name, size) if target.elsewhere else None)
            ),
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
        size = document.width(), document.height()
        session.task.work = self._bridge.run(
            lambda background: background.preparing.split(
                job, size, lambda *item: self._add_split(session, builder, *item)
            ),
            done=lambda _: self._when_idle(session, lambda: self._attach(session, builder)),
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
        target: Target = HERE,
        sure: bool = False,
    ) -> bool:
        """Import as an animation, into the document or a new one."""
        session = self._begin(document, job, choice, target, sure, "animation")
        if session is None:
            return False
        wanted = self.chosen(job, choice)
        size = target.size(document.width(), document.height())
        folder = tempfile.TemporaryDirectory(prefix="undo-painting-")
        file = Path(folder.name) / "process.kra"
        name = choosing.group_name(job.engine, job.title)
        session.task = Task(tr("Preparing frames …"), 0, len(wanted), give_back=folder.cleanup)
        session.task.work = self._bridge.run(
            lambda background: background.preparing.file(
                job, wanted, size, timeline, file, name, SRGB, lambda done: self._step(session, done)
            ),
            done=lambda _: self._when_idle(
                session,
                lambda: self._place(
                    session, file, len(wanted), timeline, (name, size) if target.elsewhere else None, folder
                ),
            ),
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

    def _begin(
        self, document: Any, job: Job, choice: Choice, target: Target, sure: bool, action: str
    ) -> Session | None:
        controller = self._controller
        session = controller.session(document)
        if session is None or session.task is not None:
            return None
        if not self.chosen(job, choice):
            controller.note(session, tr("There is nothing to import yet."), bad=True)
            return None
        estimate = self.estimate(document, job, choice, target)
        if estimate.too_much and not sure:
            stride = max(2, self.estimate(document, job, Choice(), target).stride)
            session.note = Note(_offer(estimate, stride), False, action, stride, estimate.percent)
            controller.changed()
            return None
        return session

    def _adder(self, session: Session, job: Job, builder: LayerBuilder, native: bool) -> AddFrame:
        """What adds one frame in Krita's own thread; the last one is visible. Raises `ClosedError`."""

        def add(name: str, data: bytes, rect: Rect, same: Callable[[Any], bool] | None) -> None:
            document = documents.find(session.document)
            if document is None:
                raise ClosedError
            if native and same is not None and same(self._source(document, job)):
                builder.add_native(name, document, rect, True)
            else:
                builder.add(name, data, rect, same is not None)
            self._step(session, builder.count)

        return add

    def _source(self, document: Any, job: Job) -> Any:
        """What the document shows now where the job's painting came from."""
        rect = job.source.rect
        return document.projection(rect.x, rect.y, rect.width, rect.height)

    def _add_split(self, session: Session, builder: LayerBuilder, layer: Layer, data: bytes, rect: Rect) -> None:
        builder.add(layer.name, data, rect, layer.visible, layer.opacity)
        self._step(session, builder.count, layer.count)

    def _step(self, session: Session, done: int, of: int = 0) -> None:
        if session.task is not None:
            session.task.done, session.task.of = done, of or session.task.of
            self._controller.changed()

    def _when_idle(self, session: Session, arrive: Callable[[], None]) -> None:
        """Let an import arrive once the artist's pen is up; one that is broken off meanwhile never does."""
        task, document = session.task, documents.find(session.document)
        if task is None:
            return
        if document is None or documents.idle(document):
            arrive()
            return
        task.text = tr("Waiting for your stroke to end …")
        self._controller.changed()
        again = log.guarded(lambda: self._when_idle(session, arrive) if session.task is task else None)
        QTimer.singleShot(IDLE_MS, again)

    def _attach(self, session: Session, builder: LayerBuilder, new: tuple[str, tuple[int, int]] | None = None) -> None:
        session.task = None
        document = documents.find(session.document)
        if document is None:
            builder.close()
            return
        count = builder.count
        try:
            with animation.target(document, new) as wanted:
                builder.attach(wanted)
        except Exception as error:
            self._failed(session, error, builder)
            return
        text = tr("{count} layers imported; one undo takes them back.", count=count)
        self._controller.note(session, tr("{count} layers are in a new document.", count=count) if new else text)

    def _place(
        self,
        session: Session,
        file: Path,
        count: int,
        timeline: Timeline,
        new: tuple[str, tuple[int, int]] | None,
        folder: Any,
    ) -> None:
        session.task = None
        try:
            document = documents.find(session.document)
            if document is None:
                return
            with animation.target(document, new) as wanted:
                animation.place(wanted, file, timeline, count)
            text = tr("{count} frames are on the timeline; one undo takes them back.", count=count)
            self._controller.note(session, tr("{count} frames are in a new document.", count=count) if new else text)
        except Exception as error:
            log.LOGGER.warning("import: %s", error, exc_info=True)
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
        log.LOGGER.warning("import: %s", error, exc_info=error)
        if builder is not None:
            builder.close()
        if give_back is not None:
            give_back()
        self._controller.note(session, tr("{reason} The document is as it was.", reason=str(error)), bad=True)


def _offer(estimate: memory.Estimate, stride: int) -> str:
    """What an import would need, and what can be had instead."""
    needed, limit = memory.words(estimate.needed), memory.words(estimate.limit)
    if not estimate.percent:
        return tr(
            "This needs about {needed}; at most {limit} should be used. Import one frame in {stride} instead?",
            needed=needed,
            limit=limit,
            stride=stride,
        )
    return tr(
        "This needs about {needed}; at most {limit} should be used. Import one frame in {stride} instead, or "
        "all in a new document of {percent} % of the size?",
        needed=needed,
        limit=limit,
        stride=stride,
        percent=estimate.percent,
    )
