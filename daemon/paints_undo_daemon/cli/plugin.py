"""`paints-undo plugin …`: the Krita plugin."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from paints_undo_daemon.cli import console
from paints_undo_daemon.cli.local import LocalCommand

app = typer.Typer(no_args_is_help=True, help="Build the Krita plugin, or put it into Krita.")

FolderOption = Annotated[
    Path | None, typer.Option(metavar="FOLDER", help="Krita's data folder; default: the one of this account.")
]


@app.command(cls=LocalCommand)
def install(
    folder: FolderOption = None,
    enable: Annotated[bool, typer.Option("--enable/--no-enable", help="Switch the plugin on in Krita.")] = True,
) -> None:
    """Put the plugin into Krita, which must be closed meanwhile.

    The plugin then uses this installation's daemon.

    Example:

      paints-undo plugin install
    """
    from krita_plugin import packer

    module = packer.install(folder, enable=enable)
    console.err().print(f"The plugin is in {module}.", markup=False)
    if enable:
        console.err().print("Start Krita and choose Tools ▸ Scripts ▸ Undo Painting.", markup=False)


@app.command(cls=LocalCommand)
def uninstall(folder: FolderOption = None) -> None:
    """Take the plugin out of Krita, which must be closed meanwhile.

    Example:

      paints-undo plugin uninstall
    """
    from krita_plugin import packer

    found = packer.uninstall(folder)
    console.err().print("The plugin is gone." if found else "The plugin was not installed.")


@app.command(cls=LocalCommand)
def build(
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FOLDER", help="Where to put the zip.")] = Path(
        "dist"
    ),
    platform: Annotated[
        str | None, typer.Option(metavar="NAME", help="Such as linux-x86_64 or windows-x86_64; default: this one's.")
    ] = None,
) -> None:
    """Build the zip for Tools ▸ Scripts ▸ Import Python Plugin from File; needs a checkout of the project.

    Example:

      paints-undo plugin build --platform windows-x86_64 -o dist
    """
    from krita_plugin import packer

    typer.echo(packer.build(output, platform))
