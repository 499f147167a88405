"""Frames on the timeline: an animated layer from a file of our own, in one undo step."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from krita import Krita

from ..core.choice import Timeline
from ..core.translate import tr

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


def new_document(document: Document, name: str, size: tuple[int, int]) -> Document:
    """An empty document of `size`, with the other's resolution, shown in a view. Raises `AnimationError`."""
    application = Krita.instance()
    window = application.activeWindow()
    if window is None:
        raise AnimationError(tr("Krita has no window for the new document."))
    created = application.createDocument(*size, name, "RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc", document.resolution())
    window.addView(created)
    return created
