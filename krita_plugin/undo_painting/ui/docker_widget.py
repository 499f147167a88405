"""The docker's content: the process first, what can be done with it, one big button; the rest is folded away below."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Any

from ..controller.controller import Controller
from ..controller.session import Note
from ..core import mnemonics
from ..core import view as views
from ..core.mapping import frame_rect
from ..core.translate import tr
from ..core.view import Action
from ..krita_adapter import document as documents
from ..krita_adapter.overlay import CanvasPreview
from ..qt import Qt, QtGui, QtWidgets, on
from .importing import ImportPanel
from .parts import FIXED, IGNORED, Bar, LateFold, button, column, label, menu_letters, row, share, show_words, tool
from .player import Player
from .screen import LEAST
from .sketch import Sketch

if TYPE_CHECKING:
    from ..controller.session import Session
    from .expert import ExpertPanel
    from .gallery import GalleryPanel
    from .large_window import LargeWindow
    from .making import MakingPanel
    from .results import ResultsPanel
    from .setup import SetupPanel

MARGIN = 4
ACROSS, DOWN = QtWidgets.QBoxLayout.Direction.LeftToRight, QtWidgets.QBoxLayout.Direction.TopToBottom
TALL = 300
"""From this height on the docker has room for the redo buttons."""

FOLDS = 110
"""Height that a tall docker leaves for the headings below the player."""


class DockerWidget(QtWidgets.QWidget):
    """Shows the active document's session. `refresh` is called after every change."""

    def __init__(self, controller: Controller) -> None:
        super().__init__()
        self._controller = controller
        self._view: views.View | None = None
        self._started = 0.0
        self._taken: set[str] = set()
        self._note: Note | None = None
        self._large: LargeWindow | None = None
        self.problem = label()
        self.remedy = button("", self._remedy_clicked)
        self.words = label()
        self.note = label()
        self.offers = [button("", partial(self._accept, place)) for place in range(3)]
        self.warnings = label(dim=True)
        self.player = Player()
        self.player.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        on(self.player.pressed, self.show_large)
        self._canvas = CanvasPreview()
        self._canvas_of: Session | None = None
        self.on_canvas = tool("◧", self.toggle_canvas, tr("Show it on the canvas; your document is not touched"))
        self.on_canvas.setCheckable(True)
        self.player.add_tool(self.on_canvas)
        on(self.player.moved, self._show_on_canvas)
        self.bar = Bar()
        self.sketch = Sketch()
        self.imports = ImportPanel(controller)
        self.big = QtWidgets.QPushButton(tr("Undo Painting"))
        self.big.setSizePolicy(IGNORED, FIXED)
        self.big.setToolTip(tr("Show how this picture could have been painted"))
        font = self.big.font()
        font.setBold(True)
        self.big.setFont(font)
        on(self.big.clicked, self._clicked)
        self.chip = tool("", self._chip_clicked, tr("Only the selection is used; click for the whole picture"))
        self.more = tool("⋯", lambda: None, tr("Jobs and settings"))
        self.more.setPopupMode(QtWidgets.QToolButton.ToolButtonPopupMode.InstantPopup)
        self._menu = QtWidgets.QMenu(self.more)
        on(self._menu.aboutToShow, self._fill_menu)
        self.more.setMenu(self._menu)
        self._redo = self._redo_row()
        self._lay_out()
        refresh = self.refresh
        controller.listen(refresh)
        self.destroyed.connect(lambda: controller.forget(refresh))
        self.refresh()

    def _lay_out(self) -> None:
        content = QtWidgets.QWidget()
        layout = column(content, MARGIN, 4)
        self._top = QtWidgets.QWidget()
        top = column(self._top, 0, 4)
        line = row()
        line.addWidget(self.big, 1)
        line.addWidget(self.chip)
        line.addWidget(self.more)
        self._offers_line = QtWidgets.QWidget()
        self._offers_layout = QtWidgets.QBoxLayout(ACROSS, self._offers_line)
        self._offers_layout.setContentsMargins(0, 0, 0, 0)
        self._offers_layout.setSpacing(4)
        for each in self.offers:
            self._offers_layout.addWidget(each)
        self._usual = QtWidgets.QWidget()
        usual = QtWidgets.QHBoxLayout(self._usual)
        usual.setContentsMargins(0, 0, 0, 0)
        usual.setSpacing(4)
        for each in self.imports.usual:
            usual.addWidget(each, share(each))
        told = (self.sketch, self.bar, self.words, self.note, self._offers_line)
        for widget in (self.problem, self.remedy, self.player, *told):
            top.addWidget(widget)
        top.addWidget(self._redo)
        top.addWidget(self._usual)
        top.addLayout(line)
        self.gallery_fold = LateFold(tr("Other ways to paint it"), self._make_gallery)
        self.results_fold = LateFold(tr("Earlier results"), self._make_results)
        self.expert_fold = LateFold(tr("Expert"), self._make_expert)
        for widget in (self._top, self.warnings, self.gallery_fold, self.imports, self.results_fold, self.expert_fold):
            layout.addWidget(widget)
        layout.addStretch(1)
        self._area = QtWidgets.QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QtWidgets.QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setWidget(content)
        column(self).addWidget(self._area)

    def _redo_row(self) -> QtWidgets.QWidget:
        line = QtWidgets.QWidget()
        layout = QtWidgets.QHBoxLayout(line)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        self._redoing: list[QtWidgets.QWidget] = []
        for text, slot, tip in (
            (tr("Redo this"), lambda: self._redo_here(False), tr("Make the key state that is shown anew, differently")),
            (tr("Redo rest"), lambda: self._redo_here(True), tr("Make everything after this moment anew")),
            (tr("My layer"), self._replace_here, tr("Replace the key state that is shown by your active layer")),
        ):
            self._redoing.append(button(text, slot, tip))
            layout.addWidget(self._redoing[-1], share(self._redoing[-1]))
        self._redoing.pop()
        return line

    def refresh(self) -> None:
        """Show what is."""
        controller = self._controller
        session = controller.active()
        view = self._view = views.make(self._facts(session))
        self._show_buttons(view.button)
        self.big.setEnabled(view.enabled)
        show_words(self.problem, view.problem, bool(view.problem))
        self.remedy.setText(view.remedy_text)
        self.remedy.setVisible(view.remedy is not Action.NOTHING)
        self._show_progress(view)
        progress = session.job.progress if session is not None and session.job is not None else None
        self.sketch.show_png(progress.preview if progress is not None else b"")
        show_words(self.warnings, view.warnings)
        self._show_note(session)
        self._show_chip(session)
        frames = session.frames() if session is not None else []
        self.player.setVisible(bool(frames))
        self.player.set_rate(controller.settings.frames_per_second)
        self.player.show_frames(frames, session.previews if session else {}, session.job if session else None)
        self._show_rows()
        self.imports.refresh(session, view)
        self.results_fold.setVisible(bool(session and session.history.entries))
        self.gallery_fold.setVisible(session is not None)
        for fold in (self.gallery_fold, self.results_fold, self.expert_fold):
            if fold.made is not None:
                fold.made.refresh(session)
        self._fit()
        if self._canvas_of is not None:
            self._show_on_canvas()
        if session is not None and session.compared and self._large is None and self.isVisible():
            self.show_large()

    @property
    def expert(self) -> ExpertPanel:
        """What an artist need not know."""
        panel: ExpertPanel = self.expert_fold.content()
        return panel

    @property
    def making(self) -> MakingPanel:
        """What the stages take."""
        return self.expert.making

    @property
    def setup(self) -> SetupPanel:
        """What is installed."""
        return self.expert.setup

    @property
    def engine(self) -> QtWidgets.QLabel:
        """Which engine, and why."""
        return self.expert.engine

    @property
    def results(self) -> ResultsPanel:
        """The document's earlier results."""
        panel: ResultsPanel = self.results_fold.content()
        return panel

    @property
    def gallery(self) -> GalleryPanel:
        """Other ways to paint the picture."""
        panel: GalleryPanel = self.gallery_fold.content()
        return panel

    def showEvent(self, event: QtGui.QShowEvent | None) -> None:  # noqa: N802
        super().showEvent(event)
        self._taken = menu_letters(self)
        self.refresh()

    def enterEvent(self, event: QtGui.QEnterEvent | None) -> None:  # noqa: N802
        super().enterEvent(event)
        self._controller.warm_up()

    def resizeEvent(self, event: QtGui.QResizeEvent | None) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._show_rows()
        self._fit()

    def show_large(self) -> None:
        """The process in a window of its own."""
        from .large_window import LargeWindow

        self.player.stop()
        if self._large is None:
            self._large = LargeWindow(self._controller, self.window())
            self._large.destroyed.connect(lambda: setattr(self, "_large", None))
        self._large.show()
        self._large.raise_()
        self._large.player.show_place(self.player.place)

    def toggle_canvas(self) -> None:
        """Show the process over the canvas, or no more."""
        if self._canvas.shown:
            self._canvas.hide()
            self._canvas_of = None
        else:
            self._canvas_of = self._controller.active()
            self._show_on_canvas()
        self.on_canvas.setChecked(self._canvas.shown)

    def _show_on_canvas(self) -> None:
        """The frame that the player shows, where its source lies in the document in front."""
        session, document, current = self._controller.active(), documents.active(), self.player.current()
        if self._canvas_of is None:
            return
        if session is not self._canvas_of or document is None or current is None:
            self._canvas.hide()
            self._canvas_of = None
            self.on_canvas.setChecked(False)
            return
        job, picture = current
        rect = frame_rect(job.source, picture.placement, document.width(), document.height())
        self._canvas.show(self.player.picture.image, rect)

    def show_gallery(self) -> None:
        """Open the gallery, which then makes its pictures."""
        self.gallery_fold.set_open(True)
        self.gallery.make()

    def open_settings(self) -> None:
        """The settings dialog; it does not block Krita."""
        from .settings_dialog import SettingsDialog

        dialog = SettingsDialog(self._controller, self.window())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.show()

    def start(self) -> None:
        """What the menu does, too: start with what is set."""
        document = documents.active()
        if document is not None:
            self._controller.running.start(document)

    def cancel(self) -> None:
        """Cancel the job that is shown."""
        session = self._controller.active()
        if session is not None and session.job is not None:
            self._controller.running.cancel(session, session.job)

    def _show_rows(self) -> None:
        """In a low docker what cannot be used now gives its place to the picture."""
        view = self._view
        if view is not None:
            tall = self.height() >= TALL
            self._redo.setVisible(view.can_replace and tall)
            for each in self._redoing:
                each.setVisible(view.can_redo)
            self._usual.setVisible(not self.player.isHidden() and (tall or view.action is not Action.CANCEL))

    def _fit(self) -> None:
        """The picture takes the height that the rest leaves; in a tall docker the folds' headings stay in view."""
        if self.player.isHidden():
            return
        image = self.player.picture.image
        viewport = self._area.viewport()
        if viewport is None:
            return
        width = max(1, viewport.width() - 2 * MARGIN)
        ideal = round(width * image.height() / max(1, image.width())) if image is not None else width * 3 // 4
        layout = self._top.layout()
        needed = layout.totalHeightForWidth(width) if layout is not None else 0
        rest = max(needed, self._top.minimumSizeHint().height()) - self.player.picture.height_set + 2 * MARGIN
        room = viewport.height() - rest
        if room - FOLDS >= 160:
            room -= FOLDS
        self.player.picture.set_height(max(LEAST, min(ideal, room)))

    def _show_buttons(self, big: str) -> None:
        """The buttons for the usual, each with a letter that Krita's menus leave free."""
        folds = [self.gallery_fold, self.imports.files_fold, self.imports.options_fold]
        folds += [self.results_fold, self.expert_fold]
        usual: list[Any] = [self.big, *self.imports.usual, *folds]
        texts = [big, *self.imports.usual.values(), *(fold.title for fold in folds)]
        for shown, text in zip(usual, mnemonics.assign(texts, self._taken), strict=True):
            if shown.text() != text:
                shown.setText(text)

    def _show_progress(self, view: views.View) -> None:
        self.bar.setVisible(view.fraction is not None)
        if view.fraction is not None:
            self.bar.show_part(*((0, 0) if view.fraction < 0 else (round(view.fraction * 1000), 1000)))
        show_words(self.words, view.progress, view.progress_bad)

    def _show_note(self, session: Session | None) -> None:
        note = session.note if session is not None else Note()
        show_words(self.note, note.text, note.bad)
        self._offers_line.setVisible(bool(note.offers))
        if note is not self._note:
            self._note = note
            for place, each in enumerate(self.offers):
                shown = place < len(note.offers)
                each.setVisible(shown)
                if shown:
                    each.setText(note.offers[place].text)
                    each.setToolTip(note.offers[place].text)
            needed = sum(each.sizeHint().width() + 4 for each in self.offers[: len(note.offers)])
            self._offers_layout.setDirection(ACROSS if needed <= self.width() - 2 * MARGIN else DOWN)

    def _show_chip(self, session: Session | None) -> None:
        document = documents.active()
        size = documents.selection_size(document) if document is not None and session is not None else None
        shown = size is not None and session is not None and session.source in ("auto", "picture")
        self.chip.setVisible(shown)
        if shown and size is not None and session is not None:
            whole = session.source == "picture"
            self.chip.setText(tr("Whole picture") if whole else f"⬚ {size[0]} × {size[1]}")

    def _facts(self, session: Session | None) -> views.Facts:
        controller = self._controller
        task = session.task if session is not None else None
        setup = controller.setup
        return views.Facts(
            status=controller.status,
            has_document=session is not None,
            job=session.job if session is not None else None,
            preview=session.preview_job if session is not None else None,
            wanted_engine=session.parameters.engine if session is not None else "auto",
            task_text=task.text if task else "",
            task_done=task.done if task else 0,
            task_of=task.of if task else 0,
            setting_up=setup.running,
            setup_text=f"{setup.text}\n{setup.detail}".strip() if setup.running else setup.text,
            setup_bad=setup.bad,
            setup_done=setup.done,
            setup_of=setup.of,
            can_set_up=setup.bundle is not None,
            remote=bool(controller.settings.remote),
            missing=tuple(controller.missing),
        )

    def _clicked(self) -> None:
        action = self._view.action if self._view is not None else Action.NOTHING
        if action is Action.SET_UP:
            self._controller.setup.set_up()
        elif action is Action.CANCEL and not self._double_click():
            self.cancel()
        elif action is Action.START:
            self._started = time.monotonic()
            self.start()

    def _double_click(self) -> bool:
        """Whether a click is the second of a double click on what was the start a moment ago."""
        return time.monotonic() - self._started < QtWidgets.QApplication.doubleClickInterval() / 1000

    def _remedy_clicked(self) -> None:
        action = self._view.remedy if self._view is not None else Action.NOTHING
        if action is Action.SET_UP:
            self._controller.setup.set_up()
        elif action is Action.SETTINGS:
            self.open_settings()
        elif action is Action.HERE:
            self._controller.change_settings(remote="")
        session = self._controller.active()
        if action is Action.SHOW and session is not None:
            self._controller.running.show(session, session.shown)

    def _accept(self, place: int) -> None:
        note = self._note
        if note is not None and place < len(note.offers):
            note.offers[place].accept()
            self._controller.changed()

    def _chip_clicked(self) -> None:
        session = self._controller.active()
        if session is not None:
            session.source = "auto" if session.source == "picture" else "picture"
            self._controller.changed()

    def _redo_here(self, onward: bool) -> None:
        current = self.player.current()
        if current is not None:
            self._controller.running.redo_at(documents.active(), current[1].operation_step, onward)

    def _replace_here(self) -> None:
        current = self.player.current()
        if current is not None:
            self._controller.running.replace_at(documents.active(), current[1].operation_step)

    def _fill_menu(self) -> None:
        """What waits and works, to be cancelled one by one or all; the settings."""
        self._menu.clear()
        listed = self._controller.running.active()
        for session, job in listed:
            name = tr("Cancel: {title} ({words})", title=job.title or tr("untitled"), words=job.words())
            self._add(name, lambda session=session, job=job: self._controller.running.cancel(session, job))
        if len(listed) > 1:
            self._add(tr("Cancel all"), self._controller.running.cancel_all)
        if not listed:
            nothing = self._menu.addAction(tr("Nothing is being made"))
            if nothing is not None:
                nothing.setEnabled(False)
        self._menu.addSeparator()
        self._add(tr("Settings …"), self.open_settings)

    def _add(self, text: str, slot: Any) -> None:
        action = self._menu.addAction(text.replace("&", "&&"))
        if action is not None:
            on(action.triggered, lambda: slot())

    def _make_gallery(self) -> GalleryPanel:
        from .gallery import GalleryPanel

        panel = GalleryPanel(self._controller)
        panel.refresh(self._controller.active())
        return panel

    def _make_results(self) -> ResultsPanel:
        from .results import ResultsPanel

        panel = ResultsPanel(self._controller)
        panel.refresh(self._controller.active())
        return panel

    def _make_expert(self) -> ExpertPanel:
        from .expert import ExpertPanel

        panel = ExpertPanel(self._controller, self.open_settings, self._engine_words)
        panel.refresh(self._controller.active())
        return panel

    def _engine_words(self) -> str:
        return self._view.engine if self._view is not None else ""
