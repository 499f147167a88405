"""The lock: one universal, hashed list of every package on every platform, and the part that an extra or a group needs.

    python tools/lock.py write                       resolve again and write requirements.lock (needs uv and the index)
    python tools/lock.py select --extra diffusion    print the lines that the plain package and these need

torch's builds differ by accelerator and come from several indexes. The lock has the hashes of those on the package
index (CUDA on Linux, CPU on Windows, macOS), and of the packages that come with them; `without_torch` sets these apart.
"""

from __future__ import annotations

import argparse
import itertools
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"
PYPROJECT = ROOT / "pyproject.toml"
HEADER = "# Every package on every platform, with markers and hashes. Written by `python tools/lock.py write`.\n"
WITH_TORCH = re.compile(r"(torch|triton|nvidia-.*|cuda-.*)$")
ENTRY = re.compile(r"^([a-z0-9][a-z0-9._-]*)==", re.MULTILINE)


def normalise(requirement: str) -> str:
    """The normalised name at the head of a requirement."""
    name = re.match(r"[A-Za-z0-9._-]+", requirement)
    if name is None:
        raise ValueError(f"no package name in {requirement!r}")
    return re.sub(r"[-_.]+", "-", name.group()).lower()


def entries(text: str) -> dict[str, list[str]]:
    """The lock's entries by package name; a package may stand there once for each marker."""
    starts = [match.start() for match in ENTRY.finditer(text)] + [len(text)]
    listed: dict[str, list[str]] = {}
    for begin, end in itertools.pairwise(starts):
        listed.setdefault(normalise(text[begin:end]), []).append(text[begin:end].rstrip() + "\n")
    return listed


def needed_by(entry: str) -> set[str]:
    """The packages that an entry's `# via` comments name."""
    return {normalise(name) for name in re.findall(r"^    #(?: via|  ) +([A-Za-z0-9][^\s]*)", entry, re.MULTILINE)}


def roots(parts: Iterable[str]) -> set[str]:
    """The packages that pyproject.toml itself asks for: the plain ones, and those of some extras or groups."""
    document = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))
    project = document["project"]
    groups = document["dependency-groups"]
    known = project["optional-dependencies"] | groups
    asked = list(project["dependencies"])
    for part in parts:
        for item in known[part]:
            asked += groups[item["include-group"]] if isinstance(item, dict) else [item]
    return {normalise(requirement) for requirement in asked}


def select(text: str, parts: Iterable[str]) -> dict[str, list[str]]:
    """The entries that the plain package and some extras or groups need, torch itself included where it is one."""
    listed = entries(text)
    parents = {name: set().union(*map(needed_by, found)) for name, found in listed.items()}
    wanted = roots(parts)
    while True:
        more = {name for name, via in parents.items() if name not in wanted and via & wanted}
        if not more:
            return {name: found for name, found in listed.items() if name in wanted}
        wanted |= more


def without_torch(chosen: dict[str, list[str]]) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """What is the same for every build of torch, and torch with what only the package index's build needs."""
    torch = {name: found for name, found in chosen.items() if WITH_TORCH.match(name)}
    return {name: found for name, found in chosen.items() if name not in torch}, torch


def write(*, upgrade: bool) -> None:
    """Resolve every extra for all platforms and Python versions, and write the lock.

    What is locked already stays as it is, unless it no longer suits or `upgrade` is set.
    """
    command = [sys.executable, "-m", "uv", "pip", "compile", str(PYPROJECT), "--universal", "--all-extras"]
    command += ["--group", "dev", "--generate-hashes", "--annotation-style", "split", "--no-header", "--quiet"]
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "resolved.txt"
        if not upgrade:
            shutil.copy(LOCK, answer)
        command += ["--output-file", str(answer)]
        subprocess.run(command, check=True, cwd=ROOT)
        resolved = answer.read_text(encoding="utf-8")
    LOCK.write_text(HEADER + resolved, encoding="utf-8")


def add_parts(parser: argparse.ArgumentParser) -> None:
    """The options that name extras and groups, together in `parts`."""
    text = "an extra or a dependency group of pyproject.toml; may be repeated"
    parser.add_argument("--extra", "--group", action="append", default=[], dest="parts", metavar="NAME", help=text)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    writing = commands.add_parser("write", help="resolve again and write the lock")
    writing.add_argument("--upgrade", action="store_true", help="take the newest versions of everything")
    selecting = commands.add_parser("select", help="print what the plain package and the given extras need")
    add_parts(selecting)
    arguments = parser.parse_args()
    if arguments.command == "write":
        write(upgrade=arguments.upgrade)
    else:
        chosen = select(LOCK.read_text(encoding="utf-8"), arguments.parts)
        print("".join(line for found in chosen.values() for line in found), end="")


if __name__ == "__main__":
    main()
