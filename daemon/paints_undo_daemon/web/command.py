"""What `paints-undo web` runs: the HTTP server in front of a daemon."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from paints_undo_daemon.client.discovery import Locator
from paints_undo_daemon.web.application import Application
from paints_undo_daemon.web.gateway import Gateway, routes
from paints_undo_daemon.web.page_files import read_page
from paints_undo_daemon.web.serving import bind, make_server
from paints_undo_daemon.web.sessions import Sessions
from paints_undo_daemon.web.upstream import Upstream


def run(locator: Locator, port: int, announce: Callable[[str], None]) -> None:
    """Serve the page on the loopback until Ctrl-C or SIGTERM.

    `locator` says where the daemon is; `announce` is given a link that opens the page once. Raises `OSError` when the
    port is taken.
    """
    asyncio.run(_run(locator, port, announce))


async def _run(locator: Locator, port: int, announce: Callable[[str], None]) -> None:
    listening = bind(port)
    port = listening.getsockname()[1]
    upstream, sessions = Upstream(locator), Sessions()
    server = make_server(Application(Gateway(upstream), routes(), read_page(), sessions, port))
    announce(f"http://127.0.0.1:{port}/#code={sessions.make_code()}")
    try:
        await server.serve(sockets=[listening])
    finally:
        await upstream.close()
