"""The page with large and hostile pictures, with other clients, and with models to be downloaded."""

from __future__ import annotations

import os
import re
import struct
import subprocess
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hubs import SLOW, SLOW_BYTES, Models
from playwright.sync_api import expect

from paints_undo_daemon.home import Endpoint
from paints_undo_engine import png

from .conftest import COMMAND, SECONDS, RunningServer, Visitor, start_web_server, stop, visit

pytestmark = pytest.mark.web


def test_a_picture_of_sixty_megapixels_is_sent_and_undone(visitor: Visitor, tmp_path: Path):
    across = np.linspace(0, 255, 10_000, dtype=np.uint8)
    pixels = np.broadcast_to(across[None, :, None], (6000, 10_000, 3)).copy()
    pixels[1500:4500, 2500:7500] = np.random.default_rng(1).integers(0, 255, (3000, 5000, 1), np.uint8)
    large = tmp_path / "large.png"
    large.write_bytes(png.encode(pixels))
    assert large.stat().st_size > 8 << 20
    page = visitor.page
    page.locator("#parameters details", has_text="Procedural").locator("summary").click()
    side = page.locator("#parameters label.parameter", has_text="Max side").locator("input")
    side.fill("256")
    side.dispatch_event("change")
    visitor.run(large, moments=1)
    page.locator("#moment", has_text="of 31").wait_for(timeout=SECONDS)


def bomb(width: int, height: int) -> bytes:
    """A small PNG file that says it has a great many pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(b"\0" * 1_000_000, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(60_000, 60_000), (2**31 - 1, 2**31 - 1), (4000, 4000)])
def test_a_hostile_picture_gets_a_sentence_and_harms_nothing(
    visitor: Visitor,
    painting: Path,
    tmp_path: Path,
    size: tuple[int, int],
):
    hostile = tmp_path / "bomb.png"
    hostile.write_bytes(bomb(*size))
    visitor.choose(hostile)
    visitor.page.click("#do-all")
    visitor.wait_for("did not work")
    assert "Traceback" not in visitor.page.locator("#doing").inner_text()
    visitor.run(painting, moments=1)


def test_clients_with_tokens_of_their_own_do_not_see_each_others_jobs(
    browser: Any,
    visitor: Visitor,
    new_web_server: RunningServer,
    painting: Path,
    tmp_path: Path,
):
    environment = os.environ | {"PAINTS_UNDO_HOME": str(new_web_server.home)}
    added = subprocess.run(
        [*COMMAND, "clients", "add", "studio"], env=environment, capture_output=True, text=True, check=True
    )
    token = tmp_path / "studio.token"
    token.write_text(added.stdout.strip(), encoding="utf-8")
    visitor.run(painting, moments=1)
    job = visitor.page.evaluate("location.hash")
    endpoint = Endpoint.read(new_web_server.home)
    assert endpoint is not None
    web_server = start_web_server(tmp_path / "elsewhere", "--address", endpoint.address, "--token-file", str(token))
    try:
        other = visit(browser, web_server.link)
        other.page.locator("main:not([hidden])").wait_for(timeout=SECONDS)
        other.page.locator("#history li", has_text="Nothing yet.").wait_for()
        other.page.goto(web_server.link.partition("#")[0] + job)
        other.page.reload()
        other.page.locator("#status", has_text="no such job").wait_for(timeout=SECONDS)
        assert other.page.locator("#result").is_hidden()
        other.run(painting, moments=1)
        expect(other.page.locator("#history li")).to_have_count(1)
        expect(visitor.page.locator("#history li")).to_have_count(1)
        other.page.context.close()
    finally:
        stop(web_server)


def test_models_are_downloaded_with_progress_and_go_on_after_a_cancel(browser: Any, tmp_path: Path):
    with Models() as hub:
        own = {"HF_HOME": str(tmp_path / "none"), "HF_HUB_OFFLINE": "0", "TRANSFORMERS_OFFLINE": "0"}
        web_server = start_web_server(tmp_path / "home", HF_ENDPOINT=hub.url, **own)
        try:
            page = visit(browser, web_server.link).page
            page.locator("#models summary").click(timeout=SECONDS)
            line = page.locator("#models li", has_text="wd14_tagger")
            line.locator("button", has_text="Download").click()
            line.locator("span", has_text=re.compile(r"\d of \d|MB of")).wait_for(timeout=SECONDS)
            expect(line.locator("progress")).to_be_visible()
            line.locator("button", has_text="Cancel").click()
            line.locator("span", has_text="Cancelled").wait_for(timeout=SECONDS)
            line.locator("button", has_text="Download").click()
            expect(line.locator("button")).to_be_disabled(timeout=SECONDS)
            page.context.close()
        finally:
            stop(web_server)
    assert (tmp_path / "home" / "models" / "wd14_tagger" / SLOW).stat().st_size == SLOW_BYTES
