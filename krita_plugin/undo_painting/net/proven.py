"""Channels that check who is at the other end, before the first header is sent and whenever they connect.

A channel connects once. When its connection is lost, the daemon has to be looked for again: another program may have
its place by now.
"""

from __future__ import annotations

import asyncio
import ssl

from grpclib.client import Channel
from grpclib.config import Configuration
from grpclib.protocol import H2Protocol

from ..core.translate import tr
from .errors import CallError, CertificateError
from .keys import CONNECT_SECONDS, check_key, compare_by_hand, encrypted
from .proof import check_peer, check_socket

WINDOW = 16 * 1024 * 1024


class _OnceChannel(Channel):
    _used = False

    async def _create_connection(self) -> H2Protocol:
        if self._used:
            raise CallError("UNAVAILABLE", "The connection was lost.")
        self._used = True
        return await asyncio.wait_for(self._connect(), CONNECT_SECONDS)

    async def _connect(self) -> H2Protocol:
        raise NotImplementedError


class SocketChannel(_OnceChannel):
    """To a Unix socket of this account."""

    def __init__(self, path: str) -> None:
        super().__init__(path=path, config=_configuration())
        self._socket = path

    async def _connect(self) -> H2Protocol:
        try:
            check_socket(self._socket)
            transport, protocol = await self._loop.create_unix_connection(self._protocol_factory, self._socket)
            try:
                check_peer(transport.get_extra_info("socket"))
            except PermissionError:
                transport.abort()
                raise
        except PermissionError as error:
            raise CertificateError(tr("Its socket belongs to another account; nothing was sent.")) from error
        return protocol


class KeyChannel(_OnceChannel):
    """To a TCP port, encrypted. `fingerprint` is that of the daemon's key; None: an authority vouches for the host."""

    def __init__(self, host: str, port: int, fingerprint: str | None) -> None:
        super().__init__(host, port, ssl=encrypted(fingerprint), config=_configuration())
        self._fingerprint = fingerprint

    async def _connect(self) -> H2Protocol:
        try:
            transport, protocol = await self._loop.create_connection(
                self._protocol_factory, self._host, self._port, ssl=self._ssl
            )
        except ssl.SSLCertVerificationError as error:
            raise await compare_by_hand(self._host, self._port) from error
        except ssl.SSLError as error:
            raise CertificateError(tr("It does not speak TLS, as a daemon does; nothing was sent.")) from error
        if self._fingerprint is not None:
            try:
                check_key(transport, self._fingerprint)
            except CertificateError:
                transport.abort()
                raise
        return protocol


def _configuration() -> Configuration:
    return Configuration(
        http2_connection_window_size=WINDOW,
        http2_stream_window_size=WINDOW,
        _keepalive_time=30.0,
        _keepalive_timeout=10.0,
    )
