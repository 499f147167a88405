"""The account's key for signing exports: made here when it is first needed, or the artist's own.

`signing/certificates.pem` (the signer's first, then what vouches for it) and `signing/key.pem` (PKCS #8, P-256) in the
home folder. Whoever has a certificate that others know puts it there.
"""

from __future__ import annotations

import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from paints_undo_daemon import durable

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import ec

_SIGNER = "Paints-Undo, a key of one machine"
_YEARS = 10


class ExportedFile(Protocol):
    """The options of an export, in the engine's words or the service's."""

    @property
    def omit_provenance(self) -> bool: ...

    @property
    def omit_metadata(self) -> bool: ...


def for_export(options: ExportedFile, home: Path) -> tuple[bytes, bytes] | None:
    """The certificates and the private key for an export, or None where it is not signed. Raises `OSError`."""
    if options.omit_provenance or options.omit_metadata or find_spec("c2pa") is None:
        return None
    return load_or_make(home)


def load_or_make(home: Path) -> tuple[bytes, bytes]:
    """The certificates and the private key, in PEM. Raises `OSError`."""
    folder = home / "signing"
    certificates, key = folder / "certificates.pem", folder / "key.pem"
    if not (certificates.is_file() and key.is_file()):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        made = _make()
        durable.write(key, made[1])
        durable.write(certificates, made[0])
    return certificates.read_bytes(), key.read_bytes()


def _make() -> tuple[bytes, bytes]:
    """A new key with a certificate of an authority whose own key is forgotten at once: it signs no other. The names say
    nothing of machine or account."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    authority, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    certificates = _certificate(key, authority) + _certificate(authority, authority)
    no_password = serialization.NoEncryption()
    return certificates, key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, no_password)


def _certificate(subject: ec.EllipticCurvePrivateKey, issuer: ec.EllipticCurvePrivateKey) -> bytes:
    """As C2PA wants it (specification 2.2, section 14.5.1): for signing alone, and by an authority."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    is_authority = subject is issuer
    now = datetime.datetime.now(datetime.UTC)

    def name(common: str) -> x509.Name:
        organisation = x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Paints-Undo")
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common), organisation])

    authority = f"{_SIGNER} (authority)"
    public = subject.public_key()
    builder = (
        x509.CertificateBuilder()
        .subject_name(name(authority if is_authority else _SIGNER))
        .issuer_name(name(authority))
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=365 * _YEARS))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.public_key()), critical=False)
        .add_extension(
            x509.KeyUsage(
                digital_signature=not is_authority, key_cert_sign=is_authority, crl_sign=is_authority,
                content_commitment=False, key_encipherment=False, data_encipherment=False, key_agreement=False,
                encipher_only=False, decipher_only=False,
            ),
            critical=True,
        )
    )  # fmt: skip
    if not is_authority:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
    return builder.sign(issuer, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
