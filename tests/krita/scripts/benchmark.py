"""For benchmarks/krita.py: times what an artist waits for, and how long Krita's own thread was held."""

import statistics
import time

from holds import Holds
from inside import RESULT, K, controller, docker, document, every_frame, finish, pump, run_job, settled, wait

doc = document()
plugin = controller()
session = plugin.active()
holds = Holds()
with holds:
    pump(3.0)
RESULT.update(holds.told("idle"))

from undo_painting.background import coding  # noqa: E402
from undo_painting.core.phases import STEPS  # noqa: E402
from undo_painting.krita_adapter import reading  # noqa: E402
from undo_painting.ui.sketch import rough  # noqa: E402

shown = {}


def listener():
    frames = session.frames() if session.job is not None else []
    states = any(picture.operation_step < STEPS and picture.hash in session.previews for _, picture in frames)
    for name, seen in (("rough picture", states or rough(session.job) is not None), ("painted state", states)):
        if seen:
            shown.setdefault(name, time.perf_counter() - begin)


plugin.listen(listener)
begin = time.perf_counter()
with holds:
    job = run_job(600)
    wait(lambda: all(picture.hash in session.previews for _, picture in session.frames()), "all previews", 600)
plugin.forget(listener)
RESULT.update(holds.told("frames arriving"))
RESULT["frames"] = len(job.frames)
for name, seconds in shown.items():
    RESULT[f"from the menu to the first {name}, daemon started, s"] = round(seconds, 2)
panel = docker().imports
every_frame()
begin = time.perf_counter()
with holds:
    panel.import_layers()
    settled()
RESULT["as layers, s"] = round(time.perf_counter() - begin, 2)
RESULT.update(holds.told("as layers"))
K.action("edit_undo").trigger()
doc.waitForDone()
begin = time.perf_counter()
with holds:
    panel.import_animation()
    settled()
RESULT["as animation, s"] = round(time.perf_counter() - begin, 2)
RESULT.update(holds.told("as animation"))


def hand_over(large):
    """Milliseconds for reading, the longest hold meanwhile, and the longest while the pool makes the painting's bytes:
    it keeps Python's lock for some of its calls."""
    begin, done, images = time.perf_counter(), [], []
    with holds:
        slices = reading.state(large, reading.source(large, "picture"))
        reading.read(slices, lambda: True, images.append, done.append)
        wait(lambda: images or done, "the picture")
    read, held = (time.perf_counter() - begin) * 1000, max(gap[0] for gap in holds.gaps)
    with holds:
        plugin.bridge.run(
            lambda background: background.connection.in_pool(coding.for_upload, images[0], True), done.append
        )
        wait(lambda: done, "the painting's bytes")
    return read, held, max(gap[0] for gap in holds.gaps)


large = K.createDocument(4096, 4096, "large", "RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc", 72.0)
times = [hand_over(large) for _ in range(5)]
told = ("reading 4096 x 4096, ms", "longest hold meanwhile", "handing 4096 x 4096 over: longest hold, ms")
for place, name in enumerate(told):
    RESULT[name] = round(statistics.median(one[place] for one in times), 1)
large.close()

finish()
