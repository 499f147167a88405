"""Sound for a film that is written already: its pictures are copied as they are, its marks are made anew.

    add_sound(Path("process.mp4"), Path("music.wav"))

So a film that a daemon has made gets its sound on the machine where the sound is, and no sound is sent anywhere.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer, OutputContainer
from av.video.stream import VideoStream

from paints_undo_engine.errors import ExportError
from paints_undo_engine.export.options import ExportFormat, format_of
from paints_undo_engine.export.sound import Sound, check_sound
from paints_undo_engine.export.video import note_in, open_film, xmp_box
from paints_undo_engine.export.writing import failed_writing, put_beside
from paints_undo_engine.provenance import seal, signing
from paints_undo_engine.provenance.note import Provenance
from paints_undo_engine.provenance.signing import SigningKey
from paints_undo_engine.provenance.verifying import Mark, Verdict, verify


def add_sound(film: Path, sound: Path, key: SigningKey | None = None) -> None:
    """Lay a sound under an MP4 or WebM of ours, in place of what was under it (`export.sound`).

    A film that was signed is signed again with `key`, or has a seal alone where there is none. Raises `ExportError` for
    another kind of file, for a film that is not as it was written, and what reading the sound raises; then the film
    stays as it is.
    """
    kind = format_of(film)
    if kind not in (ExportFormat.MP4, ExportFormat.WEBM):
        raise ExportError(f"Sound goes under a video (.mp4, .webm), not into {kind}.")
    check_sound(sound)
    found = verify(film)
    if found.verdict is Verdict.CHANGED:
        raise ExportError(f"{film} is not as it was written; it gets no sound.")
    was_signed = any(finding.mark is Mark.SIGNATURE for finding in found.findings)
    signer = key if was_signed and signing.is_available() else None
    temporary = film.with_name(f".{film.name}.{secrets.token_hex(4)}.part")
    try:
        sidecar = _write(film, sound, temporary, kind, found.provenance, signer)
        temporary.replace(film)
        put_beside(film, sidecar)
    except OSError as error:
        raise failed_writing(film, error) from error
    finally:
        temporary.unlink(missing_ok=True)


def _write(
    film: Path, sound: Path, target: Path, kind: ExportFormat, provenance: Provenance | None, key: SigningKey | None
) -> bytes:
    """Write the film with its sound; the claim that is to lie beside it is given back."""
    note = None if provenance is None else _with_signature(provenance, kind, signed=key is not None)
    try:
        with av.open(str(film), "r") as source, open_film(target, kind) as made:
            if note is not None:
                note_in(made, kind, note)
            _copy(source, made, kind, sound)
    except av.FFmpegError as error:
        if isinstance(error, OSError):
            raise
        raise ExportError(f"{film} is no film that can be read: {error.strerror}.") from error
    if note is None:
        return b""
    if kind is ExportFormat.MP4:
        with target.open("ab") as file:
            file.write(xmp_box(note.xmp()))
    if not note.signed:
        seal.seal(target)
    return b"" if key is None else signing.sign(target, film.name, kind.media_type, note, key)


def _with_signature(provenance: Provenance, kind: ExportFormat, *, signed: bool) -> Provenance:
    return replace(provenance, signed=signed and signing.is_embedded(kind.media_type))


def _copy(source: InputContainer, made: OutputContainer, kind: ExportFormat, path: Path) -> None:
    """Copy the pictures' packets, and write the sound as far as they have come."""
    pictures = source.streams.video[0]
    stream = made.add_stream_from_template(pictures)
    seconds = _seconds(source, pictures)
    sound = Sound(made, kind, path, seconds)
    try:
        for packet in source.demux(pictures):
            if packet.dts is None or packet.pts is None or packet.time_base is None:
                continue
            told = packet.pts * packet.time_base
            packet.stream = stream
            made.mux(packet)
            sound.advance(told)
        sound.advance(seconds)
        sound.finish()
    finally:
        sound.close()


def _seconds(source: InputContainer, pictures: VideoStream) -> Fraction:
    if pictures.duration and pictures.time_base:
        return pictures.duration * pictures.time_base
    return Fraction(source.duration or 0, av.time_base)
