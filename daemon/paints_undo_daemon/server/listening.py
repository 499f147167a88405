"""Opening the socket or the port that the daemon listens at."""

from __future__ import annotations

import contextlib
import logging
import os
import time
from dataclasses import dataclass
from pathlib import Path

import grpc

from paints_undo_daemon.access.addresses import Address, parse_address
from paints_undo_daemon.access.folders import make_private
from paints_undo_daemon.access.tls import WARN_DAYS, Certificate, days_left, server_certificate
from paints_undo_daemon.home import PROTOCOL_VERSION, Endpoint, token_file
from paints_undo_daemon.proof import process_start, spelled
from paints_undo_daemon.settings import AUTO, Settings, SettingsError
from paints_undo_engine import __version__

log = logging.getLogger(__name__)

_LOOK_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class Listening:
    """`bound` is the address as it was asked for, with its port; `endpoint` is for this machine's own programs."""

    bound: str
    endpoint: Endpoint
    address: Address

    @property
    def certificate(self) -> Path | None:
        """The file of the certificate, over TCP."""
        return Path(self.endpoint.certificate_file) if self.endpoint.certificate_file else None

    def close(self) -> None:
        """Take the socket away, and the folder that was made for it alone."""
        if self.address.path:
            path = Path(self.address.path)
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
            if path.parent.name.startswith("paints-undo-"):
                with contextlib.suppress(OSError):
                    path.parent.rmdir()


def listen(server: grpc.aio.Server, settings: Settings) -> Listening:
    """Open the socket, or the port with TLS. Raises `SettingsError`."""
    address = parse_address(settings.listen, settings.home)
    served: Certificate | None = None
    port = 0
    try:
        if address.path:
            _open_socket(server, address, settings.home, own_folder=settings.listen == AUTO)
        else:
            served = server_certificate(settings, address)
            port = server.add_secure_port(address.target(), _Renewal(settings, address, served).credentials())
    except RuntimeError as error:
        raise SettingsError(f"The daemon cannot listen on {settings.listen}: {error}") from error
    if served is not None:
        log.info("The fingerprint of this daemon's key is %s.", spelled(served.fingerprint))
    endpoint = Endpoint(
        address=address.from_here(port),
        pid=os.getpid(),
        process_start=process_start(os.getpid()),
        start_time=time.time(),
        daemon_version=__version__,
        protocol_version=PROTOCOL_VERSION,
        token_file=str(token_file(settings.home)),
        key_fingerprint=served.fingerprint if served else "",
        certificate_file=str(served.file.absolute()) if served else "",
    )
    return Listening(address.target(port), endpoint, address)


def _open_socket(server: grpc.aio.Server, address: Address, home: Path, *, own_folder: bool) -> None:
    """Only this account may connect, and nobody else put another socket in its place. The lock is ours, so a socket
    that is there is left over."""
    path = Path(address.path)
    if own_folder:
        if path.parent.is_symlink() and path.parent != home:
            raise SettingsError(f"The folder {path.parent} is a link: remove it.")
        make_private(path.parent)
    elif path.parent.stat().st_mode & 0o022:
        raise SettingsError(f"Other accounts may change the folder of {path}: choose another one for the socket.")
    if path.is_socket():
        path.unlink()
    before = os.umask(0o177)
    try:
        server.add_insecure_port(address.target())
    finally:
        os.umask(before)
    path.chmod(0o600)


class _Renewal:
    """Serves a certificate, and its successor once the file has changed or the own one was renewed."""

    def __init__(self, settings: Settings, address: Address, first: Certificate) -> None:
        self._settings = settings
        self._address = address
        self._served = first
        self._looked = time.monotonic()
        _warn(first)

    def credentials(self) -> grpc.ServerCredentials:
        """What gRPC asks at every handshake; None, which its types do not know, lets the present one be."""
        return grpc.dynamic_ssl_server_credentials(_configuration(self._served), self._newer)  # type: ignore[arg-type]

    def _newer(self) -> grpc.ServerCertificateConfiguration | None:
        if time.monotonic() - self._looked < _LOOK_SECONDS:
            return None
        self._looked = time.monotonic()
        try:
            found = server_certificate(self._settings, self._address)
        except (SettingsError, OSError):
            log.exception("The certificate cannot be renewed; the present one is served on.")
            return None
        _warn(found)
        if found == self._served:
            return None
        self._served = found
        return _configuration(found)


def _configuration(certificate: Certificate) -> grpc.ServerCertificateConfiguration:
    return grpc.ssl_server_certificate_configuration([(certificate.key, certificate.chain)])


def _warn(certificate: Certificate) -> None:
    days = days_left(certificate.file)
    if days < WARN_DAYS:
        log.warning("The certificate %s ends in %.0f days: renew it.", certificate.file, days)
