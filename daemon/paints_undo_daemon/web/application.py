"""What every HTTP request passes before it reaches the page's files or the service.

It is answered on the loopback only, under the server's own name and port (a page elsewhere that rebinds its name to
127.0.0.1 is refused), to its own page and to programs, and to nobody without a session. Nothing that a client has
stored is ever served as something that a browser would run: the service's answers are messages, and the page's files
are fixed.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass
from typing import Any

from paints_undo_daemon.web.page_files import PageFile
from paints_undo_daemon.web.peers import is_foreign
from paints_undo_daemon.web.sessions import Sessions

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

MAX_LOGIN = 1024
IDLE_SECONDS = 30.0

_OWN_FETCHES = frozenset({"same-origin", "none"})
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob:",
        "media-src blob:",
        "connect-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
    )
)
_SAFE_HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"content-security-policy", _POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=(), payment=()"),
    (b"cache-control", b"no-store"),
)


class RefusedError(Exception):
    """A request that is refused: HTTP status and one sentence."""

    def __init__(self, status: int, code: str, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.code = code


@dataclass(frozen=True, slots=True)
class RequestHead:
    """What is looked at in a request."""

    method: str
    path: str
    headers: MutableMapping[str, str]

    @property
    def session(self) -> str:
        """The session that the request carries, or an empty text."""
        scheme, _, value = self.headers.get("authorization", "").partition(" ")
        return value.strip() if scheme.lower() == "bearer" else ""


class Application:
    """The ASGI application: the page's files, the login, and behind a session the service."""

    def __init__(
        self, service: App, routes: Iterable[str], files: MutableMapping[str, PageFile], sessions: Sessions, port: int
    ) -> None:
        self._service = service
        self._routes = frozenset(routes)
        self._files = files
        self._sessions = sessions
        self._port = port
        self._hosts = frozenset({f"127.0.0.1:{port}", f"localhost:{port}"})
        self._origins = frozenset(f"http://{host}" for host in self._hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._service(scope, receive, send)
            return
        try:
            await self._answer(scope, receive, send)
        except RefusedError as error:
            body = json.dumps({"code": error.code, "message": str(error)}).encode()
            await _send(send, error.status, b"application/json", body)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        head = _read_head(scope)
        self._check_sender(head)
        if head.path in self._routes:
            self._check_call(head)
            await self._service(scope, _bounded(receive), _with_headers(send))
        elif head.path == "/session":
            await self._login(scope, head, receive, send)
        else:
            await self._serve_file(head, send)

    def _check_sender(self, head: RequestHead) -> None:
        if head.headers.get("host", "") not in self._hosts:
            raise RefusedError(421, "permission_denied", "This server answers to 127.0.0.1 and localhost only.")
        origin = head.headers.get("origin")
        if origin is not None and origin not in self._origins:
            raise RefusedError(403, "permission_denied", "Another site's page may not speak to this server.")
        if head.headers.get("sec-fetch-site", "none") not in _OWN_FETCHES:
            raise RefusedError(403, "permission_denied", "Another site's page may not speak to this server.")

    def _check_call(self, head: RequestHead) -> None:
        if head.method != "POST":
            raise RefusedError(405, "unimplemented", "The service takes POST alone.")
        if not self._sessions.holds(head.session):
            raise RefusedError(
                401, "unauthenticated", "The session has ended: run 'paints-undo web' again, and open its link."
            )

    async def _login(self, scope: Scope, head: RequestHead, receive: Receive, send: Send) -> None:
        if head.method == "DELETE":
            self._sessions.end(head.session)
            await _send(send, 204, b"application/json", b"")
            return
        if head.method != "POST":
            raise RefusedError(405, "unimplemented", "A session is opened by POST and closed by DELETE.")
        if not head.headers.get("content-type", "").startswith("application/json"):
            raise RefusedError(415, "invalid_argument", "Send the code as application/json.")
        if scope.get("client") and is_foreign(tuple(scope["client"]), ("127.0.0.1", self._port)):
            raise RefusedError(403, "permission_denied", "This link is for the account that has asked for it.")
        code = _read_code(await _read_body(_bounded(receive)))
        session = self._sessions.redeem(code)
        if session is None:
            raise RefusedError(
                403,
                "permission_denied",
                "This link was used, or is older than five minutes: run 'paints-undo web' again.",
            )
        await _send(send, 200, b"application/json", json.dumps({"session": session}).encode())

    async def _serve_file(self, head: RequestHead, send: Send) -> None:
        if head.method not in ("GET", "HEAD"):
            raise RefusedError(405, "unimplemented", "Files are fetched by GET.")
        file = self._files.get("/index.html" if head.path == "/" else head.path)
        if file is None:
            raise RefusedError(404, "not_found", "There is no such page.")
        await _send(send, 200, file.media_type.encode(), b"" if head.method == "HEAD" else file.content)


def _read_head(scope: Scope) -> RequestHead:
    headers: dict[str, str] = {}
    for key, value in scope["headers"]:
        name = key.decode("latin-1").lower()
        if name in headers and name in ("host", "origin", "authorization", "content-length"):
            raise RefusedError(400, "invalid_argument", f"The header {name} stands twice.")
        try:
            headers[name] = value.decode("ascii")
        except UnicodeDecodeError:
            raise RefusedError(400, "invalid_argument", f"The header {name} is not in ASCII.") from None
    return RequestHead(scope["method"], scope["path"], headers)


def _bounded(receive: Receive) -> Receive:
    """A body that stands still for too long counts as broken off."""

    async def next_part() -> Message:
        try:
            return await asyncio.wait_for(receive(), IDLE_SECONDS)
        except TimeoutError:
            return {"type": "http.disconnect"}

    done = False

    async def run() -> Message:
        nonlocal done
        if done:
            return await receive()
        part = await next_part()
        done = part["type"] != "http.request" or not part.get("more_body", False)
        return part

    return run


async def _read_body(receive: Receive) -> bytes:
    body = b""
    while True:
        part = await receive()
        if part["type"] != "http.request":
            raise RefusedError(408, "deadline_exceeded", "The request broke off.")
        body += bytes(part.get("body", b""))
        if len(body) > MAX_LOGIN:
            raise RefusedError(413, "resource_exhausted", "The request is too large.")
        if not part.get("more_body", False):
            return body


def _read_code(body: bytes) -> str:
    try:
        code = json.loads(body)["code"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise RefusedError(400, "invalid_argument", 'Send {"code": "..."} .') from None
    if not isinstance(code, str):
        raise RefusedError(400, "invalid_argument", "The code is a text.")
    return code


def _with_headers(send: Send) -> Send:
    async def run(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), *_SAFE_HEADERS]
        await send(message)

    return run


async def _send(send: Send, status: int, media_type: bytes, body: bytes) -> None:
    headers = [(b"content-type", media_type), (b"content-length", str(len(body)).encode()), *_SAFE_HEADERS]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
