"""A cancel half way: what is finished stays, the document is untouched."""

from inside import RESULT, K, controller, docker, document, finish, pump, wait

doc = document()
plugin = controller()
names = [node.name() for node in doc.topLevelNodes()]
K.action("undo_painting").trigger()
session = plugin.active()
wait(lambda: session.job.frames, "the first frame")
pump(0.05)
RESULT["button"] = docker().big.text().replace("&", "")
docker().big.click()
wait(lambda: session.job.state.ended, "the end of the job")
wait(lambda: "Cancel" not in docker().big.text().replace("&", ""), "the button's next words")
RESULT.update(state=session.job.state.value, frames=len(session.job.frames), words=docker().words.text())
finish(
    untouched=[node.name() for node in doc.topLevelNodes()] == names, button_after=docker().big.text().replace("&", "")
)
