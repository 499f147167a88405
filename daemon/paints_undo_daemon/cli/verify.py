"""`paints-undo verify`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from paints_undo_daemon.cli import console

if TYPE_CHECKING:
    from paints_undo_engine.provenance.verifying import Verification

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
    from paints_undo_engine.errors import VerificationError
    from paints_undo_engine.painting import decode
    from paints_undo_engine.provenance.note import fingerprint
    from paints_undo_engine.provenance.verifying import verify as look

    origin = fingerprint(decode(painting)) if painting else ""
    codes: list[int] = []
    listed: list[dict[str, Any]] = []
    for path in files:
        try:
            found = look(path)
        except VerificationError as error:
            codes.append(1)
            listed.append({"file": str(path), "error": str(error)})
            if not as_json:
                console.err().print(str(error), markup=False)
            continue
        codes.append(_code(found, origin))
        listed.append({**found.as_dict(), **_matched(found, origin)})
        if not as_json:
            _print(found, origin)
    if as_json:
        console.print_json(listed)
    raise typer.Exit(max(codes, key=_SEVERITY.index))


_SEVERITY = (0, EXIT_UNMARKED, 1, EXIT_CHANGED)
"""Exit codes, the one that counts last."""


def _code(found: Verification, origin: str) -> int:
    from paints_undo_engine.provenance.verifying import Verdict

    if found.verdict is Verdict.HOLDS and origin and found.painting != origin:
        return EXIT_CHANGED
    codes = {Verdict.HOLDS: 0, Verdict.UNMARKED: EXIT_UNMARKED, Verdict.CHANGED: EXIT_CHANGED, Verdict.UNCHECKED: 1}
    return codes[found.verdict]


def _matched(found: Verification, origin: str) -> dict[str, bool]:
    return {"painting_matches": found.painting == origin} if origin else {}


def _print(found: Verification, origin: str) -> None:
    out = console.out()
    out.print(f"{found.path}: {found.verdict}", markup=False)
    for each in found.findings:
        out.print(f"  {each.mark}: {each.sentence}", markup=False)
    if not found.findings:
        out.print("  No marks. It may still be ours: marks can be left out and taken away.", markup=False)
    if found.painting:
        other = "" if not origin else ", the given picture" if found.painting == origin else ", not the given picture"
        out.print(f"  painting: sha256 {found.painting}{other}", markup=False)
