"""The daemon behind the door: one channel for all browsers, found anew when it breaks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import grpc
import grpc.aio

from paints_undo_daemon.client import wire
from paints_undo_daemon.client.errors import DaemonUnavailableError


class Upstream:
    """A channel to the daemon. A broken one is closed, and the daemon is located again before anything is sent.

    `locate` says where the daemon is and may start it; it may block, and runs in a thread.
    """

    def __init__(self, locate: Callable[[], wire.Target]) -> None:
        self._locate = locate
        self._opening = asyncio.Lock()
        self._channel: grpc.aio.Channel | None = None
        self._token = ""

    async def channel(self) -> grpc.aio.Channel:
        """The channel that is open, or a new one. Raises `DaemonUnavailableError`."""
        async with self._opening:
            if self._channel is None:
                target = await asyncio.to_thread(self._locate)
                self._channel, self._token = _open(target), target.token
            return self._channel

    def metadata(self, connection: str) -> tuple[tuple[str, str], ...]:
        """The metadata of a call of one page, whose random id is `connection`."""
        return (("authorization", f"Bearer {self._token}"), ("paints-undo-connection", connection))

    async def broken(self, channel: grpc.aio.Channel) -> None:
        """A call on `channel` found it broken: the next call opens another one."""
        async with self._opening:
            if channel is not self._channel:
                return
            self._channel = None
        await channel.close()

    async def close(self) -> None:
        """Close the channel; jobs go on."""
        if self._channel is not None:
            await self.broken(self._channel)


def _open(target: wire.Target) -> grpc.aio.Channel:
    options = wire.channel_options(target)
    if target.certificate is None:
        return grpc.aio.insecure_channel(target.address, options)
    credentials = grpc.ssl_channel_credentials(root_certificates=target.certificate)
    return grpc.aio.secure_channel(target.address, credentials, options)


__all__ = ["DaemonUnavailableError", "Upstream"]
