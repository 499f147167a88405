"""One connection to a daemon, which has to prove itself before it is sent the token.

The network libraries are loaded with the first connection, not with the plugin.
"""

from __future__ import annotations

import asyncio
import secrets
import ssl
from typing import TYPE_CHECKING

from ..core.home import Endpoint
from ..core.translate import tr
from .errors import CallError, CertificateError
from .proof import plain_fingerprint

if TYPE_CHECKING:
    from grpclib.client import Channel


def translate(error: BaseException) -> CallError:
    """Any failure of a call as a `CallError`."""
    from grpclib.exceptions import GRPCError, StreamTerminatedError

    if isinstance(error, CallError):
        return error
    if isinstance(error, GRPCError):
        return CallError(error.status.name, error.message or "")
    if isinstance(error, ssl.SSLError):
        return CertificateError(str(error.reason or error))
    if isinstance(error, asyncio.TimeoutError | TimeoutError):
        return CallError("DEADLINE_EXCEEDED", "The daemon did not answer in time.")
    if isinstance(error, StreamTerminatedError):
        return CallError("UNAVAILABLE", "The connection was lost.")
    if isinstance(error, OSError):
        return CallError("UNAVAILABLE", str(error))
    return CallError("INTERNAL", f"{type(error).__name__}: {error}")


def open_channel(endpoint: Endpoint) -> tuple[Channel, dict[str, str]]:
    """A channel and the metadata that every call carries. It connects once, with the first call, and sends nothing
    before the daemon has proved itself. Raises `CallError` when the address or the fingerprint cannot be one."""
    from .proven import KeyChannel, SocketChannel

    metadata = {"authorization": f"Bearer {endpoint.token}", "paints-undo-connection": secrets.token_hex(8)}
    if endpoint.address.startswith("unix:/"):
        return SocketChannel(endpoint.address[len("unix:") :]), metadata
    host, _, port = endpoint.address.rpartition(":")
    host = host.strip("[]")
    if not host or not port.isdigit():
        raise CallError("INVALID_ARGUMENT", tr("{address} is no address; write HOST:PORT.", address=endpoint.address))
    fingerprint = None
    if endpoint.fingerprint:
        try:
            fingerprint = plain_fingerprint(endpoint.fingerprint)
        except ValueError as error:
            raise CertificateError(tr("A fingerprint has 64 hexadecimal digits.")) from error
    return KeyChannel(host, int(port), fingerprint), metadata
