"""Sound under the videos that the command line has saved.

It is laid under a film that is there already, on this machine, so that the daemon needs to decode no sound of anybody's
and none is sent to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from paints_undo_daemon.cli.problems import WrongUsageError
from paints_undo_engine.export.options import ExportOptions


def check(sound: Path | None, outputs: Mapping[Path, ExportOptions]) -> None:
    """Refuse a sound that cannot be read, or that no output can take, before any work is done."""
    if sound is None:
        return
    if not any(options.is_video for options in outputs.values()):
        raise WrongUsageError("--sound goes under a video: save an .mp4 or .webm.")
    from paints_undo_engine.export.sound import check_sound

    check_sound(sound)


def lay_under(path: Path, options: ExportOptions, sound: Path | None) -> None:
    """Lay the sound under a saved output, where it is a video. Raises `ExportError`; then the film is there without."""
    if sound is None or not options.is_video:
        return
    from paints_undo_daemon.cli.in_process import key_for
    from paints_undo_engine.export.soundtrack import add_sound

    add_sound(path, sound, key_for(options))
