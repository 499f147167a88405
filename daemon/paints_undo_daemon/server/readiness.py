"""Which engines can run here, told without loading them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from paints_undo.v1 import server_pb2
from paints_undo_daemon.errors import FailedPreconditionError, InvalidArgumentError
from paints_undo_engine.engines import ENGINE_NAMES, Lack, can_redo, find_obstacle

READY = server_pb2.ENGINE_STATE_READY
_KEPT_SECONDS = 2.0
_STATES = {
    Lack.PACKAGES: server_pb2.ENGINE_STATE_NOT_INSTALLED,
    Lack.MODELS: server_pb2.ENGINE_STATE_NO_MODELS,
}


@dataclass(frozen=True, slots=True)
class EngineReadiness:
    """An engine's state, in words what is missing and what to do, and whether what a redo needs is here, too."""

    state: server_pb2.EngineState.ValueType
    message: str = ""
    redo: bool = True


class Readiness:
    """Looks at packages and model files, at most every two seconds. `changed` is told of every engine's readiness;
    `elsewhere` names the engines that can run on other machines, whatever is missing on this one, and says whether
    these can redo."""

    def __init__(self) -> None:
        self._known = {name: EngineReadiness(READY) for name in ENGINE_NAMES}
        self._looked = float("-inf")
        self.changed: Callable[[str, bool], Awaitable[None]] | None = None
        self.elsewhere: Callable[[], Mapping[str, bool]] = dict

    async def look(self) -> dict[str, EngineReadiness]:
        """The readiness of all engines."""
        if time.monotonic() - self._looked > _KEPT_SECONDS:
            self._looked = time.monotonic()
            here = await asyncio.to_thread(lambda: {name: _look(name) for name in ENGINE_NAMES})
            self._known = here | {name: EngineReadiness(READY, redo=redo) for name, redo in self.elsewhere().items()}
            for name, found in self._known.items():
                if self.changed is not None:
                    await self.changed(name, found.state == READY)
        return self._known

    async def require(self, name: str, field: str) -> None:
        """Raises `FailedPreconditionError` when the engine cannot run, `InvalidArgumentError` when there is none."""
        if name not in ENGINE_NAMES:
            raise InvalidArgumentError(field, f"{field} is {name!r}, but must be one of {', '.join(ENGINE_NAMES)}.")
        found = (await self.look())[name]
        if found.state != READY:
            raise FailedPreconditionError(found.message, field=field)


def _look(name: str) -> EngineReadiness:
    obstacle = find_obstacle(name)
    if obstacle is None:
        return EngineReadiness(READY, redo=can_redo(name))
    if obstacle.lack is Lack.MODELS:
        return EngineReadiness(_STATES[obstacle.lack], obstacle.message)
    # The command names a folder of this machine, which clients are not told.
    advice = "On the daemon's machine 'paints-undo doctor' gives the command that installs them."
    return EngineReadiness(_STATES[obstacle.lack], f"{obstacle.reason} {advice}")
