"""A console that obeys nobody but this program."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.text import Text

from paints_undo_daemon.privacy import without_controls


class PlainConsole(Console):
    """Shows text that others have written, such as the name of a file or of a signer, without what would steer a
    terminal."""

    def render_str(self, text: str, **options: Any) -> Text:
        """Text as it is printed, in cells of tables, too."""
        return super().render_str(without_controls(text), **options)
