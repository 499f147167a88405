"""Which options have an effect on which formats. Standard library only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from paints_undo_engine.errors import InvalidRequestError
from paints_undo_engine.export.options import ExportFormat

_VIDEOS = frozenset((ExportFormat.MP4, ExportFormat.WEBM))
_LAYERED = frozenset(kind for kind in ExportFormat if kind.is_layered)
_TIMED = frozenset(kind for kind in ExportFormat if not (kind.is_layered or kind.is_sheet))
_TIME = (
    *("frames_per_second", "duration_seconds", "hold_last_seconds", "result_first_seconds"),
    *("reverse", "ping_pong", "pace", "pace_curve"),
)
_DRAWN = (
    *("show_operation", "show_progress", "show_palette", "show_brush"),
    *("title", "author", "zoom_seconds", "wipe_seconds"),
)

READ_BY: Mapping[str, frozenset[ExportFormat]] = {
    **dict.fromkeys(_TIME, _TIMED),
    **dict.fromkeys(_DRAWN, _VIDEOS),
    **dict.fromkeys(("language", "omit_end_card"), _VIDEOS | {ExportFormat.HTML}),
    "layer_content": _LAYERED,
    "size": _TIMED | _LAYERED,
}
"""The formats that read an option; all of them read those that do not stand here."""


def refuse_idle_options(given: Mapping[str, Any], export_format: ExportFormat) -> None:
    """Raise `InvalidRequestError` for an option that has no effect on the format."""
    for name in idle_options(given, [export_format]):
        raise InvalidRequestError(name, given[name], f"left out: it has no effect on {export_format}")


def idle_options(given: Iterable[str], formats: Iterable[ExportFormat]) -> Sequence[str]:
    """Which of the options that were given have no effect on any of the formats.

    >>> idle_options(["max_side", "frames_per_second"], [ExportFormat.ORA])
    ['frames_per_second']
    """
    wanted = frozenset(formats)
    return [name for name in given if name in READ_BY and not READ_BY[name] & wanted]
