"""Groups, blending and clipping of an imported layer split, as Krita composes them."""

from inside import RESULT, colour, document, finish
from undo_painting.core.mapping import Rect
from undo_painting.krita_adapter.layers import LayerBuilder

RED, GREY, WHITE = (0, 0, 255, 255), (128, 128, 128, 255), (255, 255, 255, 255)


def pixels(bgra, rect):
    return bytes(bgra) * (rect.width * rect.height)


doc = document()
whole, left, right = Rect(0, 0, 40, 20), Rect(0, 0, 20, 20), Rect(20, 0, 20, 20)
builder = LayerBuilder(doc, "split")
builder.add("paper", pixels(WHITE, whole), whole, True)
builder.enter(("figure",))
builder.add("flat", pixels(RED, left), left, True)
builder.add("shade", pixels(GREY, whole), whole, True, blending="multiply", clipped=True)
builder.enter(())
builder.add("other flat", pixels(RED, right), right, True)
builder.add("light", pixels(GREY, whole), whole, True, blending="screen", clipped=True)
builder.add("hidden", pixels(WHITE, whole), whole, False)
builder.attach(doc)
doc.waitForDone()
RESULT["left"], RESULT["right"] = colour(doc, 5, 5), colour(doc, 25, 5)


def tree(node):
    return [[child.name(), child.blendingMode(), child.inheritAlpha(), tree(child)] for child in node.childNodes()]


finish(tree=tree(doc.topLevelNodes()[-1]))
