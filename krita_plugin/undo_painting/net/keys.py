"""Recognizing a daemon by the key that it shows in the TLS handshake."""

from __future__ import annotations

import asyncio
import ssl

from ..core.translate import tr
from .errors import CertificateError
from .proof import key_fingerprint, spelled

CONNECT_SECONDS = 5.0


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
    """The fingerprint of the key at the other end of an encrypted connection. Raises `CertificateError`."""
    try:
        return key_fingerprint(transport.get_extra_info("ssl_object").getpeercert(binary_form=True))
    except ValueError as error:
        raise CertificateError(str(error)) from error


async def compare_by_hand(host: str, port: int) -> CertificateError:
    """What to say of a daemon for which no authority vouches: its fingerprint, to be compared with what it has printed.
    Nothing is sent to it. Raises `OSError`."""
    blind = encrypted("")
    _, writer = await asyncio.wait_for(asyncio.open_connection(host, port, ssl=blind), CONNECT_SECONDS)
    shown = key_of(writer.transport)
    writer.close()
    return CertificateError(
        tr(
            "It shows {fingerprint}. If it printed the same when it started, enter that as its fingerprint.",
            fingerprint=breakable(shown),
        )
    )


def breakable(fingerprint: str) -> str:
    """A fingerprint as the daemon prints it; lines may break between groups of eight bytes."""
    parts = [spelled(fingerprint[place : place + 16]) for place in range(0, len(fingerprint), 16)]
    return ":\u200b".join(parts)
