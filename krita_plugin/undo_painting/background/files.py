"""Results into files, made by the daemon."""

from __future__ import annotations

import os
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

    async def export(self, job_id: str, options: dict[str, Any], path: Path, step: Callable[[int, int], None]) -> None:
        """Have the daemon make a file, and write it to `path`, which appears only when it is complete, with its claim
        beside it where it cannot hold that itself; Krita's own thread hears of `step`. Raises `CallError`, OSError."""
        temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
        emit = self._connection.emit
        daemon = await self._connection.daemon()
        try:
            with temporary.open("wb") as file:
                claim = await daemon.export(job_id, options, file.write, lambda done, of: emit(step, done, of))
            # The claim of a file that had this name before says nothing about this one.
            claim_of(path).unlink(missing_ok=True)
            temporary.replace(path)
            if claim:
                claim_of(path).write_bytes(claim)
        finally:
            temporary.unlink(missing_ok=True)
