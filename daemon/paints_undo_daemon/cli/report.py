"""`paints-undo doctor --report`: a file for a bug report, without secrets and without names of people and machines."""

from __future__ import annotations

import contextlib
import getpass
import importlib.metadata
import os
import platform
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from paints_undo_daemon.cli.check import Check
from paints_undo_daemon.cli.checks import PACKAGES
from paints_undo_daemon.home import home_folder, log_file, token_file
from paints_undo_daemon.privacy import without_folders
from paints_undo_engine import __version__

_LOG_LINES = 200
_REMOVED = "[removed]"
_SECRETS = re.compile(r"(?i)(bearer\s+|token[\"']?\s*[:=]\s*[\"']?)[^\s\"',]+")
_LONG_CODES = re.compile(r"\b[A-Za-z0-9_-]{32,}\b|\b(?:[0-9A-F]{2}:){8,}[0-9A-F]{2}\b")
_ADDRESSES = re.compile(r"\b(?!127\.)(?:\d{1,3}\.){3}\d{1,3}\b|\b[\w.+-]+@[\w-]+\.[\w.]+\b")


def make_report(checks: Iterable[Check]) -> str:
    """The report: what runs here, what the checks found, and the end of the daemon's log."""
    found = [*_about(), "", *(_line(check) for check in checks), "", "Installed packages:", *_packages()]
    found += ["", f"The last lines of the daemon's log, at most {_LOG_LINES}:", *_log()]
    return anonymous("\n".join(found)) + "\n"


def anonymous(text: str) -> str:
    """The text without folders, tokens, fingerprints, hashes, addresses, and this account's and this machine's name.

    >>> anonymous("authorization: Bearer abc123")
    'authorization: Bearer [removed]'
    """
    for secret in _known_secrets():
        text = text.replace(secret, _REMOVED)
    text = "\n".join(without_folders(line) for line in text.splitlines())
    text = _SECRETS.sub(rf"\1{_REMOVED}", text)
    text = _LONG_CODES.sub(_REMOVED, text)
    versions = set(_installed().values())
    text = _ADDRESSES.sub(lambda found: found[0] if found[0] in versions else _REMOVED, text)
    for name in _names():
        text = re.sub(rf"(?i)(?<![A-Za-z0-9]){re.escape(name)}(?![A-Za-z0-9])", _REMOVED, text)
    return text


def _about() -> Iterator[str]:
    yield f"Paints-Undo {__version__}"
    yield f"Python {platform.python_version()} ({sys.implementation.name}), {platform.platform()}"
    names = sorted(name for name in os.environ if name.startswith("PAINTS_UNDO_"))
    yield f"Variables that are set: {', '.join(names) or 'none'}"


def _line(check: Check) -> str:
    return " ".join(filter(None, [f"{check.verdict:7} {check.name}: {check.text}", check.advice]))


def _packages() -> Iterator[str]:
    for name, version in _installed().items():
        yield f"  {name} {version}" if version else f"  {name}: not installed"


def _installed() -> dict[str, str]:
    """The version of each package that ours names, in a checkout those that are needed; empty where one is missing."""
    try:
        required: Iterable[str] = importlib.metadata.requires("paints-undo") or PACKAGES
    except importlib.metadata.PackageNotFoundError:
        required = PACKAGES
    found = dict.fromkeys(sorted({re.split(r"[^A-Za-z0-9._-]", text, maxsplit=1)[0] for text in required}), "")
    for name in found:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found[name] = importlib.metadata.version(name)
    return found


def _log() -> list[str]:
    try:
        return log_file(home_folder()).read_text(encoding="utf-8", errors="replace").splitlines()[-_LOG_LINES:]
    except OSError:
        return ["(there is none)"]


def _known_secrets() -> list[str]:
    try:
        return [text for text in [token_file(home_folder()).read_text(encoding="utf-8").strip()] if text]
    except (OSError, UnicodeDecodeError):
        return []


def _names() -> list[str]:
    """Names that would tell who and where; short ones, which stand in other words, only as whole words."""
    names = {platform.node(), platform.node().partition(".")[0], Path.home().name, home_folder().parent.name}
    with contextlib.suppress(OSError, KeyError):
        names.add(getpass.getuser())
    return sorted((name for name in names if len(name) > 1), key=len, reverse=True)
