"""An open document: its identity, its annotation."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from krita import Krita

from ..core import history, log
from ..core.mapping import Rect
from ..qt import QtCore, QTimer

if TYPE_CHECKING:
    from krita import Document

_keys: dict[str, Document] = {}
_numbers = itertools.count(1)

SRGB_NAMES = ("srgb-elle-v2-srgbtrc.icc", "srgb built-in", "srgb iec61966-2.1", "srgb")


def active() -> Document | None:
    """The active document, or None."""
    return Krita.instance().activeDocument()


def key(document: Document) -> str:
    """What tells documents apart while Krita runs. The ids of its nodes do not: a copy of a document keeps them."""
    for name, known in _keys.items():
        if known == document:
            return name
    name = f"document-{next(_numbers)}"
    _keys[name] = document
    return name


def find(document_key: str) -> Document | None:
    """The open document with this key, or None."""
    known = _keys.get(document_key)
    return known if known is not None and known in _open() else None


def open_keys() -> set[str]:
    """The keys of all open documents; those of closed ones are forgotten."""
    listed = _open()
    for name in [name for name, known in _keys.items() if known not in listed]:
        del _keys[name]
    return {key(found) for found in listed}


def selected(document: Document) -> Rect | None:
    """The bounds of what is selected, or None."""
    selection = document.selection()
    return None if selection is None else Rect(selection.x(), selection.y(), selection.width(), selection.height())


def _open() -> list[Document]:
    """All open documents. Krita's own list lacks a copy that a script has put into a view; the view of a closed one may
    still be there for a while, but shows nothing."""
    application = Krita.instance()
    return [*application.documents(), *(view.document() for view in application.views() if view.visible())]


def file_name(document: Document) -> str:
    """The document's file, or empty."""
    return str(document.fileName() or "")


def title(document: Document) -> str:
    """A name for lists."""
    return str(document.name() or Path(document.fileName()).stem or "")


def canvas(document: Document) -> Rect:
    """The whole canvas."""
    return Rect(0, 0, document.width(), document.height())


def exact_in_8_bit(document: Document) -> bool:
    """Whether an 8-bit sRGB picture can hold the document's colours exactly."""
    names = str(document.colorProfile()).lower()
    return document.colorModel() == "RGBA" and document.colorDepth() == "U8" and names.startswith(SRGB_NAMES)


@contextlib.contextmanager
def keeping_active(document: Document) -> Iterator[None]:
    """For what makes or opens documents: Krita then activates the layer that was added last, and the artist would go on
    painting on another one.
    """
    active = document.activeNode()
    try:
        yield
    finally:
        if active is not None:
            document.setActiveNode(active)
            # Krita hears of a new layer, and makes it the active one, when its events are handled next.
            QTimer.singleShot(0, log.guarded(lambda: document.setActiveNode(active)))


def idle(document: Document) -> bool:
    """Whether no stroke or other operation runs on the document: Krita would wait for its end, and hold its window."""
    if not document.tryBarrierLock():
        return False
    document.unlock()
    return True


def load_history(document: Document) -> history.History:
    """The earlier results that the document knows."""
    if history.ANNOTATION not in document.annotationTypes():
        return history.History()
    return history.load(document.annotation(history.ANNOTATION).data())


def save_history(document: Document, entries: history.History) -> None:
    """Keep the earlier results in the document; they are on disk when it is saved. For Krita that is a change, for the
    artist it is none: a document without changes is not marked as modified."""
    unchanged = not document.modified()
    document.setAnnotation(history.ANNOTATION, history.DESCRIPTION, QtCore.QByteArray(history.dump(entries)))
    if unchanged:
        document.setModified(False)
