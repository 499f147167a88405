"""The HTTP server: who may come in, what is passed on, and what happens to those who mean harm."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import http.client
import io
import json
import os
import signal
import socket
import struct
import time

import pytest
from PIL import Image

from paints_undo_daemon.home import Endpoint
from paints_undo_daemon.web import gateway, sessions

from .conftest import RunningServer

INFO = "/paints_undo.v1.ServerService/GetServerInfo"


def small_picture() -> bytes:
    with io.BytesIO() as buffer:
        Image.linear_gradient("L").resize((48, 32)).convert("RGB").save(buffer, "PNG")
        return buffer.getvalue()


def envelope(data: bytes, flags: int = 0) -> bytes:
    return struct.pack(">BI", flags, len(data)) + data


def envelopes(body: bytes) -> list[tuple[int, bytes]]:
    found = []
    while body:
        flags, length = struct.unpack(">BI", body[:5])
        found.append((flags, body[5 : 5 + length]))
        body = body[5 + length :]
    return found


def stream(
    web_server: RunningServer, service: str, method: str, messages: list[object]
) -> list[tuple[int, dict[str, object]]]:
    body = b"".join(envelope(json.dumps(message).encode()) for message in messages)
    answer = web_server.call(service, method, body, content_type="application/connect+json")
    assert answer.status == 200, answer.body
    return [(flags, json.loads(data)) for flags, data in envelopes(answer.body)]


def upload(web_server: RunningServer, data: bytes) -> str:
    import base64

    digest = hashlib.sha256(data).hexdigest()
    chunks = [{"chunk": base64.b64encode(data[at : at + (1 << 20)]).decode()} for at in range(0, len(data), 1 << 20)]
    header = {"header": {"hash": digest, "sizeBytes": str(len(data))}}
    answers = stream(web_server, "PictureService", "UploadPicture", [header, *chunks])
    assert answers[0][1]["picture"]["hash"] == digest, answers  # type: ignore[index]
    return digest


def test_every_method_of_the_protocol_has_a_route():
    assert "/paints_undo.v1.JobService/WatchJob" in gateway.routes()
    assert len(gateway.routes()) == sum(len(s.methods) for f in gateway.FILES for s in f.services_by_name.values())


def test_a_job_runs_from_upload_to_export(web_server: RunningServer):
    picture = upload(web_server, small_picture())
    job = web_server.call(
        "JobService",
        "CreateJob",
        {
            "requestId": "first",
            "paintingHash": picture,
            "parameters": {"keyframes": {"operationSteps": [300, 700]}, "interpolation": {"frames": 4}},
        },
    ).json
    updates = [
        message
        for flags, message in stream(web_server, "JobService", "WatchJob", [{"jobId": job["jobId"]}])
        if not flags
    ]
    events = [update["event"] for update in updates if "event" in update]
    assert [int(event["sequence"]) for event in events] == list(range(1, len(events) + 1))  # type: ignore[index]
    assert "finished" in events[-1]  # type: ignore[operator]
    exported = stream(
        web_server, "JobService", "ExportJob", [{"jobId": job["jobId"], "options": {"format": "EXPORT_FORMAT_GIF"}}]
    )
    assert any("chunk" in message for _, message in exported)
    assert exported[-1] == (2, {})


def test_a_status_keeps_its_code_its_words_and_its_field(web_server: RunningServer):
    answer = web_server.call("JobService", "GetJob", {"jobId": "nothing"})
    assert (answer.status, answer.json["code"]) == (404, "not_found")
    assert answer.json["message"] == "There is no such job."
    assert answer.json["details"][0]["type"] == "google.rpc.BadRequest"


def test_a_misspelt_field_is_an_error(web_server: RunningServer):
    assert web_server.call("JobService", "GetJob", {"jobld": "x"}).json["code"] == "invalid_argument"


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b"[" * 200_000, b'{"jobId": 7', b"null"])
def test_broken_messages_are_refused_with_a_sentence(web_server: RunningServer, body: bytes):
    answer = web_server.call("JobService", "GetJob", body)
    assert 400 <= answer.status < 500
    assert "Traceback" not in answer.body.decode()


def test_a_deadline_of_the_caller_is_kept(web_server: RunningServer):
    picture = upload(web_server, small_picture())
    job = web_server.call("JobService", "CreateJob", {"requestId": "deadline", "paintingHash": picture}).json
    body = envelope(json.dumps({"jobId": job["jobId"], "afterSequence": "0"}).encode())
    web_server.call("JobService", "CancelJob", {"jobId": job["jobId"]})
    answer = web_server.call(
        "JobService", "WatchJob", body, content_type="application/connect+json", connect_timeout_ms="1"
    )
    assert json.loads(envelopes(answer.body)[-1][1]).get("error", {}).get("code") == "deadline_exceeded"


def test_a_link_works_once(new_web_server: RunningServer):
    assert new_web_server.sign_in().status == 200
    assert new_web_server.call("ServerService", "GetServerInfo", {}).status == 200
    again = new_web_server.ask(
        "POST", "/session", json.dumps({"code": new_web_server.code}), content_type="application/json"
    )
    assert again.status == 403


def test_an_old_link_and_an_ended_session_do_not_work(monkeypatch: pytest.MonkeyPatch):
    book = sessions.Sessions()
    code = book.make_code()
    now = time.monotonic()
    monkeypatch.setattr("time.monotonic", lambda: now + sessions.CODE_SECONDS + 1)
    assert book.redeem(code) is None
    session = book.redeem(book.make_code())
    assert session is not None
    assert book.holds(session)
    book.end(session)
    assert not book.holds(session)


def test_without_a_session_nothing_is_answered(web_server: RunningServer):
    assert web_server.ask("POST", INFO, "{}", content_type="application/json").status == 401
    assert (
        web_server.ask("POST", INFO, "{}", content_type="application/json", authorization="Bearer wrong").status == 401
    )
    assert web_server.ask("GET", INFO, authorization=f"Bearer {web_server.session}").status == 405


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example"},
        {"host": "127.0.0.1"},
        {"origin": "http://evil.example"},
        {"origin": "http://127.0.0.1:1"},
        {"origin": "null"},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
    ],
)
def test_other_sites_and_other_names_are_refused(web_server: RunningServer, headers: dict[str, str]):
    for path in ("/", INFO, "/session"):
        answer = web_server.ask(
            "POST" if path != "/" else "GET", path, "{}", authorization=f"Bearer {web_server.session}", **headers
        )
        assert answer.status in (403, 421)
        assert "access-control-allow-origin" not in answer.headers


def test_no_answer_may_run_in_a_browser(web_server: RunningServer):
    page = b"<html><script>alert(1)</script></html>"
    digest = upload(web_server, page)
    answer = web_server.call(
        "PictureService",
        "DownloadPicture",
        envelope(json.dumps({"hash": digest}).encode()),
        content_type="application/connect+json",
    )
    for found in (answer, web_server.ask("GET", "/"), web_server.ask("GET", f"/{digest}")):
        assert found.headers["x-content-type-options"] == "nosniff"
        assert "script-src 'self'" in found.headers["content-security-policy"]
    assert answer.headers["content-type"] == "application/connect+json"
    assert web_server.ask("GET", f"/{digest}").status == 404


@pytest.mark.parametrize(
    "path", ["/../../etc/passwd", "/js/../../__init__.py", "/%2e%2e/application.py", "//etc/passwd"]
)
def test_only_the_pages_own_files_are_served(web_server: RunningServer, path: str):
    assert web_server.ask("GET", path).status == 404


def test_large_messages_and_bombs_are_refused(web_server: RunningServer):
    assert web_server.call("JobService", "GetJob", b" " * (5 << 20)).json["code"] == "resource_exhausted"
    bomb = gzip.compress(b"x" * (50 << 20))
    assert web_server.call("JobService", "GetJob", bomb, content_encoding="gzip").status >= 400
    huge = struct.pack(">BI", 0, 0xFFFFFFF0)
    answer = web_server.call("JobService", "WatchJob", huge, content_type="application/connect+json")
    assert "error" in json.loads(envelopes(answer.body)[-1][1])
    assert web_server.ask("POST", "/session", b"x" * 5000, content_type="application/json").status == 413


def test_bytes_in_a_header_are_refused(web_server: RunningServer):
    with socket.create_connection(("127.0.0.1", web_server.port)) as connection:
        connection.sendall(
            f"POST {INFO} HTTP/1.1\r\nhost: 127.0.0.1:{web_server.port}\r\nx: ".encode() + b"\xff\r\n\r\n"
        )
        assert connection.recv(100).startswith(b"HTTP/1.1 400")


def test_silent_connections_are_closed_and_hold_nobody_up(web_server: RunningServer):
    silent = [socket.create_connection(("127.0.0.1", web_server.port)) for _ in range(100)]
    slow = socket.create_connection(("127.0.0.1", web_server.port))
    try:
        slow.sendall(b"POST / HTTP/1.1\r\nhost:")
        assert web_server.call("ServerService", "GetServerInfo", {}).status == 200
        for connection in (*silent, slow):
            connection.settimeout(60)
            assert connection.recv(1) == b""
    finally:
        for connection in (*silent, slow):
            connection.close()


@pytest.mark.parametrize("first", ["GET / HTTP/1.1", "POST / HTTP/1.1\r\ncontent-length: 999"])
def test_connections_that_had_an_answer_are_not_kept_by_drops(web_server: RunningServer, first: str):
    """Of a second head, or of a body that nobody reads."""
    with socket.create_connection(("127.0.0.1", web_server.port)) as slow:
        slow.sendall(f"{first}\r\nhost: 127.0.0.1:{web_server.port}\r\n\r\n".encode())
        slow.settimeout(1)
        deadline = time.monotonic() + 120
        with contextlib.suppress(ConnectionError):
            while time.monotonic() < deadline:
                slow.sendall(b"x")
                with contextlib.suppress(TimeoutError):
                    if not slow.recv(65536):
                        return
            raise AssertionError("it is held for as long as it likes")


def test_a_killed_daemon_ends_every_stream_with_a_status_and_comes_back(web_server: RunningServer):
    with io.BytesIO() as buffer:
        Image.effect_noise((1200, 900), 60).convert("RGB").save(buffer, "PNG")
        digest = upload(web_server, buffer.getvalue())
    wanted = {"requestId": "killed", "paintingHash": digest, "parameters": {"engine": "procedural"}}
    message = envelope(json.dumps({"jobId": web_server.call("JobService", "CreateJob", wanted).json["jobId"]}).encode())
    answers = []
    for _ in range(3):
        connection = http.client.HTTPConnection("127.0.0.1", web_server.port, timeout=60)
        headers = {"authorization": f"Bearer {web_server.session}", "content-type": "application/connect+json"}
        connection.request("POST", "/paints_undo.v1.JobService/WatchJob", message, headers)
        answers.append(connection.getresponse())
    heads = [answer.read(5) for answer in answers]
    endpoint = Endpoint.read(web_server.home)
    assert endpoint is not None
    os.kill(endpoint.pid, signal.SIGKILL)
    for head, answer in zip(heads, answers, strict=True):
        flags, last = envelopes(head + answer.read())[-1]
        assert flags & 2
        assert json.loads(last)["error"]["code"] == "unavailable"
    assert web_server.call("ServerService", "GetServerInfo", {}).status == 200
