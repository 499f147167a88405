"""Trust in a daemon on another machine by the fingerprint of its certificate."""

from __future__ import annotations

import contextlib
import hashlib
import ssl
from dataclasses import replace
from typing import Any

from paints_undo_daemon.client.errors import CertificateError, DaemonUnavailableError
from paints_undo_daemon.client.wire import Target

_SECONDS = 10.0


def pinned(target: Target) -> Target:
    """The target with the certificate that belongs to its fingerprint, which is the only one then trusted.

    The daemon shows its certificate to everybody; nothing secret is sent before it has been compared. Which name the
    certificate is for does not matter any more then, so that any name or address of the machine will do.

    Raises `CertificateError` when the daemon shows another one, `DaemonUnavailableError` when it shows none.
    """
    host, _, port = target.address.rpartition(":")
    try:
        shown = ssl.get_server_certificate((host.strip("[]"), int(port)), timeout=_SECONDS)
    except (OSError, ValueError) as error:
        raise DaemonUnavailableError(f"No daemon with TLS answers at {target.address}: {error}.") from error
    digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(shown)).hexdigest()
    if digest != _plain(target.fingerprint):
        raise CertificateError(
            f"The daemon at {target.address} shows a certificate with another fingerprint "
            f"({fingerprint_words(digest)}). If that is right, take this one; the token was not sent."
        )
    return replace(target, certificate=shown.encode(), fingerprint="", server_name=server_name(shown))


def fingerprint_words(digest: str) -> str:
    """A digest as people compare it: pairs with colons between them."""
    return ":".join(digest[start : start + 2] for start in range(0, len(digest), 2)).upper()


def _plain(fingerprint: str) -> str:
    return fingerprint.replace(":", "").replace(" ", "").lower()


def server_name(certificate: str) -> str:
    """A host name that the certificate is for; empty when it names none (then that of the address must do)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    with contextlib.suppress(ssl.SSLError):
        context.load_verify_locations(cadata=certificate)
    alternatives: Any = [entry.get("subjectAltName", ()) for entry in context.get_ca_certs()]
    return next((str(value) for listed in alternatives for kind, value in listed if kind == "DNS"), "")
