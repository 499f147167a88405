"""Certificates: the given one, or one that the daemon makes for this machine and renews with the same key."""

from __future__ import annotations

import logging
import socket
import ssl
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

from paints_undo_daemon import durable
from paints_undo_daemon.access.addresses import Address
from paints_undo_daemon.access.tokens import write_private
from paints_undo_daemon.proof import key_fingerprint
from paints_undo_daemon.settings import Settings, SettingsError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

log = logging.getLogger(__name__)

DAYS = 825
WARN_DAYS = 60
"""An own certificate is renewed, and about a given one it is warned, so many days before its end."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """A chain and its private key (PEM), and the file of the chain."""

    chain: bytes
    key: bytes
    file: Path

    @property
    def fingerprint(self) -> str:
        """The public key's, as 64 hexadecimal digits. Raises `SettingsError`."""
        return chain_fingerprint(self.chain)


def chain_fingerprint(chain: bytes) -> str:
    """The fingerprint of the public key of a PEM chain's first certificate. Raises `SettingsError`."""
    end = "-----END CERTIFICATE-----"
    try:
        first = chain.decode("ascii").split(end)[0] + end
        return key_fingerprint(ssl.PEM_cert_to_DER_cert(first.strip()))
    except ValueError as error:
        raise SettingsError("The certificate file does not hold a PEM certificate.") from error


def server_certificate(settings: Settings, address: Address) -> Certificate:
    """The certificate to serve with. Raises `SettingsError`."""
    if settings.certificate:
        chain, key = Path(settings.certificate).expanduser(), Path(settings.key).expanduser()
    else:
        chain, key = settings.home / "certificate.pem", settings.home / "certificate-key.pem"
        _keep_current(chain, key, address)
    try:
        return Certificate(chain.read_bytes(), key.read_bytes(), chain)
    except OSError as error:
        raise SettingsError(f"The certificate cannot be read: {error}.") from error


def days_left(chain: Path) -> float:
    """Days until the certificate of a PEM file ends; negative when it has. Raises `SettingsError`."""
    from cryptography import x509

    try:
        ends = x509.load_pem_x509_certificate(chain.read_bytes()).not_valid_after_utc
    except (OSError, ValueError) as error:
        raise SettingsError(f"The certificate {chain} cannot be read: {error}.") from error
    return (ends.timestamp() - time.time()) / 86400


def _keep_current(chain: Path, key_file: Path, address: Address) -> None:
    """Make the own key when there is none, and a certificate for it when there is none or it ends soon."""
    try:
        import cryptography  # noqa: F401
    except ImportError as error:
        raise SettingsError(
            "Making a certificate needs the package cryptography: install it with `pip install cryptography`, "
            "or give the settings certificate and key."
        ) from error
    key = _load_key(key_file)
    if key is None:
        key = _make_key(key_file)
    elif _is_current(chain, key):
        return
    _make(chain, key, address)


def _is_current(chain: Path, key: EllipticCurvePrivateKey) -> bool:
    from cryptography import x509

    try:
        certificate = x509.load_pem_x509_certificate(chain.read_bytes())
    except (OSError, ValueError):
        return False
    return certificate.public_key() == key.public_key() and days_left(chain) > WARN_DAYS


def _load_key(file: Path) -> EllipticCurvePrivateKey | None:
    """The own private key, None when there is none. Raises `SettingsError` when it is damaged: every client that knows
    its fingerprint would be lost."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    try:
        key = serialization.load_pem_private_key(file.read_bytes(), None)
        if isinstance(key, ec.EllipticCurvePrivateKey):
            return key
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as error:
        log.debug("The key cannot be used.", exc_info=error)
    raise SettingsError(
        f"The key {file} cannot be read. Put it back, or move it away: then a new one is made, and every client that "
        "knows the old fingerprint needs the new one."
    )


def _make_key(file: Path) -> EllipticCurvePrivateKey:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    write_private(file, pem.decode("ascii"))
    return key


def _make(chain: Path, key: EllipticCurvePrivateKey, address: Address) -> None:
    """Make a self-signed certificate for this machine's names and the address."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Paints-Undo on {socket.gethostname()}"[:64])])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=DAYS))
        .add_extension(x509.SubjectAlternativeName(_names(address)), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
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
