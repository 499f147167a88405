"""The words of the service for how things stand; each is the name of the protocol's number in small letters."""

from __future__ import annotations

from enum import StrEnum


class JobState(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    FAILED = "failed"

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen to the job."""
        return self in (JobState.FINISHED, JobState.CANCELLED, JobState.FAILED)


class EngineState(StrEnum):
    """Whether an engine can run, or what it lacks."""

    READY = "ready"
    NOT_INSTALLED = "not_installed"
    NO_MODELS = "no_models"
    NO_DEVICE = "no_device"


class NodeState(StrEnum):
    """Whether a node of a cluster is given work."""

    STARTING = "starting"
    READY = "ready"
    UNFIT = "unfit"
    SILENT = "silent"
    LOST = "lost"
