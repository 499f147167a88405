"""The settings as a commented TOML file, made from their declarations."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from typing import Any

from paints_undo_daemon.settings import Settings, described

_WIDTH = 100
_HEAD = """\
# The settings of the Paints-Undo daemon: daemon.toml in its home folder. Sizes are in bytes, times in
# seconds. What is commented out is the default. The environment goes before this file
# (PAINTS_UNDO_LOG_LEVEL=debug), options of 'paints-undo serve' before both.
"""


def as_toml(settings: Settings) -> str:
    """A settings file that gives these settings. Those at their default are commented out.

    >>> "# unit_strikes = 3" in as_toml(Settings())
    True
    """
    return _HEAD + "".join(f"\n{lines}\n" for lines in _entries(settings))


def _entries(settings: Settings) -> Iterator[str]:
    defaults = Settings(home=settings.home)
    for name, text in described().items():
        value = getattr(settings, name)
        comment = textwrap.fill(text, _WIDTH, initial_indent="# ", subsequent_indent="# ")
        mark = "# " if value == getattr(defaults, name) else ""
        yield f"{comment}\n{mark}{name} = {_literal(value)}"


def _literal(value: Any) -> str:
    """A TOML value; JSON's strings, numbers and lists are TOML's too."""
    return json.dumps(list(value) if isinstance(value, tuple) else value)
