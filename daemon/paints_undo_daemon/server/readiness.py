"""Which engines can run here, told without loading them."""

from __future__ import annotations

from paints_undo.v1 import server_pb2
from paints_undo_daemon.errors import FailedPreconditionError, NotFoundError
from paints_undo_engine import engines
from paints_undo_engine.request import ENGINES

READY = server_pb2.ENGINE_STATE_READY


class Readiness:
    """The engines' states: what a worker found out, or what can be told by their packages."""

    def __init__(self) -> None:
        self._described: dict[str, tuple[server_pb2.EngineState.ValueType, str]] = {}

    def state(self, name: str) -> tuple[server_pb2.EngineState.ValueType, str]:
        """An engine's state, and in words what is missing and what to do."""
        missing = engines.missing_packages(name)
        if missing:
            return (
                server_pb2.ENGINE_STATE_NOT_INSTALLED,
                f"The engine {name} needs the packages {', '.join(missing)}. "
                f"Install them with: pip install 'paints-undo[{name}]'",
            )
        return self._described.get(name, (READY, ""))

    def describe(self, name: str, state: server_pb2.EngineState.ValueType, message: str) -> None:
        """A worker has found out more."""
        self._described[name] = (state, message)

    async def require(self, name: str) -> None:
        """Raises `FailedPreconditionError` when the engine cannot run, `NotFoundError` when there is none."""
        if name not in ENGINES:
            raise NotFoundError(f"There is no engine {name!r}, only {', '.join(ENGINES)}.", field="engine")
        state, message = self.state(name)
        if state != READY:
            raise FailedPreconditionError(message, field="parameters.engine")
