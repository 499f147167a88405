"""Undo Painting: an unofficial Krita plugin that shows how a finished picture could have been painted.

Outside Krita only the parts that need no Krita can be imported (`core`, and with the vendored libraries `net`).
"""

try:
    import krita as _krita
except ImportError:
    _krita = None

if _krita is not None:
    from .extension import register

    register()
