"""Keeping the machine's folders out of what clients get to read, and what steers terminals out of what people do."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from paints_undo_daemon.home import home_folder

_PLAIN, _SPACED = r"""[^\s"'/\\]+""", r"""[^\s"'/\\.:]+(?: [^\s"'/\\.:]+){1,4}"""
_FOLDERS = re.compile(rf"""(?:(?<=[\s"'(:=])|^)(?:[A-Za-z]:[\\/]|\\\\|/)(?:(?:{_PLAIN}|{_SPACED})[/\\])+""")
"""Names of several words have no dot: what follows a file's name is the sentence that it stands in."""

_CONTROLS = re.compile("[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u202a-\\u202e\\u2066-\\u2069]")
"""Control characters but tab and new line, and those that turn the direction of writing."""


def without_controls(text: str) -> str:
    """A text that moves no cursor, sets no title and does not run backwards.

    >>> without_controls("signed by \\x1b[2J nobody")
    'signed by \ufffd[2J nobody'
    """
    return _CONTROLS.sub("\ufffd", text)


def without_folders(text: str) -> str:
    """A message in which files are named without the folders that they lie in: these tell account names, and more.

    >>> without_folders("/home/ann/models/unet.safetensors is cut off.")
    'unet.safetensors is cut off.'
    """
    for known in (home_folder(), Path.home(), Path(tempfile.gettempdir())):
        if len(known.parts) > 1:
            text = text.replace(f"{known}/", "/").replace(f"{known}\\", "\\").replace(str(known), known.name)
    return _FOLDERS.sub("", text)
