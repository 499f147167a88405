"""Results into files, made by the daemon."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..core.export import claim_of
from .connection import ConnectionKeeper


class Files:
    """Writes what the daemon makes."""

    def __init__(self, connection: ConnectionKeeper) -> None:
        self._connection = connection

    async def size(self, job_id: str, options: dict[str, Any]) -> int:
        """About how many bytes a file would have. Raises `CallError`."""
        return await (await self._connection.daemon(False)).export_size(job_id, options)

    async def layer_names(self, job_id: str) -> tuple[str, ...]:
        """The names by which the layers and groups of a painting can be left out, the topmost first. Raises
        `CallError`."""
        return await (await self._connection.daemon()).layer_names(job_id)

    async def export(self, job_id: str, options: dict[str, Any], path: Path, step: Callable[[int, int], None]) -> str:
        """Have the daemon make a file, and write it to `path`, which appears only when it is complete, with its claim
        beside it where it cannot hold that itself; Krita's own thread hears of `step`. Returns what a video was
        encoded by. Raises `CallError`, OSError."""
        temporary = _new_beside(path)
        emit = self._connection.emit
        daemon = await self._connection.daemon()
        try:
            with temporary.open("xb") as file:
                claim, encoder = await daemon.export(job_id, options, file.write, lambda done, of: emit(step, done, of))
            # The claim of a file that had this name before says nothing about this one.
            claim_of(path).unlink(missing_ok=True)
            temporary.replace(path)
            if claim:
                _put(claim_of(path), claim)
            return encoder
        finally:
            temporary.unlink(missing_ok=True)


def _new_beside(path: Path) -> Path:
    """A name that nobody can foresee, so that no link of others waits there."""
    return path.with_name(f".{path.name}.{secrets.token_hex(8)}.part")


def _put(path: Path, data: bytes) -> None:
    """Put a small file in the place of whatever is there; a link is replaced and not followed."""
    temporary = _new_beside(path)
    try:
        with temporary.open("xb") as file:
            file.write(data)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
