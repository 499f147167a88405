"""The daemon behind the page: one channel for all browsers, found anew when it breaks."""

from __future__ import annotations

import asyncio

import grpc
import grpc.aio

from paints_undo_daemon.client.aio_transport import open_channel
from paints_undo_daemon.client.discovery import Locator
from paints_undo_daemon.client.trust import prove


class Upstream:
    """A channel to the daemon. A broken one is closed, and the daemon is located again and has to prove itself again
    before anything is sent.

    `locator` says where the daemon is and may start it; it may block, and runs in a thread.
    """

    def __init__(self, locator: Locator) -> None:
        self._locator = locator
        self._opening = asyncio.Lock()
        self._channel: grpc.aio.Channel | None = None
        self._token = ""

    async def channel(self) -> grpc.aio.Channel:
        """The channel that is open, or a new one. Raises `ClientError`."""
        async with self._opening:
            if self._channel is not None and not self._locator.is_current():
                await self._channel.close()
                self._channel = None
            if self._channel is None:
                daemon = await asyncio.to_thread(lambda: prove(self._locator.locate()))
                self._channel, self._token = open_channel(daemon), daemon.token
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
