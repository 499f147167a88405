"""Earlier results of the document."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..controller.controller import Controller
from ..core.history import Entry, state_words
from ..core.parameters import SEED
from ..core.translate import chosen, tr
from ..krita_adapter import document as documents
from ..qt import Qt, QtCore, QtGui, QtWidgets, on
from .parts import IGNORED, button, column, row

if TYPE_CHECKING:
    from ..controller.session import Session

HEIGHT = 170
ICON = QtCore.QSize(144, 48)


class ResultsPanel(QtWidgets.QWidget):
    """A list with pictures, by day; choosing shows a result, so that it can be imported again."""

    def __init__(self, controller: Controller) -> None:
        super().__init__()
        self._controller = controller
        self._shown: object = None
        self._search = QtWidgets.QLineEdit()
        self._search.setPlaceholderText(tr("Search"))
        self._search.setAccessibleName(tr("Search the earlier results"))
        self._search.setClearButtonEnabled(True)
        self._list = QtWidgets.QListWidget()
        self._list.setFixedHeight(HEIGHT)
        self._list.setIconSize(ICON)
        self._list.setSizePolicy(IGNORED, QtWidgets.QSizePolicy.Policy.Fixed)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self._list.setAccessibleName(tr("Earlier results"))
        self._list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        layout = column(self)
        layout.addWidget(self._search)
        layout.addWidget(self._list)
        layout.addLayout(
            row(
                button(tr("Apply"), self._apply, tr("Import this result as layers")),
                button(tr("Discard"), self._delete, tr("Delete this result for good")),
            )
        )
        layout.addLayout(
            row(
                button(tr("Repeat"), self._repeat, tr("Paint it again in the same way, from the picture as it is now")),
                button(tr("Adapt"), self._use, tr("Take its settings over, to change them first")),
            )
        )
        on(self._list.itemClicked, self._chosen)
        on(self._list.itemActivated, self._chosen)
        on(self._list.customContextMenuRequested, self._menu)
        on(self._search.textChanged, self._filter)

    def refresh(self, session: Session | None) -> None:
        """Show the document's history."""
        entries = session.history.entries if session is not None else ()
        shown = session.shown if session is not None else ""
        ended = session is not None and session.job is not None and session.job.state.ended
        if (entries, shown, ended) == self._shown:
            return
        self._shown = entries, shown, ended
        self._list.clear()
        day = ""
        for entry in entries:
            date = _date(entry)
            if date != day:
                day = date
                self._add_heading(date)
            self._add(entry, entry.request_id == shown)
        self._filter()

    def select(self, request_id: str) -> None:
        """Make a result the current one of the list."""
        for number in range(self._list.count()):
            item = self._list.item(number)
            if item is not None and item.data(Qt.ItemDataRole.UserRole) == request_id:
                self._list.setCurrentItem(item)

    def _add_heading(self, text: str) -> None:
        item = QtWidgets.QListWidgetItem(text)
        item.setFlags(Qt.ItemFlag.ItemIsEnabled)  # not to be chosen, but as readable as the others
        self._list.addItem(item)

    def _add(self, entry: Entry, current: bool) -> None:
        state = "" if entry.state == "finished" else f"\n{state_words(entry.state)}"
        item = QtWidgets.QListWidgetItem(f"{_time(entry)}{state}")
        item.setData(Qt.ItemDataRole.UserRole, entry.request_id)
        item.setToolTip(f"{entry.title} · {_date(entry)} {_time(entry)} · {state_words(entry.state)}")
        image = self._controller.thumbnails.load(entry.request_id)
        if image is not None:
            item.setIcon(QtGui.QIcon(QtGui.QPixmap.fromImage(image)))
        self._list.addItem(item)
        if current:
            self._list.setCurrentItem(item)

    def _filter(self) -> None:
        """Show what the search finds; headings stay."""
        wanted = self._search.text().casefold()
        for number in range(self._list.count()):
            item = self._list.item(number)
            if item is not None:
                text = f"{item.text()} {item.toolTip()}".casefold()
                named = bool(item.data(Qt.ItemDataRole.UserRole))
                item.setHidden(bool(wanted) and (not named or wanted not in text))

    def _current(self) -> str:
        item = self._list.currentItem()
        return str(item.data(Qt.ItemDataRole.UserRole) or "") if item is not None else ""

    def _with_current(self, action: Callable[[Session, str], object]) -> None:
        session = self._controller.active()
        if session is not None and self._current():
            action(session, self._current())

    def _chosen(self) -> None:
        self._with_current(self._controller.results.show)

    def _apply(self) -> None:
        """Show it, and import it as layers as soon as it is there."""
        self._with_current(self._controller.results.apply)

    def _repeat(self) -> None:
        self._controller.results.repeat(documents.active(), self._current(), at_once=True)

    def _use(self) -> None:
        self._controller.results.repeat(documents.active(), self._current(), at_once=False)

    def _delete(self) -> None:
        """Deleting cannot be taken back, so it is asked for once more, in the docker itself."""
        self._with_current(self._controller.results.ask_to_delete)

    def _menu(self, place: QtCore.QPoint) -> None:
        if not self._current():
            return
        menu = QtWidgets.QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        entries: list[tuple[str, Callable[[], object]]] = [
            (tr("Show"), self._chosen),
            (tr("Apply"), self._apply),
            (tr("Compare with the one that is shown"), self._compare),
            (tr("Repeat"), self._repeat),
            (tr("Adapt"), self._use),
            (tr("Copy its seed"), self._copy_seed),
            (tr("Discard"), self._delete),
        ]
        for text, slot in entries:
            action: Any = menu.addAction(text)
            on(action.triggered, slot)
        menu.popup(self._list.mapToGlobal(place))

    def _compare(self) -> None:
        self._with_current(self._controller.results.compare)

    def _copy_seed(self) -> None:
        session, clipboard = self._controller.active(), QtGui.QGuiApplication.clipboard()
        entry = session.history.find(self._current()) if session is not None else None
        if entry is not None and clipboard is not None:
            clipboard.setText(str(entry.parameters.get(SEED)))


def _moment(entry: Entry) -> QtCore.QDateTime:
    return QtCore.QDateTime.fromSecsSinceEpoch(int(entry.created))


def _date(entry: Entry) -> str:
    """The day, as the artist's language writes it."""
    return _locale().toString(_moment(entry).date(), QtCore.QLocale.FormatType.ShortFormat)


def _time(entry: Entry) -> str:
    return _locale().toString(_moment(entry).time(), QtCore.QLocale.FormatType.ShortFormat)


def _locale() -> QtCore.QLocale:
    """How dates are written: as the system does where it speaks the docker's language, else as that language does."""
    own = QtCore.QLocale()
    return own if own.name().startswith(chosen()[:2]) else QtCore.QLocale(chosen())
