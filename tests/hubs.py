"""A hub on this machine with all of the models (the small ones of the tests), one file of which stops half way."""

from __future__ import annotations

import contextlib
import threading
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from diffusion.hub import Hub

GOLDEN = Path(__file__).parent / "parity" / "golden"
SLOW = "wd-v1-4-moat-tagger-v2.onnx"
SLOW_BYTES = 8 * 2**20


class SlowHub(Hub):
    """Sends the first half of `SLOW` and then nothing, until the caller has gone away; later callers get all."""

    def __init__(self, repository: str, files: dict[str, bytes]) -> None:
        super().__init__(repository, files)
        self.stuck = threading.Event()

    def _serve(self, request: BaseHTTPRequestHandler, name: str) -> None:
        if name != SLOW or self.stuck.is_set():
            super()._serve(request, name)
            return
        self.stuck.set()
        data = self.files[name]
        self.served.append((name, 0))
        request.send_response(200)
        request.send_header("Content-Length", str(len(data)))
        request.end_headers()
        request.wfile.write(data[: len(data) // 2])
        request.wfile.flush()
        request.connection.settimeout(60.0)
        with contextlib.suppress(OSError):
            request.connection.recv(1)  # returns when the other side closes
        request.close_connection = True


class Models(Hub):
    """Every published repository at one address."""

    def __init__(self) -> None:
        super().__init__("", {})
        self.tagger = SlowHub("lllyasviel/misc", _files(GOLDEN / "tagger"))
        self.tagger.files[SLOW] = self.tagger.files[SLOW].ljust(SLOW_BYTES, b"\0")
        frames = [
            Hub(f"lllyasviel/paints_undo_{name}", _files(GOLDEN / "repos" / name))
            for name in ("single_frame", "multi_frame")
        ]
        self._hubs = [*frames, self.tagger]

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        for hub in self._hubs:
            if f"{hub.repository}/" in f"{request.path.partition('?')[0]}/":
                hub.answer(request)

    def __exit__(self, *arguments: Any) -> None:
        super().__exit__(*arguments)
        for hub in self._hubs:
            hub._server.server_close()


def _files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
