"""For benchmarks/krita.py: how soon the quick preview of a diffusion job is in the docker, with small checkpoints."""

import time

from inside import RESULT, K, controller, docker, document, finish, pump, wait

document()
plugin = controller()
session = plugin.active()
plugin.connect()
wait(lambda: plugin.status.connected, "the connection")
wait(lambda: plugin.status.server.choose("diffusion")[0] == "diffusion", "the models")
docker().making._change(engine="diffusion", sampling_steps=1, interpolation_steps=1, frames=4)
pump(0.5)
times = {}


def listener():
    preview = session.preview_job
    if preview is not None and any(picture.hash in session.previews for picture in preview.frames.values()):
        if docker().player._words.text().endswith("preview"):
            times.setdefault("first", time.perf_counter())
        if len(preview.frames) == preview.frame_count:
            times.setdefault("all", time.perf_counter())


plugin.listen(listener)
begin = time.perf_counter()
K.action("undo_painting").trigger()
wait(lambda: "all" in times, "the preview", 120)
plugin.forget(listener)
RESULT["from the menu to the preview's first frame beside a diffusion job, s"] = round(times["first"] - begin, 2)
RESULT["from the menu to all frames of the preview, s"] = round(times["all"] - begin, 2)
plugin.running.cancel(session, session.job)
wait(lambda: session.job.state.ended, "the end of the job", 120)
finish()
