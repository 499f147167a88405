"""The artist's layer is still the active one after an import.

Krita 5.2 hears of new layers only when no event loop is nested in another, so every step is a timer of its own here.
"""

from inside import RESULT, document, finish
from undo_painting.core.mapping import Rect
from undo_painting.krita_adapter.document import keeping_active
from undo_painting.krita_adapter.layers import LayerBuilder
from undo_painting.qt import QTimer

doc = document()
own = doc.createNode("own", "paintlayer")


def add():
    doc.rootNode().addChildNode(own, None)


def activate():
    doc.setActiveNode(own)


def attach():
    RESULT["active"] = [doc.activeNode().name()]
    builder = LayerBuilder(doc, "group")
    builder.add("frame", bytes(40 * 30 * 4), Rect(0, 0, 40, 30), True)
    with keeping_active(doc):
        builder.attach(doc)


def look():
    RESULT["active"].append(doc.activeNode().name())
    finish(tops=[node.name() for node in doc.topLevelNodes()])


for place, step in enumerate((add, activate, attach, look), 1):
    QTimer.singleShot(500 * place, step)
