"""Building the zip that *Tools ▸ Scripts ▸ Import Python Plugin from File* takes, one for each platform.

It carries everything that *Set up* needs: the project's wheel, the locked and hashed requirements, and the installer.
"""

from __future__ import annotations

import importlib.util
import os
import platform as running_on
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from types import ModuleType

import paints_undo_engine
from krita_plugin import MODULE
from krita_plugin.packer import wheels
from krita_plugin.packer.errors import PackError
from krita_plugin.packer.stage import HERE, cache_folder, stage

PLATFORMS = {
    "linux-x86_64": "manylinux_2_17_x86_64",
    "linux-aarch64": "manylinux_2_28_aarch64",
    "windows-x86_64": "win_amd64",
    "windows-arm64": "win_arm64",
    "macos-arm64": "macosx_11_0_arm64",
    "macos-x86_64": "macosx_10_12_x86_64",
}
ROOT = HERE.parent.parent
EPOCH = (1980, 1, 1, 0, 0, 0)


def current_platform() -> str:
    """The platform that this runs on, one of `PLATFORMS`. Raises `PackError` when there is no zip for it."""
    system = {"linux": "linux", "win32": "windows", "darwin": "macos"}.get(sys.platform, sys.platform)
    machine = {"amd64": "x86_64", "arm64": "arm64"}.get(running_on.machine().lower(), running_on.machine().lower())
    if system == "linux" and machine == "arm64":
        machine = "aarch64"
    name = f"{system}-{machine}"
    if name not in PLATFORMS:
        raise PackError(f"There is no installer for {name}; the zip can be built for {', '.join(PLATFORMS)}.")
    return name


def build(output: Path, platform: str | None = None) -> Path:
    """Build the zip for a platform into the folder `output`; returns the zip. Needs a checkout of the project.

    The same sources give the same bytes. Raises `PackError`.
    """
    name = platform or current_platform()
    if name not in PLATFORMS:
        raise PackError(f"{name} is no platform; choose one of {', '.join(PLATFORMS)}.")
    output.mkdir(parents=True, exist_ok=True)
    target = output / f"{MODULE}-{paints_undo_engine.__version__}-{name}.zip"
    with tempfile.TemporaryDirectory() as folder:
        module = stage(Path(folder), {"platform": name})
        bundle(module / "bundle", name)
        temporary = target.with_name(f".{target.name}.{os.getpid()}.part")
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(Path(folder).rglob("*")):
                _add(archive, path.relative_to(folder).as_posix(), path)
        temporary.replace(target)
    return target


def _add(archive: zipfile.ZipFile, name: str, path: Path) -> None:
    """A file, or a folder: Krita's importer knows a plugin only by its folder's own entry."""
    if path.is_dir():
        entry = zipfile.ZipInfo(f"{name}/", EPOCH)
        entry.external_attr = 0o40755 << 16 | 0x10
        archive.writestr(entry, b"")
    else:
        entry = zipfile.ZipInfo(name, EPOCH)
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.external_attr = 0o644 << 16
        archive.writestr(entry, path.read_bytes())


def bundle(folder: Path, platform: str) -> None:
    """Put what *Set up* needs into `folder`. Raises `PackError`."""
    lock = _lock_tool()
    folder.mkdir(parents=True)
    text = lock.LOCK.read_text(encoding="utf-8")
    plain = lock.select(text, [])
    diffusion, with_torch = lock.without_torch(lock.select(text, ["diffusion"]))
    torch = with_torch["torch"][0].split()[0]
    more = {package: lines for package, lines in diffusion.items() if package not in plain}
    parts = {"requirements.txt": plain, "requirements-diffusion.txt": more, "requirements-torch.txt": with_torch}
    for name, chosen in parts.items():
        lines = "".join(line for found in chosen.values() for line in found)
        (folder / name).write_text(lines, encoding="utf-8")
    (folder / "torch.txt").write_text(torch + "\n", encoding="utf-8")
    _project_wheel(folder)
    tag = PLATFORMS[platform]
    wheel = wheels.fetch(HERE / "uv.txt", cache_folder() / f"uv-{platform}", ("--platform", tag))[0]
    program = "uv.exe" if platform.startswith("windows") else "uv"
    with zipfile.ZipFile(wheel) as archive:
        found = next(item for item in archive.namelist() if item.endswith(f".data/scripts/{program}"))
        (folder / program).write_bytes(archive.read(found))
        for item in archive.namelist():
            if ".dist-info/licenses/" in item:
                licence = folder / "licences" / f"uv-{item.rpartition('/')[2]}"
                licence.parent.mkdir(exist_ok=True)
                licence.write_bytes(archive.read(item))


def _project_wheel(folder: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "315532800"}
    result = subprocess.run(  # noqa: S603
        command, cwd=ROOT, capture_output=True, text=True, check=False, env=environment
    )
    if result.returncode != 0 or not list(folder.glob("*.whl")):
        raise PackError(f"The project's wheel could not be built: {(result.stderr or result.stdout).strip()[-500:]}")


def _lock_tool() -> ModuleType:
    path = ROOT / "tools" / "lock.py"
    spec = importlib.util.spec_from_file_location("paints_undo_lock_tool", path) if path.exists() else None
    if spec is None or spec.loader is None:
        raise PackError(
            "The zip is built from a checkout of the project; this is an installed package. Use `plugin install`."
        )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
