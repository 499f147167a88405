"""Packing the plug-in: its own files, and the Krita plugin's core and client with their vendored libraries.

    python -m gimp_plugin.packer dist      writes dist/undo-painting-gimp-VERSION.zip

Unpacked into GIMP's folder for plug-ins (Edit ▸ Preferences ▸ Folders ▸ Plug-ins) it is there after GIMP's next start.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import zipfile
from pathlib import Path

import paints_undo_engine
from krita_plugin.packer.build import EPOCH
from krita_plugin.packer.stage import stage as stage_krita_plugin

NAME = "undo-painting"
HERE = Path(__file__).resolve().parent / NAME
SHARED = ("__init__.py", "build.json", "parameters.json", "core", "net", "translations", "_vendor")
"""What of the Krita plugin knows neither Krita nor Qt."""


def stage(target: Path) -> Path:
    """Lay the plug-in out below `target` as GIMP's folder for plug-ins wants it; returns its folder.

    Raises `krita_plugin.packer.errors.PackError`.
    """
    folder = target / NAME
    folder.mkdir(parents=True)
    for path in sorted(HERE.glob("*.py")):
        shutil.copy(path, folder / path.name)
    with tempfile.TemporaryDirectory() as temporary:
        module = stage_krita_plugin(Path(temporary), {"platform": "gimp"})
        for name in SHARED:
            source, copy = module / name, folder / module.name / name
            copy.parent.mkdir(exist_ok=True)
            shutil.copytree(source, copy) if source.is_dir() else shutil.copyfile(source, copy)
    return folder


def build(output: Path) -> Path:
    """Write the zip into the folder `output`; the same sources give the same bytes. Raises `PackError`."""
    output.mkdir(parents=True, exist_ok=True)
    target = output / f"{NAME}-gimp-{paints_undo_engine.__version__}.zip"
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(stage(Path(folder)).rglob("*")):
            if path.is_file():
                entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), EPOCH)
                entry.compress_type = zipfile.ZIP_DEFLATED
                program = path.name == f"{NAME}.py"  # GIMP starts it as a program
                entry.external_attr = (0o755 if program else 0o644) << 16
                archive.writestr(entry, path.read_bytes())
    return target


def main() -> None:
    """Build the zip."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=Path, nargs="?", default=Path("dist"))
    sys.stdout.write(f"{build(parser.parse_args().output)}\n")


if __name__ == "__main__":
    main()
