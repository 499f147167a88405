"""Undo Painting: an unofficial Krita plugin that shows how a finished picture could have been painted.

Outside Krita only the parts that need no Krita can be imported (`core`, and with the vendored libraries `net`).
"""

import importlib
import importlib.util

_krita = importlib.util.find_spec("krita")
if _krita is not None and _krita.origin is not None:
    with importlib.import_module(".core.timing", __package__).measured("import"):
        importlib.import_module(".extension", __package__).register()
