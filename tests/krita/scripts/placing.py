"""Imports beside a layer that is chosen by a click in Krita's layers, and from the current time on. SHOTS: a folder for
pictures of the screen."""

import os
import subprocess

from inside import RESULT, K, click_at, controller, docker, document, finish, play, until
from undo_painting.qt import QtCore, QtWidgets
from undo_painting.ui.parts import select

WANTED = (("above", "sketch"), ("inside", "sketch"), ("inside", "mine"), ("above", "mine"), ("top", "ink"))


def rows(tree, parent=None):
    """All rows of Krita's layers."""
    model, parent = tree.model(), parent or QtCore.QModelIndex()
    for number in range(model.rowCount(parent)):
        index = model.index(number, 0, parent)
        yield index
        yield from rows(tree, index)


def choose(name):
    """Click a layer."""
    window = K.activeWindow().qwindow()
    box = window.findChild(QtWidgets.QDockWidget, "KisLayerBox")
    box.raise_()
    tree = next(each for each in box.findChildren(QtWidgets.QTreeView) if each.isVisible())
    tree.expandAll()
    yield 0.3
    index = next(index for index in rows(tree) if index.data() == name)
    tree.scrollTo(index)
    yield 0.3
    click_at(tree.viewport(), tree.visualRect(index).center())
    yield from until(lambda: K.activeDocument().activeNode().name() == name, f"{name}, active")


def shot(name):
    if os.environ.get("SHOTS"):
        subprocess.run(["import", "-window", "root", f"{os.environ['SHOTS']}/{name}.png"], check=True)


def layers(nodes):
    """Names from the bottom; those of the artist's own group with what lies in it."""
    return [[node.name(), *layers(node.childNodes())] if node.name() == "mine" else node.name() for node in nodes]


def scene():
    doc, plugin = document(), controller()
    folder = doc.createGroupLayer("mine")
    doc.rootNode().addChildNode(folder, None)
    for name in ("sketch", "ink"):
        folder.addChildNode(doc.createNode(name, "paintlayer"), None)
        yield 0.5
    doc.rootNode().addChildNode(doc.createNode("top", "paintlayer"), None)
    yield 0.5
    K.action("undo_painting").trigger()
    session = plugin.active()
    yield from until(lambda: session.job.state.ended, "the end of the job")
    panel = docker().imports
    select(panel._which, "range")
    panel._first.setValue(1)
    panel._last.setValue(3)
    for place, name in WANTED:
        yield from choose(name)
        select(panel._place, place)
        panel.import_layers()
        yield from until(lambda: session.task is None, "the end of the import")
        yield 0.5
        RESULT[f"{place} {name}"] = [layers(doc.topLevelNodes()), doc.activeNode().name()]
        shot(f"{place}-{name}")
        K.action("edit_undo").trigger()
        yield from until(lambda: len(layers(doc.topLevelNodes())) == 3 and len(folder.childNodes()) == 2, "the undo")
        yield 0.5
    before = bytes(doc.pixelData(0, 0, doc.width(), doc.height()))
    doc.setFullClipRangeEndTime(60)
    doc.setCurrentTime(37)
    yield from choose("ink")
    select(panel._place, "above")
    panel._from_here.setChecked(True)
    panel.import_animation()
    yield from until(lambda: session.task is None, "the end of the animation")
    yield 0.5
    moving = folder.childNodes()[-1]
    seen = []
    for time in (36, 37):
        doc.setCurrentTime(time)
        doc.waitForDone()
        yield 0.3
        seen.append(bytes(doc.pixelData(0, 0, doc.width(), doc.height())) == before)
    RESULT["from here"] = {
        "layers": layers(doc.topLevelNodes()),
        "keys": [time for time in range(90) if moving.hasKeyframeAtTime(time)],
        "range": [doc.fullClipRangeStartTime(), doc.fullClipRangeEndTime()],
        "as before": seen,
    }
    if os.environ.get("SHOTS"):
        window = K.activeWindow().qwindow()
        window.setGeometry(0, 0, 1600, 1000)
        for offer in session.note.offers:
            offer.accept()
        yield 1.0
        shot("timeline")
    finish()


play(scene())
