"""Make the checkout's own virtual environment (.venv) from the lock, with nothing but Python and pip.

    python3 tools/bootstrap.py                                    what `make demo` needs
    python3 tools/bootstrap.py --extra diffusion --group dev      what `make test` needs

The second run takes a moment: what is installed is remembered and compared. torch comes from PyPI where an NVIDIA
driver is found or the platform has one build only, by its hash like everything else; and otherwise by its release alone
from PyTorch's CPU index, or the one that PAINTS_UNDO_TORCH_INDEX names.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036 - this very check tells the user of an older Python what to do
    raise SystemExit(
        f"Paints-Undo needs Python 3.11 to 3.14, and this is {platform.python_version()}. "
        "Install a newer Python, or name one: make demo PYTHON=python3.12"
    )

import lock

ROOT = lock.ROOT
VENV = ROOT / ".venv"
STAMP = VENV / "installed.txt"
SOURCES = (ROOT, ROOT / "daemon")
CPU_INDEX = "https://download.pytorch.org/whl/cpu"


def interpreter() -> Path:
    """The environment's Python."""
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def fingerprint(parts: list[str]) -> str:
    """What the environment must have been made from to be current."""
    digest = hashlib.sha256(lock.LOCK.read_bytes() + lock.PYPROJECT.read_bytes()).hexdigest()
    return "\n".join([digest, platform.python_version(), str(ROOT), *sorted(parts), ""])


def installed_parts() -> list[str]:
    """The extras and groups that the environment has already."""
    return STAMP.read_text(encoding="utf-8").splitlines()[3:] if STAMP.exists() else []


def pip(*arguments: str) -> None:
    """Run the outer Python's pip on the environment."""
    command = [sys.executable, "-m", "pip", "--python", str(interpreter()), "install", "--quiet", *arguments]
    if subprocess.run(command, check=False).returncode != 0:
        raise SystemExit("pip could not install the packages; its message stands above. Run the same command again.")


def torch_index() -> list[str]:
    """The pip options that choose torch's build for this machine; none for the package index's, which is locked."""
    named = os.environ.get("PAINTS_UNDO_TORCH_INDEX")
    if named:
        return ["--index-url", named]
    if sys.platform == "darwin" or shutil.which("nvidia-smi"):
        return []
    return ["--no-deps", "--extra-index-url", CPU_INDEX, "--retries", "1"]  # all that it needs is locked


def install_locked(chosen: dict[str, list[str]]) -> None:
    """Install entries of the lock and nothing else."""
    with tempfile.TemporaryDirectory() as folder:
        requirements = Path(folder) / "requirements.txt"
        requirements.write_text("".join(line for found in chosen.values() for line in found), encoding="utf-8")
        pip("--require-hashes", "--no-deps", "-r", str(requirements))


def install_for_card(release: str) -> None:
    """The build of torch that suits an NVIDIA card on Windows, where the package index has the one for CPUs alone."""
    install_locked({"uv": lock.entries(lock.LOCK.read_text(encoding="utf-8"))["uv"]})
    command = [str(interpreter()), "-m", "uv", "pip", "install", "--python", str(interpreter())]
    if subprocess.run([*command, "--torch-backend", "auto", release], check=False).returncode != 0:
        raise SystemExit("torch could not be installed; the message stands above. Run the same command again.")


def source_paths(folders: Sequence[Path]) -> str:
    """A .pth file that puts folders on the path. In ASCII: Python 3.11 and 3.12 read it in the system's own encoding,
    which on Windows is not UTF-8, and a folder may have any name.
    """
    return f"import sys; sys.path.extend({[str(folder) for folder in folders]!a})\n"


def install(parts: list[str]) -> None:
    """Install the locked packages, then torch where it is among them, and put the sources on the path."""
    chosen, with_torch = lock.without_torch(lock.select(lock.LOCK.read_text(encoding="utf-8"), parts))
    for_card = sys.platform == "win32" and shutil.which("nvidia-smi") and not os.environ.get("PAINTS_UNDO_TORCH_INDEX")
    if with_torch and not for_card and not torch_index():
        chosen |= with_torch
        with_torch = {}
    print(f"  {len(chosen)} packages from the lock ...", flush=True)
    install_locked(chosen)
    if with_torch:
        release = with_torch["torch"][0].split()[0]
        print(f"  {release} ...", flush=True)
        if for_card:
            install_for_card(release)
        else:
            pip(release, *torch_index())
    site = sysconfig.get_path("purelib", "venv", {"base": str(VENV), "platbase": str(VENV)})
    Path(site, "paints_undo_checkout.pth").write_text(source_paths(SOURCES), encoding="ascii")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    lock.add_parts(parser)
    parts = sorted({*parser.parse_args().parts, *installed_parts()})
    if STAMP.exists() and STAMP.read_text(encoding="utf-8") == fingerprint(parts):
        return
    begin = time.monotonic()
    print(f"Setting up {VENV.relative_to(ROOT)} (Python {platform.python_version()}); this is needed once.", flush=True)
    if not interpreter().exists():
        with_pip = [] if importlib.util.find_spec("ensurepip") else ["--without-pip"]
        subprocess.run([sys.executable, "-m", "venv", *with_pip, str(VENV)], check=True)
    STAMP.unlink(missing_ok=True)
    install(parts)
    STAMP.write_text(fingerprint(parts), encoding="utf-8")
    print(f"  done in {time.monotonic() - begin:.0f} s.", flush=True)


if __name__ == "__main__":
    main()
