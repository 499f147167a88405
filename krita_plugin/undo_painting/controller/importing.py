"""Results into the document: as layers, as an animation, as the layer split."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core import choice as choosing
from ..core import layer_names, log, memory, phases
from ..core.choice import HERE, Choice, Import, ImportOrder, ImportTarget, Which
from ..core.jobs import Job, StoredFrame
from ..core.mapping import Rect, frame_rect
from ..core.translate import tr
from ..krita_adapter import animation, stacking
from ..krita_adapter import document as documents
from ..krita_adapter.layers import SRGB, LayerBuilder
from ..net.pictures import SplitLayer
from ..qt import QTimer
from . import offering
from .desk import Desk
from .session import Note, Offer, Session, Task

if TYPE_CHECKING:
    from krita import Document

    from ..background.preparing import AddFrame
    from ..qt import QImage

SECONDS_PER_MEGAPIXEL = 0.012
IDLE_MS = 50

New = tuple[str, tuple[int, int]]
"""A new document's name and size."""


class ClosedError(Exception):
    """The document was closed while its import was being prepared."""

    def __init__(self) -> None:
        super().__init__(tr("The document was closed; nothing was imported."))


class Importing:
    """Imports of all sessions; one at a time for each."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def chosen(self, job: Job, choice: Choice) -> list[StoredFrame]:
        """The pictures that a choice takes, in order."""
        if choice.which is Which.KEYFRAMES or not job.frames:
            return [job.keyframes[index] for index in sorted(job.keyframes)]
        listed = [job.frames[index] for index in sorted(job.frames)]
        return [listed[index] for index in choosing.frames(choice, len(listed))]

    def estimate(
        self, document: Document, job: Job, choice: Choice, target: ImportTarget = HERE
    ) -> memory.ImportEstimate:
        """What an import will hold in memory and add to the document's file."""
        chosen, session = self.chosen(job, choice), self._desk.session(document)
        known = session.densities if session is not None else {}
        densities = [known[picture.hash] for picture in chosen if picture.hash in known]
        rect = frame_rect(job.source, None, document.width(), document.height())
        limit = self._desk.settings.memory_limit or memory.limit(memory.available())
        return memory.layers(len(chosen), rect.width, rect.height, limit, target.percent, densities)

    def seconds(self, document: Document, job: Job, choice: Choice, target: ImportTarget = HERE) -> float:
        """How long Krita will hold its window while it reads an animation."""
        width, height = self.size(document, job, target)
        return len(self.chosen(job, choice)) * width * height / 1e6 * SECONDS_PER_MEGAPIXEL

    def size(self, document: Document, job: Job, target: ImportTarget) -> tuple[int, int]:
        """The size of the document that the frames go to: a new one has the size that the picture had when the job was
        made of it."""
        if not target.elsewhere:
            return document.width(), document.height()
        return target.size(job.source.canvas_width, job.source.canvas_height)

    def begin(self, document: Document, job: Job, wanted: Import) -> bool:
        """Import into the document or a new one, in one undo step; False when it cannot begin, or needs the artist's
        word first (much memory, a picture that has another size by now)."""
        session = self._desk.session(document)
        if session is None or session.task is not None:
            return False
        chosen = self.chosen(job, wanted.choice)
        if not chosen:
            self._desk.note(session, tr("There is nothing to import yet."), bad=True)
            return False
        if self._asked(session, document, job, wanted):
            return False
        session.note = Note()
        if wanted.timeline is None:
            self._begin_layers(session, document, job, wanted, chosen)
        else:
            self._begin_animation(session, document, job, wanted, chosen)
        self._desk.changed()
        return True

    def split(self, document: Document, job: Job, target: ImportTarget = HERE) -> bool:
        """Import the layer split into its document."""
        session = self._desk.session(document)
        if session is None or session.task is not None:
            return False
        builder = LayerBuilder(document, choosing.group_name(job.title))
        session.task = Task(tr("Fetching the layers …"), give_back=builder.close)
        order = ImportOrder(job.job_id, job.painting_hash, job.source, (document.width(), document.height()))
        session.task.work = self._desk.bridge.run(
            lambda background: background.preparing.split(
                order, lambda *item: self._add_split(session, builder, *item)
            ),
            done=lambda _: self._when_idle(session, lambda: self._attach(session, builder, target)),
            failed=lambda error: self._failed(session, error, builder.close),
        )
        self._desk.changed()
        return True

    def cancel(self, session: Session) -> None:
        """Break off what is being prepared; the document was not touched yet."""
        task, session.task = session.task, None
        if task is not None:
            task.cancel()
        imports = task is None or task.imports
        text = tr("Import cancelled; the document is as it was.") if imports else tr("Cancelled.")
        self._desk.note(session, text)

    def _asked(self, session: Session, document: Document, job: Job, wanted: Import) -> bool:
        """Whether the artist is asked first."""
        again = log.guarded(lambda changed: self.begin(document, job, changed))
        size = document.width(), document.height()
        if not wanted.any_size and not wanted.target.elsewhere and size != job.source.canvas:
            session.note = offering.other_size(job.source, size, wanted, again)
        else:
            estimate = self.estimate(document, job, wanted.choice, wanted.target)
            if wanted.any_memory or not estimate.too_much:
                return False
            whole = self.estimate(document, job, Choice(), wanted.target)
            session.note = offering.less_memory(estimate, max(2, whole.stride), wanted, again)
        self._desk.changed()
        return True

    def _begin_layers(
        self, session: Session, document: Document, job: Job, wanted: Import, chosen: list[StoredFrame]
    ) -> None:
        size, elsewhere = self.size(document, job, wanted.target), wanted.target.elsewhere
        name = choosing.group_name(job.title)
        new = (name, size) if elsewhere else None
        builder = LayerBuilder(document, name, size if elsewhere else None)
        native = not elsewhere and _ends_in_source(job) and not documents.exact_in_8_bit(document)
        session.task = Task(tr("Building layers …"), 0, len(chosen), give_back=builder.close)
        grouped = wanted.choice.which not in (Which.STATES, Which.KEYFRAMES) and bool(job.frames)
        add, order = self._adder(session, job, builder, native, grouped), _order(job, wanted.choice, chosen, size)
        session.task.work = self._desk.bridge.run(
            lambda background: background.preparing.layers(order, add),
            done=lambda _: self._when_idle(session, lambda: self._attach(session, builder, wanted.target, new)),
            failed=lambda error: self._failed(session, error, builder.close),
        )

    def _begin_animation(
        self, session: Session, document: Document, job: Job, wanted: Import, chosen: list[StoredFrame]
    ) -> None:
        size = self.size(document, job, wanted.target)
        folder = tempfile.TemporaryDirectory(prefix="undo-painting-")
        file = Path(folder.name) / "process.kra"
        name, timeline = choosing.group_name(job.title), wanted.timeline or choosing.AnimationLayout()
        new = (name, size) if wanted.target.elsewhere else None
        session.task = Task(tr("Preparing frames …"), 0, len(chosen), give_back=folder.cleanup)
        order = _order(job, wanted.choice, chosen, size)
        session.task.work = self._desk.bridge.run(
            lambda background: background.preparing.file(
                order, timeline, file, name, SRGB, lambda done: self._step(session, done)
            ),
            done=lambda _: self._when_idle(
                session, lambda: self._place(session, file, len(chosen), wanted, new, folder)
            ),
            failed=lambda error: self._failed(session, error, folder.cleanup),
        )

    def _adder(self, session: Session, job: Job, builder: LayerBuilder, native: bool, grouped: bool) -> AddFrame:
        """What adds one frame in Krita's own thread; the last one is visible. `grouped`: by the phase of the process.
        Raises `ClosedError`."""
        colouring = phases.Colouring()

        def add(name: str, label: str, data: bytes, rect: Rect, same: Callable[[QImage], bool] | None) -> None:
            document = documents.find(session.document)
            if document is None:
                raise ClosedError
            phase = phases.phase_of(label)
            colour = colouring.label(phase)
            if grouped and phase:
                builder.enter((phases.words(phase),), colour)
            if native and same is not None and same(self._source(document, job)):
                builder.add_native(name, document, rect, True)
            else:
                builder.add(name, data, rect, same is not None, label=colour)
            self._step(session, builder.count)

        return add

    def _source(self, document: Document, job: Job) -> QImage:
        """What the document shows now where the job's painting came from."""
        rect = job.source.rect
        return document.projection(rect.x, rect.y, rect.width, rect.height)

    def _add_split(self, session: Session, builder: LayerBuilder, layer: SplitLayer, data: bytes, rect: Rect) -> None:
        builder.enter(tuple(map(layer_names.words, layer.group)))
        blending, clipped = layer.blending.value, layer.clipped
        name = layer_names.words(layer.name)
        builder.add(name, data, rect, layer.visible, layer.opacity, blending=blending, clipped=clipped)
        self._step(session, builder.count, layer.count)

    def _step(self, session: Session, done: int, of: int = 0) -> None:
        if session.task is not None:
            session.task.done, session.task.of = done, of or session.task.of
            self._desk.changed()

    def _when_idle(self, session: Session, arrive: Callable[[], None]) -> None:
        """Let an import arrive once the artist's pen is up; one that is broken off meanwhile never does."""
        task, document = session.task, documents.find(session.document)
        if task is None:
            return
        if document is None or documents.idle(document):
            arrive()
            return
        task.text = tr("Waiting for your stroke to end …")
        self._desk.changed()
        again = log.guarded(lambda: self._when_idle(session, arrive) if session.task is task else None)
        QTimer.singleShot(IDLE_MS, again)

    def _attach(self, session: Session, builder: LayerBuilder, target: ImportTarget, new: New | None = None) -> None:
        session.task = None
        document = documents.find(session.document)
        if document is None:
            builder.close()
            return
        count = builder.count
        try:
            with animation.target(document, new) as wanted:
                layer = builder.attach(wanted, target)
        except Exception as error:
            self._failed(session, error, builder.close)
            return
        text = tr("Layers imported: {count}. One undo takes them back.", count=count)
        text = tr("Layers in a new document: {count}.", count=count) if new else text
        self._arrived(session, layer, text, bool(new))

    def _place(self, session: Session, file: Path, count: int, wanted: Import, new: New | None, folder: Any) -> None:
        session.task = None
        try:
            document = documents.find(session.document)
            if document is None:
                return
            timeline = wanted.timeline or choosing.AnimationLayout()
            with animation.target(document, new) as filled:
                layer = stacking.layer_id(animation.place(filled, file, timeline, count, wanted.target))
        except Exception as error:
            self._failed(session, error, folder.cleanup)
            return
        folder.cleanup()
        text = tr("Frames on the timeline: {count}. One undo takes them back.", count=count)
        text = tr("Frames in a new document: {count}.", count=count) if new else text
        self._arrived(session, layer, text, bool(new), offering.show_timeline())

    def _arrived(
        self, session: Session, layer: str, text: str, elsewhere: bool, offers: tuple[Offer, ...] = ()
    ) -> None:
        """Say that an import is there, for as long as it is."""

        def holds() -> bool:
            document = documents.find(session.document)
            return elsewhere or (document is not None and stacking.find(document, layer) is not None)

        self._desk.note(session, text, offers=offers, holds=holds)

    def _failed(self, session: Session, error: Exception, give_back: Callable[[], None]) -> None:
        session.task = None
        log.LOGGER.warning("import: %s", error, exc_info=error)
        give_back()
        self._desk.note(session, tr("{reason} The document is as it was.", reason=str(error)), bad=True)


def _ends_in_source(job: Job) -> bool:
    """Whether the last frame is what the document itself may still show: a branch has an end of its own."""
    return job.source.kind in ("picture", "visible") and not job.parameters.branches


def _order(job: Job, choice: Choice, wanted: list[StoredFrame], size: tuple[int, int]) -> ImportOrder:
    """What the network's side is told of an import of these pictures."""
    keyframes = choice.which is Which.KEYFRAMES or not job.frames
    total = len(job.keyframes) if keyframes else max(job.frame_count, len(job.frames))
    indices = tuple(picture.index for picture in wanted)
    return ImportOrder(job.job_id, job.painting_hash, job.source, size, indices, keyframes, total)
