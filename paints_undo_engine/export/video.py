"""H.264 in MP4 and VP9 in WebM, by PyAV; a frame is encoded and let go before the next is read."""

from __future__ import annotations

import logging
import struct
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import av
from av.container import OutputContainer

from paints_undo_engine.export import budget
from paints_undo_engine.export.encoding import encoders, hardware
from paints_undo_engine.export.encoding.checking import Expected
from paints_undo_engine.export.encoding.encoders import Encoder
from paints_undo_engine.export.encoding.hardware import HardwareEncoding, HardwareError
from paints_undo_engine.export.encoding.software import SoftwareEncoding
from paints_undo_engine.export.encoding.target import Target
from paints_undo_engine.export.film import Film
from paints_undo_engine.export.options import ExportFormat, ExportOptions
from paints_undo_engine.export.source import ProcessSource, Steps
from paints_undo_engine.provenance import Provenance

log = logging.getLogger(__name__)

XMP_UUID = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")


def write(source: ProcessSource, target: Path, options: ExportOptions) -> Steps:
    """Write an MP4 (yuv420p, fast start) or WebM with a constant frame rate; held frames are repeated, and the end card
    follows them. Returns the encoder's name.

    Raises `ExportError` above its `budget`, and what the container's writing raises.
    """
    if options.format is ExportFormat.MP4 and encoders.hardware_is_allowed():
        with hardware.shared().lent() as encoder:
            if encoder is not None:
                try:
                    yield from _write_by_hardware(source, target, options, encoder)
                    return encoder.name
                except HardwareError as error:
                    log.warning("%s is not used for an hour, and the film made in software: %s.", encoder.name, error)
                    hardware.shared().give_up()
    encoder = encoders.software(options.format)
    kind = ExportFormat.WEBM if encoder is encoders.VP9 else options.format
    film = _film(source, options, kind)
    yield from _write(source, target, options, film, lambda goal: SoftwareEncoding(goal, encoder))
    log.info("The film was encoded by %s.", encoder.name)
    return encoder.name


def _write_by_hardware(
    source: ProcessSource, target: Path, options: ExportOptions, encoder: Encoder
) -> Iterator[tuple[int, int]]:
    """Write a film and look at it again. Raises `HardwareError` as well."""
    film, expected = _film(source, options, options.format), Expected()
    yield from _write(source, target, options, film, lambda goal: hardware.shared().encode(goal, encoder), expected)
    if difference := expected.difference(target):
        raise HardwareError(difference)
    log.info("The film was encoded by %s.", encoder.name)


def _film(source: ProcessSource, options: ExportOptions, kind: ExportFormat) -> Film:
    film = Film(source, options)
    budget.check(kind, film.canvas.width, film.canvas.height, film.length)
    return film


def _write(
    source: ProcessSource,
    target: Path,
    options: ExportOptions,
    film: Film,
    encode: Callable[[Target], SoftwareEncoding | HardwareEncoding],
    expected: Expected | None = None,
) -> Iterator[tuple[int, int]]:
    with open_film(target, options.format) as container:
        if not options.omit_metadata:
            note_in(container, options.format, source.provenance)
        size = film.canvas.width, film.canvas.height
        goal = Target(container, options.format, *size, film.rate, film.length, source.sound)
        with closing(encode(goal)) as encoding:
            for step, shown in enumerate(film.shown(), 1):
                if shown.planes is not None:
                    if expected is not None:
                        expected.add(shown.planes, shown.ticks)
                    encoding.put(shown.planes, shown.ticks)
                yield step, film.steps
            encoding.finish()
    if options.format is ExportFormat.MP4 and not options.omit_metadata:
        with target.open("ab") as file:
            file.write(xmp_box(source.provenance.xmp()))


def open_film(target: Path, kind: ExportFormat) -> OutputContainer:
    """The file that an MP4 or WebM is written to."""
    flags = {"movflags": "+faststart"} if kind is ExportFormat.MP4 else {"write_crc32": "0"}
    return av.open(str(target), "w", format=kind.value, options=flags)


def note_in(container: OutputContainer, kind: ExportFormat, note: Provenance) -> None:
    """Put into the container's tags what the file is; an MP4's XMP follows when it is closed."""
    container.metadata["title"] = "Generated painting process"
    container.metadata["comment"] = note.sentence
    if kind is ExportFormat.WEBM:
        container.metadata["XMP"] = note.xmp()


def xmp_box(packet: str) -> bytes:
    """A ``uuid`` box with an XMP packet (XMP Specification, part 3, section 1.2.7.1: ISO base media files)."""
    contents = XMP_UUID + packet.encode()
    return struct.pack(">I4s", 8 + len(contents), b"uuid") + contents
