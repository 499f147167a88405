"""Make the pictures of the docker in every state: python tests/krita/screenshots.py FOLDER.

Needs krita, xvfb-run and the project on the path, as the tests do. Prints what is cut off at 250 pixels of width.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "daemon"), str(ROOT / "tests")]


def main() -> None:
    from krita_harness import run, warm_profile

    target = Path(sys.argv[1]).resolve()
    picture = Path(sys.argv[2]).resolve() if len(sys.argv) > 2 else ROOT / "assets" / "illustration.png"
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        profile = warm_profile(Path(folder) / "profile")
        profile.install_plugin()
        try:
            found = run(profile, "screens.py", picture, seconds=180, SCREENS=str(target))
        finally:
            profile.stop_daemon()
    print(found["problems"] or "nothing is cut off")


if __name__ == "__main__":
    main()
