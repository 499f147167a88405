"""Make a release: wheel, source archive, Krita's zip for each platform, bill of materials, and their checksums.

    python tools/release.py [-o dist] [--platform linux-x86_64] [--unreleased]

The checked-out commit must carry the tag `v` + version, be unchanged, and have its section in CHANGELOG.md;
`--unreleased` builds without these. The same commit gives the same bytes: times are the commit's, the tools are those
of the lock, and what a zip carries is pinned by hash.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CHANGELOG = ROOT / "CHANGELOG.md"
SUMS = "SHA256SUMS"


def git(*arguments: str) -> str:
    """What git answers, without the line's end."""
    result = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    return result.stdout.strip() if result.returncode == 0 else ""


def obstacles(version: str, tags: list[str], changes: str, changelog: str) -> list[str]:
    """Why this is no release: `tags` of the commit, `changes` that are not committed, the changelog's text."""
    found = []
    if f"v{version}" not in tags:
        found.append(f"The commit has no tag v{version} (it has {', '.join(tags) or 'none'}).")
    if changes:
        found.append("The checkout has changes that are not committed.")
    if not re.search(rf"^## \[{re.escape(version)}\] - \d{{4}}-\d\d-\d\d$", changelog, re.MULTILINE):
        found.append(f"CHANGELOG.md has no section '## [{version}] - DATE'.")
    return found


def build(output: Path, platforms: list[str]) -> list[Path]:
    """Write everything but the checksums into the folder `output`; returns the files."""
    from krita_plugin import packer

    environment = {**os.environ, "SOURCE_DATE_EPOCH": git("log", "-1", "--format=%ct") or "315532800"}
    command = [sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-t", "wheel", "-d", str(output)]
    subprocess.run(command, cwd=ROOT, check=True, env=environment, stdout=subprocess.DEVNULL)
    bill = [sys.executable, str(ROOT / "tools" / "sbom.py"), "--extra", "diffusion", "--extra", "web"]
    subprocess.run([*bill, "-o", str(output / "sbom.cdx.json")], check=True)
    for platform in platforms:
        packer.build(output, platform)
    return sorted(path for path in output.iterdir() if path.name != SUMS)


def checksums(files: list[Path]) -> str:
    """The lines that `sha256sum --check` reads."""
    return "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files)


def main() -> int:
    sys.path[:0] = [str(ROOT), str(ROOT / "daemon")]
    from krita_plugin.packer import PLATFORMS
    from paints_undo_engine import __version__

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-o", "--output", type=Path, default=ROOT / "dist", metavar="FOLDER", help="default: dist")
    parser.add_argument("--platform", action="append", choices=PLATFORMS, help="of the zip; default: all of them")
    parser.add_argument("--unreleased", action="store_true", help="build what has no tag")
    arguments = parser.parse_args()
    tags, changes = git("tag", "--points-at", "HEAD").split(), git("status", "--porcelain")
    found = obstacles(__version__, tags, changes, CHANGELOG.read_text(encoding="utf-8"))
    if found and not arguments.unreleased:
        print("\n".join(found))
        return 1
    arguments.output.mkdir(parents=True, exist_ok=True)
    if any(arguments.output.iterdir()):
        print(f"{arguments.output} is not empty; name another folder.")
        return 1
    files = build(arguments.output.resolve(), arguments.platform or list(PLATFORMS))
    (arguments.output / SUMS).write_text(checksums(files), encoding="utf-8")
    print((arguments.output / SUMS).read_text(encoding="utf-8"), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
