"""How this installation gets more packages, in words that work where it came from. Only the standard library.

The project is named to no index: whether one knows it, and whose it would be there, cannot be told from here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from paints_undo_engine.descriptions import Package

PROJECT = "paints-undo"


def missing_packages(packages: Iterable[Package]) -> tuple[Package, ...]:
    """Those that are not installed; nothing is imported."""
    return tuple(package for package in packages if find_spec(package.module) is None)


def install_command(extra: str, missing: Iterable[Package]) -> str:
    """The command that installs what `missing` lists, with the project's extra `extra` where there is one.

    From a checkout it names the checkout, from a wheel the wheel's own address as pip noted it; without either the
    packages themselves, as the project requires them.

    >>> install_command("diffusion", ())  # in a checkout at /home/me/paints-undo
    'pip install "/home/me/paints-undo[diffusion]"'
    """
    suffix = f"[{extra}]" if extra else ""
    folder = _checkout()
    if folder is not None:
        return f'pip install "{folder}{suffix}"'
    installed = _installed()
    address = _address(installed) if installed else ""
    if address:
        return f'pip install "{PROJECT}{suffix} @ {address}"'
    wanted = {package.distribution.lower() for package in missing}
    required = _requirements(installed, extra) if installed else {}
    chosen = [text for name, text in required.items() if extra or name in wanted]
    return "pip install " + " ".join(f'"{text}"' for text in chosen or sorted(wanted))


def _checkout() -> Path | None:
    """The folder of the checkout that this runs from."""
    folder = Path(__file__).resolve().parents[1]
    return folder if (folder / "pyproject.toml").is_file() else None


def _installed() -> Distribution | None:
    try:
        return distribution(PROJECT)
    except PackageNotFoundError:
        return None


def _address(installed: Distribution) -> str:
    """Where the project was installed from (PEP 610), while that is still there; empty for an index."""
    text = installed.read_text("direct_url.json")
    try:
        noted = json.loads(text) if text else {}
        url, version = str(noted["url"]), noted.get("vcs_info")
        if version is not None:
            return f"{version['vcs']}+{url}@{version['commit_id']}"
    except (ValueError, KeyError, TypeError, AttributeError):
        return ""
    parts = urlsplit(url)
    if parts.scheme == "file" and not Path(url2pathname(parts.path)).exists():
        return ""
    return url if parts.scheme in ("file", "https") else ""


def _requirements(installed: Distribution, extra: str) -> dict[str, str]:
    """The project's requirements of one extra (empty: the plain ones), by lower-case name."""
    found = {}
    for line in installed.requires or ():
        text, _, marker = line.partition(";")
        given = marker.partition("extra ==")[2].strip().strip("\"' )") if "extra ==" in marker else ""
        if given == extra:
            name = text.strip()
            found["".join(_letters(name)).lower()] = name
    return found


def _letters(requirement: str) -> Iterable[str]:
    for letter in requirement:
        if not (letter.isalnum() or letter in "-_."):
            return
        yield letter
