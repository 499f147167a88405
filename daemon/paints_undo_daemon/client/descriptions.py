"""What the clients give of the daemon itself: its engines, devices, limits and models, as plain values.

A state is None where a newer daemon names one that this client does not know.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from paints_undo_daemon.states import EngineState, JobState, NodeState
from paints_undo_engine.checkpoints.library import ModelState
from paints_undo_engine.export.options import ExportOptions
from paints_undo_engine.parameters import ParameterKind
from paints_undo_engine.stages import Stage


@dataclass(frozen=True, slots=True)
class ParameterInfo:
    """A parameter as the daemon takes it: its dotted name, range, choices and default (as text).

    `minimum` and `maximum` are None where there is no such end; 0 may mean `zero_means` beside the range.
    """

    name: str = ""
    kind: ParameterKind | None = None
    minimum: float | None = None
    maximum: float | None = None
    multiple_of: int = 0
    choices: tuple[str, ...] = ()
    max_length: int = 0
    max_items: int = 0
    default_value: str = ""
    zero_means: str = ""
    help: str = ""
    unit: str = ""
    group: str = ""
    advanced: bool = False


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """An engine, whether it can run here (`message` says why not), and what it can do."""

    name: str = ""
    state: EngineState | None = None
    message: str = ""
    summary: str = ""
    loaded: bool = False
    stages: tuple[Stage, ...] = ()
    parameters: tuple[ParameterInfo, ...] = ()
    default_operation_steps: tuple[int, ...] = ()
    memory_plans: tuple[str, ...] = ()
    candidates: tuple[str, ...] = ()
    has_layers: bool = False
    has_operations: bool = False
    has_variants: bool = False
    can_redo: bool = False
    joins_keyframes: bool = False


@dataclass(frozen=True, slots=True)
class DeviceInfo:
    """Something that engines compute on; bytes of memory, 0 where they are not known."""

    device_id: str = ""
    name: str = ""
    memory_bytes: int = 0
    free_memory_bytes: int = 0


@dataclass(frozen=True, slots=True)
class MemoryPlanInfo:
    """A memory plan, whether its results stay exact, and the device memory that it needs."""

    name: str = ""
    exact: bool = False
    budget_bytes: int = 0


@dataclass(frozen=True, slots=True)
class LimitsInfo:
    """What the daemon takes at most from this client."""

    max_picture_bytes: int = 0
    max_picture_pixels: int = 0
    max_picture_side: int = 0
    max_message_bytes: int = 0
    max_uploads_in_flight: int = 0
    max_streams: int = 0
    max_queued_jobs: int = 0
    max_client_bytes: int = 0


@dataclass(frozen=True, slots=True)
class NodeInfo:
    """A host of the cluster: whether it is given work, what it has, and what it has done."""

    name: str = ""
    state: NodeState | None = None
    message: str = ""
    engines: tuple[str, ...] = ()
    processors: int = 0
    accelerators: int = 0
    units: int = 0
    lost_units: int = 0
    sent_bytes: int = 0


@dataclass(frozen=True, slots=True)
class ExportPresetInfo:
    """An export by name."""

    name: str = ""
    summary: str = ""
    options: ExportOptions | None = None


@dataclass(frozen=True, slots=True)
class ServerInfo:
    """What a daemon is and can do.

    >>> info = client.info()
    >>> [engine.name for engine in info.engines if engine.state is EngineState.READY]
    ['procedural']
    """

    version: str = ""
    protocol_version: int = 0
    client: str = ""
    engines: tuple[EngineInfo, ...] = ()
    devices: tuple[DeviceInfo, ...] = ()
    memory_plans: tuple[MemoryPlanInfo, ...] = ()
    limits: LimitsInfo = LimitsInfo()
    jobs_waiting: int = 0
    recommended_engine: str = ""
    recommendation_reason: str = ""
    free_disk_bytes: int = 0
    export_parameters: tuple[ParameterInfo, ...] = ()
    export_presets: tuple[ExportPresetInfo, ...] = ()
    nodes: tuple[NodeInfo, ...] = ()


@dataclass(frozen=True, slots=True)
class ServedModel:
    """A model of the diffusion engine: `size_bytes` of about `total_bytes` are on the daemon's disk.

    `use` says what it is needed for, and is empty for one that the engine does not run without. `message` says what is
    wrong, or unusual and harmless.
    """

    model_id: str = ""
    description: str = ""
    repository: str = ""
    state: ModelState | None = None
    size_bytes: int = 0
    total_bytes: int = 0
    revision: str = ""
    use: str = ""
    licence: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class ModelProgress:
    """How far a download or a check is: bytes of the whole model. `model` is set at the end alone, as it is then.

    `bytes_per_second` and `note`, something to know of the whole, are of downloads.
    """

    file: str = ""
    done_bytes: int = 0
    total_bytes: int = 0
    bytes_per_second: float = 0
    note: str = ""
    model: ServedModel | None = None


@dataclass(frozen=True, slots=True)
class ClientUsage:
    """A client and what it has, for administrators; times in UTC, None for never."""

    client: str = ""
    has_token: bool = False
    administrator: bool = False
    jobs: int = 0
    jobs_waiting: int = 0
    stored_bytes: int = 0
    max_bytes: int = 0
    last_seen: datetime | None = None
    expire_time: datetime | None = None


@dataclass(frozen=True, slots=True)
class ClientJob:
    """How somebody's job goes, for administrators; `state` is None where its record is damaged."""

    job_id: str = ""
    client: str = ""
    state: JobState | None = None
    engine: str = ""
    create_time: datetime | None = None
    end_time: datetime | None = None
    frame_count: int = 0
    frames_stored: int = 0
