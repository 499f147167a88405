"""Frames on the timeline: an animated layer from a file of our own, in one undo step."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from krita import Krita

from ..core.choice import Timeline
from ..core.translate import tr
from .document import keeping_active

if TYPE_CHECKING:
    from krita import Document, Node


class AnimationError(Exception):
    """Krita did not take the animation; the document is as it was."""


def place(document: Document, file: Path, timeline: Timeline, count: int) -> Node:
    """Put the animated layer of `file` on top of the document's layers, and set frame rate and range for `count`
    frames.

    Holds the GUI thread while Krita reads the file. Returns the layer. Raises `AnimationError`.
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
        if not document.rootNode().addChildNode(layer, None):
            raise AnimationError(tr("Krita did not take the layer; is the document locked?"))
    finally:
        loaded.setModified(False)
        loaded.close()
    end = timeline.end(count)
    document.setFramesPerSecond(timeline.frames_per_second)
    document.setFullClipRangeStartTime(timeline.start)
    document.setFullClipRangeEndTime(end)
    document.setPlayBackRange(timeline.start, end)
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
