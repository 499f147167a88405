"""For benchmarks/krita.py: times what an artist waits for, and how long Krita's own thread was held."""

import os
import statistics
import time
from pathlib import Path

from inside import RESULT, K, controller, docker, document, every_frame, finish, pump, run_job, settled, wait
from undo_painting.qt import QTimer


class Holds:
    """The longest time between two ticks of a 5 ms timer while it is watched, in milliseconds; beside it what the
    thread itself worked in the worst of them, and how long it waited there for a free processor: what remains it was
    blocked, by Python's lock or the screen."""

    def __init__(self):
        self._timer = QTimer()
        self._timer.setInterval(5)
        self._timer.timeout.connect(self._tick)
        self.gaps = []

    def __enter__(self):
        self.gaps, self._last = [], self._now()
        self._timer.start()
        return self

    def __exit__(self, *_):
        self._tick()
        self._timer.stop()

    def _now(self):
        waited = Path(f"/proc/self/task/{os.getpid()}/schedstat")
        waited = int(waited.read_text().split()[1]) / 1e6 if waited.exists() else 0.0
        return time.perf_counter() * 1000, time.thread_time() * 1000, waited

    def _tick(self):
        now = self._now()
        self.gaps.append([after - before for after, before in zip(now, self._last, strict=True)])
        self._last = now

    def tell(self, name):
        wall, worked, waited = max(self.gaps)
        RESULT[f"{name}: longest hold, ms"] = round(wall, 1)
        RESULT[f"{name}: of it at work"] = round(worked, 1)
        RESULT[f"{name}: of it waiting for a processor"] = round(waited, 1)
        RESULT[f"{name}: most work between two ticks, ms"] = round(max(gap[1] for gap in self.gaps), 1)


doc = document()
plugin = controller()
session = plugin.active()
holds = Holds()
with holds:
    pump(3.0)
holds.tell("idle")

from undo_painting.background import coding  # noqa: E402
from undo_painting.krita_adapter import document as documents  # noqa: E402

shown = []


def listener():
    if not shown and session.job is not None and session.frames() and session.previews:
        shown.append(time.perf_counter())


plugin.listen(listener)
begin = time.perf_counter()
with holds:
    job = run_job(600)
    wait(lambda: all(picture.hash in session.previews for _, picture in session.frames()), "all previews", 600)
plugin.forget(listener)
holds.tell("frames arriving")
RESULT["frames"] = len(job.frames)
RESULT["from the menu to the first picture, daemon started, s"] = round(shown[0] - begin, 2)
panel = docker().imports
every_frame()
begin = time.perf_counter()
with holds:
    panel.import_layers()
    settled()
RESULT["as layers, s"] = round(time.perf_counter() - begin, 2)
holds.tell("as layers")
K.action("edit_undo").trigger()
doc.waitForDone()
begin = time.perf_counter()
with holds:
    panel.import_animation()
    settled()
RESULT["as animation, s"] = round(time.perf_counter() - begin, 2)
holds.tell("as animation")


def hand_over(large):
    """Milliseconds for reading, and the longest hold while the pool makes the painting's bytes: it keeps Python's lock
    for some of its calls."""
    begin = time.perf_counter()
    image, _ = documents.read(large, "picture", str)
    read = (time.perf_counter() - begin) * 1000
    done = []
    with holds:
        plugin.bridge.run(lambda background: background.connection.in_pool(coding.for_upload, image, True), done.append)
        wait(lambda: done, "the painting's bytes")
    return read, max(gap[0] for gap in holds.gaps)


large = K.createDocument(4096, 4096, "large", "RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc", 72.0)
times = [hand_over(large) for _ in range(5)]
for place, name in enumerate(("reading 4096 x 4096, ms", "handing 4096 x 4096 over: longest hold, ms")):
    RESULT[name] = round(statistics.median(one[place] for one in times), 1)
large.close()

finish()
