"""Make the pictures of the docker in every state: python tests/krita/screenshots.py FOLDER [PICTURE].

At 250 and 400 pixels of width, 155, 400 and 760 of height, in both themes, in five languages, once and at
twice the pixels. Needs krita, xvfb-run and the project on the path, as the tests do. Prints what is cut off, words with
a contrast below 4.5 : 1, and what has no name for a screen reader.
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
            for scale, languages in (("1", "en de es fr ja"), ("2", "en ja")):
                given = {"SCREENS": str(target), "QT_SCALE_FACTOR": scale, "LANGUAGES": languages}
                found = run(profile, "screens.py", picture, **given)
                print(f"{scale}x:", found["problems"] or "nothing is wrong")
        finally:
            profile.stop_daemon()


if __name__ == "__main__":
    main()
