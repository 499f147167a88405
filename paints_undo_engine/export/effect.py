"""Which options have an effect on which formats. Standard library only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from paints_undo_engine.errors import InvalidRequestError
from paints_undo_engine.export.options import ExportFormat, Fill

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


_READ_OF_SEVERAL: Mapping[str, frozenset[ExportFormat]] = {
    **READ_BY,
    **dict.fromkeys(("aspect", "fill"), frozenset(ExportFormat) - {ExportFormat.CONTACT_SHEET}),
    "size": frozenset(),
}
"""The same of several processes side by side."""


def refuse_idle_options(given: Mapping[str, Any], export_format: ExportFormat, *, side_by_side: bool = False) -> None:
    """Raise `InvalidRequestError` for an option that has no effect on the format, of one process or of several side by
    side."""
    kind = f"{export_format} of several processes" if side_by_side else export_format
    for name in idle_options(given, [export_format], side_by_side=side_by_side):
        raise InvalidRequestError(name, given[name], f"left out: it has no effect on {kind}")


def idle_options(
    given: Mapping[str, Any], formats: Iterable[ExportFormat], *, side_by_side: bool = False
) -> Sequence[str]:
    """Which of the options that were given have no effect on any of the formats, of one process or of several side by
    side.

    >>> idle_options({"max_side": 640, "frames_per_second": 5}, [ExportFormat.ORA])
    ['frames_per_second']
    >>> idle_options({"fill": "follow"}, [ExportFormat.MP4], side_by_side=True)
    ['fill']
    """
    wanted, read_by = frozenset(formats), _READ_OF_SEVERAL if side_by_side else READ_BY
    return [
        name
        for name, value in given.items()
        if (name in read_by and not read_by[name] & wanted)
        or (side_by_side and name == "fill" and value == Fill.FOLLOW)  # no camera follows several at once
    ]
