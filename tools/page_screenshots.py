"""Pictures of the page in each of its states, at phone and desktop size, light and dark, to be looked at.

    python tools/page_screenshots.py FOLDER             every state
    python tools/page_screenshots.py FOLDER --readme    the two pictures of the README, into docs/images

Needs Debian's Chromium and the extras `web` and `dev`; starts a daemon and a web server of its own.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "assets" / "figure.png"
SIZES = {"phone": (390, 844), "desktop": (1280, 900)}
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
MINUTES = 300_000

State = Callable[[Any, Path], None]


@contextmanager
def web_server(home: Path) -> Iterator[str]:
    """A `paints-undo web` with a daemon of its own; gives its link."""
    environment = os.environ | {"PAINTS_UNDO_HOME": str(home)}
    command = [sys.executable, "-m", "paints_undo_daemon"]
    process = subprocess.Popen(
        [*command, "web", "--port", "0", "--no-open"], env=environment, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)
        subprocess.run([*command, "stop"], env=environment, capture_output=True, check=False)


def small_picture(folder: Path) -> Path:
    """A picture that is made in seconds."""
    from PIL import Image

    path = folder / "figure.png"
    Image.open(PICTURE).convert("RGB").resize((480, 627)).save(path)
    return path


def choose(page: Any, picture: Path) -> None:
    """Choose a picture."""
    page.set_input_files("#file", str(picture))
    page.locator("#do-all:enabled").wait_for(timeout=MINUTES)


def begin(page: Any, picture: Path) -> None:
    """In the middle of the work."""
    choose(page, picture)
    page.click("#do-all")
    page.locator("#moment", has_text="Frame 4").wait_for(timeout=MINUTES)


def finish(page: Any, _: Path) -> None:
    """Played to the middle."""
    page.locator("#doing", has_text="Finished.").wait_for(timeout=MINUTES)
    page.locator("#scrubber").fill("62")
    page.wait_for_timeout(600)


def compare(page: Any, _: Path) -> None:
    """Beside the painting."""
    page.check("#compare")
    page.wait_for_timeout(600)


def candidates(page: Any, _: Path) -> None:
    """Four ways to go on."""
    page.uncheck("#compare")
    page.click("#redo")
    page.locator("#candidates button img").nth(3).wait_for(timeout=MINUTES)
    page.wait_for_timeout(400)


def branch(page: Any, _: Path) -> None:
    """One of them, chosen."""
    page.locator("#candidates li button").nth(1).click()
    page.locator("#ways button[aria-current]", has_text="Dusk").wait_for(timeout=MINUTES)
    page.locator("#doing", has_text="Finished.").wait_for(timeout=MINUTES)


def variants(page: Any, _: Path) -> None:
    """Four variants and how they go on."""
    page.locator("#ways > ul > li > button").first.click()
    page.locator("#doing", has_text="Finished.").wait_for(timeout=MINUTES)
    page.click("#make-variants")
    page.locator("#ways > ul > li").nth(3).wait_for(timeout=MINUTES)
    page.locator("#ways span", has_text=" · ").first.wait_for(state="detached", timeout=MINUTES)
    page.locator("#scrubber").fill("62")
    page.click("#course summary")
    page.locator("#course polyline").nth(3).wait_for(timeout=MINUTES)
    page.wait_for_timeout(600)


def folds(page: Any, _: Path) -> None:
    """All settings unfolded."""
    for summary in page.locator("#settings summary, #export-options summary").all():
        summary.click()


def failed(page: Any, picture: Path) -> None:
    """A file that is no picture."""
    broken = picture.with_name("broken.png")
    broken.write_bytes(b"no picture")
    choose(page, broken)
    page.click("#do-all")
    page.locator("#doing", has_text="did not work").wait_for(timeout=MINUTES)


STATES: dict[str, State] = {
    "1-empty": lambda page, _: page.wait_for_timeout(200),
    "2-chosen": choose,
    "3-running": begin,
    "4-finished": finish,
    "5-compared": compare,
    "6-candidates": candidates,
    "7-branch": branch,
    "8-variants": variants,
    "9-folds": folds,
    "10-failed": failed,
}

README = {"4-finished-desktop-light": ("page-result", 1000), "8-variants-desktop-dark": ("page-variants", 1600)}
"""The pictures of the documents, and how many of their rows are shown."""


def shoot(folder: Path, wanted: list[str]) -> None:
    """Save every state at every size in both colour schemes. The states are gone through once, on one page."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as playwright:
        picture = small_picture(Path(temporary))
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        with web_server(Path(temporary) / "home") as link:
            page = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 900}).new_page()
            page.goto(link)
            page.locator("main:not([hidden])").wait_for(timeout=MINUTES)
            for name, reach in STATES.items():
                reach(page, picture)
                for size, (width, height) in SIZES.items():
                    page.set_viewport_size({"width": width, "height": height})
                    for scheme in ("light", "dark"):
                        page.emulate_media(color_scheme=scheme)
                        if not wanted or f"{name}-{size}-{scheme}" in wanted:
                            page.wait_for_timeout(150)
                            page.screenshot(path=folder / f"{name}-{size}-{scheme}.png", full_page=True)
                page.set_viewport_size({"width": 1280, "height": 900})
                page.emulate_media(color_scheme="light")
        browser.close()


def main() -> None:
    """Take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--readme", action="store_true", help="only the two of the README")
    options = parser.parse_args()
    if not options.readme:
        shoot(options.folder, [])
        return
    shoot(options.folder, list(README))
    from PIL import Image

    for name, (target, height) in README.items():
        with Image.open(options.folder / f"{name}.png") as picture:
            shown = picture.convert("RGB").crop((0, 0, picture.width, min(picture.height, height)))
            shown.save(ROOT / "docs" / "images" / f"{target}.jpg", quality=85)


if __name__ == "__main__":
    main()
