"""Certificates: the given one, or one that the daemon makes for this machine."""

from __future__ import annotations

import hashlib
import logging
import socket
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from paints_undo_daemon import durable
from paints_undo_daemon.access.addresses import Address
from paints_undo_daemon.access.tokens import write_private
from paints_undo_daemon.settings import Settings, SettingsError

log = logging.getLogger(__name__)

_DAYS = 825


def server_certificate(settings: Settings, address: Address) -> tuple[bytes, bytes, Path]:
    """The certificate chain and key (PEM) to serve with, and the chain's file. Raises `SettingsError`."""
    if settings.certificate:
        chain, key = Path(settings.certificate).expanduser(), Path(settings.key).expanduser()
    else:
        chain, key = settings.home / "certificate.pem", settings.home / "certificate-key.pem"
        if not chain.exists() or not key.exists():
            _make(chain, key, address)
    try:
        contents = chain.read_bytes(), key.read_bytes()
    except OSError as error:
        raise SettingsError(f"The certificate cannot be read: {error}.") from error
    log.info("The certificate's SHA-256 fingerprint is %s.", fingerprint(contents[0]))
    return *contents, chain


def fingerprint(pem: bytes) -> str:
    """The SHA-256 of the first certificate, as people compare it. Raises `SettingsError`."""
    end = "-----END CERTIFICATE-----"
    try:
        first = pem.decode("ascii").split(end)[0] + end
        digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(first.strip())).hexdigest().upper()
    except ValueError as error:
        raise SettingsError("The certificate file does not hold a PEM certificate.") from error
    return ":".join(digest[i : i + 2] for i in range(0, len(digest), 2))


def _make(chain: Path, key_file: Path, address: Address) -> None:
    """Make a self-signed certificate for this machine's names and the address."""
    try:
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
    except ImportError as error:
        raise SettingsError(
            "Making a certificate needs the package cryptography: install it with `pip install cryptography`, "
            "or give the settings certificate and key."
        ) from error
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Paints-Undo on {socket.gethostname()}"[:64])])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=_DAYS))
        .add_extension(x509.SubjectAlternativeName(_names(address)), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    write_private(key_file, secret.decode("ascii"))
    durable.write(chain, certificate.public_bytes(serialization.Encoding.PEM), 0o644)


def _names(address: Address) -> list:  # type: ignore[type-arg]
    from cryptography import x509

    host = socket.gethostname()
    names: list[x509.GeneralName] = [
        x509.DNSName(name) for name in dict.fromkeys(("localhost", host, socket.getfqdn())) if name.isascii()
    ]
    numbers = {"127.0.0.1", "::1"}
    try:
        numbers |= {str(item[4][0]).split("%")[0] for item in socket.getaddrinfo(host, None)}
    except (OSError, UnicodeError):
        log.info("The name of this machine, %s, has no address.", host)
    try:
        if not ip_address(address.host).is_unspecified:
            numbers.add(address.host)
    except ValueError:
        names.append(x509.DNSName(address.host))
    return [*names, *(x509.IPAddress(ip_address(number)) for number in sorted(numbers))]
