"""Results into files, made by the daemon."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core.jobs import Job
from ..core.translate import tr
from .session import Session, Task

if TYPE_CHECKING:
    from .controller import Controller


class Exporting:
    """Exports of all sessions; one at a time for each."""

    def __init__(self, controller: Controller) -> None:
        self._controller = controller

    def export(self, session: Session, job: Job, options: dict[str, Any], path: Path) -> bool:
        """Have the daemon make a file, and write it to `path`, which appears only when it is complete."""
        if session.task is not None:
            return False
        session.task = Task(tr("Exporting …"))
        session.task.work = self._controller.bridge.run(
            lambda background: background.exporting.export(
                job.job_id, options, path, lambda step, of: self._step(session, step, of)
            ),
            done=lambda _: self._done(session, tr("Exported: {path}", path=str(path)), False),
            failed=lambda error: self._done(session, str(error), True),
        )
        self._controller.changed()
        return True

    def _step(self, session: Session, step: int, of: int) -> None:
        if session.task is not None:
            session.task.done, session.task.of = step, of
            self._controller.changed()

    def _done(self, session: Session, text: str, bad: bool) -> None:
        session.task = None
        self._controller.note(session, text, bad=bad)
