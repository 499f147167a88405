"""The artist's layer is still the active one after an import."""

from inside import RESULT, document, finish, play
from undo_painting.core.mapping import Rect
from undo_painting.krita_adapter.document import keeping_active
from undo_painting.krita_adapter.layers import LayerBuilder


def scene():
    doc = document()
    own = doc.createNode("own", "paintlayer")
    doc.rootNode().addChildNode(own, None)
    yield 0.5
    doc.setActiveNode(own)
    yield 0.5
    RESULT["active"] = [doc.activeNode().name()]
    builder = LayerBuilder(doc, "group")
    builder.add("frame", bytes(40 * 30 * 4), Rect(0, 0, 40, 30), True)
    with keeping_active(doc):
        builder.attach(doc)
    yield 0.5
    RESULT["active"].append(doc.activeNode().name())
    finish(tops=[node.name() for node in doc.topLevelNodes()])


play(scene())
