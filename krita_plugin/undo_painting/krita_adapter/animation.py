"""Frames on the timeline, with Krita's own import."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from krita import Krita

from ..core.choice import Timeline


class AnimationError(Exception):
    """Krita did not take the animation."""


def import_frames(document: Any, files: list[Path], timeline: Timeline, name: str) -> Any:
    """Import picture files as one animated layer; one undo step. Holds the GUI thread. Raises `AnimationError`.

    An empty list would crash Krita, and a missing file leave an empty layer; both are refused before.
    """
    if not files or any(not path.is_file() or path.stat().st_size == 0 for path in files):
        raise AnimationError("The frames are not complete.")
    before = {str(node.uniqueId().toString()) for node in document.topLevelNodes()}
    ordered = list(reversed(files)) if timeline.reverse else files
    if not document.importAnimation([str(path) for path in ordered], timeline.start, 1):
        raise AnimationError("Krita could not import the frames.")
    document.waitForDone()
    added = [node for node in document.topLevelNodes() if str(node.uniqueId().toString()) not in before]
    end = timeline.end(len(files))
    document.setFramesPerSecond(timeline.frames_per_second)
    document.setFullClipRangeStartTime(timeline.start)
    document.setFullClipRangeEndTime(end)
    document.setPlayBackRange(timeline.start, end)
    document.setCurrentTime(timeline.start)
    if added:
        added[-1].setName(name)
        document.setActiveNode(added[-1])
    document.refreshProjection()
    return added[-1] if added else None


def new_document(document: Any, name: str) -> Any:
    """An empty document of the same size, shown in a view."""
    application = Krita.instance()
    created = application.createDocument(
        document.width(), document.height(), name, "RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc", document.resolution()
    )
    window = application.activeWindow()
    if window is None:
        raise AnimationError("Krita has no window for the new document.")
    window.addView(created)
    return created
