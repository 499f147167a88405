"""A web server in front of a daemon of its own, and a browser where one is asked for."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

SECONDS = 120_000
"""Of patience with the page, in milliseconds."""
ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "paints_undo_daemon"]
BROWSER = next((found for name in ("chromium", "google-chrome") if (found := shutil.which(name))), None)
BROWSER_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass
class Answer:
    """What an HTTP request was answered with."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class RunningServer:
    """A `paints-undo web` that runs."""

    home: Path
    link: str
    process: subprocess.Popen[str]
    session: str = ""
    _port: int = field(default=0)

    @property
    def port(self) -> int:
        match = re.match(r"http://127\.0\.0\.1:(\d+)/", self.link)
        assert match, self.link
        return int(match[1])

    @property
    def code(self) -> str:
        return self.link.partition("#code=")[2]

    def ask(self, method: str, path: str, body: bytes | str | None = None, **headers: str) -> Answer:
        """One HTTP request; header names are written with underscores."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, named)
            answer = connection.getresponse()
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def call(self, service: str, method: str, message: Any, **headers: str) -> Answer:
        """A unary call as JSON, with the session."""
        given = {"authorization": f"Bearer {self.session}", "content_type": "application/json"} | headers
        body = message if isinstance(message, bytes | str) else json.dumps(message)
        return self.ask("POST", f"/paints_undo.v1.{service}/{method}", body, **given)

    def sign_in(self) -> Answer:
        """Redeem the link's code."""
        answer = self.ask("POST", "/session", json.dumps({"code": self.code}), content_type="application/json")
        if answer.status == 200:
            self.session = answer.json["session"]
        return answer


def start_web_server(home: Path, *options: str, **environment: str) -> RunningServer:
    """Start a web server; its daemon starts with the first call. `options` name another than the own daemon."""
    process = subprocess.Popen(
        [*COMMAND, *options, "web", "--port", "0", "--no-open"],
        env=os.environ | {"PAINTS_UNDO_HOME": str(home)} | environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    link = process.stdout.readline().strip()
    assert link.startswith("http://"), link
    return RunningServer(home, link, process)


def stop(web_server: RunningServer) -> None:
    web_server.process.send_signal(signal.SIGINT)
    web_server.process.wait(30)
    subprocess.run(
        [*COMMAND, "stop"],
        env=os.environ | {"PAINTS_UNDO_HOME": str(web_server.home)},
        capture_output=True,
        check=False,
    )


@pytest.fixture(scope="module")
def web_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A web server that is signed in already."""
    running = start_web_server(tmp_path_factory.mktemp("home"))
    running.sign_in()
    yield running
    stop(running)


@pytest.fixture
def new_web_server(tmp_path: Path) -> Iterator[RunningServer]:
    """A web server whose link nobody has used."""
    running = start_web_server(tmp_path / "home")
    yield running
    stop(running)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=BROWSER, args=BROWSER_ARGUMENTS)
        yield running
        running.close()


@pytest.fixture(scope="module")
def painting(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small picture with shapes that an engine can take apart."""
    path = tmp_path_factory.mktemp("pictures") / "shapes.png"
    picture = Image.new("RGB", (240, 180), (235, 225, 205))
    for number, colour in enumerate([(180, 60, 50), (50, 90, 170), (60, 140, 80)]):
        picture.paste(colour, (20 + 70 * number, 30 + 20 * number, 70 + 70 * number, 120 + 15 * number))
    picture.save(path)
    return path


class Visitor:
    """Somebody in front of the page."""

    def __init__(self, page: Any, errors: list[str]) -> None:
        self.page = page
        self.errors = errors

    def choose(self, path: Path) -> None:
        self.page.set_input_files("#file", str(path))
        self.page.locator("#do-all:enabled").wait_for(timeout=SECONDS)

    def set_moments(self, count: int) -> None:
        """Leave only so many key frames, so that a job is short."""
        while self.page.locator("#strip li").count() > count:
            self.page.locator("#strip li button").last.click()

    def wait_for(self, words: str) -> None:
        self.page.locator("#doing", has_text=words).wait_for(timeout=SECONDS)

    def run(self, path: Path, button: str = "#do-all", moments: int = 2) -> None:
        self.choose(path)
        self.set_moments(moments)
        self.page.click(button)
        self.wait_for("Finished.")


def visit(browser: Any, link: str, **options: Any) -> Visitor:
    page = browser.new_context(locale="en-GB", viewport={"width": 1200, "height": 900}, **options).new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(link)
    return Visitor(page, errors)


@pytest.fixture
def visitor(browser: Any, new_web_server: RunningServer) -> Iterator[Visitor]:
    found = visit(browser, new_web_server.link)
    found.page.locator("main:not([hidden])").wait_for(timeout=SECONDS)
    yield found
    assert found.errors == []
    found.page.context.close()
