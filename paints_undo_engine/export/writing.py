"""Exports appear whole or not at all, and fail with a sentence."""

from __future__ import annotations

import contextlib
import errno
import secrets
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import cast

from paints_undo_engine.errors import ExportError
from paints_undo_engine.export.options import ExportFormat, ExportOptions
from paints_undo_engine.export.source import ProcessSource, Steps
from paints_undo_engine.provenance import seal, signing
from paints_undo_engine.provenance.signing import SigningKey
from paints_undo_engine.provenance.verifying import TIMING_FILE

Writer = Callable[[ProcessSource, Path, ExportOptions], Iterator[tuple[int, int]] | Steps]

_MODULES = {
    ExportFormat.MP4: "video",
    ExportFormat.WEBM: "video",
    ExportFormat.GIF: "gif",
    ExportFormat.WEBP: "webp",
    ExportFormat.APNG: "apng",
    ExportFormat.ORA: "ora",
    ExportFormat.PSD: "psd",
    ExportFormat.CONTACT_SHEET: "contact_sheet",
    ExportFormat.HTML: "page",
    ExportFormat.SPRITE_SHEET: "sprite_sheet",
}
_REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EFBIG: "the file would be larger than is allowed there",
    errno.EACCES: "there is no permission to write there",
    errno.EPERM: "there is no permission to write there",
    errno.EROFS: "the disk cannot be written to",
    errno.ENOENT: "the folder does not exist",
    errno.ENOTDIR: "a part of the path is not a folder",
    errno.EISDIR: "a folder has this name",
    errno.ENAMETOOLONG: "the name is too long",
}


def write_atomically(
    source: ProcessSource,
    path: Path,
    options: ExportOptions,
    key: SigningKey | None = None,
    writer: Writer | None = None,
    *,
    signed_later: bool = False,
) -> Steps:
    """Write beside `path` under a temporary name, then put it in place, by `writer` or that of the format.

    See `export.export`.
    """
    if options.omit_provenance or options.omit_metadata or not signing.is_available():
        key, signed_later = None, False
    if (key is not None or signed_later) and signing.is_embedded(options.format.media_type):
        source = replace(source, provenance=replace(source.provenance, signed=True))
    if source.sound is not None and not options.is_video:
        raise ExportError(f"Sound goes under a video (.mp4, .webm), not into {options.format}.")
    path = path.absolute()
    folder = options.format is ExportFormat.PNG_SEQUENCE and path.suffix.lower() != ".zip"
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        _check_target(path, folder=folder)
        steps = (writer or _writer(options.format, folder=folder))(source, temporary, options)
        encoder = yield from cast(Steps, steps)  # of what is no video: None
        sidecar = b"" if options.omit_metadata else _bind(source, temporary, path.name, options, key, folder=folder)
        _put_in_place(temporary, path, folder=folder)
        if not folder:
            put_beside(path, sidecar)
        return encoder or ""
    except OSError as error:
        raise failed_writing(path, error) from error
    finally:
        _remove(temporary)


def _writer(export_format: ExportFormat, *, folder: bool) -> Writer:
    if export_format is ExportFormat.PNG_SEQUENCE:
        from paints_undo_engine.export import sequence

        return sequence.write_folder if folder else sequence.write_zip
    if export_format is ExportFormat.PDF:
        from paints_undo_engine.export import contact_sheet

        return contact_sheet.write_pdf
    module = import_module(f"paints_undo_engine.export.{_MODULES[export_format]}")
    writer: Writer = module.write
    return writer


def _check_target(path: Path, *, folder: bool) -> None:
    if not path.parent.is_dir():
        raise ExportError(f"{path} cannot be written: the folder {path.parent} does not exist.")
    if folder:
        if path.exists() and not path.is_dir():
            raise ExportError(f"{path} is a file. Choose a folder for the PNG sequence.")
        if path.is_dir() and any(path.iterdir()) and not (path / TIMING_FILE).is_file():
            raise ExportError(f"{path} holds other files. Choose an empty or a new folder for the PNG sequence.")
    elif path.is_dir():
        raise ExportError(f"{path} is a folder. Choose a file name.")


def _bind(
    source: ProcessSource, temporary: Path, name: str, options: ExportOptions, key: SigningKey | None, *, folder: bool
) -> bytes:
    """Seal the file or sign it; the signature of what cannot hold one is given back, and a folder's put into it."""
    if folder:
        if key is not None:
            timing = temporary / TIMING_FILE
            sidecar = signing.sidecar_of(timing, TIMING_FILE, source.provenance, key)
            timing.with_name(TIMING_FILE + signing.SIDECAR).write_bytes(sidecar)
        return b""
    if not source.provenance.signed:
        seal.seal(temporary)
    return b"" if key is None else signing.sign(temporary, name, options.format.media_type, source.provenance, key)


def put_beside(path: Path, sidecar: bytes) -> None:
    """Put the sidecar of a file in place, or take away what an earlier file of this name has left: a link, too, which
    others may have put there, is replaced and never followed."""
    beside = path.with_name(path.name + signing.SIDECAR)
    if not sidecar:
        beside.unlink(missing_ok=True)
        return
    temporary = path.with_name(f".{beside.name}.{secrets.token_hex(4)}.part")
    try:
        with temporary.open("xb") as file:
            file.write(sidecar)
        temporary.replace(beside)
    finally:
        temporary.unlink(missing_ok=True)


def _put_in_place(temporary: Path, path: Path, *, folder: bool) -> None:
    if not (folder and path.is_dir()):
        temporary.replace(path)
        return
    old = path.with_name(f".{path.name}.{secrets.token_hex(4)}.old")
    path.rename(old)
    try:
        temporary.rename(path)
    except OSError:
        old.rename(path)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _remove(temporary: Path) -> None:
    if temporary.is_dir():
        shutil.rmtree(temporary, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def failed_writing(path: Path, error: OSError) -> ExportError:
    """What to say of a file that cannot be written."""
    reason = _REASONS.get(error.errno or 0, error.strerror or str(error))
    return ExportError(f"{path} cannot be written: {reason}.")
