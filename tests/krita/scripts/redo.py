"""Redo from here: candidates to choose from, the chosen one as layers, in a new document, and left once more."""

from inside import RESULT, K, controller, docker, document, finish, grab, leaves, pump, run_job, settled, wait
from krita import Selection
from undo_painting.docker import dockers
from undo_painting.pixels import FORMAT, content

doc = document()
plugin = controller()
dock = dockers()[-1]
dock.setFloating(True)
dock.resize(300, 900)
first = run_job()
session = plugin.active()


def whole():
    return all(picture.hash in session.previews for _, picture in session.frames())


def rgb(image):
    return content(image.convertToFormat(FORMAT.Format_RGB32))


def gone(jobs):
    """Whether the daemon has forgotten these jobs."""

    async def ask(background):
        daemon, answers = await background.connection.daemon(), []
        for job in jobs:
            try:
                answers.append((await daemon.get(job.job_id)).job_id)
            except Exception as error:
                answers.append(getattr(error, "status", repr(error)))
        return answers

    told = []
    plugin.bridge.run(ask, done=lambda answers: told.append(answers))
    wait(lambda: told, "the daemon's answer")
    return set(told[0]) == {"NOT_FOUND"}


def candidates():
    """The small jobs of the open choice, once their ends are shown."""
    made = [session.jobs[each.request_id] for each in session.redo.candidates]
    grid = docker().moment.choice.grid
    wait(lambda: all(job.state.ended for job in made), "the candidates")
    wait(lambda: [len(film.images) for film in grid.films] == [2] * len(made), "the candidates' pictures")
    return made


wait(whole, "all previews")
moment, player = docker().moment, docker().player


def buttons():
    """What can be done at the moment that is shown."""
    return [each.text() for each in moment._buttons if each.isVisible()]


RESULT["buttons"] = wait(buttons, "the buttons of the moment")
player.show_place(1.0)
moment.redo.click()
RESULT["at the end"] = [session.note.text, session.note.bad, session.redo is None]

player.show_place(0.5)
wait(lambda: not session.note.text, "the end of a sentence that is no longer true")
left = player.current()[1]
moment.redo.click()
made = candidates()
pump(0.3)
grab(docker(), "candidates")
RESULT["open"] = [
    moment.choice.isVisible(),
    len(made),
    sorted(session.history.find(job.request_id) is None for job in made),
]
ends = [job.keyframes[max(job.keyframes)] for job in made]
RESULT["different"] = len({picture.hash for picture in ends} | {first.frames[105].hash})
RESULT["whole size"] = [[picture.width, picture.height] for picture in ends]
RESULT["leaves"] = {job.keyframes[1].hash for job in made} == {left.hash}
film = moment.choice.grid.films[0]
film.enterEvent(None)
RESULT["plays"] = film.playing
film.leaveEvent(None)

moment.choice.count.setValue(2)
pump(0.3)
RESULT["fewer"] = [len(session.redo.candidates), len(moment.choice.grid.films)]
wait(lambda: gone(made[2:]), "the end of those that are not wanted", 30)
moment.choice.count.setValue(3)
made = candidates()
moment.choice.cancel.click()
pump(0.3)
RESULT["cancelled"] = [session.redo is None, moment.choice.isVisible(), list(session.jobs), session.shown] == [
    True,
    False,
    [first.request_id],
    first.request_id,
]
wait(lambda: gone(made), "the end of the candidates", 30)

moment.redo.click()
RESULT["remembered"] = len(session.redo.candidates)
made = candidates()
chosen = made[1].keyframes[max(made[1].keyframes)]
moment.choice.grid.films[1].chosen.emit()
branch = session.job
assert branch is not first
wait(lambda: branch.state.ended, "the end of the branch")
wait(whole, "the branch's previews")
pump(0.5)
step = round(left.operation_step)
pairs = [(first.frames[index], branch.frames[index]) for index in range(106)]
RESULT["branch"] = {
    "state": branch.state.value,
    "branches": [list(each) for each in branch.parameters.branches],
    "base": branch.base_job_id == first.job_id,
    "same before": all(a.hash == b.hash for a, b in pairs if a.operation_step > step),
    "other after": all(a.hash != b.hash for a, b in pairs if a.operation_step < step - 30),
    "ends as shown": branch.frames[105].hash == chosen.hash,
    "history": len(session.history.entries),
    "buttons": wait(lambda: len(buttons()) == 3 and buttons(), "the branch's buttons"),
    "kept settings": plugin.settings.parameters.get("branches"),
}
player.stop()
player.show_place(0.9)
pump(0.2)
grab(docker(), "branch")


def last_layer(picture):
    """Whether the topmost imported layer is that picture."""
    data = bytes(leaves(doc.topLevelNodes()[-1])[-1].pixelData(0, 0, 320, 200))
    shown = b"".join(data[place : place + 3] + b"\xff" for place in range(0, len(data), 4))
    return shown == rgb(session.previews[picture.hash])


def parts(data, x=40, y=30, width=120, height=100):
    """The bytes of a picture of 320 x 200 outside of a rectangle, and within it."""
    rows = [data[line * 1280 : (line + 1) * 1280] for line in range(200)]
    outside = [
        row[: 4 * x] + row[4 * (x + width) :] if y <= line < y + height else row for line, row in enumerate(rows)
    ]
    return b"".join(outside), b"".join(row[4 * x : 4 * (x + width)] for row in rows[y : y + height])


docker().imports.import_layers()
RESULT["layers"] = [settled().text, last_layer(branch.frames[105])]
K.action("edit_undo").trigger()
doc.waitForDone()
pump(0.3)
RESULT["undone"] = [node.name() for node in doc.topLevelNodes()]
docker().imports.import_animation()
RESULT["animation"] = settled().text
K.action("edit_undo").trigger()
doc.waitForDone()
pump(0.3)

doc.setColorSpace("RGBA", "U16", "sRGB-elle-V2-srgbtrc.icc")
doc.waitForDone()
shown = rgb(doc.projection(0, 0, 320, 200))
docker().imports.import_layers()
settled()
doc.waitForDone()
pump(0.3)
RESULT["16 bit"] = [doc.colorDepth(), rgb(doc.projection(0, 0, 320, 200)) != shown]
K.action("edit_undo").trigger()
doc.waitForDone()
pump(0.3)

documents = len(K.documents())
moment.elsewhere.click()
RESULT["elsewhere"] = [settled().text, len(K.documents()) - documents]
wait(lambda: K.activeDocument() is not doc, "the new document")
for other in K.documents():
    if other != doc:
        other.setModified(False)
        other.close()
pump(0.5)
wait(lambda: K.activeDocument() == doc, "the old document")

selection = Selection()
selection.select(40, 30, 120, 100, 255)
doc.setSelection(selection)
doc.waitForDone()
player.show_place(0.8)
moment.redo.click()
area = moment.choice.area
RESULT["areas"] = []
for _ in range(3):
    wait(lambda: session.redo.candidates, "the choice")
    pump(0.3)
    mask = session.redo.candidates and session.jobs[session.redo.candidates[0].request_id].parameters.branches[1].mask
    RESULT["areas"].append([area.text(), mask != ""])
    if len(RESULT["areas"]) < 3:
        area.click()
made = candidates()
grab(docker(), "selection")
moment.choice.grid.films[0].chosen.emit()
again = session.job
wait(lambda: again.state.ended, "the end of the branch of a branch")
wait(whole, "its previews")
RESULT["twice"] = [again.state.value, len(again.parameters.branches), len(again.frames)]
old, new = (rgb(session.previews[job.frames[105].hash]) for job in (branch, again))
RESULT["only within"] = [parts(old)[0] == parts(new)[0], parts(old)[1] != parts(new)[1]]
doc.setSelection(None)
wait(lambda: len([job for job in session.jobs.values() if job.variant]) == 0, "no candidate is left")
finish()
