"""Commands that act on this machine: another daemon than the account's own cannot be meant."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperCommand

from paints_undo_daemon.cli.problems import WrongUsageError


class LocalCommand(TyperCommand):
    """A command that is refused together with an address, wherever that comes from, rather than ignore it."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command. Raises `WrongUsageError`."""
        if not ctx.params.get("detached"):
            require_here(ctx)
        return super().invoke(ctx)


class PerhapsLocalCommand(TyperCommand):
    """A command that works with a daemon, or in this program where --in-process or --models says so."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command. Raises `WrongUsageError`."""
        if ctx.params.get("in_process") or ctx.params.get("folder"):
            require_here(ctx)
        return super().invoke(ctx)


def require_here(context: typer.Context) -> None:
    """Raises `WrongUsageError` when the command line or the environment names a daemon."""
    if context.obj.given:
        raise WrongUsageError(
            f"'{context.command_path}' acts on this machine alone: run it where that daemon runs, without "
            f"{', '.join(context.obj.given)} (and without the variables PAINTS_UNDO_ADDRESS, PAINTS_UNDO_TOKEN_FILE, "
            "PAINTS_UNDO_SERVER_CERTIFICATE and PAINTS_UNDO_FINGERPRINT)."
        )
