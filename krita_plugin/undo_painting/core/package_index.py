"""The environment for *Set up*'s commands: uv's own settings are left as they are, pip's are handed to uv."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from .launch import clean_environment

PIP_TO_UV = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "trusted-host": "UV_INSECURE_HOST",
    "proxy": "ALL_PROXY",
    "timeout": "UV_HTTP_TIMEOUT",
    "cert": "SSL_CERT_FILE",
}
SEPARATORS = {"find-links": ","}


def environment(
    base: Mapping[str, str], home: Path, pip_files: tuple[Path, ...] = (), platform: str = sys.platform
) -> dict[str, str]:
    """The environment for these commands: without Krita's Python, with uv's files and ours inside `home`, with pip's
    settings for uv.

    What is set for uv itself is left as it is. pip takes the best release from all of its indexes, so where pip's
    further indexes are taken over, uv does the same.
    """
    made = clean_environment(base)
    made.update(PAINTS_UNDO_HOME=str(home), PYTHONIOENCODING="utf-8")
    made["UV_PYTHON_INSTALL_DIR"] = str(home / "installer" / "python")
    made["UV_NO_PROGRESS"] = "1"
    made.setdefault("UV_CACHE_DIR", str(home / "installer" / "cache"))
    settings = _pip_settings(base, pip_files)
    for option, value in settings.items():
        made.setdefault(PIP_TO_UV[option], value)
    if "extra-index-url" in settings:
        made.setdefault("UV_INDEX_STRATEGY", "unsafe-best-match")
    if platform == "win32":
        made["UV_NO_MODIFY_PATH"] = "1"
    return made


def pip_files(base: Mapping[str, str], platform: str = sys.platform) -> tuple[Path, ...]:
    """pip's configuration files on this machine, the most general first."""
    user = Path(base.get("HOME") or Path.home())
    named = base.get("PIP_CONFIG_FILE")
    if platform == "win32":
        files = [
            Path(base.get("ProgramData", r"C:\ProgramData")) / "pip" / "pip.ini",
            Path(base.get("APPDATA", "")) / "pip" / "pip.ini",
        ]
    elif platform == "darwin":
        library = user / "Library" / "Application Support" / "pip"
        own = library if library.is_dir() else user / ".config" / "pip"
        files = [Path("/Library/Application Support/pip/pip.conf"), user / ".pip" / "pip.conf", own / "pip.conf"]
    else:
        config = Path(base.get("XDG_CONFIG_HOME") or user / ".config")
        files = [Path("/etc/pip.conf"), user / ".pip" / "pip.conf", config / "pip" / "pip.conf"]
    return (*files, *([Path(named)] if named else []))


def _pip_settings(base: Mapping[str, str], files: tuple[Path, ...]) -> dict[str, str]:
    import configparser

    found: dict[str, str] = {}
    for path in files:
        parser = configparser.ConfigParser(interpolation=None, strict=False)
        try:
            parser.read(path, encoding="utf-8")
        except (configparser.Error, OSError, UnicodeDecodeError):
            continue
        for section in ("global", "install"):
            if parser.has_section(section):
                found.update({key: value for key, value in parser.items(section) if key in PIP_TO_UV})
    for option in PIP_TO_UV:
        value = base.get("PIP_" + option.replace("-", "_").upper())
        if value:
            found[option] = value
    joined = {option: SEPARATORS.get(option, " ").join(value.split()) for option, value in found.items()}
    return {option: value for option, value in joined.items() if value}
