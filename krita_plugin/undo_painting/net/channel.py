"""One connection to a daemon: the channel, its token and its certificate.

The network libraries are loaded with the first connection, not with the plugin.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import secrets
import ssl
from typing import TYPE_CHECKING

from ..core.connection import Problem
from ..core.home import Endpoint
from ..core.translate import tr
from .errors import CallError, CertificateError

if TYPE_CHECKING:
    from grpclib.client import Channel

WINDOW = 16 * 1024 * 1024
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


async def open_channel(endpoint: Endpoint) -> tuple[Channel, dict[str, str]]:
    """A channel and the metadata that every call carries. Connects with the first call.

    With a fingerprint the server's certificate is fetched first and compared; only that very certificate is then
    trusted. Raises `CallError`.
    """
    from grpclib.client import Channel
    from grpclib.config import Configuration

    configuration = Configuration(http2_connection_window_size=WINDOW, http2_stream_window_size=WINDOW)
    metadata = {"authorization": f"Bearer {endpoint.token}", "paints-undo-connection": secrets.token_hex(8)}
    if endpoint.address.startswith("unix:"):
        return Channel(path=endpoint.address[5:].replace("//", "", 1), config=configuration), metadata
    host, _, port = endpoint.address.rpartition(":")
    host = host.strip("[]")
    if not host or not port.isdigit():
        raise CallError("INVALID_ARGUMENT", tr("{address} is no address; write HOST:PORT.", address=endpoint.address))
    context = await _context(endpoint, host, int(port))
    return Channel(host, int(port), ssl=context, config=configuration), metadata


async def _context(endpoint: Endpoint, host: str, port: int) -> ssl.SSLContext | None:
    """How to encrypt, None on this machine without a certificate. Beyond it a token never travels unencrypted: what has
    no fingerprint must have a certificate that an authority of the system has signed."""
    certificate = endpoint.certificate
    if endpoint.fingerprint:
        certificate = await _shown_certificate(host, port)
        shown = fingerprint(certificate)
        if not same_fingerprint(shown, endpoint.fingerprint):
            raise CertificateError(tr("It shows {fingerprint}.", fingerprint=shown))
    elif not certificate and endpoint.local:
        return None
    elif not certificate:
        context = ssl.create_default_context()
        context.set_alpn_protocols(["h2"])
        await _check_authority(context, host, port)
        return context
    context = ssl.create_default_context(cadata=certificate)
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.set_alpn_protocols(["h2"])
    return context


async def why_refused(endpoint: Endpoint, error: CallError) -> CallError:
    """What a refused first call means: a daemon that encrypts answers a plain call with nothing."""
    plain = endpoint.local and not (endpoint.certificate or endpoint.fingerprint)
    if error.problem is not Problem.UNREACHABLE or not plain or endpoint.address.startswith("unix:"):
        return error
    host, _, port = endpoint.address.rpartition(":")
    try:
        shown = fingerprint(await _shown_certificate(host.strip("[]"), int(port)))
    except CallError:
        return error
    return CertificateError(_enter(shown))


async def _check_authority(context: ssl.SSLContext, host: str, port: int) -> None:
    shown = fingerprint(await _shown_certificate(host, port))
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection(host, port, ssl=context), CONNECT_SECONDS)
        writer.close()
    except ssl.SSLCertVerificationError as error:
        raise CertificateError(_enter(shown)) from error
    except (OSError, asyncio.TimeoutError) as error:
        raise translate(error) from error


def _enter(shown: str) -> str:
    return tr(
        "It shows {fingerprint}. If the daemon printed the same when it started, enter that as its fingerprint.",
        fingerprint=shown,
    )


async def _shown_certificate(host: str, port: int) -> str:
    """The certificate (PEM) that a server shows; nothing is sent to it. Raises `CallError`."""
    blind = ssl.create_default_context()
    blind.check_hostname = False
    blind.verify_mode = ssl.CERT_NONE
    blind.set_alpn_protocols(["h2"])
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection(host, port, ssl=blind), CONNECT_SECONDS)
    except ssl.SSLError as error:
        raise CertificateError(
            tr("It does not encrypt; beyond this machine it must run with the option --tls.")
        ) from error
    except (OSError, asyncio.TimeoutError) as error:
        raise translate(error) from error
    try:
        shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    finally:
        writer.close()
    return ssl.DER_cert_to_PEM_cert(shown)


def fingerprint(certificate: str) -> str:
    """The SHA-256 of a certificate (PEM) as the daemon prints it; lines may break between groups of eight bytes."""
    digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(certificate)).hexdigest().upper()
    pairs = [digest[place : place + 2] for place in range(0, len(digest), 2)]
    groups = [":".join(pairs[place : place + 8]) for place in range(0, len(pairs), 8)]
    return ":\u200b".join(groups)


def same_fingerprint(one: str, other: str) -> bool:
    """Whether two fingerprints are the same, however they are written."""
    first, second = (re.sub(r"[^0-9a-f]", "", text.lower()) for text in (one, other))
    return first == second
