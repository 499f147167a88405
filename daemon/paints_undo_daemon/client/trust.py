"""Trust in a daemon before it is sent the token: by its socket, its public key, or who has signed its certificate."""

from __future__ import annotations

import contextlib
import socket
import ssl
from dataclasses import dataclass, field
from typing import Any

from paints_undo_daemon.client.errors import CertificateError, DaemonUnavailableError
from paints_undo_daemon.client.wire import DaemonAddress
from paints_undo_daemon.proof import check_peer, check_socket, key_fingerprint, plain_fingerprint, spelled

_SECONDS = 5.0
_NO_TLS = "What answers at {} does not speak TLS, as a daemon does; the token was not sent."


@dataclass(frozen=True, slots=True)
class ProvenDaemon:
    """A daemon that may be sent its token. Over TCP `roots` (PEM) are the only certificates that are then trusted, and
    `server_name` is the name that its certificate is for, where that is another one than the address's."""

    target: str
    token: str = field(repr=False)
    roots: bytes | None = None
    server_name: str = ""

    @property
    def over_socket(self) -> bool:
        """Whether nothing is encrypted, for nothing leaves the system's own memory."""
        return self.target.startswith("unix:")


def prove(daemon: DaemonAddress) -> ProvenDaemon:
    """Have a daemon prove itself; nothing secret is sent.

    Which name a certificate is for does not matter once its key or the certificate itself is known, so that any name or
    address of the machine will do.

    Raises `CertificateError` when it is another one, `DaemonUnavailableError` when none answers.
    """
    if daemon.socket_path:
        _prove_socket(daemon.socket_path)
        return ProvenDaemon(daemon.address, daemon.token)
    if daemon.certificate is not None:
        return ProvenDaemon(daemon.address, daemon.token, daemon.certificate, server_name(daemon.certificate))
    if daemon.fingerprint is None:
        return ProvenDaemon(daemon.address, daemon.token, _vouched_certificate(daemon.address))
    shown = shown_certificate(daemon.address)
    found = _fingerprint_of(shown, daemon.address)
    if found != plain_fingerprint(daemon.fingerprint):
        raise CertificateError(
            f"The daemon at {daemon.address} has a key with another fingerprint ({spelled(found)}). "
            "If that is right, take this one; the token was not sent."
        )
    return ProvenDaemon(daemon.address, daemon.token, shown.encode(), server_name(shown.encode()))


def _fingerprint_of(shown: str, address: str) -> str:
    try:
        return key_fingerprint(ssl.PEM_cert_to_DER_cert(shown))
    except ValueError as error:
        raise CertificateError(f"What answers at {address} shows {error}; the token was not sent.") from error


def _prove_socket(path: str) -> None:
    try:
        check_socket(path)
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(_SECONDS)
            probe.connect(path)
            check_peer(probe)
    except PermissionError as error:
        raise CertificateError(f"The socket is not trusted: {error}. The token was not sent.") from error
    except (OSError, AttributeError) as error:
        raise DaemonUnavailableError(f"No daemon answers at {path}: {error}.") from error


def shown_certificate(address: str) -> str:
    """The certificate (PEM) that a daemon shows to everybody. Raises `DaemonUnavailableError` when it shows none."""
    try:
        return ssl.get_server_certificate(_host_and_port(address), timeout=_SECONDS)
    except ssl.SSLError as error:
        raise DaemonUnavailableError(_NO_TLS.format(address)) from error
    except (OSError, ValueError) as error:
        raise DaemonUnavailableError(f"No daemon with TLS answers at {address}: {error}.") from error


def _vouched_certificate(address: str) -> bytes:
    """The certificate that a daemon shows, if an authority that this system trusts has signed it for this address."""
    host, port = _host_and_port(address)
    context = ssl.create_default_context()
    try:
        with (
            socket.create_connection((host, port), _SECONDS) as plain,
            context.wrap_socket(plain, server_hostname=host) as encrypted,
        ):
            return ssl.DER_cert_to_PEM_cert(encrypted.getpeercert(binary_form=True) or b"").encode()
    except ssl.SSLCertVerificationError as error:
        found = _fingerprint_of(shown_certificate(address), address)
        raise CertificateError(
            f"The daemon at {address} speaks TLS with a certificate of no known authority: give the fingerprint of its "
            f"key (--fingerprint). It shows {spelled(found)}; compare that with what the daemon logs at its start. "
            "The token was not sent."
        ) from error
    except ssl.SSLError as error:
        raise DaemonUnavailableError(_NO_TLS.format(address)) from error
    except (OSError, ValueError) as error:
        raise DaemonUnavailableError(f"No daemon with TLS answers at {address}: {error}.") from error


def answers(address: str) -> bool:
    """Whether anything listens at a gRPC target, whoever it is; nothing is sent to it."""
    try:
        if address.startswith("unix:"):
            with socket.socket(socket.AF_UNIX) as probe:
                probe.settimeout(_SECONDS)
                probe.connect(address.removeprefix("unix:"))
        else:
            socket.create_connection(_host_and_port(address), _SECONDS).close()
    except (OSError, ValueError, AttributeError):
        return False
    return True


def _host_and_port(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)


def server_name(certificate: bytes) -> str:
    """A host name that a certificate (PEM) is for; empty when it names none (then that of the address must do)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    with contextlib.suppress(ssl.SSLError):
        context.load_verify_locations(cadata=certificate.decode("ascii", "replace"))
    alternatives: Any = [entry.get("subjectAltName", ()) for entry in context.get_ca_certs()]
    return next((str(value) for listed in alternatives for kind, value in listed if kind == "DNS"), "")
