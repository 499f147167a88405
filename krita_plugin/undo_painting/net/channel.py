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
from .proof import key_fingerprint, plain_fingerprint, spelled

if TYPE_CHECKING:
    from grpclib.client import Channel

CONNECT_SECONDS = 5.0


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
    if isinstance(error, StreamTerminatedError | OSError):
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


def encrypted(fingerprint: str | None) -> ssl.SSLContext:
    """TLS towards a daemon whose key will be compared; without a fingerprint an authority must vouch for it."""
    context = ssl.create_default_context()
    if fingerprint is not None:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["h2"])
    return context


def check_key(transport: asyncio.BaseTransport, fingerprint: str) -> None:
    """The handshake has shown that the daemon has the private key of its certificate; this compares the public one.
    Raises `CertificateError`."""
    shown = key_of(transport)
    if shown != fingerprint:
        raise CertificateError(tr("It shows {fingerprint}.", fingerprint=breakable(shown)))


def key_of(transport: asyncio.BaseTransport) -> str:
    """The fingerprint of the key at the other end of an encrypted connection."""
    return key_fingerprint(transport.get_extra_info("ssl_object").getpeercert(binary_form=True))


async def compare_by_hand(host: str, port: int) -> CertificateError:
    """What to say of a daemon for which no authority vouches: its fingerprint, to be compared with what it has printed.
    Nothing is sent to it. Raises `OSError`."""
    blind = encrypted("")
    _, writer = await asyncio.wait_for(asyncio.open_connection(host, port, ssl=blind), CONNECT_SECONDS)
    shown = key_of(writer.transport)
    writer.close()
    return CertificateError(
        tr(
            "It shows {fingerprint}. If the daemon printed the same when it started, enter that as its fingerprint.",
            fingerprint=breakable(shown),
        )
    )


def breakable(fingerprint: str) -> str:
    """A fingerprint as the daemon prints it; lines may break between groups of eight bytes."""
    parts = [spelled(fingerprint[place : place + 16]) for place in range(0, len(fingerprint), 16)]
    return ":\u200b".join(parts)
