"""Fetching wheels by version and hash, and unpacking them."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Iterable
from pathlib import Path

from krita_plugin.packer.errors import PackError

PURE = ("--implementation", "py", "--abi", "none", "--platform", "any", "--python-version", "3.10")


def fetch(requirements: Path, folder: Path, options: Iterable[str]) -> list[Path]:
    """Download the wheels that `requirements` pins into `folder`, each checked against its hash; returns the wheels.

    A folder that an earlier call has filled for the same pins is used as it is. Raises `PackError` with pip's own
    words.
    """
    stamp = folder / "complete.txt"
    wanted = requirements.read_text(encoding="utf-8") + " ".join(options)
    if not (stamp.exists() and stamp.read_text(encoding="utf-8") == wanted):
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("*.whl"):
            old.unlink()
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        command += ["--require-hashes", "--only-binary=:all:", "--dest", str(folder), *options, "-r", str(requirements)]
        result = subprocess.run(  # noqa: S603
            command, capture_output=True, text=True, check=False
        )
        if result.returncode != 0:
            raise PackError(f"The plugin's libraries could not be downloaded: {result.stderr.strip()}")
        stamp.write_text(wanted, encoding="utf-8")
    return sorted(folder.glob("*.whl"))


def unpack(wheel: Path, folder: Path, skip: Iterable[str]) -> None:
    """Unpack the Python files and licences of a pure wheel, leaving out what starts with one of `skip`."""
    left_out = tuple(skip)
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if name.startswith(left_out) or name.endswith(("/", ".pyi", ".so", ".pyd")):
                continue
            if ".dist-info/" in name:
                if "license" not in name.lower():
                    continue
                name_out = f"licences/{name.split('-')[0]}-{name.rsplit('/', 1)[1]}"
            elif name.endswith(".py"):
                name_out = name
            else:
                continue
            target = folder / name_out
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(archive.read(name))
