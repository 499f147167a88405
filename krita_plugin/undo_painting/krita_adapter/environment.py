"""Facts about this Krita for the diagnostics text."""

from __future__ import annotations

import platform

from krita import Krita

from ..qt import MAJOR, QtCore


def facts() -> list[str]:
    """Krita, Python, Qt and the system, one line each."""
    return [
        f"Krita {Krita.instance().version()}",
        f"Python {platform.python_version()}, PyQt{MAJOR}, Qt {QtCore.qVersion()}",
        f"System: {platform.platform()}",
    ]
