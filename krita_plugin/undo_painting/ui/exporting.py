"""Video and pictures: what for, what is seen of it, how long and how large it is, and where to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..controller.controller import Controller
from ..core import memory
from ..core.export import Aspect, Export
from ..core.jobs import Job
from ..core.purposes import Purpose
from ..core.translate import tr
from ..qt import QImage, QtCore, QtGui, QtWidgets, on
from .export_options import ExportForm
from .parts import IGNORED, Fold, button, choice, column, fill, label, main_window, select, show_words

if TYPE_CHECKING:
    from ..controller.session import Session

HEIGHT = 96


class ShapePreview(QtWidgets.QWidget):
    """The painting in the shape of the file: what a crop takes away is dark, what is filled is black."""

    def __init__(self) -> None:
        super().__init__()
        self._image: QImage | None = None
        self._export = Export()
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(IGNORED, QtWidgets.QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("What will be seen"))

    def show_shape(self, image: QImage | None, export: Export) -> None:
        """Show a picture in an export's shape."""
        if image is not self._image or export != self._export:
            self._image, self._export = image, export
            self.update()

    def change(self, export: Export) -> None:
        """Show the same picture in another shape."""
        self.show_shape(self._image, export)

    def paintEvent(self, _event: QtGui.QPaintEvent | None) -> None:  # noqa: N802
        if self._image is None:
            return
        painter = QtGui.QPainter(self)
        painter.setRenderHint(QtGui.QPainter.RenderHint.SmoothPixmapTransform)
        width, height = self._image.width(), self._image.height()
        left, top, across, down = self._export.shown(width, height)
        shown = QtCore.QRectF(left * width, top * height, across * width, down * height)
        whole = shown.united(QtCore.QRectF(0, 0, width, height))
        scale = min(self.width() / whole.width(), self.height() / whole.height())
        painter.translate((self.width() - whole.width() * scale) / 2, (self.height() - whole.height() * scale) / 2)
        painter.scale(scale, scale)
        painter.translate(-whole.left(), -whole.top())
        painter.fillRect(shown, QtGui.QColor(0, 0, 0))
        painter.drawImage(QtCore.QPointF(0, 0), self._image)
        outside = QtGui.QPainterPath()
        outside.addRect(whole)
        inside = QtGui.QPainterPath()
        inside.addRect(shown)
        painter.fillPath(outside.subtracted(inside), QtGui.QColor(0, 0, 0, 170))
        pen = QtGui.QPen(self.palette().color(QtGui.QPalette.ColorRole.Highlight), 2 / scale)
        painter.setPen(pen)
        painter.drawRect(shown)
        painter.end()


class ExportPanel(QtWidgets.QWidget):
    """A purpose, a preview, a button; the rest is folded away."""

    def __init__(self, controller: Controller) -> None:
        super().__init__()
        self._controller = controller
        self._job: Job | None = None
        self._frame: tuple[int, int] = (0, 0)
        self._split = False
        self._purposes: tuple[Purpose, ...] = ()
        self._purpose = choice([], lambda _: self._chosen())
        self._purpose.setAccessibleName(tr("What for"))
        self._shape_preview = ShapePreview()
        self._facts = label(dim=True)
        self._can_save = self._refused = False
        # Krita's window alone would not keep what Python knows of its dialog.
        self._naming: QtWidgets.QFileDialog | None = None
        self._save = button(tr("Save …"), self.save, tr("Choose a name and save the file"))
        self.more = ExportForm(self._show)
        on(self.more.layers.asked, self._show_layers)
        self._more = Fold(tr("More"))
        self._more.inside.addWidget(self.more)
        layout = column(self)
        for widget in (self._purpose, self._shape_preview, self._facts, self._save, self._more):
            layout.addWidget(widget)

    def showEvent(self, event: QtGui.QShowEvent | None) -> None:  # noqa: N802
        super().showEvent(event)
        self._controller.changed()

    def take_keyboard(self) -> None:
        """Let the keyboard choose."""
        self._purpose.setFocus()

    def refresh(self, session: Session | None, can_save: bool, can_split: bool) -> None:
        """Show the session's result."""
        job = session.importable if session is not None else None
        self._take(self._controller.status.server.purposes)
        self._can_save = can_save and bool(self._purposes)
        self._save.setEnabled(self._can_save and not self._refused)
        changed = can_split != self._split
        self._split = can_split
        if job is not self._job:
            self.more.layers.show_names(None)
        self._job = job
        picture = None
        if session is not None and job is not None:
            shown = list((job.frames or job.keyframes).values())
            last = max(shown, key=lambda each: each.index, default=None)
            if last is not None:
                self._frame = last.width, last.height
                picture = session.previews.get(last.hash)
        if self.isVisible():
            self._shape_preview.show_shape(picture, self.export())
            self._show()
        elif changed:
            self._show()

    def export(self) -> Export:
        """What is chosen."""
        settings = self._controller.settings
        given = self._given()
        if given is None:
            return Export()
        made = given.adapted(settings.frames_per_second, settings.hold_seconds, self._split)
        return made if made.kind.layered else self.more.applied_to(made)

    def save(self) -> None:
        """Ask for a name, and have the file made."""
        session, job, made = self._controller.active(), self._job, self.export()
        if session is None or job is None:
            return
        dialog = QtWidgets.QFileDialog(main_window(self), tr("Save …"))
        dialog.setAcceptMode(QtWidgets.QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(f"{self._purpose.currentText()} (*.{made.kind.ending})")
        dialog.setDefaultSuffix(made.kind.ending)
        dialog.selectFile(f"{job.title or 'process'}.{made.kind.ending}")
        on(dialog.fileSelected, lambda path: self._controller.exporting.export(session, job, made, Path(path)))
        on(dialog.finished, self._named)
        self._naming = dialog
        dialog.open()

    def _named(self) -> None:
        """The file dialog goes when it is done."""
        dialog, self._naming = self._naming, None
        if dialog is not None:
            dialog.deleteLater()

    def save_again(self) -> None:
        """The last file once more, from what is shown now; the first one asks for its name."""
        session, job = self._controller.active(), self._job
        if session is not None and job is not None and not self._controller.exporting.again(session, job):
            self.save()

    def choose(self, name: str) -> None:
        """Choose a purpose by its name."""
        select(self._purpose, name)
        self._chosen()

    def _take(self, purposes: tuple[Purpose, ...]) -> None:
        """Offer what the daemon tells of; what was told before stays while none is connected."""
        if not purposes or purposes == self._purposes:
            return
        self._purposes = purposes
        before = self._purpose.currentData()
        fill(self._purpose, [(each.name, each.words()) for each in purposes])
        select(self._purpose, before or "")
        self._chosen()

    def _given(self) -> Purpose | None:
        return next((each for each in self._purposes if each.name == self._purpose.currentData()), None)

    def _chosen(self) -> None:
        """A purpose brings all that it needs; what is changed then holds until another one is chosen."""
        given = self._given()
        if given is not None:
            self.more.take(given.export)
            self._show()

    def _show(self) -> None:
        made = self.export()
        self.more.show_for(made, self._split)
        self._purpose.setToolTip(self._purpose.currentText())
        self._more.setVisible(not made.kind.layered)
        self._shape_preview.setVisible(made.shape is not Aspect.OWN)
        self._shape_preview.change(made)
        told = self._told(made)
        self._refused = isinstance(told, str)
        if isinstance(told, str):
            show_words(self._facts, told, bad=True)
        else:
            size = f"≈ {memory.words(told)}" if told else ""
            show_words(self._facts, ", ".join(filter(None, (self._words(made), size))))
        self._save.setEnabled(self._can_save and not self._refused)

    def _show_layers(self) -> None:
        job = self._job
        if job is not None:
            self._controller.exporting.name_layers(
                job, lambda names: self.more.layers.show_names(names) if job is self._job else None
            )

    def _told(self, made: Export) -> int | str:
        """About how large the file will be, or why it is refused."""
        job = self._job
        if job is None or not job.state.ended or not self.isVisible():
            return 0
        return self._controller.exporting.size(job, made)

    def _words(self, made: Export) -> str:
        if made.kind.layered:
            return tr("The painting taken apart into layers.") if made.split else tr("One layer for each key state.")
        if self._job is None or not self._frame[0] or made.kind.sheet:
            return ""
        size, whole = ("{} × {}".format(*each.size(*self._frame)) for each in (made, made.changed(max_side=None)))
        if made.kind.moves:
            told = tr("{size} pixels, {seconds} s", size=size, seconds=round(made.length(len(self._job.frames))))
        else:
            told = size
        return told if size == whole else f"{told} ({tr('As painted')}: {whole})"
