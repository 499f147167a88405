"""The page in a real browser against a real daemon: the three steps, and what may go wrong on the way."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import zipfile
from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image
from playwright.sync_api import expect
from pypdf import PdfReader

from paints_undo_daemon.home import Endpoint

from .conftest import ROOT, SECONDS, RunningServer, Visitor, visit

pytestmark = pytest.mark.web
AXE = ROOT / "tests" / "node" / "node_modules" / "axe-core" / "axe.min.js"


def test_one_button_does_all_three_and_the_result_plays(visitor: Visitor, painting: Path):
    visitor.run(painting)
    page = visitor.page
    expect(page.locator("#strip img")).to_have_count(2, timeout=SECONDS)
    page.locator("#moment", has_text="of 46").wait_for()
    page.locator("#play", has_text="Play").wait_for(timeout=SECONDS)
    assert page.locator("#scrubber").input_value() == "45"
    page.locator("#moment", has_text="100 % painted").wait_for()


def test_the_three_steps_one_after_the_other_share_their_work(visitor: Visitor, painting: Path):
    page = visitor.page
    visitor.choose(painting)
    visitor.set_moments(2)
    page.click("#make-keyframes")
    visitor.wait_for("Finished.")
    expect(page.locator("#strip img")).to_have_count(2, timeout=SECONDS)
    page.locator("#strip li button", has_text="Another one").first.click()
    expect(page.locator("#strip img")).to_have_count(1, timeout=SECONDS)
    page.click("#make-keyframes")
    page.locator("#strip li:first-child img").wait_for(timeout=SECONDS)
    visitor.wait_for("Finished.")
    page.click("#make-video")
    page.locator("#moment", has_text="of 46").wait_for(timeout=SECONDS)
    visitor.wait_for("Finished.")


def test_everything_can_be_done_with_the_keyboard(visitor: Visitor, painting: Path):
    page = visitor.page
    visitor.choose(painting)
    visitor.set_moments(1)
    page.focus("#do-all")
    page.keyboard.press("Enter")
    visitor.wait_for("Finished.")
    page.focus("#canvas")
    page.keyboard.press("End")
    page.locator("#moment", has_text="Frame 31 of 31").wait_for()
    page.keyboard.press("Space")
    page.locator("#play", has_text="Pause").wait_for()
    page.keyboard.press("Space")
    page.keyboard.press("Home")
    page.locator("#moment", has_text="Frame 1 of 31").wait_for()
    page.keyboard.press("ArrowRight")
    page.locator("#moment", has_text="Frame 2 of 31").wait_for()


def test_cancel_ends_a_job_and_reload_in_the_middle_loses_nothing(visitor: Visitor, painting: Path):
    page = visitor.page
    visitor.choose(painting)
    page.click("#do-all")
    page.locator("#cancel:visible").click()
    page.locator("#doing", has_text=re.compile("Cancelled|Finished")).wait_for(timeout=SECONDS)
    page.click("#do-all")
    page.locator("#moment", has_text="Frame").wait_for(timeout=SECONDS)
    page.reload()
    visitor.wait_for("Finished.")
    page.locator("#moment", has_text="of 106").wait_for(timeout=SECONDS)


def test_a_killed_daemon_comes_back_and_the_job_ends(visitor: Visitor, new_web_server: RunningServer, painting: Path):
    page = visitor.page
    visitor.choose(painting)
    page.click("#do-all")
    page.locator("#moment", has_text="Frame").wait_for(timeout=SECONDS)
    endpoint = Endpoint.read(new_web_server.home)
    assert endpoint is not None
    os.kill(endpoint.pid, signal.SIGKILL)
    visitor.wait_for("Finished.")
    page.locator("#moment", has_text="of 106").wait_for(timeout=SECONDS)


def test_two_browsers_work_side_by_side_and_share_the_accounts_jobs(
    browser: Any, visitor: Visitor, new_web_server: RunningServer, painting: Path
):
    session = visitor.page.context.storage_state()["origins"][0]["localStorage"][0]["value"]
    other = visit(browser, new_web_server.link.partition("#")[0])
    other.page.locator("#status", has_text="not signed in").wait_for()
    other.page.context.add_init_script(f"localStorage.setItem('paints-undo-session', {json.dumps(session)})")
    other.page.reload()
    other.page.locator("main:not([hidden])").wait_for(timeout=SECONDS)
    visitor.choose(painting)
    other.run(painting, moments=1)
    visitor.run(painting, moments=1)
    visitor.page.locator("#history li button", has_text="Open").nth(1).wait_for()
    other.page.context.close()


def test_variants_stand_side_by_side_and_are_compared(visitor: Visitor, painting: Path):
    page = visitor.page
    visitor.run(painting, moments=1)
    page.click("#make-variants")
    page.locator("#ways li").nth(3).wait_for(timeout=SECONDS)
    variants = [f"Variant {number}" for number in (1, 2, 3, 4)]
    expect(page.locator("#ways li span")).to_have_text(variants, timeout=SECONDS)
    page.locator("#ways li img[src]").nth(3).wait_for(timeout=SECONDS)
    page.click("#course summary")
    page.locator("#course polyline").nth(3).wait_for(timeout=SECONDS)
    assert page.locator("#course thead th").count() == 5
    page.check("#beside")
    page.select_option("#format", "EXPORT_FORMAT_GIF")
    with page.expect_download(timeout=SECONDS) as download:
        page.click("#export button")
    with Image.open(download.value.path()) as grid:
        assert grid.width > 2 * 240
    page.locator("#ways button", has_text="Variant 3").click()
    page.locator("#ways button[aria-current]", has_text="Variant 3").wait_for(timeout=SECONDS)
    visitor.wait_for("Finished.")


def test_a_process_goes_on_another_way_from_a_moment(visitor: Visitor, painting: Path):
    page = visitor.page
    visitor.run(painting, moments=2)
    for step in (20, 25):
        page.locator("#moment", has_text="of 46").wait_for(timeout=SECONDS)
        page.locator("#scrubber").fill(str(step))
        page.click("#redo")
        page.locator("#candidates button img").nth(3).wait_for(timeout=SECONDS)
        page.locator("#candidates li button").nth(1).click()
        page.locator("#ways button[aria-current]", has_text="Dusk").wait_for(timeout=SECONDS)
        visitor.wait_for("Finished.")
    page.locator("#ways ul ul ul button").wait_for(timeout=SECONDS)
    assert page.locator("#candidates").is_hidden()
    expect(page.locator("#history li")).to_have_count(3, timeout=SECONDS)


def test_a_mask_bounds_the_other_way_and_one_of_another_size_gets_its_sentence(
    visitor: Visitor, painting: Path, tmp_path: Path
):
    page = visitor.page
    visitor.run(painting, moments=1)
    page.locator("#scrubber").fill("12")
    page.click("#redo")
    page.locator("#candidates button", has_text="Night").wait_for(timeout=SECONDS)
    for size in ((50, 40), (240, 180)):
        mask = tmp_path / "mask.png"
        Image.new("L", size, 255).save(mask)
        page.set_input_files("#mask", str(mask))
        if size == (50, 40):
            page.locator("#candidates .error", has_text="50 x 40 pixels").first.wait_for(timeout=SECONDS)
    page.locator("#candidates button", has_text="Night").click()
    page.locator("#ways button[aria-current]", has_text="Night").wait_for(timeout=SECONDS)
    visitor.wait_for("Finished.")


def test_repeat_with_changes_brings_the_settings_back(visitor: Visitor, painting: Path):
    page = visitor.page
    page.locator("#parameters details", has_text="Procedural").locator("summary").click()
    page.locator("label.parameter", has_text="Method").locator("select").select_option("METHOD_PAINTER")
    visitor.run(painting, moments=1)
    page.reload()
    visitor.wait_for("Finished.")
    assert page.locator("label.parameter", has_text="Method").locator("select").input_value() == "METHOD_PAINTER"


def opened(name: str, data: bytes) -> bool:
    """Whether an independent reader finds several pictures, or one that is large enough."""
    if name.endswith((".mp4", ".webm")):
        with av.open(io.BytesIO(data), "r") as video:
            return len(list(video.decode(video=0))) > 10
    if name.endswith(".sprites.zip"):
        with zipfile.ZipFile(io.BytesIO(data)) as sheet:
            listed = next(each for each in sheet.namelist() if each.endswith(".json"))
            return len(json.loads(sheet.read(listed))["frames"]) > 10
    if name.endswith(".zip"):
        return len(zipfile.ZipFile(io.BytesIO(data)).namelist()) > 30
    if name.endswith(".ora"):
        return zipfile.ZipFile(io.BytesIO(data)).read("mimetype") == b"image/openraster"
    if name.endswith(".psd"):
        return data.startswith(b"8BPS")
    if name.endswith(".pdf"):
        return len(PdfReader(io.BytesIO(data), strict=True).pages) == 1
    if name.endswith(".html"):
        return data.startswith(b"<!DOCTYPE html>") and data.count(b'src="data:image/webp;base64,') > 10
    with Image.open(io.BytesIO(data)) as picture:
        return getattr(picture, "n_frames", 1) > 10 or picture.width > 300


def test_every_export_can_be_saved_and_opened(visitor: Visitor, painting: Path):
    visitor.run(painting, moments=1)
    formats = visitor.page.locator("#format option")
    for value in [formats.nth(number).get_attribute("value") for number in range(formats.count())]:
        visitor.page.select_option("#format", value)
        visitor.page.locator("#export-told", has_text="pixels").wait_for(timeout=SECONDS)
        with visitor.page.expect_download(timeout=SECONDS) as download:
            visitor.page.click("#export button")
        assert opened(download.value.suggested_filename, Path(download.value.path()).read_bytes()), value


def test_a_pace_is_drawn_by_pointer_and_keyboard(visitor: Visitor, painting: Path):
    page = visitor.page
    visitor.run(painting, moments=1)
    page.click("#export-options summary")
    page.select_option("#format", "EXPORT_FORMAT_GIF")
    curve, middle = page.locator(".pace input"), page.locator(".graph .dot").nth(1)
    middle.scroll_into_view_if_needed()
    box = middle.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 40, y + 10)
    page.mouse.up()
    (time, work) = (float(share) for share in curve.input_value().split(",")[1].split(":"))
    assert time > 0.52
    assert work < 0.48
    page.keyboard.press("ArrowUp")
    assert curve.input_value() == f"0:0,{time:g}:{work + 0.02:.3g},1:1"
    page.keyboard.press("Insert")
    assert len(curve.input_value().split(",")) == 4
    page.keyboard.press("Delete")
    assert len(curve.input_value().split(",")) == 3
    with page.expect_download(timeout=SECONDS) as download:
        page.click("#export button")
    with Image.open(download.value.path()) as picture:
        assert getattr(picture, "n_frames", 1) > 10


def test_what_a_film_leaves_out_is_chosen_from_the_painting_s_own_layers(visitor: Visitor, painting: Path):
    page = visitor.page
    visitor.run(painting, moments=1)
    page.click("#export-options summary")
    listed = page.locator("#export-options label.parameter", has_text="Omit layers")
    listed.locator("input").focus()
    listed.locator("button").first.wait_for(timeout=SECONDS)
    name = listed.locator("button").first.inner_text()
    listed.locator("button").first.click()
    assert listed.locator("input").input_value() == name
    assert listed.locator("button").first.get_attribute("aria-pressed") == "true"
    page.select_option("#format", "EXPORT_FORMAT_GIF")
    with page.expect_download(timeout=SECONDS) as download:
        page.click("#export button")
    with Image.open(download.value.path()) as without:
        without.seek(getattr(without, "n_frames", 1) - 1)
        last = without.convert("RGB").tobytes()
    listed.locator("button").first.click()
    assert listed.locator("input").input_value() == ""
    with page.expect_download(timeout=SECONDS) as download:
        page.click("#export button")
    with Image.open(download.value.path()) as whole:
        whole.seek(getattr(whole, "n_frames", 1) - 1)
        assert whole.convert("RGB").tobytes() != last


def test_a_saved_file_is_checked_with_its_signature_and_a_changed_one_is_told(
    visitor: Visitor, painting: Path, tmp_path: Path
):
    page = visitor.page
    visitor.run(painting, moments=1)
    page.select_option("#format", "EXPORT_FORMAT_WEBM")
    with page.expect_download(timeout=SECONDS) as download:
        page.click("#export button")
    saved = [tmp_path / "process.webm"]
    download.value.save_as(saved[0])
    signature = page.locator("#export-said a")
    if signature.count():
        with page.expect_download() as download:
            signature.click()
        saved.append(tmp_path / "process.webm.c2pa")
        download.value.save_as(saved[1])
    page.click("#check summary")
    page.set_input_files("#check input", [str(path) for path in saved])
    page.locator("#checked", has_text="as it was written").wait_for(timeout=SECONDS)
    saved[0].write_bytes(saved[0].read_bytes()[:-1] + b"!")
    page.set_input_files("#check input", [str(path) for path in saved])
    page.locator("#checked", has_text="changed since").wait_for(timeout=SECONDS)
    page.set_input_files("#check input", str(painting))
    page.locator("#checked", has_text="no marks").wait_for(timeout=SECONDS)


def test_a_preset_sets_the_options_of_an_export(visitor: Visitor, painting: Path):
    page = visitor.page
    visitor.run(painting, moments=1)
    page.select_option("#preset", "chat")
    assert page.locator("#format").input_value() == "EXPORT_FORMAT_GIF"
    page.select_option("#preset", "phone")
    assert page.locator("#format").input_value() == "EXPORT_FORMAT_MP4"
    page.locator("#export-options summary").click()
    side = page.locator("#export-options label.parameter", has_text="Max side").locator("input")
    assert side.input_value() == "1920"
    page.select_option("#preset", "chat")
    with page.expect_download(timeout=SECONDS) as download:
        page.click("#export button")
    with Image.open(download.value.path()) as film:
        assert film.format == "GIF"
        assert max(film.size) == 480


def test_an_export_that_is_too_large_is_told_before_it_is_asked_for(visitor: Visitor, painting: Path):
    page = visitor.page
    visitor.run(painting, moments=1)
    page.locator("#export-options summary").click()
    side = page.locator("#export-options label.parameter", has_text="Max side").locator("input")
    side.fill("16384")
    side.blur()
    page.locator("#export-told", has_text="would fit").wait_for(timeout=SECONDS)
    expect(page.locator("#export button")).to_be_disabled()
    side.fill("640")
    side.blur()
    expect(page.locator("#export button")).to_be_enabled(timeout=SECONDS)


def test_a_file_that_is_no_picture_gets_a_sentence(visitor: Visitor, tmp_path: Path, painting: Path):
    hostile = tmp_path / "picture.png"
    hostile.write_bytes(b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>")
    visitor.run(painting, moments=1)
    visitor.page.locator("#tags").fill("of the picture before")
    visitor.choose(hostile)
    assert visitor.page.locator("#tags").input_value() == ""
    assert visitor.page.locator("#strip img").count() == 0
    visitor.page.locator("#drop-words", has_text="cannot show").wait_for()
    visitor.page.click("#do-all")
    visitor.wait_for("did not work")
    visitor.page.locator("#history .error", has_text="did not work").wait_for(timeout=SECONDS)
    expect(visitor.page.locator("#export")).to_be_hidden(timeout=SECONDS)
    expect(visitor.page.locator("#screen")).to_be_hidden()
    visitor.run(painting, moments=1)
    assert visitor.page.locator("#export").is_visible()


def test_a_wrong_session_is_told_what_to_do(browser: Any, new_web_server: RunningServer):
    context = browser.new_context(locale="en-GB")
    context.add_init_script("localStorage.setItem('paints-undo-session', 'wrong')")
    page = context.new_page()
    page.goto(new_web_server.link.partition("#")[0])
    page.locator("#status", has_text="paints-undo web").wait_for()
    context.close()


def test_a_double_click_makes_one_result_which_is_repeated_and_deleted(visitor: Visitor, painting: Path):
    page = visitor.page
    visitor.choose(painting)
    visitor.set_moments(1)
    page.dblclick("#do-all")
    visitor.wait_for("Finished.")
    expect(page.locator("#history li button", has_text="Open")).to_have_count(1, timeout=SECONDS)
    page.locator("#history button", has_text="Repeat").first.click()
    page.locator("#do-all:focus").wait_for(timeout=SECONDS)
    page.locator("#history button", has_text="Delete").first.click()
    page.locator("#history li", has_text="Nothing yet.").wait_for()
    assert page.locator("#result").is_hidden()


def test_nothing_serious_stands_in_the_way_of_a_screen_reader(
    browser: Any, new_web_server: RunningServer, painting: Path
):
    found = visit(browser, new_web_server.link, bypass_csp=True)
    page = found.page
    page.locator("main:not([hidden])").wait_for(timeout=SECONDS)
    found.run(painting, moments=1)
    page.click("#make-variants")
    expect(page.locator("#ways img[src]")).to_have_count(4, timeout=SECONDS)
    for language in ("de", "ja", "en"):
        with page.expect_navigation():
            page.select_option("#language", language)
        page.locator("#result:not([hidden])").wait_for(timeout=SECONDS)
        page.click("#course summary")
        page.locator("#course table").wait_for(timeout=SECONDS)
        page.add_script_tag(path=str(AXE))
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            assert (language, scheme, grave(page)) == (language, scheme, [])
    page.context.close()


def grave(page: Any) -> list[Any]:
    """What axe finds that is serious or critical."""
    report = page.evaluate("axe.run()")
    found = [item for item in report["violations"] if item["impact"] in ("serious", "critical")]
    return [(item["id"], [node["html"] for node in item["nodes"]][:3]) for item in found]
