"""Break the code on purpose, one change at a time, and see that the tests notice.

    .venv/bin/python tools/mutate.py [WORDS OF A NAME]

The changes stand in `mutations.toml`. Each is made in a scratch copy of the working tree. A change that no test notices
is an error, and so is one whose text is no longer there, or tests that fail without it.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LISTED = ROOT / "tools" / "mutations.toml"
PASSED, FAILED = 0, 1


@dataclass(frozen=True)
class Mutation:
    """One change of a file, and the tests of which one must fail then."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]

    def apply(self, text: str) -> str:
        """`text` with the change. Raises `ValueError` when the old text does not stand in it exactly once."""
        found = text.count(self.old)
        if found != 1:
            raise ValueError(f"{self.name}: the text to change stands {found} times in {self.file}, not once.")
        return text.replace(self.old, self.new)


def read(path: Path) -> list[Mutation]:
    """The listed mutations."""
    entries = tomllib.loads(path.read_text(encoding="utf-8"))["mutation"]
    return [Mutation(**{**entry, "tests": tuple(entry["tests"])}) for entry in entries]


def copy_tree(target: Path) -> None:
    """The working tree's files, tracked or new, without what git ignores."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, listed.split("\0")):
        source = ROOT / name
        if source.is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target / name)


def run_tests(tree: Path, tests: tuple[str, ...]) -> int:
    """Pytest's exit code for `tests` in a tree; what it prints is shown only where it could not run them."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
    done = subprocess.run(command, cwd=tree, check=False, capture_output=True, text=True)
    if done.returncode not in (PASSED, FAILED):
        print(done.stdout[-3000:] + done.stderr[-3000:])
    return done.returncode


def judge(tree: Path, mutation: Mutation) -> str:
    """What is wrong with the tests that should notice a mutation; empty when one of them did."""
    path = tree / mutation.file
    whole = path.read_text(encoding="utf-8")
    try:
        path.write_text(mutation.apply(whole), encoding="utf-8")
        code = run_tests(tree, mutation.tests)
    except ValueError as error:
        return str(error)
    finally:
        path.write_text(whole, encoding="utf-8")
    return "" if code == FAILED else "no test noticed" if code == PASSED else f"pytest ended with {code}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("words", nargs="*", metavar="WORD", help="words of a change's name, in their order")
    wanted = " ".join(parser.parse_args().words)
    mutations = [mutation for mutation in read(LISTED) if wanted in mutation.name]
    failures = 0
    with tempfile.TemporaryDirectory(prefix="mutate-") as folder:
        tree = Path(folder)
        copy_tree(tree)
        for tests in dict.fromkeys(mutation.tests for mutation in mutations):
            if run_tests(tree, tests) != PASSED:
                print(f"{' '.join(tests)} fail without any change.")
                return 1
        for mutation in mutations:
            trouble = judge(tree, mutation)
            failures += bool(trouble)
            print(f"{'FAILED' if trouble else 'caught'}  {mutation.name}{': ' * bool(trouble)}{trouble}", flush=True)
    print(f"{len(mutations) - failures} of {len(mutations)} changes were noticed.")
    return 1 if failures or not mutations else 0


if __name__ == "__main__":
    sys.exit(main())
