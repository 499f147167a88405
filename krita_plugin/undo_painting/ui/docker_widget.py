"""The docker's content: the process first, what can be done with it, one big button; the rest is folded away below."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Any

from ..controller.controller import Controller
from ..core import jobs, mnemonics
from ..core import view as views
from ..core.translate import tr
from ..core.view import Action
from ..krita_adapter import document as documents
from ..qt import Qt, QtGui, QtWidgets, alive, on
from . import late
from .canvas_button import CanvasButton
from .carrying import Carrying
from .chip import Chip
from .facts import facts_of
from .fitting import picture_height
from .importing import ImportPanel
from .moment import MomentPanel
from .notice import Notice
from .parts import (
    FIXED,
    IGNORED,
    Bar,
    LateFold,
    button,
    column,
    label,
    main_window,
    menu_letters,
    row,
    share,
    show_words,
)
from .player import Player
from .queue_menu import QueueButton
from .scrolling import Area
from .sketch import Sketch, rough

if TYPE_CHECKING:
    from .expert import ExpertPanel
    from .gallery import GalleryPanel
    from .large_window import LargeWindow
    from .making import MakingPanel
    from .results import ResultsPanel
    from .setup import SetupPanel

MARGIN = 4
TALL = 190
"""From this height on the docker has room for the buttons of the moment that is shown: Krita's default layout has it
on a screen of 1280 x 800."""


class DockerWidget(QtWidgets.QWidget):
    """Shows the active document's session. `refresh` is called after every change."""

    def __init__(self, controller: Controller) -> None:
        super().__init__()
        self._controller = controller
        self._view: views.DockerView | None = None
        self._started = 0.0
        self._taken: set[str] = set()
        self._large: LargeWindow | None = None
        self._settings: QtWidgets.QDialog | None = None
        self.problem = label()
        self.remedy = button("", self._remedy_clicked)
        self.words = label()
        self.notice = Notice(controller)
        self.warnings = label(dim=True)
        self.player = Player()
        self.player.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        on(self.player.pressed, self.show_large)
        self.canvas = CanvasButton(controller, self.player)
        self.carrying = Carrying(controller, self.player)
        self.bar = Bar()
        self.sketch = Sketch()
        self.imports = ImportPanel(controller)
        on(self.imports.opened, lambda opened: self._area.show_part(opened))
        self.big = QtWidgets.QPushButton(tr("Undo Painting"))
        self.big.setSizePolicy(IGNORED, FIXED)
        self.big.setToolTip(tr("Show how this picture could have been painted"))
        font = self.big.font()
        font.setBold(True)
        self.big.setFont(font)
        on(self.big.clicked, self._clicked)
        self.chip = Chip(controller)
        self.queue = QueueButton(controller, self.open_settings)
        self.moment = MomentPanel(controller, self.player, self.show_gallery)
        on(self.moment.opened, lambda opened: self._area.show_part(opened))
        self._lay_out()
        refresh = self.refresh
        controller.listen(refresh)
        self.destroyed.connect(lambda: controller.forget(refresh))
        self.refresh()

    def _lay_out(self) -> None:
        controller = self._controller
        content = QtWidgets.QWidget()
        layout = column(content, MARGIN, 4)
        self._top = QtWidgets.QWidget()
        top = column(self._top, 0, 4)
        line = row()
        line.addWidget(self.big, 1)
        line.addWidget(self.chip)
        line.addWidget(self.queue.button)
        self._usual = QtWidgets.QWidget()
        usual = QtWidgets.QHBoxLayout(self._usual)
        usual.setContentsMargins(0, 0, 0, 0)
        usual.setSpacing(4)
        for each in (*self.imports.usual, self.imports.cancel):
            usual.addWidget(each, share(each))
        from_above: list[QtWidgets.QWidget] = [
            self.problem,
            self.remedy,
            self.player,
            self.sketch,
            self.bar,
            self.words,
            self.notice,
        ]
        for widget in (*from_above, self.moment, self._usual):
            top.addWidget(widget)
        top.addLayout(line)
        self.gallery_fold = LateFold(tr("Other ways to paint it"), partial(late.gallery_panel, controller))
        self.results_fold = LateFold(tr("Earlier results"), partial(late.results_panel, controller))
        self.expert_fold = LateFold(
            tr("Expert"), partial(late.expert_panel, controller, self.open_settings, self._engine_words)
        )
        for widget in (self._top, self.warnings, self.gallery_fold, self.imports, self.results_fold, self.expert_fold):
            layout.addWidget(widget)
        layout.addStretch(1)
        self._area = Area(content)
        column(self).addWidget(self._area)

    def refresh(self) -> None:
        """Show what is."""
        controller = self._controller
        session = controller.active()
        busy = self._view is not None and self._view.busy
        view = self._view = views.make(facts_of(controller, session))
        self._show_buttons(view.button)
        self.big.setEnabled(view.enabled)
        show_words(self.problem, view.problem, bool(view.problem))
        self.remedy.setText(view.remedy_text)
        self.remedy.setVisible(view.remedy is not Action.NOTHING)
        self._show_progress(view)
        if view.busy and not busy:
            self._area.show_top()
        show_words(self.warnings, view.warnings)
        self.notice.refresh(session, self.width() - 2 * MARGIN)
        self.chip.refresh(session)
        frames = session.frames() if session is not None else []
        begins = not frames and session is not None and session.running
        self.player.setVisible(bool(frames) or begins)
        self.player.set_rate(controller.settings.frames_per_second)
        made, job = rough(session.job if session else None), session.job if session else None
        begun = session is not None and jobs.begun(job, session.preview_job)
        self.player.show_frames(frames, session.previews if session else {}, job, None if begun else made)
        self.sketch.show_image(made if begun else None)
        self._show_rows()
        self.imports.refresh(session, view)
        self.results_fold.setVisible(bool(session and session.history.entries))
        self.gallery_fold.setVisible(session is not None)
        for fold in (self.gallery_fold, self.results_fold, self.expert_fold):
            if fold.made is not None:
                fold.made.refresh(session)
        self._fit()
        self.canvas.refresh()
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
        """The process in a window of its own: it goes on from where the docker stands or plays; from the end, anew."""
        from .large_window import LargeWindow

        if self.player.current() is None:
            return
        place, playing = self.player.place, self.player.playing
        self.player.stop()
        if self._large is None:
            self._large = LargeWindow(self._controller, main_window(self))
            self._large.destroyed.connect(lambda: setattr(self, "_large", None))
        self._large.show()
        self._large.raise_()
        if place < 1:
            self._large.player.go_on(place, playing)

    def show_gallery(self) -> None:
        """Open the gallery, which makes its pictures unless they are there."""
        self.gallery_fold.set_open(True)
        session = self._controller.active()
        if session is not None and not session.gallery:
            self.gallery.make()
        self._area.show_part(self.gallery_fold)

    def open_settings(self) -> None:
        """The settings dialog; it does not block Krita."""
        from .settings_dialog import SettingsDialog

        if self._settings is None or not alive(self._settings) or not self._settings.isVisible():
            # PyQt forgets the class of a widget that nothing in Python holds, and its buttons then do nothing.
            self._settings = SettingsDialog(self._controller, main_window(self))
            self._settings.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            self._settings.show()
        self._settings.raise_()

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
            self.moment.refresh(self._controller.active(), view, tall and not self.player.isHidden())
            usual = not self.player.isHidden() and (tall or view.action is not Action.CANCEL)
            self._usual.setVisible(usual or view.busy)

    def _fit(self) -> None:
        """The picture takes the height that the rest leaves."""
        viewport = self._area.viewport()
        if viewport is not None and not self.player.isHidden():
            self.player.picture.set_height(picture_height(self.player.picture, self._top, viewport.size(), MARGIN))
            for widget in (self.player, self._top, self._top.parentWidget()):
                layout = widget.layout() if widget is not None else None
                if layout is not None:
                    layout.activate()  # at once, or the slider would lie on the picture for a moment

    def _show_buttons(self, big: str) -> None:
        """The buttons for the usual, each with a letter that Krita's menus leave free."""
        folds = [self.gallery_fold, self.imports.files_fold, self.imports.options_fold]
        folds += [self.results_fold, self.expert_fold]
        usual: list[Any] = [self.big, *self.imports.usual, *folds]
        texts = [big, *self.imports.usual.values(), *(fold.title for fold in folds)]
        for shown, text in zip(usual, mnemonics.assign(texts, self._taken), strict=True):
            if shown.text() != text:
                shown.setText(text)

    def _show_progress(self, view: views.DockerView) -> None:
        self.bar.setVisible(view.fraction is not None)
        if view.fraction is not None:
            self.bar.show_part(*((0, 0) if view.fraction < 0 else (round(view.fraction * 1000), 1000)))
        show_words(self.words, view.progress, view.progress_bad)

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
            self._controller.results.show(session, session.shown)

    def _engine_words(self) -> str:
        return self._view.engine if self._view is not None else ""
