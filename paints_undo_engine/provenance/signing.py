"""Signed claims by C2PA (Coalition for Content Provenance and Authenticity, specification 2.2), with c2pa-python.

A claim says what made the file and from which painting, and binds the file's bytes by a signature. It lies in the file
where the library can put it there, and beside it otherwise, in a sidecar. Nothing is fetched from the network, no
thumbnail is made, and no time stamp is asked for. Everything needs the extra ``provenance``.
"""

from __future__ import annotations

import io
import json
import tempfile
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any, BinaryIO

from paints_undo_engine.provenance.note import Provenance

GENERATOR = "Paints-Undo"
SIDECAR = ".c2pa"
"""What is appended to a file's name for its sidecar."""
ASSERTION = "paints-undo.provenance"
_EMBEDDED = {
    "video/mp4": "video/mp4",
    "image/gif": "image/gif",
    "image/webp": "image/webp",
    "image/apng": "image/png",
    "image/png": "image/png",
}
"""The media types that hold a claim, and what the library calls them."""
_SETTINGS = {
    "builder": {"thumbnail": {"enabled": False}},
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False, "verify_timestamp_trust": False},
}


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key (PEM, PKCS #8, P-256) and its certificates (PEM, the signer's first)."""

    certificates: bytes
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Signature:
    """A claim that was found: whether it holds, whose it is, and whether it is ours or another program's over ours."""

    holds: bool
    signer: str
    ours: bool
    problems: tuple[str, ...] = ()


def is_available() -> bool:
    """Whether the extra ``provenance`` is installed."""
    return find_spec("c2pa") is not None


def is_embedded(media_type: str) -> bool:
    """Whether a file of this media type holds its claim itself."""
    return media_type in _EMBEDDED


def sign(path: Path, name: str, media_type: str, provenance: Provenance, key: SigningKey) -> bytes:
    """Sign a complete file, which will be called `name`; the claim of one that cannot hold it is given back."""
    if not is_embedded(media_type):
        return sidecar_of(path, name, provenance, key)
    embed(path, name, media_type, provenance, key)
    return b""


def embed(path: Path, name: str, media_type: str, provenance: Provenance, key: SigningKey) -> None:
    """Put a signed claim into a complete file, which will be called `name`. Raises `OSError`."""
    signed = path.with_name(f"{path.name}.signed")
    try:
        with path.open("rb") as source, _Target(io.FileIO(signed, "w+")) as target:
            target.take(_builder(provenance, name), key, _EMBEDDED[media_type], source)
        signed.replace(path)
    finally:
        signed.unlink(missing_ok=True)


def sidecar_of(path: Path, name: str, provenance: Provenance, key: SigningKey) -> bytes:
    """A signed claim about a complete file, which will be called `name`, to lie beside it."""
    builder = _builder(provenance, name)
    builder.set_no_embed()
    with path.open("rb") as source, tempfile.TemporaryFile(buffering=0) as raw, _Target(raw) as copy:
        return copy.take(builder, key, "application/octet-stream", source)


class _Target(io.BufferedRandom):
    """What the library writes to. It tells of a full disk only that something went wrong; here the reason is kept."""

    _failure: OSError | None = None

    def write(self, data: Any) -> int:
        try:
            return super().write(data)
        except OSError as error:
            self._failure = error
            raise

    def take(self, builder: Any, key: SigningKey, kind: str, source: BinaryIO) -> bytes:
        """Have a signed copy of `source` written here; returns the claim. Raises `OSError`."""
        import c2pa

        try:
            claim = bytes(builder.sign(_signer(key), kind, source, self))
            self.flush()
        except c2pa.C2paError:
            if self._failure is not None:
                raise self._failure from None
            raise
        return claim


def read(file: BinaryIO, sidecar: bytes | None = None) -> Signature | None:
    """The claim in a file, or in its sidecar; None where there is none that is ours or follows one of ours."""
    import c2pa

    kind = "application/octet-stream" if sidecar else None
    try:
        with c2pa.Reader(kind, file, sidecar, _context()) as reader:
            found = json.loads(reader.json())
    except c2pa.C2paError as error:
        return None if _is_missing(error) else Signature(False, "", True, (str(error),))
    manifests = found.get("manifests", {})
    active = manifests.get(found.get("active_manifest"), {})
    ours = [label for label, manifest in manifests.items() if _is_ours(manifest)]
    if not ours:
        return None
    status = [each.get("code", "") for each in found.get("validation_status", [])]
    holds = found.get("validation_state") in ("Valid", "Trusted")
    problems = tuple(code for code in status if code != "signingCredential.untrusted")
    signature = active.get("signature_info", {})
    name = signature.get("common_name") or signature.get("issuer") or "no name"
    signer = f"{name}, certificate {signature.get('cert_serial_number')}"
    return Signature(holds, signer, _is_ours(active), problems)


def _builder(provenance: Provenance, name: str) -> Any:
    import c2pa

    return c2pa.Builder(_manifest(provenance, name), _context())


def _signer(key: SigningKey) -> Any:
    import c2pa

    return c2pa.Signer.from_info(c2pa.C2paSignerInfo(b"es256", key.certificates, key.key, None))


def _context() -> Any:
    import c2pa

    return c2pa.Context.from_dict(_SETTINGS)


def _manifest(provenance: Provenance, name: str) -> dict[str, Any]:
    """The claim: the process was created by the engine, and the painting was put into it.

    The IPTC type of what was created is the engine's. The painting, which the file ends in, is an ingredient with the
    relationship ``inputTo``; it is named by its fingerprint and not shown.
    """
    software = {"name": GENERATOR, "version": provenance.version}
    created: dict[str, Any] = {
        "action": "c2pa.created",
        "digitalSourceType": provenance.source_type,
        "softwareAgent": software,
        "description": provenance.sentence,
        "parameters": {"engine": provenance.engine, "seed": provenance.seed},
    }
    if provenance.painting:
        created["parameters"]["ingredientIds"] = ["painting"]
    painting = {
        "title": "The painting",
        "format": "application/octet-stream",
        "relationship": "inputTo",
        "label": "painting",
        "instance_id": f"urn:sha256:{provenance.painting}",
        "description": f"SHA-256 of its size and pixels: {provenance.painting}",
    }
    return {
        "claim_generator_info": [software],
        "title": name,
        "ingredients": [painting] if provenance.painting else [],
        "assertions": [
            {"label": "c2pa.actions.v2", "data": {"actions": [created]}},
            {"label": ASSERTION, "data": provenance.as_dict()},
        ],
    }


def _is_ours(manifest: dict[str, Any]) -> bool:
    return any(each.get("name") == GENERATOR for each in manifest.get("claim_generator_info") or [])


def _is_missing(error: Exception) -> bool:
    return any(word in type(error).__name__ + str(error) for word in ("ManifestNotFound", "NotSupported", "detect"))
