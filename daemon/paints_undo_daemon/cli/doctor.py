"""`paints-undo doctor`: is everything there that is needed, and what to do about what is not."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from paints_undo_daemon.cli import console

if TYPE_CHECKING:
    from paints_undo_daemon.cli.check import Check


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    report: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write a file for a bug report; tokens, folders and names are left out."),
    ] = None,
    fix: Annotated[
        bool, typer.Option("--fix", help="Install the PyTorch that suits the graphics card, where another one is.")
    ] = False,
) -> None:
    """Check Python, packages, devices, memory, models, the daemon, its port, disk and permissions.

    Each line says ok, or what to do. The exit code is 1 when something that is needed is missing.

    Examples:

      paints-undo doctor

      paints-undo doctor --fix

      paints-undo doctor --report report.txt
    """
    from paints_undo_daemon.cli.check import CheckResult
    from paints_undo_daemon.cli.checks import run_all

    if report is not None:
        _write_report(report, list(run_all()))
        return
    failed = False
    found = []
    for check in run_all():
        if fix and check.mending:
            failed |= not _mend(check)
            continue
        failed |= check.verdict is CheckResult.FAILED
        if as_json:
            found.append({"check": check.name, "verdict": check.verdict, "text": check.text, "advice": check.advice})
        else:
            advice = f" {check.advice}" if check.advice else ""
            console.out().print(f"{check.verdict:7} {check.name}: {check.text}{advice}", markup=False)
    if as_json:
        console.print_json(found)
    if failed:
        raise typer.Exit(1)


def _write_report(path: Path, checks: list[Check]) -> None:
    """Write a new file. Raises `FileExistsError`."""
    from paints_undo_daemon.cli.report import make_report

    with path.open("x", encoding="utf-8") as file:
        file.write(make_report(checks))
    console.out().print(f"Wrote {path}. Read it before you pass it on.", markup=False)


def _mend(check: Check) -> bool:
    """Run a check's commands until one fails, with what they print; whether all of them went well."""
    console.err().print(f"{check.name}: {check.text}", markup=False)
    for command in check.mending:
        console.err().print(f"Running {' '.join(command)}", markup=False)
        if subprocess.run(command, check=False).returncode:  # noqa: S603
            console.err().print("It failed; what is wrong stands above. Nothing else was changed.", markup=False)
            return False
    console.err().print(
        "Done. A daemon that runs takes it up when it is started anew (paints-undo stop).", markup=False
    )
    return True
