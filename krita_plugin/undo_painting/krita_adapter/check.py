"""The self-check at start: names a call that this Krita lacks, so that the docker can say so at once."""

from __future__ import annotations

import krita

NEEDED = {
    "Krita": (
        "activeDocument",
        "activeWindow",
        "createDocument",
        "openDocument",
        "documents",
        "views",
        "windows",
        "notifier",
        "addExtension",
        "addDockWidgetFactory",
    ),
    "Document": (
        "projection",
        "pixelData",
        "selection",
        "annotation",
        "annotationTypes",
        "modified",
        "setAnnotation",
        "createNode",
        "createGroupLayer",
        "framesPerSecond",
        "setFramesPerSecond",
        "fullClipRangeStartTime",
        "setFullClipRangeStartTime",
        "fullClipRangeEndTime",
        "setFullClipRangeEndTime",
        "playBackStartTime",
        "playBackEndTime",
        "setPlayBackRange",
        "currentTime",
        "setCurrentTime",
        "refreshProjection",
        "waitForDone",
        "tryBarrierLock",
        "unlock",
        "topLevelNodes",
        "rootNode",
        "activeNode",
        "setActiveNode",
    ),
    "Node": (
        "setPixelData",
        "setColorSpace",
        "setOpacity",
        "setVisible",
        "addChildNode",
        "duplicate",
        "uniqueId",
        "type",
        "parentNode",
        "animated",
        "setCollapsed",
        "setColorLabel",
        "setBlendingMode",
        "setInheritAlpha",
        "removeChildNode",
    ),
    "Selection": (
        "duplicate",
        "pixelData",
    ),
}


def missing() -> list[str]:
    """The calls that this Krita does not have, such as `Document.importAnimation`."""
    absent = []
    for name, calls in NEEDED.items():
        kind = getattr(krita, name, None)
        absent += [f"{name}.{call}" for call in calls if not hasattr(kind, call)]
    return absent
