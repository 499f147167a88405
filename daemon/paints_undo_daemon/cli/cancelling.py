"""Ctrl-C, and the same from those who cannot press it."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from paints_undo_daemon.cli.happenings import Noted

if TYPE_CHECKING:
    from paints_undo_daemon.cli.progress import Display


@contextmanager
def cancellable(shown: Display) -> Iterator[None]:
    """Within the block SIGTERM is Ctrl-C, so that a job is cancelled and nothing half-written is left; either is
    answered with a sentence."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt:
        shown.show(Noted("Cancelled; no half-written file is left."))
        raise
    finally:
        signal.signal(signal.SIGTERM, before)
