"""For benchmarks/krita.py: how soon the quick preview of a diffusion job is in the docker, with small checkpoints."""

import time

from inside import RESULT, K, controller, docker, document, finish, pump, wait

document()
plugin = controller()
session = plugin.active()
plugin.connect()
wait(lambda: plugin.status.connected, "the connection")
wait(lambda: plugin.status.server.choose("diffusion")[0] == "diffusion", "the models")
docker().making._engine_chosen("diffusion")
docker().making.set_values({"keyframes.steps": 1, "interpolation.steps": 1, "interpolation.frames": 4})
pump(2.0)
times = {}


def listener():
    """The preview's pictures stay when the job itself is done, which with small checkpoints may be sooner."""
    preview = session.preview_job
    if preview is None:
        return
    for name, pictures, of in (("keyframes", preview.keyframes, 8), ("frames", preview.frames, preview.frame_count)):
        shown = [index for index, picture in pictures.items() if picture.hash in session.previews]
        if len(shown) == of:
            times.setdefault(name, time.perf_counter())
        if any(shown):  # the picture of number 0 is empty
            times.setdefault("first", time.perf_counter())


plugin.listen(listener)
begin = time.perf_counter()
K.action("undo_painting").trigger()
wait(lambda: "frames" in times, "the preview")
plugin.forget(listener)
for name, what in (("first", "first painted state"), ("keyframes", "eight keyframes"), ("frames", "106 frames")):
    RESULT[f"from the menu to the preview's {what} beside a diffusion job, s"] = round(times[name] - begin, 2)
plugin.running.cancel(session, session.job)
wait(lambda: session.job.state.ended, "the end of the job")
finish()
