"""The page in a real Chromium: its bytes, time to interactive, the first news after the click, and 106 frames.

    python benchmarks/page.py

Prints a table for docs/performance.md. Needs Chromium and the extras `web` and `dev`.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

from page_screenshots import ARGUMENTS, MINUTES, choose, door, small_picture  # noqa: E402

ROUNDS = 5
WATCH_DOING = """() => {
  window.since = window.news = null;
  const clicked = () => { window.since = performance.now(); };
  const told = () => { if (window.since !== null) window.news ??= performance.now() - window.since; };
  document.querySelector('#do-all').addEventListener('click', clicked, { capture: true });
  new MutationObserver(told).observe(document.querySelector('#doing'), { childList: true });
}"""
MEGABYTE = 1e6


def opened(browser: Any, link: str) -> tuple[Any, int, float]:
    """The page, the bytes that came for it, and the milliseconds until it could be used."""
    page = browser.new_context(locale="en-GB").new_page()
    sizes: list[int] = []
    page.on(
        "requestfinished",
        lambda request: sizes.append(request.sizes()["responseBodySize"]) if request.method == "GET" else None,
    )
    page.goto(link)
    page.locator("main:not([hidden])").wait_for(timeout=MINUTES)
    ready = page.evaluate("performance.getEntriesByType('resource').at(-1).responseEnd")
    return page, sum(sizes), ready


def measure(page: Any, picture: Path) -> tuple[float, float, float]:
    """Milliseconds from the click to the first news and to the last of 106 frames, and megabytes of the page's heap."""
    choose(page, picture)
    page.evaluate(WATCH_DOING)
    page.click("#do-all")
    page.locator("#doing", has_text="Finished.").wait_for(timeout=MINUTES)
    page.locator("#moment", has_text="Frame 106 of 106").wait_for(timeout=MINUTES)
    shown = page.evaluate("performance.now() - window.since")
    heap = page.evaluate("performance.memory.usedJSHeapSize") / MEGABYTE
    return page.evaluate("window.news"), shown, heap


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        picture = small_picture(Path(folder))
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        with door(Path(folder) / "home") as link:
            page, size, cold = opened(browser, link)
            news, shown, heap = zip(*[measure(page, picture) for _ in range(ROUNDS)], strict=True)
            warm = []
            for _ in range(ROUNDS):
                page.reload()
                page.locator("#result:not([hidden])").wait_for(timeout=MINUTES)
                warm.append(page.evaluate("performance.getEntriesByType('navigation')[0].domInteractive"))
        browser.close()
    print("| what | figure |\n|---|---|")
    print(f"| bytes of the page, everything that it loads | {size / 1000:.0f} kB |")
    print(f"| until it can be used, the daemon started for it | {cold:.0f} ms |")
    print(f"| until it can be used, loaded again (median of {ROUNDS}) | {statistics.median(warm):.0f} ms |")
    print(f"| first news after the click (median, longest) | {statistics.median(news):.0f} ms, {max(news):.0f} ms |")
    print(f"| from the click to the 106th frame on the screen (median) | {statistics.median(shown) / 1000:.1f} s |")
    print(f"| the page's heap after each of {ROUNDS} jobs | {', '.join(f'{value:.0f}' for value in heap)} MB |")


if __name__ == "__main__":
    main()
