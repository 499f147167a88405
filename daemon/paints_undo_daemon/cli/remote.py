"""What the commands that speak to a daemon share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from paints_undo_daemon.cli.happenings import (
    Exported,
    FrameKnown,
    Happening,
    JobBroken,
    JobMoved,
    KeyframeKnown,
    Noted,
    OutputSize,
    PlanTaken,
    ProcessAnnounced,
    Queued,
    Saved,
    Stepped,
    TagsKnown,
    UnitDone,
)
from paints_undo_daemon.cli.problems import WrongUsageError
from paints_undo_engine.errors import PaintsUndoError

if TYPE_CHECKING:
    from paints_undo.v1 import jobs_pb2
    from paints_undo_daemon.cli.progress import Display
    from paints_undo_daemon.client import Client, DaemonAddress, Job, Update
    from paints_undo_engine.export.options import ExportOptions


_NEWEST = 100


@dataclass(frozen=True, slots=True)
class Where:
    """Which daemon is meant: the account's own unless an address is given."""

    address: str | None = None
    token_file: Path | None = None
    certificate: Path | None = None
    fingerprint: str | None = None

    @property
    def given(self) -> list[str]:
        """The options that were given, on the command line or in the environment."""
        options = {
            "--address": self.address,
            "--token-file": self.token_file,
            "--server-certificate": self.certificate,
            "--fingerprint": self.fingerprint,
        }
        return [name for name, value in options.items() if value is not None]

    def daemon(self) -> DaemonAddress | None:
        """The daemon at the given address, or None for the account's own. Raises `OSError`, `WrongUsageError`."""
        from paints_undo_daemon.client import DaemonAddress

        if self.address is None:
            if self.given:
                raise WrongUsageError(f"{', '.join(self.given)} goes with --address, which is missing.")
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
    """Ctrl-C within the block cancels the jobs whose request id begins so on the daemon, if it has got that far."""
    try:
        yield
    except KeyboardInterrupt:
        for job in islice(client.jobs(), _NEWEST):
            if job.request_id.startswith(request_id) and not job.state.ended:
                client.cancel(job.job_id)
                display.show(JobMoved("cancelled", job.job_id))
        raise


def follow(client: Client, job_id: str, display: Display, after_sequence: int = 0) -> Job:
    """Show a job's updates until it ends. Raises `JobFailedError` and `JobCancelledError`."""
    job = client.job(job_id)
    display.show(ProcessAnnounced(job_id, job.frame_count, job.engine))
    for update in client.watch(job_id, after_sequence):
        happening = describe(job_id, update)
        if happening is not None:
            display.show(happening, update.sequence)
    return client.job(job_id).or_raise()


def describe(job_id: str, update: Update) -> Happening | None:
    """An update as what `Display.show` takes; None for what needs no word."""
    if update.progress is not None:
        progress = update.progress
        if not progress.unit:
            return Queued(progress.queue_position)
        left = progress.seconds_left if progress.HasField("seconds_left") else None
        return Stepped(progress.unit, progress.step, progress.of, left)
    assert update.event is not None
    return _describe_event(job_id, update.event)


def _describe_event(job_id: str, event: jobs_pb2.Event) -> Happening:
    match event.WhichOneof("kind"):
        case "unit_finished":
            return UnitDone(event.unit_finished.record.unit)
        case "tags_stored":
            return TagsKnown(event.tags_stored.tags)
        case "keyframe_stored":
            keyframe = event.keyframe_stored.keyframe
            return KeyframeKnown(keyframe.index, keyframe.operation_step)
        case "frame_stored":
            frame = event.frame_stored.frame
            return FrameKnown(frame.index, frame.interval, frame.operation_step, frame.label)
        case "plan_changed":
            return PlanTaken(event.plan_changed.memory_plan, event.plan_changed.reason)
        case "warning":
            return Noted(event.warning.message)
        case "failed":
            return JobBroken(job_id, event.failed.failure.message)
        case kind:
            return JobMoved(str(kind), job_id)


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


def save(
    client: Client,
    job_id: str,
    path: Path,
    options: ExportOptions,
    display: Display,
    *,
    overwrite: bool,
    beside: Sequence[str] = (),
) -> None:
    """Export a job to one output, with others `beside` it."""
    from paints_undo_daemon.client.saving import total_bytes

    def progress(step: int, of: int) -> None:
        display.show(Exported(str(path), step, of))

    if not beside:
        display.show(OutputSize(str(path), **asdict(client.estimate_export(job_id, options))))
    encoders: list[str] = []
    client.export(
        job_id, path, options, beside=beside, overwrite=overwrite, progress=progress, encoded_by=encoders.append
    )
    display.show(Saved(str(path), total_bytes(path), "".join(encoders)))


def forget(client: Client, job_id: str, shown: Display) -> None:
    """Delete a job for good; that it could not be is told, and hides nothing that went wrong before."""
    try:
        client.delete(job_id)
    except PaintsUndoError as error:
        shown.show(Noted(f"The daemon still keeps the job {job_id}: {error}"))
