"""Encoding by video hardware, in a process of its own (`service`)."""

from __future__ import annotations

import contextlib
import logging
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from fractions import Fraction
from pathlib import Path
from typing import IO

import av
import numpy as np

from paints_undo_engine.export.encoding import messages
from paints_undo_engine.export.encoding.checking import Expected
from paints_undo_engine.export.encoding.encoders import HARDWARE, Encoder
from paints_undo_engine.export.encoding.messages import Order, Reply
from paints_undo_engine.export.encoding.service import CONTAINER
from paints_undo_engine.export.encoding.target import Target
from paints_undo_engine.export.options import ExportFormat
from paints_undo_engine.export.planes import Planes
from paints_undo_engine.export.sound import Sound

log = logging.getLogger(__name__)

SERVICE = (sys.executable, "-P", "-m", "paints_undo_engine.export.encoding.service")
_NO_WINDOW = getattr(subprocess, "CREATE_NO_WINDOW", 0)
_WAITING = 2
_PATIENCE = 60.0
"""Seconds in which a picture must be taken; the service gives an encoder 20."""
_AGAIN = 3600.0
"""Seconds after which hardware that has failed is tried again: a driver may have been mended or been busy."""
_TRIED = (640, 384, 12)
"""Width, height and pictures of the film that an encoder is tried with; some take none that is much smaller."""


class HardwareError(Exception):
    """The hardware, or its driver, has failed; the film is to be made in software."""


class Hardware:
    """The machine's video hardware, as far as it works. What has failed is not used for an hour, and then tried again.

    `command` starts the service at its first use, `start` at once: a process that gives up its rights does that before.
    """

    def __init__(self, command: Sequence[str] = SERVICE, candidates: Iterable[Encoder] = HARDWARE) -> None:
        self._command = tuple(command)
        self._known = tuple(each for each in candidates if each.is_here)
        self._candidates = deque(self._known)
        self._tried = False
        self._failed_at = 0.0
        self._process: subprocess.Popen[bytes] | None = None
        self._busy = threading.Lock()

    def start(self) -> None:
        """Start the process, if it does not run. Raises `HardwareError`."""
        if self._process is not None and self._process.poll() is None:
            return
        try:
            self._process = subprocess.Popen(  # noqa: S603
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, creationflags=_NO_WINDOW
            )
        except OSError as error:
            raise HardwareError(f"its process cannot be started ({error})") from error

    @contextlib.contextmanager
    def lent(self) -> Iterator[Encoder | None]:
        """The encoder that works, for one film at a time; None where there is none, or another film has it."""
        if not self._busy.acquire(blocking=False):
            yield None
            return
        try:
            yield self._found()
        finally:
            self._busy.release()

    def give_up(self) -> None:
        """Use no encoder for an hour."""
        self._candidates.clear()
        self._failed_at = time.monotonic()
        self.stop()

    def encode(self, target: Target, encoder: Encoder) -> HardwareEncoding:
        """Begin a film. Raises `HardwareError`."""
        self.start()
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            raise HardwareError("its process does not run")
        return HardwareEncoding(target, encoder, process.stdin, process.stdout, self.stop)

    def stop(self) -> None:
        """End the process; one that may not be ended ends with its input, or by itself."""
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(OSError):
            process.kill()
        for stream in (process.stdin, process.stdout):
            with contextlib.suppress(OSError, ValueError):
                if stream is not None:
                    stream.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(1)

    def _found(self) -> Encoder | None:
        """The first candidate whose film can be read again and shows what it should."""
        if not self._candidates and time.monotonic() - self._failed_at >= _AGAIN:
            self._candidates, self._tried = deque(self._known), False
        while self._candidates and not self._tried:
            try:
                self._try(self._candidates[0])
                self._tried = True
            except HardwareError as error:
                log.info("%s is not used: %s.", self._candidates[0].name, error)
                self._candidates.popleft()
                self._failed_at = time.monotonic()
        return self._candidates[0] if self._candidates else None

    def _try(self, encoder: Encoder) -> None:
        width, height, pictures = _TRIED
        expected = Expected()
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            path = Path(folder) / "tried.mp4"
            try:
                with av.open(str(path), "w") as container:
                    target = Target(container, ExportFormat.MP4, width, height, Fraction(30), pictures)
                    with closing(self.encode(target, encoder)) as encoding:
                        for planes in _moving(width, height, pictures):
                            expected.add(planes, 1)
                            encoding.put(planes, 1)
                        encoding.finish()
            except av.FFmpegError as error:
                raise HardwareError(str(error)) from error
            if difference := expected.difference(path):
                raise HardwareError(difference)


_shared: list[Hardware] = []


def shared() -> Hardware:
    """This process' hardware."""
    if not _shared:
        share(Hardware())
    return _shared[0]


def share(hardware: Hardware) -> None:
    """Make this the process' hardware."""
    _shared[:] = [hardware]


class HardwareEncoding:
    """A film on its way: pictures go to the service in one thread, packets come back in another."""

    def __init__(
        self, target: Target, encoder: Encoder, incoming: IO[bytes], outgoing: IO[bytes], stop: Callable[[], None]
    ) -> None:
        self._target, self._to, self._stop = target, incoming, stop
        self._answer = _Answer(outgoing)
        self._sender, self._reader = ThreadPoolExecutor(1, "to-hardware"), ThreadPoolExecutor(1, "from-hardware")
        self._sending: deque[Future[None]] = deque()
        self._forgotten = False
        order = Order(encoder.name, target.width, target.height, *target.rate.as_integer_ratio())
        self._send(order.packed())
        self._reading = self._reader.submit(self._read)

    def put(self, planes: Planes, ticks: int) -> None:
        """Take a picture that is seen for so many ticks. Raises `HardwareError`, and what muxing has raised."""
        if self._reading.done():
            self._end(self._reading)
            raise HardwareError("it has ended too early")
        while len(self._sending) > _WAITING:
            self._end(self._sending.popleft())
        self._send(messages.LENGTH.pack(ticks), np.ascontiguousarray(planes.buffer).data.cast("B"))

    def finish(self) -> None:
        """Wait for the end. Raises as `put` does."""
        self._send()
        while self._sending:
            self._end(self._sending.popleft())
        self._end(self._reading)

    def close(self) -> None:
        """Forget what waits, so that the service is ready for another film, and end the threads."""
        if not self._reading.done():
            self._forgotten = True
            self._sending = deque(future for future in self._sending if not future.cancel())
            with contextlib.suppress(Exception):
                self.finish()
        self._sender.shutdown(cancel_futures=True)
        self._reader.shutdown(cancel_futures=True)

    def _send(self, *parts: bytes | memoryview) -> None:
        self._sending.append(self._sender.submit(messages.write, self._to, *parts))

    def _end(self, future: Future[None]) -> None:
        try:
            future.result(_PATIENCE)
        except TimeoutError:
            self._stop()
            raise HardwareError(f"it has not answered for {_PATIENCE:.0f} seconds") from None
        except (OSError, ValueError, av.FFmpegError) as error:
            raise HardwareError(self._answer.failure or f"its process has ended ({error})") from error

    def _read(self) -> None:
        """Put the packets that come back into the container, and the sound beside them."""
        sound: Sound | None = None
        try:
            with av.open(self._answer, "r", format=CONTAINER) as film:
                pictures = film.streams.video[0]
                stream = self._target.container.add_stream_from_template(pictures)
                sound = self._target.sound()
                for packet in film.demux(pictures):
                    if self._forgotten or packet.dts is None or packet.pts is None or packet.time_base is None:
                        continue
                    told = packet.pts * packet.time_base
                    packet.stream = stream
                    self._target.container.mux(packet)
                    if sound is not None:
                        sound.advance(told)
            if not self._answer.is_finished:
                raise HardwareError(self._answer.failure or "its process has ended")
            if sound is not None:
                sound.advance(self._target.length / self._target.rate)
                sound.finish()
        finally:
            if sound is not None:
                sound.close()


class _Answer:
    """A file for PyAV: the pieces that the service answers with."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._piece = b""
        self.failure = ""
        self.is_over = False
        """Whether nothing more is coming of this film."""
        self.is_finished = False

    def read(self, size: int) -> bytes:
        """At most so many bytes; none at the end."""
        while not self._piece and not self.is_over:
            message = messages.read(self._stream) or Reply.FAILED.encode()
            kind, rest = message[:1].decode(errors="replace"), message[1:]
            if kind == Reply.PIECE:
                self._piece = rest
            else:
                self.is_over = True
                self.is_finished = kind == Reply.FINISHED
                self.failure = "" if self.is_finished else rest.decode(errors="replace") or "its process has ended"
        piece, self._piece = self._piece[:size], self._piece[size:]
        return piece


def _moving(width: int, height: int, pictures: int) -> Iterator[Planes]:
    """Pictures of a coloured square on grey that goes across."""
    for number in range(pictures):
        planes = Planes.empty(width, height)
        planes.buffer[...] = 128
        left = number * (width // 2) // pictures // 2 * 2
        planes.y[height // 4 : height // 2, left : left + width // 4] = 60 + 12 * number
        planes.u[height // 8 : height // 4, left // 2 : (left + width // 4) // 2] = 90
        planes.v[height // 8 : height // 4, left // 2 : (left + width // 4) // 2] = 200
        yield planes
