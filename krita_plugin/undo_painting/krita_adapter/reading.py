"""What a document shows, read slice by slice while Krita goes on, as a picture of one moment."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, TypeVar

from krita import Krita

from ..core import log
from ..core.mapping import PaintingSource, Rect
from ..core.translate import tr
from ..pixels import FORMAT, masked, only_colour, put
from ..qt import QImage, QTimer
from .document import canvas, idle, keeping_active

if TYPE_CHECKING:
    from krita import Document

SLICE_PIXELS = 2**20
"""What is read at once: Krita is held for some 5 ms, on a busy machine for some 15."""
PAUSE_MS = 1
BUSY_MS = 20
PATIENCE = 120.0
"""So many seconds it is waited for the end of a stroke, or of whatever else Krita does to the document."""
ROUNDS = 8
"""So often a document that changes all the time is read in slices; then once in one go."""

Slices = Generator[int, None, QImage]
"""Stops where Krita may go on, for so many milliseconds at least; ends with the picture: 8-bit sRGB, straight alpha.
Raises `ReadError`."""

_Read = Generator[int, None, tuple[QImage, bytes | None]]
"""As `Slices`; ends with the picture and the one colour that all of it has, as far as that is known."""

_Found = TypeVar("_Found")

_Look = Callable[[Rect], QImage]
"""Reads a part of the document."""


class ReadError(Exception):
    """The wished source cannot be read; the message says why and what to do."""


def source(document: Document, kind: str) -> PaintingSource:
    """Where a painting of this kind lies in the document. Raises `ReadError`."""
    whole = rect = canvas(document)
    if kind == "layer" and document.activeNode() is None:
        raise ReadError(tr("No layer is active."))
    if kind == "selection":
        selection = document.selection()
        if selection is None:
            raise ReadError(tr("Nothing is selected. Select something, or choose another source."))
        rect = Rect(selection.x(), selection.y(), selection.width(), selection.height()).clipped(whole)
        if rect.empty:
            raise ReadError(tr("The selection lies outside the picture."))
    elif kind == "visible":
        rect = _covered(document)
        if rect.empty:
            raise ReadError(tr("No visible layer shows anything on the canvas."))
    return PaintingSource(kind, rect, whole.width, whole.height)


def painting(document: Document, wanted: PaintingSource) -> Slices:
    """The painting that lies there. One of a single colour is none."""
    image, colour = yield from _read(document, wanted)
    if colour is not None:
        raise ReadError(tr("There is only one colour here, so there is nothing to undo. Paint first."))
    return image


def state(document: Document, wanted: PaintingSource) -> Slices:
    """The artist's own state of a painting, which may be of one colour."""
    return (yield from _read(document, wanted))[0]


def read(
    slices: Generator[int, None, _Found],
    wanted: Callable[[], bool],
    done: Callable[[_Found], object],
    failed: Callable[[str], object],
) -> None:
    """Read to the end, for as long as what is read is `wanted`: at once what is a single slice, else over several turns
    of Krita's event loop. Then one of `done` and `failed` is called."""
    try:
        if not wanted():
            slices.close()
            return
        pause = next(slices)
    except StopIteration as end:
        done(end.value)
    except ReadError as error:
        failed(str(error))
    except Exception as error:
        log.error(error)
        failed(str(error))
    else:
        QTimer.singleShot(pause, log.guarded(lambda: read(slices, wanted, done, failed)))


def area(document: Document, wanted: PaintingSource) -> Generator[int, None, QImage | None]:
    """What is selected of the painting of an earlier job, in slices: a picture of the painting's size, white where it
    is; None where that is all of it. Raises `ReadError`."""
    selection = document.selection()
    rect = wanted.rect
    if selection is None:
        return None
    if (document.width(), document.height()) != wanted.canvas:
        raise ReadError(tr("The picture had another size when this was made. Deselect to go on everywhere."))
    selection = selection.duplicate()  # whatever the artist selects meanwhile
    image = QImage(rect.width, rect.height, FORMAT.Format_Grayscale8)
    whole, nothing = True, True
    for each in _cut(rect):
        if each.y > rect.y:
            yield PAUSE_MS
        mask = selection.pixelData(each.x, each.y, each.width, each.height).data()
        whole = whole and mask.count(b"\xff") == len(mask)
        nothing = nothing and mask.count(0) == len(mask)
        put(image, QImage(mask, each.width, each.height, each.width, FORMAT.Format_Grayscale8), each.y - rect.y)
    if nothing:
        raise ReadError(tr("The selection lies outside the picture."))
    return None if whole else image


def _read(document: Document, wanted: PaintingSource) -> _Read:
    if wanted.kind == "layer":
        return (yield from _layer(document, wanted))
    return (yield from _one_moment(document, wanted.rect, _unresized(document, wanted, _selected(document, wanted))))


def _one_moment(document: Document, rect: Rect, look: _Look) -> _Read:
    """Round by round, until each slice is as it was a round before: then all of them were so at once."""
    slices = _cut(rect)
    image = QImage(rect.width, rect.height, FORMAT.Format_ARGB32)
    same, colours = 0, set[bytes | None]()
    for turn in range(ROUNDS * len(slices)):
        yield from _until_idle(document)  # a stroke that is half done is no state of the picture
        each = slices[turn % len(slices)]
        part = look(each)
        if turn >= len(slices) and part == image.copy(0, each.y - rect.y, each.width, each.height):
            same += 1
        else:
            same = 1
            put(image, part, each.y - rect.y)
            if len(colours) < 2 and None not in colours:
                colours.add(only_colour(part))
        if same == len(slices):
            return image, next(iter(colours)) if len(colours) == 1 else None
        yield PAUSE_MS
    return look(rect), None


def _until_idle(document: Document) -> Generator[int, None, None]:
    """Wait until nothing works on the document. Raises `ReadError` when that does not end."""
    end = time.monotonic() + PATIENCE
    while not idle(document):
        if time.monotonic() > end:
            raise ReadError(tr("Krita is still at work on this picture. Let it finish, then try again."))
        yield BUSY_MS


def _unresized(document: Document, wanted: PaintingSource, look: _Look) -> _Look:
    """Looks as `look` does, for as long as the canvas has the size that it had at the click."""

    def checked(at: Rect) -> QImage:
        image = look(at)
        if (document.width(), document.height()) != wanted.canvas:
            raise ReadError(tr("The picture was given another size while it was read. Start once more."))
        return image

    return checked


def _cut(rect: Rect) -> list[Rect]:
    """A rectangle from top to bottom, in parts of `SLICE_PIXELS` or less."""
    rows = max(1, SLICE_PIXELS // rect.width)
    tops = range(rect.y, rect.y + rect.height, rows)
    return [Rect(rect.x, top, rect.width, min(rows, rect.y + rect.height - top)) for top in tops]


def _looker(document: Document) -> _Look:
    """Reads what the document shows."""

    def look(at: Rect) -> QImage:
        image = document.projection(at.x, at.y, at.width, at.height)
        if image is None or image.isNull():
            raise ReadError(tr("Krita gave no pixels; try again."))
        return image.convertToFormat(FORMAT.Format_ARGB32)

    return look


def _selected(document: Document, wanted: PaintingSource) -> _Look:
    """Reads what the document shows, which fades where the selection does if that is the source."""
    look, selection = _looker(document), document.selection() if wanted.kind == "selection" else None
    if selection is None:
        return look
    return lambda at: masked(look(at), selection.pixelData(at.x, at.y, at.width, at.height).data())


def _covered(document: Document) -> Rect:
    """The part of the canvas that the visible layers cover: their common bounds, empty when there is nothing."""
    boxes = [node.bounds() for node in document.topLevelNodes() if node.visible()]
    boxes = [box for box in boxes if box.width() > 0 and box.height() > 0]
    if not boxes:
        return Rect(0, 0, 0, 0)
    left, top = min(box.x() for box in boxes), min(box.y() for box in boxes)
    right = max(box.x() + box.width() for box in boxes)
    bottom = max(box.y() + box.height() for box in boxes)
    return Rect(left, top, right - left, bottom - top).clipped(canvas(document))


def _layer(document: Document, wanted: PaintingSource) -> _Read:
    """The active layer or group alone: drawn by Krita in a document of its own, so that any colour model is right."""
    node = document.activeNode()
    space = document.colorModel(), document.colorDepth(), document.colorProfile()
    with keeping_active(document):
        size = document.width(), document.height()
        copy = Krita.instance().createDocument(*size, "undo-painting", *space, document.resolution())
    try:
        for child in copy.topLevelNodes():
            child.remove()
        if node is None:
            raise ReadError(tr("No layer is active."))
        duplicate = node.duplicate()
        duplicate.setVisible(True)
        copy.rootNode().addChildNode(duplicate, None)
        copy.refreshProjection()
        return (yield from _one_moment(copy, wanted.rect, _unresized(document, wanted, _looker(copy))))
    finally:
        copy.setModified(False)
        copy.close()
