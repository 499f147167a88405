"""As much of a model hub as a download needs: what a revision holds, and its files, whole or from a place on."""

from __future__ import annotations

import hashlib
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from file_server import LocalServer

LARGE = (".safetensors", ".bin", ".onnx")


class Hub(LocalServer):
    """Serves one repository. `files` may be changed between requests; with them the revision changes.

    `cut` maps a file to the number of bytes after which its next transfer breaks off (once); `served` lists every
    transfer as (file, first byte), without looks at a file's beginning; `ranges` turns the ability to continue a file
    off; `lie` replaces a digest.
    """

    def __init__(self, repository: str, files: dict[str, bytes]) -> None:
        self.repository = repository
        self.files = files
        self.cut: dict[str, int] = {}
        self.served: list[tuple[str, int]] = []
        self.ranges = True
        self.lie: dict[str, str] = {}
        hub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                hub.answer(self)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    @property
    def revision(self) -> str:
        return hashlib.sha1(b"".join(name.encode() + data for name, data in sorted(self.files.items()))).hexdigest()

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        path = urlsplit(request.path).path
        if path.startswith(f"/api/models/{self.repository}"):
            asked = path.partition("/revision/")[2]
            if asked not in ("", "main", self.revision):
                self._send(request, 404, b"{}", {"X-Error-Code": "RevisionNotFound"})
            else:
                self._send(request, 200, json.dumps(self._listing()).encode(), {"Content-Type": "application/json"})
        elif path.startswith(f"/{self.repository}/resolve/{self.revision}/"):
            self._serve(request, path.partition(f"/resolve/{self.revision}/")[2])
        else:
            self._send(request, 404, b"", {})

    def _listing(self) -> dict[str, Any]:
        siblings = []
        for name, data in self.files.items():
            entry: dict[str, Any] = {"rfilename": name, "size": len(data)}
            entry["blobId"] = self.lie.get(name, hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest())
            if name.endswith(LARGE):
                sha256 = self.lie.get(name, hashlib.sha256(data).hexdigest())
                entry["lfs"] = {"sha256": sha256, "size": len(data), "pointerSize": 130}
            siblings.append(entry)
        return {"id": self.repository, "modelId": self.repository, "sha": self.revision, "siblings": siblings}

    def _serve(self, request: BaseHTTPRequestHandler, name: str) -> None:
        data, start = self.files[name], 0
        wanted = request.headers.get("Range", "")
        if wanted and not wanted.endswith("-"):  # of a file's beginning
            end = int(wanted.rpartition("-")[2]) + 1
            self._send(request, 206, data[:end], {"Content-Range": f"bytes 0-{end - 1}/{len(data)}"})
            return
        if wanted and self.ranges:
            start = int(wanted.removeprefix("bytes=").rstrip("-"))
        self.served.append((name, start))
        headers = {"Content-Range": f"bytes {start}-{len(data) - 1}/{len(data)}"} if start else {}
        if name in self.cut:
            end = max(start, self.cut.pop(name))
            request.send_response(206 if start else 200)
            request.send_header("Content-Length", str(len(data) - start))
            for key, value in headers.items():
                request.send_header(key, value)
            request.end_headers()
            request.wfile.write(data[start:end])
            request.wfile.flush()
            request.close_connection = True
        else:
            self._send(request, 206 if start else 200, data[start:], headers)

    @staticmethod
    def _send(request: BaseHTTPRequestHandler, status: int, body: bytes, headers: dict[str, str]) -> None:
        request.send_response(status)
        for key, value in {**headers, "Content-Length": str(len(body))}.items():
            request.send_header(key, value)
        request.end_headers()
        request.wfile.write(body)
