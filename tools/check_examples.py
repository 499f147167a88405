"""Type-check the Python code in README.md and docs/ as it stands there, and the scripts in examples/.

python tools/check_examples.py [OUT]    leave the blocks in OUT, for another checker

Each block is given the names in `KNOWN` first, for those that go on from what a page has said.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ELSEWHERE = ("gimp.md",)
"""Pages whose code runs in another program."""

KNOWN = """
from pathlib import Path
import paints_undo
from paints_undo_engine.painting import decode

client, job_id, painting = paints_undo.connect(), "", decode(Path("painting.png"))
process = paints_undo.undo("painting.png")
frame = nearly_finished = painting.picture()
"""


def blocks() -> dict[str, str]:
    """The code by a module's name."""
    found = {}
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
        if page.name in ELSEWHERE:
            continue
        for number, code in enumerate(re.findall(r"^```python\n(.*?)^```", page.read_text("utf-8"), re.S | re.M)):
            found[f"{page.stem.lower().replace('-', '_')}_{number}"] = KNOWN + code
    return found


def check(folder: Path) -> int:
    """Write the blocks as a package below `folder`, and run mypy and pyright on it and on the examples."""
    package = folder / "documented"
    package.mkdir(parents=True, exist_ok=True)
    for name, code in blocks().items():
        (package / f"{name}.py").write_text(code, encoding="utf-8")
    shutil.copytree(ROOT / "examples", folder / "examples", dirs_exist_ok=True)
    settings = {"extraPaths": [str(ROOT), str(ROOT / "daemon")], "typeCheckingMode": "basic"}
    (folder / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    environment = {**os.environ, "MYPYPATH": str(folder), "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"}
    mypy = ("mypy", str(package), "examples")
    pyright = ("pyright", "--project", str(folder), "--pythonpath", sys.executable)
    codes = [
        subprocess.run([sys.executable, "-m", *checker], cwd=ROOT, env=environment, check=False).returncode
        for checker in (mypy, pyright)
    ]
    return max(codes)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", nargs="?", type=Path, help="a folder for the blocks")
    out = parser.parse_args().out
    if out is not None:
        return check(out)
    with tempfile.TemporaryDirectory() as folder:
        return check(Path(folder))


if __name__ == "__main__":
    sys.exit(main())
