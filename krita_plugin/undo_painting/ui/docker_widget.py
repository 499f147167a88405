"""The docker's content: one big button, and below it what is folded away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..controller.controller import Controller
from ..core import mnemonics
from ..core import view as views
from ..core.translate import tr
from ..krita_adapter import document as documents
from ..qt import Qt, QtGui, QtWidgets, on
from .importing import ImportPanel
from .parts import FIXED, IGNORED, MARGIN, Bar, LateFold, button, column, label, menu_letters, show_words
from .player import Player

if TYPE_CHECKING:
    from ..controller.session import Session
    from .making import MakingPanel
    from .results import ResultsPanel
    from .setup import SetupPanel


class DockerWidget(QtWidgets.QWidget):
    """Shows the active document's session. `refresh` is called after every change."""

    def __init__(self, controller: Controller) -> None:
        super().__init__()
        self._controller = controller
        self._action = ""
        self._link_action = ""
        self._taken: set[str] = set()
        content = QtWidgets.QWidget()
        layout = column(content, MARGIN, 6)
        self.status = label()
        self.link = button("", self._link_clicked)
        self.big = QtWidgets.QPushButton(tr("Undo Painting"))
        self.big.setMinimumHeight(38)
        self.big.setSizePolicy(IGNORED, FIXED)
        font = self.big.font()
        font.setBold(True)
        self.big.setFont(font)
        self.bar = Bar()
        self.words = label()
        self.note = label()
        self.fewer = button(tr("Import fewer frames"), lambda: self._import_less(False))
        self.smaller = button(tr("Import a smaller size"), lambda: self._import_less(True))
        self.engine = label()
        self.warnings = label()
        self.player = Player()
        self.imports = ImportPanel(controller)
        self.making_fold = LateFold(tr("How it is made"), self._make_making)
        self.results_fold = LateFold(tr("Earlier results"), self._make_results)
        self.setup_fold = LateFold(tr("Set up and models"), self._make_setup)
        widgets: list[QtWidgets.QWidget] = [self.big, self.bar, self.words, self.note, self.fewer, self.smaller]
        widgets += [self.warnings, self.player, self.imports, self.engine]
        widgets += [self.making_fold, self.results_fold, self.setup_fold]
        widgets += [self.status, self.link, button(tr("Settings …"), self.open_settings)]
        for widget in widgets:
            layout.addWidget(widget)
        layout.addWidget(label(tr("Unofficial; not made by the Krita project. Report problems to us."), dim=True))
        layout.addStretch(1)
        area = QtWidgets.QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QtWidgets.QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(content)
        column(self).addWidget(area)
        on(self.big.clicked, self._clicked)
        refresh = self.refresh
        controller.listen(refresh)
        self.destroyed.connect(lambda: controller.forget(refresh))
        self.refresh()

    def refresh(self) -> None:
        """Show what is."""
        controller = self._controller
        session = controller.active()
        view = views.make(self._facts(session))
        self._action, self._link_action = view.action, view.link
        self._show_buttons(view.button)
        self.big.setEnabled(view.enabled)
        show_words(self.status, view.status, view.status_bad)
        self.link.setText(view.link_text)
        self.link.setVisible(bool(view.link))
        self._show_progress(view)
        show_words(self.engine, view.engine)
        show_words(self.warnings, view.warnings)
        note = session.note if session is not None else None
        show_words(self.note, note.text if note else "", bool(note and note.bad))
        self.fewer.setVisible(bool(note and note.action))
        self.smaller.setVisible(bool(note and note.action and note.percent))
        frames = session.frames() if session is not None else []
        self.player.setVisible(bool(frames))
        self.player.set_rate(controller.settings.frames_per_second)
        self.player.show_frames(frames, session.previews if session else {}, session.job if session else None)
        self.imports.refresh(session, view)
        self.results_fold.setVisible(bool(session and session.history.entries))
        for fold in (self.making_fold, self.results_fold, self.setup_fold):
            if fold.made is not None:
                fold.made.refresh(session)

    @property
    def making(self) -> MakingPanel:
        """What the stages take."""
        panel: MakingPanel = self.making_fold.content()
        return panel

    @property
    def results(self) -> ResultsPanel:
        """The document's earlier results."""
        panel: ResultsPanel = self.results_fold.content()
        return panel

    @property
    def setup(self) -> SetupPanel:
        """What is installed."""
        panel: SetupPanel = self.setup_fold.content()
        return panel

    def showEvent(self, event: QtGui.QShowEvent | None) -> None:  # noqa: N802
        super().showEvent(event)
        self._taken = menu_letters(self)
        self._show_buttons(views.make(self._facts(self._controller.active())).button)

    def enterEvent(self, event: QtGui.QEnterEvent | None) -> None:  # noqa: N802
        super().enterEvent(event)
        self._controller.warm_up()

    def _show_buttons(self, big: str) -> None:
        """The buttons for the usual, each with a letter that Krita's menus leave free."""
        usual = (self.big, *self.imports.usual)
        texts = (big, *self.imports.usual.values())
        for shown, text in zip(usual, mnemonics.assign(texts, self._taken), strict=True):
            if shown.text() != text:
                shown.setText(text)

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

    def _make_making(self) -> MakingPanel:
        from .making import MakingPanel

        panel = MakingPanel(self._controller)
        panel.refresh(self._controller.active())
        return panel

    def _make_results(self) -> ResultsPanel:
        from .results import ResultsPanel

        panel = ResultsPanel(self._controller)
        panel.refresh(self._controller.active())
        return panel

    def _make_setup(self) -> SetupPanel:
        from .setup import SetupPanel

        panel = SetupPanel(self._controller)
        panel.refresh(self._controller.active())
        return panel

    def _facts(self, session: Session | None) -> views.Facts:
        controller = self._controller
        task = session.task if session is not None else None
        return views.Facts(
            status=controller.status,
            has_document=session is not None,
            job=session.job if session is not None else None,
            preview=session.preview_job if session is not None else None,
            wanted_engine=session.parameters.engine if session is not None else "auto",
            task_text=task.text if task else "",
            task_done=task.done if task else 0,
            task_of=task.of if task else 0,
            setting_up=controller.setup.running,
            installed=controller.setup.installed,
            can_set_up=controller.setup.bundle is not None,
            missing=tuple(controller.missing),
        )

    def _show_progress(self, view: views.View) -> None:
        self.bar.setVisible(view.fraction is not None)
        if view.fraction is not None:
            self.bar.show_part(*((0, 0) if view.fraction < 0 else (round(view.fraction * 1000), 1000)))
        show_words(self.words, view.progress)

    def _clicked(self) -> None:
        session = self._controller.active()
        if self._action == "set-up":
            self.setup_fold.set_open(True)
            self._controller.setup.set_up()
        elif self._action == "cancel" and session is not None and session.job is not None:
            self._controller.running.cancel(session, session.job)
        elif self._action == "start":
            self.start()

    def _link_clicked(self) -> None:
        if self._link_action == "repair":
            self.setup_fold.set_open(True)
            self._controller.setup.set_up()

    def _import_less(self, smaller: bool) -> None:
        session = self._controller.active()
        if session is not None and session.note.action:
            self.imports.import_less(session.note, smaller)
