"""Import elsewhere: backwards into a new document; what is offered above the limit for memory; beside a layer, into a
group, and from the timeline's current time on."""

from inside import (
    RESULT,
    K,
    accept,
    activate,
    controller,
    docker,
    document,
    finish,
    leaves,
    pump,
    run_job,
    settled,
    wait,
)
from undo_painting.core.choice import Import, ImportTarget, Place
from undo_painting.krita_adapter import stacking
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
wait(lambda: panel._costs is not None and panel._costs[-2:] == (panel.chosen(), panel.target()), "the cost")
RESULT["cost"] = panel._cost.text()
panel.import_layers()
RESULT["asked"] = session.note.text
assert session.task is None, "nothing begins before the artist has said so"
RESULT["offers"] = [offer.text for offer in session.note.offers]
accept(1)
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
accept(0)
settled()
RESULT.update(fewer=len(leaves(doc.topLevelNodes()[-1])), note_fewer=session.note.text)

plugin.change_settings(memory_limit=0)
select(panel._which, "range")
panel._first.setValue(1)
panel._last.setValue(3)
folder, sketch, ink = (
    doc.createGroupLayer("mine"),
    doc.createNode("sketch", "paintlayer"),
    doc.createNode("ink", "paintlayer"),
)
doc.rootNode().addChildNode(folder, doc.topLevelNodes()[0])
folder.addChildNode(sketch, None)
folder.addChildNode(ink, None)
select(panel._place, "above")
doc.setActiveNode(doc.topLevelNodes()[0])  # in Krita 6 a layer that was just added is the active one
wait(lambda: doc.activeNode().name() == "Background", "the lowest layer, active")
chosen, job = panel.chosen(), session.importable
wanted = {
    "above the active": Import(chosen, panel.target_now()),
    "above": Import(chosen, ImportTarget(place=Place.ABOVE, layer=stacking.layer_id(sketch))),
    "inside": Import(chosen, ImportTarget(place=Place.INSIDE, layer=stacking.layer_id(folder))),
    "gone": Import(chosen, ImportTarget(place=Place.ABOVE, layer="{none}")),
}
placed = {}
for name, order in wanted.items():
    assert plugin.importing.begin(doc, job, order)
    note = settled()
    placed[name] = [[node.name() for node in nodes] for nodes in (doc.topLevelNodes(), folder.childNodes())]
    placed[name].append(note.text)
    K.action("edit_undo").trigger()
    doc.waitForDone()
    pump(0.5)
    placed[name].append([bool(session.note.text), len(doc.topLevelNodes()), len(folder.childNodes())])

doc.setFramesPerSecond(24)
doc.setCurrentTime(40)
doc.waitForDone()
panel._from_here.setChecked(True)
panel._hold.setValue(0.0)
inside = ImportTarget(place=Place.INSIDE, layer=stacking.layer_id(ink))
assert plugin.importing.begin(doc, job, Import(chosen, inside, panel.timeline()))
settled()
moving = next(node for node in folder.childNodes() if node.animated())
RESULT["from here"] = {
    "inside": [node.name() for node in folder.childNodes()].index(moving.name()),
    "keys": [time for time in range(60) if moving.hasKeyframeAtTime(time)],
    "rate": doc.framesPerSecond(),
    "range": [doc.fullClipRangeStartTime(), doc.fullClipRangeEndTime()],
    "time": doc.currentTime(),
}
finish(placed=placed)
