"""What Krita's own thread hears from the network's: messages about a job, which is named by its request id. What a
message means for a job that was cancelled or dropped meanwhile is decided where it is heard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from ..core.jobs import Accepted, Event, JobOrder, Progress

if TYPE_CHECKING:
    from ..qt import QImage


class JobListening(Protocol):
    """Each method is called in Krita's own thread, in the order in which things happened."""

    def sending(self, request_id: str, engine: str) -> None:
        """A daemon is connected, and the engine is chosen; the painting is on its way."""

    def preview_order(self, request_id: str, painting_hash: str) -> JobOrder | None:
        """Asked before the daemon is to make a job with a slow engine: the order for its quick preview, if one is
        wanted."""

    def accepted(self, request_id: str, accepted: Accepted) -> None:
        """The daemon has accepted the job, or has found it again."""

    def event(self, request_id: str, event: Event) -> None:
        """One numbered event."""

    def progress(self, request_id: str, progress: Progress) -> None:
        """How far the job is."""

    def picture(self, request_id: str, digest: str, image: QImage, density: float) -> None:
        """A small picture is there; `density` is the bytes a pixel of the whole one as PNG, 0 where none was sent."""

    def failed(self, request_id: str, error: Exception) -> None:
        """The job could not be made or followed."""

    def cancel_failed(self, request_id: str, error: Exception) -> None:
        """The daemon was not told that the job is cancelled."""


class SetupListening(Protocol):
    """What *Set up* tells while it works."""

    def step(self, text: str, done: int, of: int, detail: str = "") -> None:
        """What is being done, `done` of `of`."""

    def line(self, line: str) -> None:
        """A line that the running command has printed."""

    def note(self, text: str) -> None:
        """What has failed and is not needed; to be told at the end."""
