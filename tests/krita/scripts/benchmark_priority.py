"""For benchmarks/krita_priority.py: how long jobs take, and the longest hold of Krita's thread beside each."""

import os
import time

from holds import Holds
from inside import controller, document, finish, pump, run_job, wait
from undo_painting.core.parameters import FRAMES_SEED, SEED

doc = document()
plugin = controller()
plugin.connect()
wait(lambda: plugin.status.connected, "the connection")
plugin.warm_up()
pump(3.0)
session = plugin.active()
session.lock_seeds = True
seconds, longest = [], []
for seed in map(int, os.environ["UNDO_PAINTING_SEEDS"].split()):
    session.parameters = session.parameters.set({SEED: seed, FRAMES_SEED: seed})
    holds = Holds()
    begin = time.perf_counter()
    with holds:
        job = run_job(600)
    seconds.append(time.perf_counter() - begin)
    longest.append(max(holds.gaps))
    assert job.state.value == "finished", job.words()
    pictures = [each.hash for each in job.frames.values()]
    wait(lambda pictures=pictures: all(each in session.previews for each in pictures), "the small pictures")

begin = time.perf_counter()
plugin.gallery.make(doc)
films = [session.jobs[each.request_id] for each in session.gallery]


def shown(film):
    return bool(film.keyframes) and all(each.hash in session.previews for each in film.keyframes.values())


gallery = []
for condition, what in (
    (lambda: any(each.hash in session.previews for each in films[0].keyframes.values()), "the first picture"),
    (lambda: films[0].state.ended and shown(films[0]), "the first film"),
    (lambda: all(film.state.ended and shown(film) for film in films), "all films"),
):
    wait(condition, what)
    gallery.append(time.perf_counter() - begin)
finish(seconds=seconds, holds=longest, gallery=gallery)
