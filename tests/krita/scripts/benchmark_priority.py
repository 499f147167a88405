"""For benchmarks/krita_priority.py: how long a job takes, and the longest hold of Krita's thread beside it."""

import time

from inside import controller, document, finish, pump, run_job, wait
from undo_painting.qt import QTimer

document()
plugin = controller()
plugin.connect()
wait(lambda: plugin.status.connected, "the connection")
plugin.warm_up()
pump(2.0)
gaps, last = [], [time.perf_counter()]


def tick():
    now = time.perf_counter()
    gaps.append(now - last[0])
    last[0] = now


timer = QTimer()
timer.setInterval(5)
timer.timeout.connect(tick)
timer.start()
begin = last[0] = time.perf_counter()
job = run_job(600)
seconds = time.perf_counter() - begin
timer.stop()
assert job.state.value == "finished", job.words()
finish(seconds=seconds, hold=max(gaps) * 1000)
