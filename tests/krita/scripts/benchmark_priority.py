"""For benchmarks/krita_priority.py: how long a job takes, and the longest hold of Krita's thread beside it."""

import time

from inside import controller, document, finish, pump, run_job, wait
from undo_painting.qt import QTimer

doc = document()
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

session = plugin.active()
begin = time.perf_counter()
plugin.gallery.make(doc)
films = [session.jobs[each.request_id] for each in session.gallery]


def shown(film):
    return bool(film.keyframes) and all(each.hash in session.previews for each in film.keyframes.values())


wait(lambda: films[0].state.ended and shown(films[0]), "the first film")
first = time.perf_counter() - begin
wait(lambda: all(film.state.ended and shown(film) for film in films), "all films")
finish(seconds=seconds, hold=max(gaps) * 1000, films=[first, time.perf_counter() - begin])
