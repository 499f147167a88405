"""Help as people read it: short by default, whole with --help-all, and no value shown beside what takes none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import typer

_USUAL_PANELS = (None, "Export", "Process")


def _show_all(context: typer.Context, wanted: bool) -> None:
    if wanted and not context.resilient_parsing:
        for option in _rare(context.command):
            option.hidden = False
        typer.echo(context.get_help())
        raise typer.Exit


HelpAllOption = Annotated[
    bool,
    typer.Option(
        "--help-all",
        is_eager=True,
        callback=_show_all,
        help="Show all options, those of stages and engines too.",
    ),
]
"""Given to a command, it leaves all but the usual options out of --help."""


def tidy(command: Any) -> Any:
    """Prepare the help of a command and all below it; returns the command."""
    for name, each in _all(command, "paints-undo"):
        if any("--help-all" in item.opts for item in each.params):
            for option in _rare(each):
                option.hidden = True
        context = each.context_class(each, info_name=name, **command.context_settings)
        for option in [*each.params, each.get_help_option(context)]:
            if getattr(option, "is_flag", False):
                option.metavar = ""
    return command


def _all(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    yield name, command
    for below, each in getattr(command, "commands", {}).items():
        yield from _all(each, below)


def _rare(command: Any) -> list[Any]:
    """The options of a command that only --help-all shows."""
    options = [item for item in command.params if item.param_type_name == "option"]
    return [item for item in options if item.rich_help_panel not in _USUAL_PANELS]
