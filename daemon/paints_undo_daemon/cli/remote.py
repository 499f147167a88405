"""What the commands that speak to a daemon share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from paints_undo_daemon.cli.problems import WrongUsageError

if TYPE_CHECKING:
    from paints_undo.v1 import jobs_pb2
    from paints_undo_daemon.cli.progress import Display
    from paints_undo_daemon.client import Client, DaemonAddress, Update
    from paints_undo_engine.export.options import ExportOptions


_NEWEST = 100


@dataclass(frozen=True, slots=True)
class Where:
    """Which daemon is meant: the account's own unless an address is given."""

    address: str | None = None
    token_file: Path | None = None
    certificate: Path | None = None
    fingerprint: str | None = None

    def daemon(self) -> DaemonAddress | None:
        """The daemon at the given address, or None for the account's own. Raises `OSError`, `WrongUsageError`."""
        from paints_undo_daemon.client import DaemonAddress

        if self.address is None:
            return None
        if self.token_file is None:
            raise WrongUsageError("--address needs --token-file, a file with the token that the daemon asks for.")
        token = self.token_file.read_text(encoding="utf-8").strip()
        certificate = self.certificate.read_bytes() if self.certificate else None
        try:
            return DaemonAddress(self.address, token, certificate, self.fingerprint)
        except ValueError as error:
            raise WrongUsageError(str(error)) from None


def connect(where: Where, *, start: bool = True) -> Client:
    """A client of the daemon that is meant. Raises `DaemonUnavailableError`."""
    from paints_undo_daemon.client import connect

    return connect(where.daemon(), start=start)


@contextmanager
def cancelled_on_interrupt(client: Client, request_id: str, display: Display) -> Iterator[None]:
    """Ctrl-C within the block cancels the job of this request id on the daemon, if it has got that far."""
    try:
        yield
    except KeyboardInterrupt:
        for job in islice(client.jobs(), _NEWEST):
            if job.request_id == request_id:
                client.cancel(job.job_id)
                display.show({"event": "cancelled", "job": job.job_id})
        raise


def follow(client: Client, job_id: str, display: Display, after_sequence: int = 0) -> jobs_pb2.Job:
    """Show a job's updates until it ends. Raises `JobFailedError` and `JobCancelledError`."""
    from paints_undo_daemon.client.wire import check_outcome

    display.show({"event": "process", "job": job_id, "frames": client.job(job_id).frame_count})
    for update in client.watch(job_id, after_sequence):
        happening = describe(job_id, update)
        if happening is not None:
            display.show(happening)
    return check_outcome(client.job(job_id))


def describe(job_id: str, update: Update) -> dict[str, Any] | None:
    """An update as what `Display.show` takes; None for what needs no word."""
    if update.progress is not None:
        progress = update.progress
        if not progress.unit:
            return {"event": "queued", "position": progress.queue_position}
        return {
            "event": "progress",
            "unit": progress.unit,
            "step": progress.step,
            "of": progress.of,
            "seconds_left": progress.seconds_left if progress.HasField("seconds_left") else None,
        }
    event = update.event
    assert event is not None
    return {"sequence": event.sequence} | _described_event(job_id, event)


def _described_event(job_id: str, event: jobs_pb2.Event) -> dict[str, Any]:
    match event.WhichOneof("kind"):
        case "unit_finished":
            return {"event": "unit_finished", "unit": event.unit_finished.record.unit}
        case "tags_stored":
            return {"event": "tags", "tags": event.tags_stored.tags}
        case "keyframe_stored":
            keyframe = event.keyframe_stored.keyframe
            return {"event": "keyframe", "index": keyframe.index, "operation_step": keyframe.operation_step}
        case "frame_stored":
            frame = event.frame_stored.frame
            return {
                "event": "frame",
                "index": frame.index,
                "interval": frame.interval,
                "operation_step": frame.operation_step,
                "label": frame.label,
            }
        case "plan_changed":
            plan = event.plan_changed
            return {"event": "plan", "memory_plan": plan.memory_plan, "reason": plan.reason}
        case "warning":
            return {"event": "warning", "message": event.warning.message}
        case "failed":
            return {"event": "failed", "job": job_id, "message": event.failed.failure.message}
        case kind:
            return {"event": str(kind), "job": job_id}


def resolve(client: Client, name: str) -> str:
    """The id of a job: `name` itself, the only one that begins with it, or the newest for ``last``.

    Raises `WrongUsageError` when there is none, or more than one.
    """
    found = []
    for job in client.jobs():
        if name in ("last", job.job_id):
            return job.job_id
        if job.job_id.startswith(name):
            found.append(job.job_id)
    if len(found) != 1:
        problem = "No job has" if not found else f"{len(found)} jobs have"
        raise WrongUsageError(f"{problem} an id that begins with {name!r}; 'paints-undo jobs list' shows all.")
    return found[0]


def save(client: Client, job_id: str, path: Path, options: ExportOptions, display: Display, *, overwrite: bool) -> None:
    """Export a job to one output."""
    from paints_undo_daemon.client.saving import total_bytes

    def progress(step: int, of: int) -> None:
        display.show({"event": "export", "output": str(path), "step": step, "of": of})

    client.export(job_id, path, options, overwrite=overwrite, progress=progress)
    display.show({"event": "saved", "output": str(path), "bytes": total_bytes(path)})
