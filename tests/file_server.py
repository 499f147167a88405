"""A server on this machine that sends one file, in good and in bad ways, and a proxy before it."""

from __future__ import annotations

import contextlib
import datetime
import ipaddress
import select
import socket
import ssl
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self, TypeAlias

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

Answer: TypeAlias = Callable[[BaseHTTPRequestHandler, bytes], None]


class LocalServer:
    """A server on this machine, while it is entered."""

    _server: ThreadingHTTPServer

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class FileServer(LocalServer):
    """Answers every request by the first of `answers`, which is then taken off it, or by `well`.

    `asked` lists the paths that were asked for. With a certificate and its key it speaks TLS.
    """

    def __init__(self, data: bytes, *answers: Answer, certificate: Path | None = None) -> None:
        self.data, self.answers = data, [*answers]
        self.asked: list[str] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.asked.append(self.path)
                with contextlib.suppress(OSError):
                    (server.answers.pop(0) if server.answers else well)(self, server.data)

            def do_CONNECT(self) -> None:
                server.asked.append(self.path)
                tunnel(self)

            def log_message(self, *_: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: Any) -> None:
                """A greeting that the other side broke off."""

        self._server = Server(("127.0.0.1", 0), Handler)
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.address = f"{'https' if certificate else 'http'}://127.0.0.1:{self._server.server_port}"
        self.url = f"{self.address}/mirror"


def well(request: BaseHTTPRequestHandler, data: bytes) -> None:
    """All of it."""
    _begin(request, len(data))
    request.wfile.write(data)


def cut(request: BaseHTTPRequestHandler, data: bytes) -> None:
    """Half of what was announced."""
    _begin(request, len(data))
    request.wfile.write(data[: len(data) // 2])


def endless(request: BaseHTTPRequestHandler, data: bytes) -> None:
    """More and more, of which no size is announced."""
    _begin(request, None)
    while True:
        request.wfile.write(data)


def dripping(request: BaseHTTPRequestHandler, data: bytes) -> None:
    """One byte at a time, for ever."""
    _begin(request, len(data))
    _drip(request)


def dripping_head(request: BaseHTTPRequestHandler, data: bytes) -> None:
    """A head that has no end."""
    request.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
    _drip(request)


def silent(request: BaseHTTPRequestHandler, data: bytes) -> None:
    """Nothing, until the other side has gone."""
    request.connection.settimeout(60.0)
    request.connection.recv(1)


def failing(status: int) -> Answer:
    """That status."""
    return lambda request, _: request.send_error(status)


def sending(other: bytes) -> Answer:
    """Something else."""
    return lambda request, _: well(request, other)


def leading_to(url: str) -> Answer:
    """A redirection."""

    def answer(request: BaseHTTPRequestHandler, _: bytes) -> None:
        request.send_response(302)
        request.send_header("Location", url)
        request.end_headers()

    return answer


def tunnel(request: BaseHTTPRequestHandler) -> None:
    """What a proxy does for TLS."""
    host, _, port = request.path.partition(":")
    with socket.create_connection((host, int(port))) as beyond, contextlib.suppress(OSError):
        request.send_response(200)
        request.end_headers()
        ends = {beyond: request.connection, request.connection: beyond}
        while True:
            for end in select.select(ends, [], [])[0]:
                if not (piece := end.recv(65536)):
                    return
                ends[end].sendall(piece)


def make_certificate(path: Path) -> Path:
    """A certificate for 127.0.0.1, and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(address, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    return path


def _begin(request: BaseHTTPRequestHandler, length: int | None) -> None:
    request.send_response(200)
    if length is not None:
        request.send_header("Content-Length", str(length))
    request.end_headers()


def _drip(request: BaseHTTPRequestHandler) -> None:
    pause = threading.Event()
    while not pause.wait(0.02):
        request.wfile.write(b"x")
        request.wfile.flush()
