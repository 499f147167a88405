"""The state of the connection, and what it says to the artist: what is wrong and what to do."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from .schema import Schema, packed
from .translate import tr

if TYPE_CHECKING:
    from .purposes import Purpose


class ConnectionState(Enum):
    """Where the connection stands."""

    STOPPED = "stopped"
    NOT_INSTALLED = "not installed"
    STARTING = "starting"
    CONNECTING = "connecting"
    CONNECTED = "connected"
    RECONNECTING = "reconnecting"
    FAILED = "failed"


class Problem(Enum):
    """Why it failed."""

    NONE = ""
    UNREACHABLE = "unreachable"
    TOKEN = "token"  # noqa: S105
    CERTIFICATE = "certificate"
    VERSION = "version"
    START = "start"
    OTHER = "other"


@dataclass(frozen=True)
class EngineInfo:
    """An engine as the daemon describes it. `can_redo`: a process goes on another way from any moment of it;
    `joins_keyframes`: a single key state may be made anew or replaced, and the frames follow; `has_variants`: other
    seeds give visibly other processes."""

    name: str
    ready: bool
    message: str = ""
    has_layers: bool = False
    can_redo: bool = False
    candidates: tuple[str, ...] = ()
    joins_keyframes: bool = False
    has_variants: bool = False
    installed: bool = True
    models: bool = True


@dataclass(frozen=True)
class Server:
    """What a connected daemon is and can do."""

    version: str = ""
    protocol_version: int = 0
    client: str = ""
    engines: tuple[EngineInfo, ...] = ()
    devices: tuple[str, ...] = ()
    recommended: str = "procedural"
    reason: str = ""
    max_side: int = 0
    free_disk: int = 0
    schema: Schema = field(default_factory=packed)
    purposes: tuple[Purpose, ...] = ()

    @property
    def only_processor(self) -> bool:
        """Whether the daemon has no other device than the processor."""
        return bool(self.devices) and all(device.upper().startswith("CPU") for device in self.devices)

    def engine(self, name: str) -> EngineInfo | None:
        """An engine by name."""
        return next((engine for engine in self.engines if engine.name == name), None)

    def choose(self, wanted: str) -> tuple[str, str]:
        """The engine that `wanted` (or `auto`) stands for here, and why."""
        if wanted != "auto":
            return wanted, ""
        diffusion = self.engine("diffusion")
        if self.recommended == "diffusion" and diffusion is not None and diffusion.ready:
            return "diffusion", self.reason
        return "procedural", self.reason or (diffusion.message if diffusion else "")


@dataclass(frozen=True)
class ConnectionStatus:
    """The connection as it is now."""

    state: ConnectionState = ConnectionState.STOPPED
    problem: Problem = Problem.NONE
    detail: str = ""
    address: str = ""
    server: Server = field(default_factory=Server)

    @property
    def connected(self) -> bool:
        """Whether calls can be made."""
        return self.state is ConnectionState.CONNECTED

    @property
    def working(self) -> bool:
        """Whether it is on its way."""
        return self.state in (ConnectionState.STARTING, ConnectionState.CONNECTING, ConnectionState.RECONNECTING)

    def words(self) -> str:
        """One line: what is, or what is wrong and what to do."""
        if self.state is ConnectionState.FAILED:
            return _problem_words(self.problem, self.detail, self.address)
        return {
            ConnectionState.STOPPED: tr("It starts when it is needed."),
            ConnectionState.NOT_INSTALLED: tr("Press Set up once; it needs no terminal."),
            ConnectionState.STARTING: tr("Starting …"),
            ConnectionState.CONNECTING: tr("Connecting …"),
            ConnectionState.CONNECTED: tr("Connected."),
            ConnectionState.RECONNECTING: tr(
                "The connection was lost; connecting again. Nothing that was accepted is lost."
            ),
        }[self.state]


def _problem_words(problem: Problem, detail: str, address: str) -> str:
    texts = {
        Problem.UNREACHABLE: tr(
            "Nothing answers at {address}. Does Undo Painting run there, and is the address right?", address=address
        ),
        Problem.TOKEN: tr("The other computer refused the token. Check the token in the settings."),
        Problem.CERTIFICATE: tr(
            "The other computer's certificate is not the expected one. Check the fingerprint in the settings."
        ),
        Problem.VERSION: tr("The program and this plugin are of different versions. Upgrade both."),
        Problem.START: tr("Undo Painting's program could not be started. Press Repair, or look into the log."),
    }
    text = texts.get(problem, tr("Undo Painting's program cannot be used."))
    return f"{text} {detail}".strip()


def problem_of(grpc_status: str, message: str) -> tuple[Problem, str]:
    """What a failed first call means: the name of its gRPC status and its message."""
    if grpc_status in ("UNAUTHENTICATED", "PERMISSION_DENIED"):
        return Problem.TOKEN, ""
    if grpc_status in ("UNAVAILABLE", "DEADLINE_EXCEEDED", "CANCELLED"):
        return Problem.UNREACHABLE, ""
    if grpc_status == "UNIMPLEMENTED":
        return Problem.VERSION, ""
    return Problem.OTHER, message
