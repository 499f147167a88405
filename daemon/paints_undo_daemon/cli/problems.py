"""The command line's own error, and what it says of a value that cannot be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from paints_undo_engine.errors import PaintsUndoError

_KINDS: Mapping[str, str] = {
    "int": "a whole number",
    "float": "a number",
    "finite": "a number",
    "bool": "yes or no",
    "greater_than_equal": "at least {ge:g}",
    "greater_than": "more than {gt:g}",
    "less_than_equal": "at most {le:g}",
    "less_than": "less than {lt:g}",
}
"""What a value must be, by the check that has failed, or by its first word."""


class WrongUsageError(PaintsUndoError):
    """The command was given something that it cannot use; the exit code is 2."""


def wrong_value(error: Any) -> str:
    """What to say of an error about an option's value, in our words instead of those of the library that checks them;
    empty for any other error."""
    checked = getattr(error.__cause__, "errors", None)
    name = getattr(getattr(error, "param", None), "opts", [""])[0]
    if checked is None or not name:
        return ""
    found = checked()[0]
    kind = _KINDS.get(found["type"]) or _KINDS.get(found["type"].partition("_")[0])
    if kind is None:
        return f"{name} cannot be {found['input']!r}."
    return f"{name} is {found['input']!r}, but must be {kind.format_map(found.get('ctx', {}))}."
