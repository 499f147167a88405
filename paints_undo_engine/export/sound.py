"""Sound that is laid under a film: a file of the user's, cut to the film's length, faded in and out."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from numpy.typing import NDArray

from paints_undo_engine.errors import ExportError
from paints_undo_engine.export.options import ExportFormat

_RATE = 48_000
_CODECS = {ExportFormat.MP4: ("aac", 160_000), ExportFormat.WEBM: ("libopus", 128_000)}
_IN, _OUT = 0.5, 2.0
"""Seconds in which it comes and goes; at most a quarter of the length each."""
_READERS = "wav,mp3,flac,ogg,mov,matroska,aiff"
"""FFmpeg's names of the containers that are read; none of them leads to other files."""


class Sound:
    """The sound of `path` under a film of so many seconds; its encoder is a stream of `container`.

    It is read as the film goes on, so that it takes little memory however long it is. A sound that is shorter than the
    film ends by itself. Raises `ExportError` where the file holds no sound.
    """

    def __init__(self, container: OutputContainer, kind: ExportFormat, path: Path, seconds: Fraction) -> None:
        self._source = _open(path)
        try:
            self._from = self._source.streams.audio[0]
            codec, bit_rate = _CODECS[kind]
            self._stream = cast(AudioStream, container.add_stream(codec, rate=_RATE, layout="stereo"))
        except IndexError:
            self._source.close()
            raise ExportError(f"There is no sound in {path.name}.") from None
        self._stream.bit_rate = bit_rate
        self._container, self._name = container, path.name
        self._length = min(int(seconds * _RATE), _samples(self._source, self._from) or 2**62)
        self._position = 0
        self._blocks = self._read()

    def advance(self, seconds: Fraction) -> None:
        """Write the sound of the film's first so many seconds, as far as it is not written. Raises `ExportError`."""
        try:
            while self._position < seconds * _RATE:
                block = next(self._blocks, None)
                if block is None:
                    return
                self._encode(block[:, : self._length - self._position])
        except av.FFmpegError as error:
            raise ExportError(f"The sound in {self._name} cannot be read: {error.strerror}.") from error

    def finish(self) -> None:
        """Write what the encoder still holds."""
        if self._position:
            self._container.mux(self._stream.encode(None))

    def close(self) -> None:
        """Close the file that is read."""
        self._source.close()

    def _read(self) -> Iterator[NDArray[np.float32]]:
        """Blocks of float32 [2, n], until the film's length is reached."""
        resampler = AudioResampler("fltp", "stereo", _RATE)
        for frame in self._source.decode(self._from):
            for ready in resampler.resample(frame):
                yield np.asarray(ready.to_ndarray(), np.float32)
            if self._position >= self._length:
                return
        for ready in resampler.resample(None):
            yield np.asarray(ready.to_ndarray(), np.float32)

    def _encode(self, block: NDArray[np.float32]) -> None:
        if not block.shape[1]:
            return
        loudness = _loudness(self._position + np.arange(block.shape[1]), self._length)
        frame = AudioFrame.from_ndarray(np.ascontiguousarray(block * loudness), format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = _RATE, self._position, Fraction(1, _RATE)
        self._position += block.shape[1]
        self._container.mux(self._stream.encode(frame))


def check_sound(path: Path) -> None:
    """Raise `ExportError` where a file holds no sound that can be read."""
    with _open(path) as source:
        if not source.streams.audio:
            raise ExportError(f"There is no sound in {path.name}.")


def _open(path: Path) -> InputContainer:
    limits = {"format_whitelist": _READERS, "protocol_whitelist": "file"}
    try:
        return av.open(str(path), "r", options=limits, metadata_errors="replace")
    except FileNotFoundError:
        raise ExportError(f"There is no sound file {path}.") from None
    except (av.FFmpegError, OSError) as error:
        raise ExportError(f"{path.name} is no sound file that can be read ({_READERS.replace(',', ', ')}).") from error


def _samples(source: InputContainer, stream: AudioStream) -> int:
    """How long a sound says that it is, in samples; 0 where it does not say."""
    if stream.duration and stream.time_base:
        return int(stream.duration * stream.time_base * _RATE)
    return int(source.duration * _RATE / av.time_base) if source.duration else 0


def _loudness(places: NDArray[np.int64], length: int) -> NDArray[np.float32]:
    """What samples are multiplied with, 0 to 1: it rises at the beginning and falls to silence at `length`."""
    come, go = (max(1, min(int(seconds * _RATE), length // 4)) for seconds in (_IN, _OUT))
    return np.asarray(np.clip(np.minimum(places / come, (length - places) / go), 0, 1), np.float32)
