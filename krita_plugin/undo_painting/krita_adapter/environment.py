"""Facts about this Krita for the diagnostics text."""

from __future__ import annotations

import re

from krita import Krita

from ..qt import MAJOR, QtCore


def version() -> tuple[int, int]:
    """Krita's version: 5, 2 for 5.2.9."""
    first, second = re.findall(r"\d+", Krita.instance().version())[:2]
    return int(first), int(second)


def facts() -> list[str]:
    """Krita, Python, Qt and the system, one line each."""
    import platform  # which takes longer than the rest of a module, so it is not loaded with the plugin

    return [
        f"Krita {Krita.instance().version()}",
        f"Python {platform.python_version()}, PyQt{MAJOR}, Qt {QtCore.qVersion()}",
        f"System: {platform.platform()}",
    ]
