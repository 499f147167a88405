"""The page that holds a whole process, in a real browser and without."""

from __future__ import annotations

import base64
import io
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from export.sources import PROVENANCE, process
from PIL import Image

from paints_undo_engine.export import Language, Pace, export, options_for

BROWSER = next((found for name in ("chromium", "google-chrome") if (found := shutil.which(name))), None)


def made(path: Path, source, **options) -> str:
    for _ in export(source, path, options_for(path, **options)):
        pass
    return path.read_text(encoding="utf-8")


def pictures(page: str) -> list[np.ndarray]:
    found = re.findall(r'src="data:image/webp;base64,([^"]+)"', page)
    return [np.asarray(Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB"), int) for data in found]


def test_every_state_is_in_the_page_once(tmp_path):
    source = process(12, width=120, height=90)
    shown = pictures(made(tmp_path / "a.html", source, ping_pong=True))
    assert len(shown) == 12
    for number, picture in enumerate(shown):
        assert np.abs(picture - source.frames[number].read().pixels).mean() < 6


def test_the_pictures_are_of_a_size_for_the_web(tmp_path):
    assert pictures(made(tmp_path / "a.html", process(3, 1500, 1200)))[0].shape == (864, 1080, 3)
    assert pictures(made(tmp_path / "a.html", process(3, 1500, 1200), max_side=1200))[0].shape == (960, 1200, 3)
    assert pictures(made(tmp_path / "a.html", process(3, 200, 160)))[0].shape == (160, 200, 3)


@pytest.mark.parametrize("language", list(Language))
def test_it_says_what_it_is(tmp_path, language):
    page = made(tmp_path / "a.html", process(3), language=language)
    assert f'<html lang="{language}">' in page
    assert PROVENANCE.sentence in page
    bare = made(tmp_path / "b.html", process(3), language=language, omit_end_card=True, omit_metadata=True)
    assert PROVENANCE.sentence not in bare
    assert len(re.findall("<p>[^<]+</p>", page)) == 1
    assert "<p>" not in bare


def test_a_label_cannot_become_markup(tmp_path):
    source = process(3)
    still = source.frames[1]
    hostile = type(still)(still.operation_step, still.read, '"><script>alert(1)</script>')
    changed = type(source)(source.painting, source.provenance, [source.frames[0], hostile, source.frames[2]])
    assert "<script>alert" not in made(tmp_path / "a.html", changed)


@pytest.mark.web
@pytest.mark.skipif(BROWSER is None, reason="needs Chromium")
def test_a_browser_shows_and_plays_it_without_any_request(tmp_path):
    api = pytest.importorskip("playwright.sync_api")
    options = {"duration_seconds": 1, "hold_last_seconds": 0, "pace": Pace.EASED}
    made(tmp_path / "a.html", process(10, 200, 160), **options)
    with api.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        page = browser.new_page()
        told: list[str] = []
        page.on("console", lambda message: told.append(message.text))
        page.on("pageerror", lambda error: told.append(str(error)))
        page.on("request", lambda request: told.append(request.url) if request.url.startswith("http") else None)
        page.goto((tmp_path / "a.html").as_uri())
        shown = page.locator("#pictures img:visible")
        assert shown.count() == 1
        moment = page.get_by_role("slider")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("ArrowLeft")
        api.expect(moment).to_have_value("7")
        moment.press("Home")
        assert (shown.count(), moment.input_value()) == (1, "0")
        assert page.locator("#label").inner_text() == shown.get_attribute("alt")
        moment.press("ArrowRight")
        assert moment.input_value() == "1"
        page.get_by_role("button").click()
        api.expect(moment).to_have_value("9", timeout=20_000)
        api.expect(page.get_by_role("button")).to_have_text("▶")
        browser.close()
        scriptless = started.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        page = scriptless.new_context(java_script_enabled=False).new_page()
        page.goto((tmp_path / "a.html").as_uri())
        assert page.locator("#pictures img:visible").count() == 1
        assert not page.locator("#controls").is_visible()
        scriptless.close()
    assert told == []
