"""Redo from here with the engine diffusion and small checkpoints of random weights: what is shown is noise.

Left are a key state that has a seed of its own, and then, off that branch, a moment between two key states.
"""

from inside import RESULT, K, controller, docker, document, every_frame, finish, grab, leaves, pump, settled, wait

WIDTH, HEIGHT = 320, 200
SMALL = {
    "keyframes.steps": 1,
    "keyframes.width": 256,
    "keyframes.height": 256,
    "interpolation.steps": 1,
    "interpolation.frames": 4,
    "redo.steps": 2,
}
doc = document()
plugin = controller()
plugin.connect()
wait(lambda: plugin.status.connected, "the connection")
pump(0.2)
session = plugin.active()
making, moment, player = docker().making, docker().moment, docker().player
making._engine_chosen("diffusion")
making.set_values(SMALL)
making._steps_changed((400, 600))
pump(0.1)


def whole(job):
    """The job, once it is finished and all its pictures are shown."""
    wait(lambda: job.state.ended, "the end of a job", 900)
    assert job.state.value == "finished", job.words()
    wait(lambda: all(picture.hash in session.previews for _, picture in session.frames()), "all previews")
    pump(0.2)
    return job


def stand(place):
    """Stand on a frame; returns it."""
    player.stop()
    player.show_place(place / (len(session.frames()) - 1))
    pump(0.2)
    return player.current()[1]


def layers():
    """The pixels of all frames imported as layers, from the bottom; the import is undone again."""
    docker().imports.import_layers()
    RESULT["note"] = settled().text
    doc.waitForDone()
    pump(0.2)
    made = [bytes(each.pixelData(0, 0, WIDTH, HEIGHT)) for each in leaves(doc.topLevelNodes()[-1])]
    K.action("edit_undo").trigger()
    doc.waitForDone()
    pump(0.2)
    return made


def apart(one, other):
    """How far two layers are from each other, in levels."""
    return sum(abs(a - b) for a, b in zip(one, other, strict=True)) / len(one)


def redo_from(place, number, name):
    """Leave the shown process at a frame for one of two candidates; returns the old job, what was seen, the new job."""
    old, left = session.job, stand(place)
    moment.redo.click()
    wait(lambda: session.redo is not None and session.redo.candidates, "the choice")
    moment.choice.count.setValue(2)
    made = [session.jobs[each.request_id] for each in session.redo.candidates]
    wait(lambda: all(job.state.ended for job in made), "the candidates", 900)
    assert [job.state.value for job in made] == ["finished"] * 2, [job.words() for job in made]
    wait(lambda: [len(film.images) for film in moment.choice.grid.films] == [2, 2], "the candidates' pictures")
    pump(0.3)
    grab(docker(), name)
    ends = [job.keyframes[max(job.keyframes)].hash for job in made]
    step = round(left.operation_step)
    seen = {
        "from": step,
        "shown": [shown.hash for job in made for shown in job.keyframes.values() if shown.operation_step == step],
        "different": len({*ends, old.frames[max(old.frames)].hash}),
    }
    moment.choice.grid.films[number - 1].chosen.emit()
    new = session.job
    assert new is not old
    whole(new)
    steps = [round(new.frames[index].operation_step) for index in sorted(new.frames)]
    before = [index for index in new.frames if new.frames[index].operation_step >= left.operation_step]
    seen |= {
        "frames": len(steps),
        "state": new.frames[max(before)].hash == left.hash,
        "keyframe": [each.hash for each in new.keyframes.values() if each.operation_step == step],
        "same before": [new.frames[index].hash == old.frames[index].hash for index in before],
        "ends as shown": new.frames[max(new.frames)].hash == ends[number - 1],
        "branches": [list(each) for each in new.parameters.branches],
        "base": new.base_job_id == old.job_id,
    }
    return seen | {"left": left.hash}


K.action("undo_painting").trigger()
first = whole(session.job)
stand(2)
plugin.running.redo_keyframe(doc, 600)
base = whole(session.job)
RESULT["key state before"] = base.keyframes[1].hash
RESULT["another seed"] = base.keyframes[1].hash != first.keyframes[1].hash
every_frame()
old_layers = layers()

RESULT["key state"] = redo_from(2, 2, "candidates")
branch = session.job
stand(9)
grab(docker(), "branch")
new_layers = layers()
RESULT["layers"] = [apart(*pair) for pair in zip(old_layers, new_layers, strict=True)]
RESULT["between"] = redo_from(4, 1, "between")
finish()
