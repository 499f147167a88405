"""*Set up* and its relatives as lists of commands: pure functions of the platform, so that each platform's can be
tested.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from . import card
from .launch import environment_folder, environment_program
from .translate import tr

PYTHON = ">=3.11,<3.15"
PACKAGE_BYTES = 900 * 10**6
DIFFUSION_BYTES = 9 * 10**9


@dataclass(frozen=True)
class Bundle:
    """What the zip carries: the installer, the project's wheel, and the locked requirements.

    torch stands apart: by its release for PyTorch's own indexes; and by hash, with what it needs, for the package
    index.
    """

    uv: Path
    wheel: Path
    requirements: Path
    diffusion_requirements: Path
    torch: str
    torch_requirements: Path

    @property
    def version(self) -> str:
        """The release that the wheel holds."""
        return self.wheel.name.split("-")[1] if "-" in self.wheel.name else ""


@dataclass(frozen=True)
class InstallStep:
    """One command, with the line that the docker shows while it runs. Without an `optional` one, all else works."""

    text: str
    command: tuple[str, ...]
    optional: bool = False


def find_bundle(folder: Path, platform: str = sys.platform) -> Bundle | None:
    """The bundle in the plugin's folder, or None when this build carries none."""
    uv = folder / ("uv.exe" if platform == "win32" else "uv")
    wheels = sorted(folder.glob("paints_undo-*.whl"))
    plain, diffusion = folder / "requirements.txt", folder / "requirements-diffusion.txt"
    torch, torch_requirements = folder / "torch.txt", folder / "requirements-torch.txt"
    if not (wheels and all(path.is_file() for path in (uv, plain, diffusion, torch, torch_requirements))):
        return None
    return Bundle(uv, wheels[-1], plain, diffusion, torch.read_text(encoding="utf-8").strip(), torch_requirements)


def installed_uv(home: Path, platform: str = sys.platform) -> Path:
    """Where the installer lies while it is used: the zip's importer drops the permission to run it."""
    return home / "installer" / ("uv.exe" if platform == "win32" else "uv")


def set_up(home: Path, bundle: Bundle, index_url: str = "", platform: str = sys.platform) -> list[InstallStep]:
    """Make the environment anew and install the plain package; also what *Repair* and *Upgrade* begin with.

    The program `paints-undo` comes with the last step: an environment without it counts as not installed.
    """
    uv, python = str(installed_uv(home, platform)), str(environment_program(home, "python", platform))
    pip = (uv, "pip", "install", "--python", python, "--no-deps")
    index = ("--default-index", index_url) if index_url else ()
    return [
        InstallStep(
            tr("Making an environment …"),
            (uv, "venv", "--clear", "--python", PYTHON, str(environment_folder(home))),
        ),
        InstallStep(
            tr("Installing packages …"),
            (*pip, *index, "--only-binary", ":all:", "--require-hashes", "-r", str(bundle.requirements)),
        ),
        InstallStep(tr("Installing Paints-Undo …"), (*pip, str(bundle.wheel))),
    ]


def get_small_model(home: Path, platform: str = sys.platform) -> InstallStep:
    """Fetch the small networks by which the procedural engine sees figures; after everything else."""
    program = str(environment_program(home, "paints-undo", platform))
    command = (program, "models", "download", "figures", "--in-process")
    return InstallStep(tr("Fetching a small model …"), command, optional=True)


def add_diffusion(
    home: Path,
    bundle: Bundle,
    index_url: str = "",
    torch_index: str = "",
    vendors: frozenset[str] = frozenset(),
    platform: str = sys.platform,
    *,
    told: bool = False,
) -> list[InstallStep]:
    """Install what the diffusion engine needs; torch from the configured index, or from PyTorch's for these cards, by
    its release; else from the package index, by its hash. `told`: uv itself knows which index to take.
    """
    uv, python = str(installed_uv(home, platform)), str(environment_program(home, "python", platform))
    pip = (uv, "pip", "install", "--python", python)
    index = ("--default-index", index_url) if index_url else ()
    locked = ("--no-deps", *index, "--only-binary", ":all:", "--require-hashes", "-r")
    torch = (*pip, *torch_options(torch_index, index_url, vendors, platform), "--only-binary", ":all:", bundle.torch)
    if not (told or torch_index or (vendors and platform != "darwin")):
        torch = (*pip, *locked, str(bundle.torch_requirements))
    return [
        InstallStep(tr("Installing packages …"), (*pip, *locked, str(bundle.diffusion_requirements))),
        InstallStep(tr("Installing PyTorch; this is large …"), torch),
    ]


def torch_options(
    torch_index: str, index_url: str = "", vendors: frozenset[str] = frozenset(), platform: str = sys.platform
) -> tuple[str, ...]:
    """Where torch comes from: a configured index; with a card of NVIDIA, AMD or Intel PyTorch's own index, of which
    uv finds the part (CUDA, ROCm, XPU) that suits the card and its driver; else, for CPU and MPS, the default index.
    """
    if torch_index:
        return ("--default-index", torch_index)
    if vendors and platform != "darwin":
        return ("--torch-backend", "auto")
    return ("--default-index", index_url) if index_url else ()


def add_diffusion_here(home: Path, bundle: Bundle, index_url: str = "", torch_index: str = "") -> list[InstallStep]:
    """`add_diffusion` for this machine's cards, unless uv has been told already which builds to take."""
    told = bool(os.environ.get("UV_TORCH_BACKEND"))
    vendors = frozenset() if told else card.vendors()
    return add_diffusion(home, bundle, index_url, torch_index, vendors, told=told)
