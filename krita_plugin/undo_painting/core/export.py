"""The options of an export, as the protocol names them."""

from __future__ import annotations

from typing import Any

from .choice import Timeline

FORMATS = (
    ("MP4", "MP4", "mp4"),
    ("WEBM", "WebM", "webm"),
    ("GIF", "GIF", "gif"),
    ("WEBP", "WebP", "webp"),
    ("APNG", "APNG", "png"),
    ("PNG_SEQUENCE", "PNG", "zip"),
    ("ORA", "OpenRaster", "ora"),
    ("PSD", "Photoshop", "psd"),
)


def options(
    name: str, timeline: Timeline, seconds: float, aspect: str, result_first: bool, ping_pong: bool
) -> dict[str, Any]:
    """Fields of `ExportOptions`: enum values by their names; a target length takes the place of the frame rate."""
    made: dict[str, Any] = {
        "format": f"EXPORT_FORMAT_{name}",
        "hold_last_seconds": timeline.hold_seconds,
        "reverse": timeline.reverse,
        "ping_pong": ping_pong,
        "result_first_seconds": 1.5 if result_first else 0.0,
    }
    if seconds:
        made["duration_seconds"] = seconds
    else:
        made["frames_per_second"] = float(timeline.frames_per_second)
    if aspect:
        made["aspect"] = f"ASPECT_{aspect}"
    if name in ("ORA", "PSD"):
        made = {"format": made["format"], "layer_content": "LAYER_CONTENT_FRAMES"}
    return made
