"""Facts about this Krita for the diagnostics text."""

from __future__ import annotations

import platform
import re

from krita import Krita

from ..qt import MAJOR, QtCore


def version() -> tuple[int, int]:
    """Krita's version: 5, 2 for 5.2.9."""
    first, second = re.findall(r"\d+", Krita.instance().version())[:2]
    return int(first), int(second)


def facts() -> list[str]:
    """Krita, Python, Qt and the system, one line each."""
    return [
        f"Krita {Krita.instance().version()}",
        f"Python {platform.python_version()}, PyQt{MAJOR}, Qt {QtCore.qVersion()}",
        f"System: {platform.platform()}",
    ]
