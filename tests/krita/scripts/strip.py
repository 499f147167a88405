"""The strip of keyframes: add, move and remove one, each time with a new job; then with other paint on the picture."""

from inside import RESULT, K, controller, docker, document, finish, grab, pump, wait
from undo_painting.qt import MAJOR, Qt, QtCore, QtWidgets

if MAJOR == 6:
    from PyQt6.QtTest import QTest
else:
    from PyQt5.QtTest import QTest

doc = document()
plugin = controller()
session = plugin.active()
making = docker().making
docker().expert_fold.set_open(True)
docker().expert.making_fold.set_open(True)
tools = {tool.text(): tool for tool in making.strip.findChildren(QtWidgets.QToolButton)}


def again(what):
    """Press the big button; gives the job's keyframes: the hash of each by its operation step."""
    before = session.job
    pump(0.2)
    docker().big.click()
    wait(lambda: session.job is not None and session.job is not before, f"a job {what}")
    wait(lambda: session.job.state.ended, f"the end of the job {what}")
    assert session.job.state.value == "finished", session.job.words()
    made = {round(picture.operation_step): picture.hash for picture in session.job.keyframes.values()}
    RESULT[what] = {
        "steps": [step for step in sorted(made) if 0 < step < 1000],
        "equal": sorted(step for step in first if made.get(step) == first[step]) if first else [],
        "base": bool(before) and session.job.base_job_id == before.job_id,
        "frames": [len(session.job.frames), session.job.frame_count],
    }
    wait(lambda: all(digest in session.previews for digest in made.values()), "the thumbnails")
    pump(0.3)
    return made


def choose(step):
    """Click a thumbnail."""
    thumbnails = making.strip.thumbnails
    cell = thumbnails._cell(thumbnails._steps.index(step))
    QTest.mouseClick(thumbnails, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, cell.center())
    assert making.strip._current == step


first = {}
first = again("first")
steps = RESULT["first"]["steps"]
tools["+"].click()
again("added")
added = next(step for step in RESULT["added"]["steps"] if step not in steps)
choose(added)
making.strip._number.setFocus()
making.strip._number.lineEdit().selectAll()
QTest.keyClicks(making.strip._number, str(added - 7))
QTest.keyClick(making.strip._number, Qt.Key.Key_Return)
moved = again("moved")
grab(docker(), "strip")
choose(steps[1])
tools["−"].click()
removed = again("removed")
RESULT["kept"] = sorted(step for step in removed if removed[step] == moved.get(step))

layer = doc.createNode("new paint", "paintlayer")
layer.setPixelData(QtCore.QByteArray(bytes((0, 0, 255, 255)) * 2500), 200, 20, 50, 50)
doc.rootNode().addChildNode(layer, None)
doc.waitForDone()
tools["+"].click()
again("painted on")
K.action("edit_undo").trigger()
finish(step=added)
