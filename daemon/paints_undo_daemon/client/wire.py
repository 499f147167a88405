"""What the synchronous and the asynchronous client share: everything about the calls that does no input or output."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from paints_undo.v1 import jobs_pb2, pictures_pb2
from paints_undo_daemon.client.errors import BrokenAnswerError, DaemonUnavailableError
from paints_undo_daemon.client.results import Update
from paints_undo_daemon.convert import export_options_to_proto, number_of_word, request_to_proto, write_group
from paints_undo_daemon.proof import plain_fingerprint
from paints_undo_daemon.states import JobState
from paints_undo_engine.export.options import ExportOptions, FrameSize
from paints_undo_engine.request import ProcessRequest, RedoParameters

CALL_SECONDS = 60.0
"""How long a call may take that is answered at once; engines and exports that are waited for take longer."""

LOADING_SECONDS = 900.0
IDLE_SECONDS = 120.0
"""How long a stream may bring nothing before it is taken for broken."""

WORKING_SECONDS = 900.0
"""The same for what is being made first: exports, restored frames, downloads of models."""

_SLOWEST_BYTES_PER_SECOND = 50_000


@dataclass(frozen=True, slots=True)
class DaemonAddress:
    """Where a daemon listens, the token for it, and how it is recognized.

    `address` is a gRPC target: ``unix:/path`` of a socket of this account, or ``HOST:PORT``, which is always spoken to
    by TLS. There `fingerprint` is the SHA-256 of the daemon's public key, as it logs it; or `certificate` (PEM) is its
    certificate or that of the authority which has signed it; without either, an authority that this system trusts
    must have signed it for that very host. The token is sent when the daemon has proved itself, never before.

    Raises `ValueError` when the address or the fingerprint cannot be one.

        DaemonAddress("box:7860", token, fingerprint="C7:1E:…")
    """

    address: str
    token: str = field(repr=False)
    certificate: bytes | None = None
    fingerprint: str | None = None

    def __post_init__(self) -> None:
        host, _, port = self.address.rpartition(":")
        if not self.socket_path and not (host and port.isdigit()):
            raise ValueError(f"{self.address!r} is no address; write HOST:PORT or unix:/path.")
        if self.fingerprint is not None:
            try:
                plain_fingerprint(self.fingerprint)
            except ValueError as error:
                raise ValueError(f"{self.fingerprint!r} is no fingerprint: {error}.") from None

    @property
    def socket_path(self) -> str:
        """The path of the Unix socket, empty for TCP."""
        return self.address.removeprefix("unix:") if self.address.startswith("unix:/") else ""


class IdleError(DaemonUnavailableError):
    """A stream has brought nothing for so long that the connection is taken for broken."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"The daemon has sent nothing for {seconds:.0f} seconds.")


class ConnectionClosedError(DaemonUnavailableError):
    """The connection was closed for another call that found it broken; the next one is opened anew."""

    def __init__(self) -> None:
        super().__init__("The connection to the daemon broke.")


def upload_seconds(size_bytes: int) -> float:
    """How long an upload may take: a slow network's time."""
    return CALL_SECONDS + size_bytes / _SLOWEST_BYTES_PER_SECOND


def channel_options(server_name: str) -> list[tuple[str, int | str]]:
    """The options of a channel.

    A proxy from the environment would only get in the way of a daemon next door; pings find out when a daemon on
    another machine is gone. Channels to one daemon share no connection: calls are limited for each.
    """
    options: list[tuple[str, int | str]] = [
        ("grpc.enable_http_proxy", 0),
        ("grpc.use_local_subchannel_pool", 1),
        ("grpc.max_receive_message_length", 8 << 20),
        ("grpc.keepalive_time_ms", 30_000),
        ("grpc.keepalive_timeout_ms", 10_000),
        ("grpc.http2.max_pings_without_data", 0),
    ]
    if server_name:
        options.append(("grpc.ssl_target_name_override", server_name))
    return options


def metadata(token: str, connection: str) -> tuple[tuple[str, str], ...]:
    """The metadata of every call."""
    return (("authorization", f"Bearer {token}"), ("paints-undo-connection", connection))


def new_id() -> str:
    """A random id for a connection or a request."""
    return secrets.token_hex(16)


class Position:
    """How far a watcher has read: the number of the last event that it has seen."""

    def __init__(self, job_id: str, after_sequence: int) -> None:
        self.job_id = job_id
        self.after = after_sequence

    def request(self) -> jobs_pb2.WatchJobRequest:
        """The request that continues from here."""
        return jobs_pb2.WatchJobRequest(job_id=self.job_id, after_sequence=self.after)

    def take(self, message: jobs_pb2.WatchJobResponse) -> Update:
        """The update of a message. Raises `BrokenAnswerError` when an event is missing or doubled."""
        if message.HasField("progress"):
            return Update(progress=message.progress)
        if message.event.sequence != self.after + 1:
            raise BrokenAnswerError(f"Event {message.event.sequence} arrived after event {self.after}.")
        self.after = message.event.sequence
        return Update(event=message.event)


class Patience:
    """How long a client goes on trying to reach a daemon that does not answer, and how long it waits between."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.reset()

    def reset(self) -> None:
        """Something was received: begin anew."""
        self._since: float | None = None
        self._pause = 0.05

    def pause(self) -> float | None:
        """Seconds to wait before the next attempt; None when patience is at its end."""
        now = time.monotonic()
        if self._since is None:
            self._since = now
        if now - self._since + self._pause > self._seconds:
            return None
        pause, self._pause = self._pause, min(self._pause * 2, 2.0)
        return pause


def job_request(
    painting_hash: str,
    request: ProcessRequest,
    own: Mapping[int, str],
    *,
    title: str,
    batch: bool,
    base_job_id: str,
    request_id: str | None,
) -> jobs_pb2.CreateJobRequest:
    """The message that creates a job; `own` maps operation steps to the hashes of the artist's own keyframes."""
    if own:
        request = replace(request, keyframes=replace(request.keyframes, own=tuple(sorted(own))))
    return jobs_pb2.CreateJobRequest(
        request_id=request_id or new_id(),
        painting_hash=painting_hash,
        parameters=request_to_proto(request, own),
        priority=jobs_pb2.PRIORITY_BATCH if batch else jobs_pb2.PRIORITY_INTERACTIVE,
        title=title,
        base_job_id=base_job_id,
    )


def branch_request(
    job: jobs_pb2.Job,
    operation_step: int,
    candidate: int,
    *,
    mask_hash: str,
    redo: RedoParameters | None,
    end_only: bool,
    request_id: str | None,
) -> jobs_pb2.CreateJobRequest:
    """The message that creates a branch off `job`; with `end_only`, no more than the state there and the end."""
    message = jobs_pb2.CreateJobRequest(
        request_id=request_id or new_id(),
        painting_hash=job.painting_hash,
        parameters=job.parameters,
        priority=job.priority,
        title=job.title,
        base_job_id=job.job_id,
    )
    message.parameters.procedural.branches.add(operation_step=operation_step, candidate=candidate, mask_hash=mask_hash)
    if redo is not None:
        write_group(redo, message.parameters.redo)
    if end_only:
        message.parameters.stop_after = jobs_pb2.STAGE_KEYFRAMES
        keyframes = message.parameters.keyframes
        left = {branch.operation_step for branch in message.parameters.procedural.branches}
        for listed in (keyframes.seeds, keyframes.own):
            for place in reversed(range(len(listed))):
                if listed[place].operation_step not in left:
                    del listed[place]
        keyframes.operation_steps[:] = [operation_step]
    return message


def frames_request(
    job_id: str,
    which: tuple[int, int, int],
    *,
    keyframes: bool,
    encoding: pictures_pb2.PictureEncoding.ValueType,
    size: FrameSize,
    max_side: int,
) -> jobs_pb2.DownloadFramesRequest:
    """The message that asks for frames; `which` is begin, end and stride."""
    begin, end, stride = which
    return jobs_pb2.DownloadFramesRequest(
        job_id=job_id,
        begin=begin,
        end=end,
        stride=stride,
        keyframes=keyframes,
        encoding=encoding,
        size=number_of_word(size, jobs_pb2.FrameSize.DESCRIPTOR),
        max_side=max_side,
    )


def export_request(job_id: str, options: ExportOptions, beside: Sequence[str] = ()) -> jobs_pb2.ExportJobRequest:
    """The message that asks for an export, of one job or of several side by side."""
    return jobs_pb2.ExportJobRequest(job_id=job_id, options=export_options_to_proto(options), beside_job_ids=beside)


def state_numbers(states: Iterable[JobState]) -> list[jobs_pb2.JobState.ValueType]:
    """The protocol's numbers of states."""
    return [number_of_word(state, jobs_pb2.JobState.DESCRIPTOR) for state in states]
