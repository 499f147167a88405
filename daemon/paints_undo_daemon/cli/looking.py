"""`paints-undo verify` looks into files that anybody may have made by a process of its own, which has no rights but to
read them: ``python -P -m paints_undo_daemon.cli.looking``, with a question in JSON and an answer in JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from paints_undo_daemon.environment import clean_environment
from paints_undo_daemon.workers.confinement import confine_reader
from paints_undo_engine.errors import PaintsUndoError, VerificationError


def look(files: Sequence[Path], painting: Path | None) -> dict[str, Any]:
    """What a process without rights finds: `origin`, the painting's fingerprint or nothing, and `found`, for each file
    what `Verification.as_dict` says or its `file` and an `error`; and `rights` that the system did not take from it, in
    words. Raises `VerificationError`.
    """
    question = {"files": [str(file) for file in files], "painting": str(painting) if painting else ""}
    ended = subprocess.run(  # noqa: S603
        [sys.executable, "-P", "-m", __name__],
        input=json.dumps(question).encode(),
        stdout=subprocess.PIPE,
        env=clean_environment(),
        check=False,
    )
    try:
        answer: dict[str, Any] = json.loads(ended.stdout)
    except ValueError:
        raise VerificationError(f"What looks into the files ended by itself ({ended.returncode}).") from None
    if "error" in answer:
        raise VerificationError(answer["error"])
    return answer


def main() -> None:
    """Answer the question on the standard input."""
    question = json.load(sys.stdin)
    files, painting = [Path(name) for name in question["files"]], question["painting"]
    rights = confine_reader([*_read(files), *([Path(painting)] if painting else [])])
    try:
        answer = {"origin": _origin(painting), "found": [_found(file) for file in files], "rights": rights}
    except PaintsUndoError as error:
        answer = {"error": str(error)}
    json.dump(answer, sys.stdout)


def _read(files: Iterable[Path]) -> Iterator[Path]:
    from paints_undo_engine.provenance.signing import SIDECAR

    for file in files:
        yield from (file, file.parent / f"{file.name}{SIDECAR}")


def _origin(painting: str) -> str:
    from paints_undo_engine.painting import decode
    from paints_undo_engine.provenance.note import fingerprint

    return fingerprint(decode(Path(painting))) if painting else ""


def _found(file: Path) -> dict[str, Any]:
    from paints_undo_engine.provenance.verifying import verify

    try:
        return verify(file).as_dict()
    except VerificationError as error:
        return {"file": str(file), "error": str(error)}


if __name__ == "__main__":
    main()
