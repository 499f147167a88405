"""Frames on the timeline: an animated layer from a file of our own, in one undo step."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from krita import Krita

from ..core.choice import Timeline
from ..core.translate import tr
from .document import keeping_active


class AnimationError(Exception):
    """Krita did not take the animation; the document is as it was."""


class Times(NamedTuple):
    """A document's frame rate, the range of its clip, and the range that is played; both ends belong to a range."""

    rate: int
    first: int
    last: int
    played_first: int
    played_last: int


def times(document: Any) -> Times:
    """How the document's timeline is set."""
    return Times(
        document.framesPerSecond(),
        document.fullClipRangeStartTime(),
        document.fullClipRangeEndTime(),
        document.playBackStartTime(),
        document.playBackEndTime(),
    )


def set_times(document: Any, wanted: Times) -> None:
    """Set what differs: from Krita 5.3 on each change is an undo step."""
    if document.framesPerSecond() != wanted.rate:
        document.setFramesPerSecond(wanted.rate)
    if wanted.last < document.fullClipRangeStartTime():
        document.setFullClipRangeStartTime(wanted.first)
    if document.fullClipRangeEndTime() != wanted.last:
        document.setFullClipRangeEndTime(wanted.last)
    if document.fullClipRangeStartTime() != wanted.first:
        document.setFullClipRangeStartTime(wanted.first)
    # Krita 5.1 to 6.0 take the second value for the first frame that is no longer played, and document it as the last.
    for stop in (wanted.played_last, wanted.played_last + 1):
        if (document.playBackStartTime(), document.playBackEndTime()) != wanted[3:]:
            document.setPlayBackRange(wanted.played_first, stop)


def place(document: Any, file: Path, timeline: Timeline, count: int) -> Any:
    """Set frame rate and range for `count` frames, and put the animated layer of `file` on top of the layers.

    The layer comes last, so that the first undo takes it away also where the others are undo steps. Holds the GUI
    thread while Krita reads the file. Returns the layer. Raises `AnimationError`.
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
        before, end = times(document), timeline.end(count)
        set_times(document, Times(timeline.frames_per_second, timeline.start, end, timeline.start, end))
        if not document.rootNode().addChildNode(layer, None):
            set_times(document, before)
            raise AnimationError(tr("Krita did not take the layer; is the document locked?"))
    finally:
        loaded.setModified(False)
        loaded.close()
    document.refreshProjection()
    return layer


@contextlib.contextmanager
def target(document: Any, new: tuple[str, tuple[int, int]] | None) -> Iterator[Any]:
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
