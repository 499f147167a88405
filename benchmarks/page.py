"""The page in a real Chromium: its bytes, time to interactive, the first news after the click, and 106 frames.

    python benchmarks/page.py

Prints a table for docs/performance.md. Needs Chromium and the extras `web` and `dev`.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

from page_screenshots import ARGUMENTS, MINUTES, choose, small_picture, web_server  # noqa: E402

ROUNDS = 5
WATCH_DOING = """() => {
  window.since = window.answer = window.news = window.end = null;
  const clicked = () => { window.since = performance.now(); };
  const doing = document.querySelector('#doing');
  const told = () => {
    if (window.since === null || !doing.textContent) return;
    window.answer ??= performance.now() - window.since;
    if (!doing.textContent.startsWith('Asking')) window.news ??= performance.now() - window.since;
    if (doing.textContent === 'Finished.') window.end ??= performance.now() - window.since;
  };
  document.querySelector('#do-all').addEventListener('click', clicked, { capture: true });
  new MutationObserver(told).observe(doing, { childList: true });
}"""
LOADED = """() => {
  const files = performance.getEntriesByType('resource').filter(({ initiatorType }) => initiatorType !== 'fetch');
  const all = [...files, ...performance.getEntriesByType('navigation')];
  return [all.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0),
          performance.getEntriesByType('resource').at(-1).responseEnd];
}"""
ENGINE_SECONDS = """async () => {
  const { Connect } = await import('/js/connect.js'), { Service } = await import('/js/service.js');
  const service = new Service(new Connect(localStorage.getItem('paints-undo-session')));
  const job = await service.job(location.hash.slice('#job='.length));
  return (Date.parse(job.endTime) - Date.parse(job.createTime)) / 1000;
}"""
ALL_FRAMES = """async () => {
  const { Connect, textField } = await import('/js/connect.js');
  const { Service } = await import('/js/service.js');
  const connect = new Connect(localStorage.getItem('paints-undo-session')), service = new Service(connect);
  const jobId = location.hash.slice('#job='.length), hashes = [];
  for await (const { event } of service.watch(jobId, new AbortController().signal)) {
    if (event?.frameStored) hashes.push(event.frameStored.frame.pictureHash);
  }
  let begun = performance.now();
  for await (const _ of connect.binaryStream('JobService', 'DownloadFrames', textField(1, jobId))) { /* bytes alone */ }
  const streamed = performance.now() - begun;
  begun = performance.now();
  const blobs = [];
  for (let begin = 0; begin < hashes.length; begin += 16) {
    const end = Math.min(begin + 16, hashes.length);
    await service.frames(jobId, begin, end, (_, blob) => blobs.push(blob), undefined);
  }
  const fetched = performance.now() - begun;
  begun = performance.now();
  for (const blob of blobs) (await createImageBitmap(blob)).close();
  const decoded = performance.now() - begun;
  return [hashes.length, blobs.reduce((sum, { size }) => sum + size, 0), streamed, fetched, decoded];
}"""
MEGABYTE = 1e6


def opened(browser: Any, link: str) -> tuple[Any, int, float]:
    """The page, the bytes that came for it, and the milliseconds until it could be used."""
    page = browser.new_context(locale="en-GB").new_page()
    page.goto(link)
    page.locator("main:not([hidden])").wait_for(timeout=MINUTES)
    return page, *page.evaluate(LOADED)


def measure(page: Any, picture: Path) -> tuple[float, float, float, float, float]:
    """From the click on: milliseconds to the page's answer, to the daemon's first news and to the end of 106 frames.

    Then those of them that the daemon did not work, and the megabytes of the page's heap.
    """
    choose(page, picture)
    page.evaluate(WATCH_DOING)
    page.click("#do-all")
    page.locator("#doing", has_text="Finished.").wait_for(timeout=MINUTES)
    page.locator("#moment", has_text="of 106").wait_for(timeout=MINUTES)
    shown = page.evaluate("window.end")
    heap = page.evaluate("performance.memory.usedJSHeapSize") / MEGABYTE
    after = shown - 1000 * page.evaluate(ENGINE_SECONDS)
    return page.evaluate("window.answer"), page.evaluate("window.news"), shown, after, heap


def another(folder: Path, number: int) -> Path:
    """A picture that the daemon has not seen: what it has made already is not made again."""
    with Image.open(small_picture(folder)) as picture:
        picture.putpixel((0, 0), (number, 0, 0))
        path = folder / f"figure-{number}.png"
        picture.save(path)
    return path


def main() -> None:
    """Measure and print."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        with web_server(Path(folder) / "home") as link:
            page, size, cold = opened(browser, link)
            rounds = [measure(page, another(Path(folder), number)) for number in range(ROUNDS)]
            answer, news, shown, after, heap = zip(*rounds, strict=True)
            count, size_of_frames, streamed, fetched, decoded = page.evaluate(ALL_FRAMES)
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
    print(
        f"| the page answers the click (median, longest) | {statistics.median(answer):.0f} ms, {max(answer):.0f} ms |"
    )
    print(f"| first news after the click (median, longest) | {statistics.median(news):.0f} ms, {max(news):.0f} ms |")
    print(f"| from the click to the news that 106 frames are made (median) | {statistics.median(shown) / 1000:.1f} s |")
    print(f"| of that, not the work of the daemon (median) | {statistics.median(after):.0f} ms |")
    print(
        f"| the {count} frames of a job that is done ({size_of_frames / MEGABYTE:.0f} MB), fetched | {fetched:.0f} ms |"
    )
    print(f"| the same bytes in one answer, which nobody reads | {streamed:.0f} ms |")
    print(f"| the frames decoded | {decoded:.0f} ms |")
    print(f"| the page's heap after each of {ROUNDS} jobs | {', '.join(f'{value:.0f}' for value in heap)} MB |")


if __name__ == "__main__":
    main()
