"""Import elsewhere: backwards into a new document; and what is offered above the limit for memory."""

from inside import RESULT, K, activate, controller, docker, document, finish, leaves, pump, run_job, settled, wait
from undo_painting.pixels import FORMAT, content
from undo_painting.ui.parts import select

doc = document()
plugin = controller()
run_job()
session = plugin.active()
wait(lambda: all(picture.hash in session.previews for _, picture in session.frames()), "all previews")
panel = docker().imports
before = content(doc.projection(0, 0, 320, 200))


def differing(shown, wanted):
    pair = [content(image.convertToFormat(FORMAT.Format_RGB32)) for image in (shown, wanted)]
    return sum(a != b for a, b in zip(*pair, strict=True))


def back():
    """The artist's document is active again, and was not touched."""
    K.activeDocument().setModified(False)
    activate(doc)
    assert plugin.active() is session, "the first document is active again"
    assert [node.name() for node in doc.topLevelNodes()] == ["Background"]
    assert content(doc.projection(0, 0, 320, 200)) == before


select(panel._which, "nth")
panel._nth.setValue(15)
panel._reverse.setChecked(True)
panel._new.setChecked(True)
panel._rate.setValue(8)
panel._hold.setValue(0.5)
panel.import_animation()
wait(lambda: session.task is None, "the animation")
RESULT["note"] = session.note.text
pump(0.3)
made = K.activeDocument()
assert made != doc, "the new document is active"
RESULT["animation"] = {
    "size": [made.width(), made.height()],
    "rate": made.framesPerSecond(),
    "range": [made.fullClipRangeStartTime(), made.fullClipRangeEndTime()],
    "animated": [node.name() for node in made.topLevelNodes() if node.animated()],
}
frames = [picture for _, picture in session.frames()][105::-15]
off = 0
for place, picture in enumerate(frames):
    made.setCurrentTime(place)
    made.waitForDone()
    off = max(off, differing(made.projection(0, 0, 320, 200), session.previews[picture.hash]))
RESULT["animation"].update(frames=len(frames), bytes_off=off)
back()

panel._reverse.setChecked(False)
panel._new.setChecked(False)
select(panel._which, "all")
plugin.change_settings(memory_limit=8_000_000)
pump(0.2)
RESULT["cost"] = panel._cost.text()
panel.import_layers()
pump(0.2)
RESULT["asked"] = session.note.text
assert session.task is None, "nothing begins before the artist has said so"
RESULT["offers"] = [offer.text for offer in session.note.offers]
docker().notice.offers[1].click()
wait(lambda: session.task is None, "the layers in a smaller size")
RESULT["note_smaller"] = session.note.text
pump(0.3)
made = K.activeDocument()
layers = leaves(made.topLevelNodes()[-1])
box = layers[-1].bounds()
RESULT["smaller"] = {
    "size": [made.width(), made.height()],
    "layers": len(layers),
    "box": [box.x(), box.y(), box.width(), box.height()],
}
back()

select(panel._size, "100")
panel.import_layers()
pump(0.2)
docker().notice.offers[0].click()
settled()
finish(fewer=len(leaves(doc.topLevelNodes()[-1])), note_fewer=session.note.text)
