"""What comes of a result: layers, animation, layer split, files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..controller.controller import Controller
from ..controller.session import Note
from ..core import memory
from ..core.choice import Choice, Target, Timeline
from ..core.export import FORMATS, options
from ..core.translate import tr
from ..core.view import View
from ..krita_adapter import document as documents
from ..qt import QtWidgets, on
from .parts import Fold, Form, button, choice, column, label, number, row, select

if TYPE_CHECKING:
    from ..controller.session import Session


class ImportPanel(QtWidgets.QWidget):
    """Two buttons for the usual, and the rest folded away."""

    def __init__(self, controller: Controller) -> None:
        super().__init__()
        self._controller = controller
        self._layers = button(tr("As layers"), self.import_layers, tr("Import as a group of layers, in one undo step"))
        self._animation = button(
            tr("As animation"), self.import_animation, tr("Import as an animation on the timeline")
        )
        self.usual = {self._layers: self._layers.text(), self._animation: self._animation.text()}
        self._split = button(
            tr("Import layer split"),
            self._import_split,
            tr("The painting taken apart: sketch, ink, flats, shading, details"),
        )
        self._export = button(tr("Export …"), self._export_clicked, tr("Video, sequence or layered file"))
        self._cancel = button(tr("Cancel the import"), self._cancel_clicked)
        self._cost = label()
        self._costs: Any = None
        layout = column(self)
        layout.addLayout(row(self._layers, self._animation))
        layout.addWidget(self._cancel)
        layout.addWidget(self._cost)
        fold = Fold(tr("Import and export options"))
        self._build_options(fold)
        layout.addWidget(fold)

    def _build_options(self, fold: Fold) -> None:
        settings = self._controller.settings
        self._which = choice(
            [
                ("all", tr("Every frame")),
                ("keyframes", tr("Keyframes only")),
                ("nth", tr("Every n-th frame")),
                ("range", tr("A range")),
            ],
            lambda _: self._show_cost(),
        )
        self._nth = number(2, 1000, lambda _: self._show_cost())
        self._nth.setValue(4)
        self._first = number(1, 10000, lambda _: self._show_cost())
        self._last = number(1, 10000, lambda _: self._show_cost())
        self._last.setValue(106)
        self._rate = number(1, 120, lambda value: self._controller.change_settings(frames_per_second=int(value)))
        self._rate.setValue(settings.frames_per_second)
        self._hold = number(0, 60, lambda value: self._controller.change_settings(hold_seconds=float(value)), 1)
        self._hold.setValue(settings.hold_seconds)
        self._reverse = QtWidgets.QCheckBox(tr("Backwards"))
        self._new = QtWidgets.QCheckBox(tr("In a new document"))
        self._size = choice(
            [("100", tr("Full size")), *((str(percent), f"{percent} %") for percent in memory.SMALLER)],
            lambda _: self._show_cost(),
        )
        self._size.setToolTip(tr("A smaller size goes into a new document"))
        self._format = choice([(name, text) for name, text, _ in FORMATS], lambda _: None)
        self._length = choice([("0", tr("By rate")), ("15", "15 s"), ("30", "30 s"), ("60", "60 s")], lambda _: None)
        shapes = [("SQUARE", "1:1"), ("PORTRAIT", "4:5"), ("TALL", "9:16"), ("WIDE", "16:9")]
        self._aspect = choice([("", tr("As painted")), *shapes], lambda _: None)
        self._result_first = QtWidgets.QCheckBox(tr("Painting first"))
        self._ping_pong = QtWidgets.QCheckBox(tr("There and back"))
        fields = Form()
        fields.add(tr("Frames"), self._which)
        fields.add(tr("n"), self._nth)
        fields.add(tr("From, to"), row(self._first, self._last))
        fields.add(tr("Frames/s"), self._rate)
        fields.add(tr("Hold, s"), self._hold)
        fields.add_wide(self._reverse)
        fields.add_wide(self._new)
        fields.add(tr("Size"), self._size)
        fields.add(tr("File"), self._format)
        fields.add(tr("Length"), self._length)
        fields.add(tr("Shape"), self._aspect)
        fields.add_wide(self._result_first)
        fields.add_wide(self._ping_pong)
        fold.inside.addLayout(fields)
        fold.inside.addWidget(self._split)
        fold.inside.addWidget(self._export)

    def refresh(self, session: Session | None, view: View) -> None:
        """Show what can be imported."""
        self._layers.setEnabled(view.can_import)
        self._animation.setEnabled(view.can_import)
        self._split.setEnabled(view.can_split)
        self._export.setEnabled(view.can_import)
        self._cancel.setVisible(view.busy)
        self.setVisible(bool(session and (session.frames() or view.busy)))
        self._show_cost()

    def chosen(self) -> Choice:
        """The frames that are wished."""
        return Choice(
            self._which.currentData(), int(self._nth.value()), int(self._first.value()) - 1, int(self._last.value()) - 1
        )

    def timeline(self) -> Timeline:
        """The animation that is wished."""
        return Timeline(int(self._rate.value()), float(self._hold.value()), self._reverse.isChecked())

    def export_options(self) -> dict[str, Any]:
        """The export that is wished, as the protocol names it."""
        return options(
            self._format.currentData(),
            self.timeline(),
            float(self._length.currentData()),
            self._aspect.currentData(),
            self._result_first.isChecked(),
            self._ping_pong.isChecked(),
        )

    def target(self) -> Target:
        """Where the import is to go."""
        return Target(self._new.isChecked(), int(self._size.currentData()))

    def import_layers(self, sure: bool = False) -> None:
        """As a group of layers; `sure`: whatever memory that takes."""
        document, job = self._current()
        if job is not None:
            self._controller.importing.layers(document, job, self.chosen(), self.target(), sure)

    def import_animation(self, sure: bool = False) -> None:
        """As an animation; `sure`: whatever memory that takes."""
        document, job = self._current()
        if job is not None:
            importing = self._controller.importing
            importing.timeline(document, job, self.chosen(), self.timeline(), self.target(), sure)

    def import_less(self, offer: Note, smaller: bool) -> None:
        """What was offered instead of an import that does not fit into memory: a smaller size, or every n-th frame."""
        if smaller:
            select(self._size, str(offer.percent))
        else:
            select(self._which, "nth")
            self._nth.setValue(offer.stride)
        begin = self.import_animation if offer.action == "animation" else self.import_layers
        begin(sure=True)

    def _current(self) -> tuple[Any, Any]:
        document = documents.active()
        session = self._controller.session(document)
        return document, session.importable if session is not None else None

    def _import_split(self) -> None:
        document, job = self._current()
        if job is not None:
            self._controller.importing.split(document, job)

    def _cancel_clicked(self) -> None:
        session = self._controller.active()
        if session is not None:
            self._controller.importing.cancel(session)

    def _show_cost(self) -> None:
        document, job = self._current()
        if job is None or not self.isVisible():
            self._costs = None
            self._cost.setText("")
            return
        made_of = job.request_id, len(job.frames), len(job.keyframes), self.chosen(), self.target()
        if made_of == self._costs:
            return
        self._costs = made_of
        estimate = self._controller.importing.estimate(document, job, self.chosen(), self.target())
        seconds = self._controller.importing.seconds(document, job, self.chosen(), self.target())
        self._cost.setText(
            tr(
                "As layers about {size} of memory; as animation Krita stands still for about {time} s.",
                size=memory.words(estimate.needed),
                time=max(1, round(seconds)),
            )
        )

    def _export_clicked(self) -> None:
        document, job = self._current()
        session = self._controller.session(document)
        if job is None or session is None:
            return
        _, text, ending = next(item for item in FORMATS if item[0] == self._format.currentData())
        dialog = QtWidgets.QFileDialog(self.window(), tr("Export …"))
        dialog.setAcceptMode(QtWidgets.QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(f"{text} (*.{ending})")
        dialog.setDefaultSuffix(ending)
        dialog.selectFile(f"{job.title or 'process'}.{ending}")
        made = self.export_options()
        on(dialog.fileSelected, lambda path: self._controller.exporting.export(session, job, made, Path(path)))
        dialog.open()
