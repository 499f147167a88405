"""An open document: its identity, its pixels, its annotation."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from krita import Krita

from ..core import history, log
from ..core.mapping import PaintingSource, Rect
from ..pixels import gray, masked
from ..qt import QImage, QtCore, QTimer

if TYPE_CHECKING:
    from krita import Document

_keys: dict[str, Document] = {}
_numbers = itertools.count(1)

SRGB_NAMES = ("srgb-elle-v2-srgbtrc.icc", "srgb built-in", "srgb iec61966-2.1", "srgb")


class ReadError(Exception):
    """The wished source cannot be read; the message says why and what to do."""


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


def read(document: Document, kind: str, message: Callable[[str], str]) -> tuple[QImage, PaintingSource]:
    """The painting as a QImage (8-bit sRGB, straight alpha) and where it came from. Raises `ReadError`."""
    document.waitForDone()
    whole = canvas(document)
    if kind == "layer":
        with keeping_active(document):
            image, rect = _read_layer(document, whole, message)
    elif kind == "selection":
        selection = document.selection()
        if selection is None:
            raise ReadError(message("Nothing is selected. Select something, or choose another source."))
        rect = Rect(selection.x(), selection.y(), selection.width(), selection.height()).clipped(whole)
        if rect.empty:
            raise ReadError(message("The selection lies outside the picture."))
        image = document.projection(rect.x, rect.y, rect.width, rect.height)
        mask = selection.pixelData(rect.x, rect.y, rect.width, rect.height).data()
        image = masked(image, mask)
    else:
        rect = whole if kind == "picture" else covered(document)
        if rect.empty:
            raise ReadError(message("No visible layer shows anything on the canvas."))
        image = document.projection(rect.x, rect.y, rect.width, rect.height)
    if image is None or image.isNull():
        raise ReadError(message("Krita gave no pixels; try again."))
    return image, PaintingSource(kind, rect, whole.width, whole.height)


def read_area(document: Document, source: PaintingSource, message: Callable[[str], str]) -> QImage | None:
    """What is selected of the painting of an earlier job: a picture of the painting's size, white where it is; None
    where that is all of it. Raises `ReadError`."""
    selection = document.selection()
    rect = source.rect
    if selection is None:
        return None
    if (document.width(), document.height()) != source.canvas:
        raise ReadError(message("The picture had another size when this was made. Deselect to go on everywhere."))
    mask = selection.pixelData(rect.x, rect.y, rect.width, rect.height).data()
    if not any(mask):
        raise ReadError(message("The selection lies outside the picture."))
    return None if mask.count(b"\xff") == len(mask) else gray(mask, rect.width, rect.height)


def covered(document: Document) -> Rect:
    """The part of the canvas that the visible layers cover: their common bounds, empty when there is nothing."""
    boxes = [node.bounds() for node in document.topLevelNodes() if node.visible()]
    boxes = [box for box in boxes if box.width() > 0 and box.height() > 0]
    if not boxes:
        return Rect(0, 0, 0, 0)
    left, top = min(box.x() for box in boxes), min(box.y() for box in boxes)
    right = max(box.x() + box.width() for box in boxes)
    bottom = max(box.y() + box.height() for box in boxes)
    return Rect(left, top, right - left, bottom - top).clipped(canvas(document))


def _read_layer(document: Document, whole: Rect, message: Callable[[str], str]) -> tuple[QImage, Rect]:
    """The active layer or group alone: drawn by Krita in a document of its own, so that any colour model is right."""
    node = document.activeNode()
    if node is None:
        raise ReadError(message("No layer is active."))
    copy = Krita.instance().createDocument(
        whole.width,
        whole.height,
        "undo-painting",
        document.colorModel(),
        document.colorDepth(),
        document.colorProfile(),
        document.resolution(),
    )
    try:
        for child in copy.topLevelNodes():
            child.remove()
        duplicate = node.duplicate()
        duplicate.setVisible(True)
        copy.rootNode().addChildNode(duplicate, None)
        copy.refreshProjection()
        copy.waitForDone()
        return copy.projection(0, 0, whole.width, whole.height), whole
    finally:
        copy.setModified(False)
        copy.close()


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
