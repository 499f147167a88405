"""Two documents at once, each with its own job; then the history: repeat with changes, show, import again, delete."""

from inside import RESULT, K, activate, controller, docker, document, every_frame, finish, leaves, pump, settled, wait
from undo_painting.qt import QtCore

one = document()
plugin = controller()
two = K.createDocument(160, 128, "two", "RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc", 72.0)
K.activeWindow().addView(two)
activate(two)
second = plugin.active()
K.action("undo_painting").trigger()
docker().show_gallery()
RESULT["blank"] = [second.job is None, second.gallery, second.note.bad, "nothing to undo" in second.note.text]
docker().gallery_fold.set_open(False)
two.topLevelNodes()[0].setPixelData(QtCore.QByteArray(bytes((40, 40, 200, 255)) * 6400), 40, 20, 80, 80)
two.refreshProjection()
two.waitForDone()
K.action("undo_painting").trigger()
RESULT["no longer blank"] = [second.job is not None, second.note.text]
activate(one)
first = plugin.active()
assert first is not second, "each document has its own session"
K.action("undo_painting").trigger()
RESULT["both"] = [not first.job.state.ended, first.job.request_id != second.job.request_id]
wait(lambda: first.job.state.ended and second.job.state.ended, "the end of both jobs")
RESULT["states"] = [first.job.state.value, second.job.state.value]
RESULT["sizes"] = [[job.source.rect.width, job.source.rect.height] for job in (first.job, second.job)]
RESULT["shown"] = [len(first.frames()), len(second.frames())]
every_frame()
docker().imports.import_layers()
settled()
pump(0.2)
RESULT["tops"] = [len(one.topLevelNodes()), len(two.topLevelNodes())]

results = docker().results
docker().results_fold.set_open(True)
older = first.job
results.select(older.request_id)
results._use()
making = docker().making
making._steps_changed((300, 600))
docker().big.click()
newer = first.job
assert newer is not older, "the repeated job is a new one"
wait(lambda: newer.state.ended, "the end of the repeated job")
pump(0.2)
RESULT["repeated"] = [newer.state.value, len(newer.frames), list(newer.parameters.operation_steps)]
RESULT["listed"] = len(first.history.entries)
results.select(older.request_id)
results._chosen()
pump(0.2)
RESULT["back"] = first.shown == older.request_id
wait(lambda: first.job.state.ended, "the older job, told again")
wait(lambda: all(picture.hash in first.previews for _, picture in first.frames()), "its previews")
shown = {picture.hash for picture in (*first.job.frames.values(), *first.job.keyframes.values())}
RESULT["held"] = [list(first.jobs) == [older.request_id], set(first.previews) <= {*shown, older.painting_hash}]
pump(0.2)
docker().imports.import_layers()
settled()
pump(0.2)
RESULT["again"] = len(leaves(one.topLevelNodes()[-1]))
results.select(older.request_id)
results._delete()
pump(0.3)
docker().notice.offers[0].click()
wait(lambda: len(first.history.entries) == 1, "the end of the deleted result")
RESULT["left"] = [entry.request_id == newer.request_id for entry in first.history.entries]
RESULT["listed_after"] = len(first.history.entries)
annotation = bytes(one.annotation("undo_painting/history")).decode()
RESULT["kept"] = [newer.request_id in annotation, older.request_id in annotation]
RESULT["other"] = len(second.history.entries)


async def gone(background):
    try:
        await (await background.connection.daemon()).get(older.job_id)
    except Exception as error:
        return getattr(error, "status", repr(error))
    return "there"


def ask():
    answers = []
    plugin.bridge.run(gone, done=answers.append)
    wait(lambda: answers, "the daemon's answer")
    return answers[0]


wait(lambda: ask() != "there", "the end of the older job")
finish(at_the_daemon=ask())
