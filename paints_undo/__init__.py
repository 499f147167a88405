"""Paints-Undo: see how a picture could have been painted.

    import paints_undo

    paints_undo.undo("in.png", "out.mp4", seed=7)

    for frame in paints_undo.frames("in.png", every=5):
        frame.image.show()  # a PIL image; frame.pixels is the same as a NumPy array

    paints_undo.variants("in.png", "grid.mp4", count=4)  # possible processes, side by side

    with paints_undo.connect() as client:  # a daemon: jobs that outlive this program, shared by several
        job = client.submit("in.png")

`undo`, `variants`, `frames` and `Engine` work in this program alone; `connect` speaks to the daemon. Importing this
package costs next to nothing: each name is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from paints_undo._engine import Engine
    from paints_undo._making import frames, undo, variants
    from paints_undo._pictures import PictureLike
    from paints_undo._process import Frame, Process
    from paints_undo_daemon.client import (
        AsyncClient,
        Client,
        ClientError,
        DownloadedFrame,
        Job,
        JobState,
        StoredFrame,
        Update,
        UpdateKind,
        connect,
        connect_async,
    )
    from paints_undo_engine import __version__
    from paints_undo_engine.errors import PaintsUndoError
    from paints_undo_engine.export.options import Aspect, ExportFormat, ExportOptions, FrameSize, LayerContent
    from paints_undo_engine.provenance.verifying import Verdict, Verification, verify
    from paints_undo_engine.request import (
        Branch,
        ExecutionParameters,
        InterpolationParameters,
        KeyframeParameters,
        ProceduralParameters,
        ProcessRequest,
        RedoParameters,
        TagsParameters,
    )
    from paints_undo_engine.stages import Stage

_HOMES = {
    "paints_undo._engine": ("Engine",),
    "paints_undo._making": ("frames", "undo", "variants"),
    "paints_undo._pictures": ("PictureLike",),
    "paints_undo._process": ("Frame", "Process"),
    "paints_undo_daemon.client": (
        "AsyncClient",
        "Client",
        "ClientError",
        "DownloadedFrame",
        "Job",
        "JobState",
        "StoredFrame",
        "Update",
        "UpdateKind",
        "connect",
        "connect_async",
    ),
    "paints_undo_engine": ("__version__",),
    "paints_undo_engine.errors": ("PaintsUndoError",),
    "paints_undo_engine.export.options": ("Aspect", "ExportFormat", "ExportOptions", "FrameSize", "LayerContent"),
    "paints_undo_engine.provenance.verifying": ("Verdict", "Verification", "verify"),
    "paints_undo_engine.request": (
        "Branch",
        "ExecutionParameters",
        "InterpolationParameters",
        "KeyframeParameters",
        "ProceduralParameters",
        "ProcessRequest",
        "RedoParameters",
        "TagsParameters",
    ),
    "paints_undo_engine.stages": ("Stage",),
}
_MODULES = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "Aspect",
    "AsyncClient",
    "Branch",
    "Client",
    "ClientError",
    "DownloadedFrame",
    "Engine",
    "ExecutionParameters",
    "ExportFormat",
    "ExportOptions",
    "Frame",
    "FrameSize",
    "InterpolationParameters",
    "Job",
    "JobState",
    "KeyframeParameters",
    "LayerContent",
    "PaintsUndoError",
    "PictureLike",
    "ProceduralParameters",
    "Process",
    "ProcessRequest",
    "RedoParameters",
    "Stage",
    "StoredFrame",
    "TagsParameters",
    "Update",
    "UpdateKind",
    "Verdict",
    "Verification",
    "__version__",
    "connect",
    "connect_async",
    "frames",
    "undo",
    "variants",
    "verify",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_MODULES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
