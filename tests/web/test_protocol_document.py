"""The programs of docs/protocol.md, run as they stand there, against a real web server."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from .conftest import ROOT, SECONDS, RunningServer

TEXT = (ROOT / "docs" / "protocol.md").read_text(encoding="utf-8")


def programs(heading: str, language: str) -> list[str]:
    """The programs in a language below a heading of the document."""
    section = TEXT.partition(f"### {heading}\n")[2].partition("\n##")[0]
    return re.findall(rf"```{language}\n(.*?)```", section, re.DOTALL)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a painting of more than one chunk."""
    picture = Image.effect_noise((900, 700), 90).convert("RGB")
    picture.paste((180, 60, 50), (200, 100, 600, 500))
    picture.save(tmp_path / "painting.png", compress_level=0)
    assert (tmp_path / "painting.png").stat().st_size > 2**20
    return tmp_path


def run(web_server: RunningServer, folder: Path, *command: str) -> None:
    environment = os.environ | {"BASE": f"http://127.0.0.1:{web_server.port}", "SESSION": web_server.session}
    answer = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    check(folder / "process.gif")


def check(path: Path) -> None:
    with Image.open(path) as process:
        assert (process.format, process.size, getattr(process, "n_frames", 1)) == ("GIF", (900, 700), 10)


def test_the_shell_makes_the_job(web_server: RunningServer, folder: Path):
    (program,) = programs("From a shell", "bash")
    run(web_server, folder, "bash", "-euo", "pipefail", "-c", program)


def test_python_makes_the_job(web_server: RunningServer, folder: Path):
    (program,) = programs("From Python", "python")
    run(web_server, folder, sys.executable, "-I", "-c", program)


@pytest.mark.skipif(shutil.which("node") is None, reason="needs Node")
def test_node_makes_the_job(web_server: RunningServer, folder: Path):
    client, node, _ = programs("From a browser, and from Node", "js")
    (folder / "undo.mjs").write_text(f"{client}\n{node}", encoding="utf-8")
    run(web_server, folder, "node", "undo.mjs")


@pytest.mark.web
def test_a_browser_makes_the_job(browser: Any, new_web_server: RunningServer, folder: Path):
    client, _, page_script = programs("From a browser, and from Node", "js")
    page = browser.new_context().new_page()
    page.goto(new_web_server.link)
    page.locator("main:not([hidden])").wait_for(timeout=SECONDS)
    page.set_input_files("#file", str(folder / "painting.png"))
    page.evaluate(f"async () => {{ {client}\n{page_script} }}")
    page.locator("#process").wait_for(timeout=SECONDS)
    width = page.locator("#process").evaluate("image => image.decode().then(() => image.naturalWidth)")
    assert width == 900
    page.context.close()
