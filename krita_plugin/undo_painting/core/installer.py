"""*Set up* and its relatives as lists of commands: pure functions of the platform, so that each platform's can be
tested.
"""

from __future__ import annotations

import configparser
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .launch import clean_environment, environment_folder, environment_program
from .translate import tr

PYTHON = ">=3.11,<3.15"
PACKAGE_BYTES = 900 * 10**6
DIFFUSION_BYTES = 9 * 10**9
PIP_TO_UV = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "cert": "SSL_CERT_FILE",
}


@dataclass(frozen=True)
class Bundle:
    """What the zip carries: the installer, the project's wheel, the locked requirements and torch's release."""

    uv: Path
    wheel: Path
    requirements: Path
    diffusion_requirements: Path
    torch: str


@dataclass(frozen=True)
class Step:
    """One command, with the line that the docker shows while it runs."""

    text: str
    command: tuple[str, ...]


def find_bundle(folder: Path, platform: str = sys.platform) -> Bundle | None:
    """The bundle in the plugin's folder, or None when this build carries none."""
    uv = folder / ("uv.exe" if platform == "win32" else "uv")
    wheels = sorted(folder.glob("paints_undo-*.whl"))
    plain, diffusion = folder / "requirements.txt", folder / "requirements-diffusion.txt"
    torch = folder / "torch.txt"
    if not (uv.is_file() and wheels and plain.is_file() and diffusion.is_file() and torch.is_file()):
        return None
    return Bundle(uv, wheels[-1], plain, diffusion, torch.read_text(encoding="utf-8").strip())


def installed_uv(home: Path, platform: str = sys.platform) -> Path:
    """Where the installer lies while it is used: the zip's importer drops the permission to run it."""
    return home / "installer" / ("uv.exe" if platform == "win32" else "uv")


def set_up(home: Path, bundle: Bundle, index_url: str = "", platform: str = sys.platform) -> list[Step]:
    """Make the environment anew and install the plain package; also what *Repair* and *Upgrade* run.

    The program `paints-undo` comes with the last step: an environment without it counts as not installed.
    """
    uv, python = str(installed_uv(home, platform)), str(environment_program(home, "python", platform))
    pip = (uv, "pip", "install", "--python", python, "--no-deps")
    index = ("--default-index", index_url) if index_url else ()
    return [
        Step(
            tr("Making an environment …"),
            (uv, "venv", "--clear", "--python", PYTHON, str(environment_folder(home))),
        ),
        Step(
            tr("Installing packages …"),
            (*pip, *index, "--only-binary", ":all:", "--require-hashes", "-r", str(bundle.requirements)),
        ),
        Step(tr("Installing Paints-Undo …"), (*pip, str(bundle.wheel))),
    ]


def add_diffusion(
    home: Path, bundle: Bundle, index_url: str = "", torch_index: str = "", platform: str = sys.platform
) -> list[Step]:
    """Install what the diffusion engine needs; torch from PyTorch's index for the card that uv finds, or from the
    configured one.
    """
    uv, python = str(installed_uv(home, platform)), str(environment_program(home, "python", platform))
    pip = (uv, "pip", "install", "--python", python)
    index = ("--default-index", index_url) if index_url else ()
    return [
        Step(
            tr("Installing packages …"),
            (
                *pip,
                "--no-deps",
                *index,
                "--only-binary",
                ":all:",
                "--require-hashes",
                "-r",
                str(bundle.diffusion_requirements),
            ),
        ),
        Step(tr("Installing PyTorch; this is large …"), (*pip, *torch_options(torch_index, platform), bundle.torch)),
    ]


def torch_options(torch_index: str, platform: str = sys.platform) -> tuple[str, ...]:
    """Where torch comes from: a configured index; else the one that suits the card (CUDA, ROCm, XPU or none); on
    macOS, where one build serves CPU and MPS, the default index."""
    if torch_index:
        return ("--default-index", torch_index)
    return () if platform == "darwin" else ("--torch-backend", "auto")


def environment(
    base: Mapping[str, str], home: Path, pip_files: tuple[Path, ...] = (), platform: str = sys.platform
) -> dict[str, str]:
    """The environment for these commands: without Krita's Python, with uv's files inside `home`, with pip's settings
    for uv.

    What is set for uv itself is left as it is.
    """
    made = clean_environment(base)
    made["UV_PYTHON_INSTALL_DIR"] = str(home / "installer" / "python")
    made["UV_NO_PROGRESS"] = "1"
    made.setdefault("UV_LINK_MODE", "copy")
    for option, value in _pip_settings(base, pip_files).items():
        made.setdefault(PIP_TO_UV[option], value)
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
        files = [Path("/Library/Application Support/pip/pip.conf"), user / "Library/Application Support/pip/pip.conf"]
    else:
        config = Path(base.get("XDG_CONFIG_HOME") or user / ".config")
        files = [Path("/etc/pip.conf"), user / ".pip" / "pip.conf", config / "pip" / "pip.conf"]
    return (*files, *([Path(named)] if named else []))


def _pip_settings(base: Mapping[str, str], files: tuple[Path, ...]) -> dict[str, str]:
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
    return {option: value.replace("\n", " ").strip() for option, value in found.items()}
