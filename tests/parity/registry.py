"""Which check runs a golden file: chosen by the beginning of its name, else by what its metadata says was called."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from parity.compare import Compare
from parity.golden import Golden

Check = Callable[[Golden, Compare], None]
C = TypeVar("C", bound=Check)

_by_name: dict[str, Check] = {}
_by_words: dict[str, Check] = {}


def handles(*names: str, what: str) -> Callable[[C], C]:
    """Register a check for files whose names begin with one of `names`, or whose metadata's `what` contains `what`."""

    def register(check: C) -> C:
        _by_words[what] = check
        for name in names:
            _by_name[name] = check
        return check

    return register


def check_for(golden: Golden) -> Check:
    """The check of a file: the longest name wins. Raises `LookupError` when no check knows the file."""
    for name in sorted(_by_name, key=len, reverse=True):
        if golden.name.startswith(name):
            return _by_name[name]
    for words, check in _by_words.items():
        if words in golden.meta.get("what", ""):
            return check
    raise LookupError(f"No check knows the golden file {golden.path.name}: {golden.meta.get('what')}")
