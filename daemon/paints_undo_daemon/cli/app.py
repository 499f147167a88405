"""All commands together. Only what the help needs is imported here; each command imports the rest when it runs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from paints_undo_daemon.cli import (
    about,
    admin,
    backups,
    bench,
    clients,
    compare,
    daemon,
    doctor,
    export_presets,
    jobs,
    models,
    pictures,
    plugin,
    redo,
    service,
    store,
    token,
    undo,
    verify,
    web,
)
from paints_undo_daemon.cli.local import LocalCommand, PerhapsLocalCommand
from paints_undo_daemon.cli.remote import Where

app = typer.Typer(
    name="paints-undo",
    no_args_is_help=True,
    add_completion=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        from paints_undo_engine import __version__

        typer.echo(f"paints-undo {__version__}")
        raise typer.Exit


@app.callback()
def connection(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_print_version, help="Show the version and exit.")
    ] = False,
    address: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS", envvar="PAINTS_UNDO_ADDRESS", help="Another daemon than your own, such as box:50551."
        ),
    ] = None,
    token_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", envvar="PAINTS_UNDO_TOKEN_FILE", help="A file with that daemon's token."),
    ] = None,
    server_certificate: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            envvar="PAINTS_UNDO_SERVER_CERTIFICATE",
            help="That daemon's certificate, or its authority's (PEM).",
        ),
    ] = None,
    fingerprint: Annotated[
        str | None,
        typer.Option(
            metavar="SHA256",
            envvar="PAINTS_UNDO_FINGERPRINT",
            help="The fingerprint of its key, as it logs it at its start; instead of the file.",
        ),
    ] = None,
) -> None:
    """Paints-Undo: see how a painting could have been painted.

    Examples:

      paints-undo undo painting.png -o process.mp4

      paints-undo jobs list

      paints-undo doctor
    """
    from paints_undo_daemon.settings import check_variables

    del version
    check_variables(os.environ)
    context.obj = Where(address, token_file, server_certificate, fingerprint)


app.command(help=undo.HELP, cls=PerhapsLocalCommand)(undo.undo)
app.command()(jobs.export)
app.command(cls=LocalCommand)(verify.verify)
app.command(cls=LocalCommand)(export_presets.export_presets)
app.command()(redo.redo)
app.command()(compare.compare)
app.add_typer(jobs.app, name="jobs")
app.add_typer(pictures.app, name="pictures")
app.command(cls=LocalCommand)(daemon.serve)
app.command()(daemon.status)
app.command()(daemon.stop)
app.command()(web.web)
app.command(cls=PerhapsLocalCommand)(about.engines)
app.add_typer(clients.app, name="clients")
app.add_typer(admin.app, name="admin")
app.add_typer(service.app, name="service")
app.add_typer(token.app, name="token")
app.add_typer(models.app, name="models")
app.add_typer(plugin.app, name="plugin")
app.add_typer(store.app, name="store")
app.command(cls=LocalCommand)(backups.backup)
app.command(cls=LocalCommand)(backups.restore)
app.command(help=bench.HELP, cls=LocalCommand)(bench.bench)
app.command(cls=LocalCommand)(doctor.doctor)
app.command()(about.version)
