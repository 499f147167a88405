"""For benchmarks/krita.py: times what an artist waits for, and the longest hold of Krita's own thread."""

import time

from inside import RESULT, K, controller, docker, document, finish, pump, run_job, settled, wait
from undo_painting.core import timing
from undo_painting.qt import QTimer


class Holds:
    """The longest time between two ticks of a 5 ms timer while it is watched, in milliseconds."""

    def __init__(self):
        self._timer = QTimer()
        self._timer.setInterval(5)
        self._timer.timeout.connect(self._tick)
        self.gaps = []

    def __enter__(self):
        self.gaps, self._last = [], time.perf_counter()
        self._timer.start()
        return self

    def __exit__(self, *_):
        self._tick()
        self._timer.stop()

    def _tick(self):
        now = time.perf_counter()
        self.gaps.append((now - self._last) * 1000)
        self._last = now

    def worst(self):
        return round(max(self.gaps), 1)


doc = document()
plugin = controller()
session = plugin.active()
holds = Holds()
with holds:
    pump(3.0)
RESULT["idle: longest hold, ms"] = holds.worst()

from undo_painting.krita_adapter import document as documents  # noqa: E402

with holds:
    job = run_job(600)
    wait(lambda: all(picture.hash in session.previews for _, picture in session.frames()), "all previews", 600)
RESULT["frames arriving: longest hold, ms"] = holds.worst()
RESULT["frames"] = len(job.frames)
panel = docker().imports
begin = time.perf_counter()
with holds:
    panel.import_layers()
    settled()
RESULT["as layers, s"] = round(time.perf_counter() - begin, 2)
RESULT["as layers: longest hold, ms"] = holds.worst()
K.action("edit_undo").trigger()
doc.waitForDone()
begin = time.perf_counter()
with holds:
    panel.import_animation()
    settled()
RESULT["as animation, s"] = round(time.perf_counter() - begin, 2)
RESULT["as animation: longest hold, ms"] = holds.worst()

large = K.createDocument(4096, 4096, "large", "RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc", 72.0)
times = []
for _ in range(5):
    begin = time.perf_counter()
    documents.read(large, "picture", str)
    times.append((time.perf_counter() - begin) * 1000)
RESULT["reading 4096 x 4096, ms"] = round(sorted(times)[2], 1)
large.close()

parts = timing.parts()
RESULT["plugin start, ms"] = round(sum(wall for wall, _ in parts.values()), 1)
RESULT["plugin start, ms of the processor"] = round(sum(worked for _, worked in parts.values()), 1)
finish()
