"""Calls without a valid token: refused later and later, and told in the log."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict

from paints_undo_daemon.errors import UnauthenticatedError

log = logging.getLogger(__name__)

_STEP_SECONDS, _LONGEST_SECONDS = 0.1, 2.0
_FORGET_SECONDS = 60.0
_HOSTS, _WAITING = 1024, 256
_LOG_SECONDS = 10.0
REASON = "The call carries no valid token: send `authorization: Bearer TOKEN`."


class Refusals:
    """The delay grows with a host's failures within a minute; a valid token from there is never slowed down.

    At most 256 refusals wait at a time, those beyond are told at once, so that nobody can pile them up.
    """

    def __init__(self) -> None:
        self._failures: OrderedDict[str, tuple[int, float]] = OrderedDict()
        self._waiting = 0
        self._logged = float("-inf")

    async def refuse(self, peer: str, method: str, reason: str = REASON) -> None:
        """Always raises `UnauthenticatedError`, sooner or later; `reason` is its message."""
        count = self._count(host_of(peer))
        self._tell(peer, method, count)
        if self._waiting < _WAITING:
            self._waiting += 1
            try:
                await asyncio.sleep(min(count * _STEP_SECONDS, _LONGEST_SECONDS))
            finally:
                self._waiting -= 1
        raise UnauthenticatedError(reason)

    def _count(self, host: str) -> int:
        now = time.monotonic()
        count, last = self._failures.pop(host, (0, now))
        count = count + 1 if now - last < _FORGET_SECONDS else 1
        self._failures[host] = count, now
        if len(self._failures) > _HOSTS:
            self._failures.popitem(last=False)
        return count

    def _tell(self, peer: str, method: str, count: int) -> None:
        now = time.monotonic()
        if count == 1 or now - self._logged >= _LOG_SECONDS:
            self._logged = now
            text = "A call of %s from %s had no valid token (%d from there of late)."
            log.warning(text, method, peer, count, extra={"peer": peer})


def host_of(peer: str) -> str:
    """The host of gRPC's name for a peer, such as ``ipv4:127.0.0.1:4242``."""
    return peer.rpartition(":")[0] if peer.startswith(("ipv4:", "ipv6:")) else peer
