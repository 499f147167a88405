"""`paints-undo export-presets`."""

from __future__ import annotations

from typing import Annotated

import typer

from paints_undo_daemon.cli import console


def export_presets(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List the presets that exports may be made by.

    More are added in `presets.toml` in the home folder; docs/export.md says how.

    Examples:

      paints-undo export-presets

      paints-undo export last --export-preset phone -o reel.mp4
    """
    from paints_undo_daemon.home import home_folder
    from paints_undo_engine.export.presets import FILE_NAME, load_presets

    known = load_presets(home_folder() / FILE_NAME)
    if as_json:
        console.print_json([{"name": each.name, "summary": each.summary, **each.values} for each in known.values()])
        return
    out = console.out()
    for each in known.values():
        out.print(f"{each.name} ({each.options.format.suffix}): {each.summary}", markup=False)
