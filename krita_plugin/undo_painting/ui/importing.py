"""The three things to do with a result: layers, animation, video and pictures."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..controller.controller import Controller
from ..core import memory
from ..core.choice import AnimationLayout, Choice, Import, ImportTarget, Place, Which
from ..core.jobs import Job
from ..core.translate import tr
from ..core.view import DockerView
from ..krita_adapter import document as documents
from ..krita_adapter import stacking
from ..qt import QtCore, QtWidgets, on
from .parts import Fold, Form, LateFold, button, choice, column, label, number, row

if TYPE_CHECKING:
    from ..controller.session import Session
    from .exporting import ExportPanel


class ImportPanel(QtWidgets.QWidget):
    """The options and costs; `usual` are the three buttons, which the docker keeps in view, and `cancel` is what takes
    their place while one of them works. `opened` tells of a part that was opened by one of them, and is to be brought
    into view."""

    opened = QtCore.pyqtSignal(QtWidgets.QWidget)

    def __init__(self, controller: Controller) -> None:
        super().__init__()
        self._controller = controller
        self._layers = button(
            tr("Layers"), self.import_layers, tr("Sixteen key states as a group of layers, in one undo step")
        )
        self._animation = button(
            tr("Animation"), self.import_animation, tr("All frames on the timeline, one undo step")
        )
        self._files = button(tr("Video …"), self._show_files, tr("Videos, pictures and layered files, by purpose"))
        self.usual = {each: each.text() for each in (self._layers, self._animation, self._files)}
        self._split = button(
            tr("The painting as layers"),
            self._import_split,
            tr("The painting taken apart: lines, flat colors, shading"),
        )
        self.cancel = button(tr("Cancel"), self._cancel_clicked)
        self._cost = label(dim=True)
        self._costs: Any = None
        self._can_save = self._can_split = False
        self.files_fold = LateFold(tr("Video and pictures"), self._make_files)
        self.options_fold = Fold(tr("Layers and animation"))
        self._build_options(self.options_fold)
        layout = column(self)
        for widget in (self.files_fold, self.options_fold):
            layout.addWidget(widget)

    def _build_options(self, fold: Fold) -> None:
        settings = self._controller.settings
        self._which = choice(
            [
                (Which.STATES.value, tr("Sixteen key states")),
                (Which.ALL.value, tr("Every frame")),
                (Which.KEYFRAMES.value, tr("The key states it was made from")),
                (Which.NTH.value, tr("Every n-th frame")),
                (Which.RANGE.value, tr("A range")),
            ],
            lambda _: self._show_cost(),
        )
        self._nth = number(2, 1000, lambda _: self._show_cost(), value=4)
        self._first = number(1, 10000, lambda _: self._show_cost())
        self._last = number(1, 10000, lambda _: self._show_cost(), value=106)
        self._rate = number(1, 120, lambda value: self._controller.change_settings(frames_per_second=int(value)))
        self._rate.setValue(settings.frames_per_second)
        self._hold = number(0, 60, lambda value: self._controller.change_settings(hold_seconds=float(value)), 1)
        self._hold.setValue(settings.hold_seconds)
        self._place = choice(
            [
                (Place.TOP.value, tr("On top of all layers")),
                (Place.ABOVE.value, tr("Above the active layer")),
                (Place.INSIDE.value, tr("Into the active group")),
            ],
            lambda _: None,
        )
        self._reverse = QtWidgets.QCheckBox(tr("Backwards"))
        self._from_here = QtWidgets.QCheckBox(tr("From the current time on"))
        self._from_here.setToolTip(
            tr("The animation begins where the timeline stands; its frame rate stays, its range grows")
        )
        self._new = QtWidgets.QCheckBox(tr("In a new document"))
        on(self._new.clicked, self._show_cost)
        self._size = choice(
            [("100", tr("Full size")), *((str(percent), f"{percent} %") for percent in memory.SMALLER)],
            lambda _: self._show_cost(),
        )
        self._size.setToolTip(tr("A smaller size goes into a new document"))
        fields = Form(1, 2)
        fields.add(tr("Layers of"), self._which)
        self._nth_row = fields.add(tr("n"), self._nth)
        self._range_row = fields.add(tr("From, to"), row(self._first, self._last))
        fields.add(tr("Frames/s"), self._rate)
        fields.add(tr("Hold, s"), self._hold)
        fields.add(tr("Size"), self._size)
        fields.add(tr("Place"), self._place)
        fields.add_wide(self._reverse)
        fields.add_wide(self._from_here)
        fields.add_wide(self._new)
        fold.inside.addWidget(self._cost)
        fold.inside.addLayout(fields)
        fold.inside.addWidget(self._split)

    def refresh(self, session: Session | None, view: DockerView) -> None:
        """Show what can be imported."""
        for widget in self.usual:
            widget.setEnabled(view.can_import)
            widget.setVisible(not view.busy)
        self._split.setEnabled(view.can_split)
        self.cancel.setVisible(view.busy)
        self.setVisible(bool(session and (session.frames() or view.busy)))
        self._can_save, self._can_split = view.can_import, view.can_split
        if self.files_fold.made is not None:
            self.files.refresh(session, view.can_import, view.can_split)
        self._show_cost()

    @property
    def files(self) -> ExportPanel:
        """Video and pictures."""
        panel: ExportPanel = self.files_fold.content()
        return panel

    def _make_files(self) -> ExportPanel:
        from .exporting import ExportPanel

        panel = ExportPanel(self._controller)
        panel.refresh(self._controller.active(), self._can_save, self._can_split)
        return panel

    def chosen(self) -> Choice:
        """The frames that become layers."""
        return Choice(
            Which(self._which.currentData()),
            int(self._nth.value()),
            int(self._first.value()) - 1,
            int(self._last.value()) - 1,
        )

    def timeline(self) -> AnimationLayout:
        """How the animation is laid out."""
        plain = AnimationLayout(int(self._rate.value()), float(self._hold.value()), self._reverse.isChecked())
        document = documents.active()
        if document is None or not self._from_here.isChecked() or self.target().elsewhere:
            return plain
        rate, start = document.framesPerSecond(), document.currentTime()
        return replace(plain, frames_per_second=rate, start=start, joins=True)

    def target(self) -> ImportTarget:
        """Where an import is to go, but for the layer that counts when it begins."""
        return ImportTarget(self._new.isChecked(), int(self._size.currentData()), Place(self._place.currentData()))

    def target_now(self) -> ImportTarget:
        """Where an import that begins is to go. Krita 6 works off its events before it names the active layer, so
        nothing that only shows something may ask for it."""
        document = documents.active()
        return replace(self.target(), layer=stacking.active_layer(document) if document is not None else "")

    def import_layers(self) -> None:
        """As a group of layers."""
        document, job = self._current()
        if job is not None:
            self._controller.importing.begin(document, job, Import(self.chosen(), self.target_now()))

    def import_animation(self) -> None:
        """As an animation: key states alone would not move."""
        document, job = self._current()
        if job is not None:
            wanted = Import(self._moving(), self.target_now(), self.timeline())
            self._controller.importing.begin(document, job, wanted)

    def _moving(self) -> Choice:
        chosen = self.chosen()
        return Choice() if chosen.which is Which.STATES else chosen

    def _current(self) -> tuple[Any, Job | None]:
        document = documents.active()
        session = self._controller.session(document)
        return document, session.importable if session is not None else None

    def _show_files(self) -> None:
        self.files_fold.set_open(True)
        self.files.take_keyboard()
        self.opened.emit(self.files_fold)

    def _import_split(self) -> None:
        document, job = self._current()
        if job is not None:
            self._controller.importing.split(document, job, self.target_now())

    def _cancel_clicked(self) -> None:
        session = self._controller.active()
        if session is not None:
            self._controller.importing.cancel(session)

    def _show_cost(self) -> None:
        which = self._which.currentData()
        self._nth_row.set_visible(which == Which.NTH.value)
        self._range_row.set_visible(which == Which.RANGE.value)
        for widget in (self._place, self._from_here):
            widget.setEnabled(not self.target().elsewhere)
        document, job = self._current()
        if job is None or not self.isVisible() or (job.state.active and not self._cost.isVisible()):
            if self._costs is not None:
                self._costs = None
                self._cost.setText("")
                self._layers.setToolTip(tr("As a group of layers, in one undo step"))
            return
        made_of = job.request_id, len(job.frames), len(job.keyframes), self.chosen(), self.target()
        if made_of != self._costs:
            self._costs = made_of
            text = self._cost_words(document, job)
            self._cost.setText(text)
            self._layers.setToolTip(f"{tr('As a group of layers, in one undo step')}\n{text}")

    def _cost_words(self, document: Any, job: Job) -> str:
        importing, target = self._controller.importing, self.target()
        as_layers = importing.estimate(document, job, self.chosen(), target)
        moving = importing.estimate(document, job, self._moving(), target)
        seconds = importing.seconds(document, job, self._moving(), target)
        lines = [
            tr(
                "Layers: about {size} of memory, {file} in the file.",
                size=memory.words(as_layers.needed),
                file=memory.words(as_layers.in_file),
            ),
            tr(
                "Animation: about {size}, {file} in the file; Krita pauses for about {time} s.",
                size=memory.words(moving.needed),
                file=memory.words(moving.in_file),
                time=max(1, round(seconds)),
            ),
        ]
        painted = job.painted_size()
        if painted is not None:
            made, whole = (f"{width} × {height}" for width, height in painted)
            lines.append(tr("Painted at {made}, then enlarged to {whole}.", made=made, whole=whole))
        return "\n".join(lines)
