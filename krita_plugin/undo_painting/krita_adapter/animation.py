"""Frames on the timeline: an animated layer from a file of our own, in one undo step."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from krita import Krita

from ..core.choice import HERE, AnimationLayout, ImportTarget
from ..core.translate import tr
from ..qt import QtCore, QtWidgets
from . import stacking
from .document import keeping_active

if TYPE_CHECKING:
    from krita import Document, Node


class AnimationError(Exception):
    """Krita did not take the animation; the document's layers are as they were."""


@contextlib.contextmanager
def _quiet_timeline() -> Iterator[None]:
    """Keep the fields of Krita's timeline from answering while the block runs.

    From Krita 5.3 on they make an undo step of each value that they are shown. Undoing that step shows them another
    value, they make a step of that, too, and with it goes all that could have been redone.
    """
    windows = [window.qwindow() for window in Krita.instance().windows()]
    dockers = [docker for window in windows for docker in window.findChildren(QtWidgets.QDockWidget, "TimelineDocker")]
    with contextlib.ExitStack() as stack:
        for field in (field for docker in dockers for field in docker.findChildren(QtWidgets.QSpinBox)):
            stack.enter_context(QtCore.QSignalBlocker(field))
        yield


def set_times(document: Document, rate: int, first: int, last: int) -> None:
    """Set the frame rate and the range of the timeline, both ends of which belong to it; no undo step."""
    with _quiet_timeline():
        document.setFramesPerSecond(rate)
        if last < document.fullClipRangeStartTime():
            document.setFullClipRangeStartTime(first)
        document.setFullClipRangeEndTime(last)
        document.setFullClipRangeStartTime(first)
        # Krita 5.1 to 6.0 take the second value for the first frame that is no longer played, and document it as the
        # last.
        for stop in (last, last + 1):
            if (document.playBackStartTime(), document.playBackEndTime()) != (first, last):
                document.setPlayBackRange(first, stop)


def place(document: Document, file: Path, timeline: AnimationLayout, count: int, wanted: ImportTarget = HERE) -> Node:
    """Put the animated layer of `file` where it is wanted, and set frame rate and range for its `count` frames.

    Holds the GUI thread while Krita reads the file. Krita then stands at the frame that is the painting.
    Returns the layer. Raises `AnimationError`.
    """
    application = Krita.instance()
    batch = application.batchmode()
    application.setBatchmode(True)
    try:
        loaded = application.openDocument(str(file))
    finally:
        application.setBatchmode(batch)
    if loaded is None:
        raise AnimationError(tr("Krita could not read the frames."))
    try:
        loaded.waitForDone()
        nodes = loaded.topLevelNodes()
        if not nodes or not nodes[0].animated():
            raise AnimationError(tr("Krita could not read the frames."))
        layer = nodes[0].duplicate()
        layer.setName(nodes[0].name())
        # Krita makes an undo step of the time, too. Below the layer's it is not in the way of the one undo.
        document.setCurrentTime(timeline.start + (0 if timeline.reverse else count - 1))
        document.waitForDone()
        if not stacking.put(document, layer, wanted):
            raise AnimationError(tr("Krita did not take the layer; is the document locked?"))
    finally:
        loaded.setModified(False)
        loaded.close()
    first, last = timeline.start, timeline.end(count)
    if timeline.joins:
        first = min(first, document.fullClipRangeStartTime())
        last = max(last, document.fullClipRangeEndTime())
    set_times(document, timeline.frames_per_second, first, last)
    document.refreshProjection()
    return layer


@contextlib.contextmanager
def target(document: Document, new: tuple[str, tuple[int, int]] | None) -> Iterator[Document]:
    """The document that the block fills: the given one, or with `new` (name, size) a new one of the same resolution,
    which is shown when the block has ended well and closed when it fails. The given one's active layer stays active.
    Raises `AnimationError`.
    """
    if new is None:
        with keeping_active(document):
            yield document
        return
    name, size = new
    application = Krita.instance()
    window = application.activeWindow()
    if window is None:
        raise AnimationError(tr("Krita has no window for the new document."))
    with keeping_active(document):
        space = "RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc"
        created = application.createDocument(*size, name, *space, document.resolution())
        try:
            yield created
        except BaseException:
            created.waitForDone()
            created.setModified(False)
            created.close()
            raise
    window.addView(created)
