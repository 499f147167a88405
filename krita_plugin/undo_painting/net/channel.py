"""One connection to a daemon: the channel, its token and its certificate."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import ssl
from typing import Any

from grpclib.client import Channel
from grpclib.config import Configuration
from grpclib.exceptions import GRPCError, StreamTerminatedError

from ..core.connection import Problem, problem_of
from ..core.home import Endpoint

WINDOW = 16 * 1024 * 1024
CONNECT_SECONDS = 5.0


class CallError(Exception):
    """A call failed: the name of its gRPC status, the reason in words, and what it means for the connection."""

    def __init__(self, status: str, message: str) -> None:
        super().__init__(message or status)
        self.status = status
        self.problem, self.detail = problem_of(status, message)

    @property
    def transient(self) -> bool:
        """Whether the same call may well succeed after connecting again."""
        return self.status in ("UNAVAILABLE", "CANCELLED", "DEADLINE_EXCEEDED", "ABORTED")


class CertificateError(CallError):
    """The certificate is not the expected one; the token was not sent."""

    def __init__(self, message: str) -> None:
        super().__init__("UNAVAILABLE", message)
        self.problem, self.detail = Problem.CERTIFICATE, message


def translate(error: BaseException) -> CallError:
    """Any failure of a call as a `CallError`."""
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
    configuration = Configuration(http2_connection_window_size=WINDOW, http2_stream_window_size=WINDOW)
    metadata = {"authorization": f"Bearer {endpoint.token}", "paints-undo-connection": secrets.token_hex(8)}
    if endpoint.address.startswith("unix:"):
        return Channel(path=endpoint.address[5:].replace("//", "", 1), config=configuration), metadata
    host, _, port = endpoint.address.rpartition(":")
    host = host.strip("[]")
    if not host or not port.isdigit():
        raise CallError("INVALID_ARGUMENT", f"{endpoint.address!r} is not an address; write HOST:PORT.")
    context = await _context(endpoint, host, int(port))
    return Channel(host, int(port), ssl=context, config=configuration), metadata


async def _context(endpoint: Endpoint, host: str, port: int) -> Any:
    certificate = endpoint.certificate
    if endpoint.fingerprint:
        try:
            certificate = await asyncio.wait_for(_fetch_certificate(host, port), CONNECT_SECONDS)
        except (OSError, asyncio.TimeoutError) as error:
            raise translate(error) from error
        shown = hashlib.sha256(ssl.PEM_cert_to_DER_cert(certificate)).hexdigest()
        if shown != endpoint.fingerprint.replace(":", "").replace(" ", "").lower():
            raise CertificateError(f"It shows {shown}.")
    if not certificate:
        return None
    context = ssl.create_default_context(cadata=certificate)
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.set_alpn_protocols(["h2"])
    return context


async def _fetch_certificate(host: str, port: int) -> str:
    blind = ssl.create_default_context()
    blind.check_hostname = False
    blind.verify_mode = ssl.CERT_NONE
    blind.set_alpn_protocols(["h2"])
    _, writer = await asyncio.open_connection(host, port, ssl=blind)
    try:
        shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    finally:
        writer.close()
    return ssl.DER_cert_to_PEM_cert(shown)
