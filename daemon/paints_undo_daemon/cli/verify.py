"""`paints-undo verify`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from paints_undo_daemon.cli import console

EXIT_CHANGED = 3
EXIT_UNMARKED = 4


def verify(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Files, or folders of a PNG sequence.")],
    painting: Annotated[
        Path | None, typer.Option(metavar="PICTURE", help="Also check that this is the painting they were made from.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say whether files carry Paints-Undo's marks, and whether these hold.

    Exit codes: 0 every file holds, 3 one was changed (or is of another painting), 4 one carries no marks, 1 one could
    not be read or checked. A file without marks may still be ours: marks can be left out and taken away.

    Examples:

      paints-undo verify process.mp4

      paints-undo verify *.png --painting painting.png --json
    """
    from paints_undo_daemon.cli.looking import look

    answer = look(files, painting)
    for words in answer["rights"]:
        console.err().print(f"What looked into the files kept rights that it does not need: {words}.", markup=False)
    codes = [_code(each, answer["origin"]) for each in answer["found"]]
    if as_json:
        console.print_json([each | _matched(each, answer["origin"]) for each in answer["found"]])
    else:
        for each in answer["found"]:
            _print(each, answer["origin"])
    raise typer.Exit(max(codes, key=_SEVERITY.index))


_SEVERITY = (0, EXIT_UNMARKED, 1, EXIT_CHANGED)
"""Exit codes, the one that counts last."""


def _code(found: dict[str, Any], origin: str) -> int:
    if found.get("verdict") == "holds" and origin and _painting(found) != origin:
        return EXIT_CHANGED
    return {"holds": 0, "unmarked": EXIT_UNMARKED, "changed": EXIT_CHANGED}.get(found.get("verdict", ""), 1)


def _painting(found: dict[str, Any]) -> str:
    """The painting's fingerprint, as the note states it; empty where none is stated."""
    return str((found.get("provenance") or {}).get("painting", ""))


def _matched(found: dict[str, Any], origin: str) -> dict[str, bool]:
    return {"painting_matches": _painting(found) == origin} if origin and "error" not in found else {}


def _print(found: dict[str, Any], origin: str) -> None:
    if "error" in found:
        console.err().print(found["error"], markup=False)
        return
    out, painting = console.out(), _painting(found)
    out.print(f"{found['file']}: {found['verdict']}", markup=False)
    for each in found["marks"]:
        out.print(f"  {each['mark']}: {each['note']}", markup=False)
    if not found["marks"]:
        out.print("  No marks. It may still be ours: marks can be left out and taken away.", markup=False)
    if painting:
        other = "" if not origin else ", the given picture" if painting == origin else ", not the given picture"
        out.print(f"  painting: sha256 {painting}{other}", markup=False)
