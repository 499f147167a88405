"""`paints-undo doctor`: is everything there that is needed, and what to do about what is not."""

from __future__ import annotations

from typing import Annotated

import typer

from paints_undo_daemon.cli import console


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Check Python, packages, devices, memory, models, the daemon, its port, disk and permissions.

    Each line says ok, or what to do. The exit code is 1 when something that is needed is missing.

    Example:

      paints-undo doctor
    """
    from paints_undo_daemon.cli.checks import Verdict, run_all

    failed = False
    found = []
    for check in run_all():
        failed |= check.verdict is Verdict.FAILED
        if as_json:
            found.append({"check": check.name, "verdict": check.verdict, "text": check.text, "advice": check.advice})
        else:
            advice = f" {check.advice}" if check.advice else ""
            console.out().print(f"{check.verdict:7} {check.name}: {check.text}{advice}", markup=False)
    if as_json:
        console.print_json(found)
    if failed:
        raise typer.Exit(1)
