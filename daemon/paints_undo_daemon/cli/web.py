"""`paints-undo web`."""

from __future__ import annotations

from typing import Annotated

import typer

from paints_undo_daemon.cli import console
from paints_undo_daemon.cli.problems import WrongUsageError

DEFAULT_PORT = 7860


def web(
    context: typer.Context,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="The port on 127.0.0.1; 0 takes a free one.")
    ] = DEFAULT_PORT,
    open_browser: Annotated[
        bool, typer.Option("--open/--no-open", help="Open the page in your browser.", show_default=True)
    ] = True,
) -> None:
    """Open Paints-Undo in the browser: describe, key frames, video.

    The page is served on this machine alone. It works with your own daemon, which is started when it is needed, or with
    the one that --address names. The link works once, within five minutes; the page then stays signed in until this
    command ends. Press Ctrl-C to end it; jobs go on.

    Examples:

      paints-undo web

      paints-undo web --port 0 --no-open
    """
    try:
        from paints_undo_daemon.client import locator
        from paints_undo_daemon.web.command import run
    except ImportError as error:
        raise WrongUsageError(
            f'The page needs the packages of the extra "web" (missing: {error.name}). '
            'Install them with: pip install ".[web]", in a checkout of Paints-Undo.'
        ) from None
    where = locator(context.obj.daemon())

    def announce(link: str) -> None:
        console.out().print(link, markup=False, soft_wrap=True)
        if open_browser:
            typer.launch(link)

    try:
        run(where, port, announce)
    except OSError as error:
        raise WrongUsageError(
            f"Port {port} cannot be used: {error.strerror or error}. Choose another with --port; 0 takes a free one."
        ) from error
