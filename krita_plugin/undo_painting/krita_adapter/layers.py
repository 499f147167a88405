"""Frames as layers, in one undo step.

Krita has no macro for undo: every layer that is added is a step of its own. But a group that was built in a temporary
document can be duplicated and attached at once, and that is one step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from krita import Krita

from ..core.choice import HERE, ImportTarget
from ..core.mapping import Rect
from ..core.translate import tr
from ..qt import QtCore
from . import stacking
from .document import exact_in_8_bit, keeping_active

if TYPE_CHECKING:
    from krita import Document, Node

SRGB = "sRGB-elle-V2-srgbtrc.icc"
SPACE = ("RGBA", "U8", SRGB)


class LayerError(Exception):
    """The layers could not be added; the document is as it was."""


class LayerBuilder:
    """Builds a group of layers in a temporary document; `attach` puts it into the artist's with one undo step.

    The group takes the artist's colour model, so that its picture is not converted twice; the frames stay 8-bit sRGB.
    """

    def __init__(self, document: Document, name: str, new_size: tuple[int, int] | None = None) -> None:
        """`new_size`: the group is for a new 8-bit sRGB document of this size."""
        self._foreign = new_size is None and not exact_in_8_bit(document)
        own = document.colorModel(), document.colorDepth(), document.colorProfile()
        space = own if self._foreign else SPACE
        size = new_size or (document.width(), document.height())
        with keeping_active(document):
            self._temporary = Krita.instance().createDocument(*size, "undo-painting", *space, document.resolution())
        self._group = self._temporary.createGroupLayer(name)
        self._path: list[tuple[str, Node]] = []
        self._clipping: Node | None = None
        self._closed = False
        self.count = 0

    def enter(self, path: tuple[str, ...], label: int = 0) -> None:
        """The layers that follow lie in these groups within the group, outermost first; new ones get Krita's layer
        colour `label`."""
        same = 0
        while same < min(len(path), len(self._path)) and self._path[same][0] == path[same]:
            same += 1
        if same < max(len(path), len(self._path)):
            self._clipping = None
        del self._path[same:]
        for name in path[same:]:
            node = self._temporary.createGroupLayer(name)
            node.setColorLabel(label)
            node.setCollapsed(True)
            self._inside.addChildNode(node, None)
            self._path.append((name, node))

    def add(
        self,
        name: str,
        data: bytes,
        rect: Rect,
        visible: bool,
        opacity: float = 1.0,
        label: int = 0,
        blending: str = "normal",
        clipped: bool = False,
    ) -> None:
        """One more layer on top: `data` is BGRA, 8 bits, `rect` its place, `blending` Krita's name for it. A `clipped`
        one shows only on the layer below it that is not. Raises `LayerError`."""
        if len(data) != rect.width * rect.height * 4:
            raise LayerError(tr("A layer's pixels do not fit its size."))
        node = self._temporary.createNode(name, "paintlayer")
        if self._foreign:
            node.setColorSpace(*SPACE)
        node.setPixelData(QtCore.QByteArray(data), rect.x, rect.y, rect.width, rect.height)
        node.setBlendingMode(blending)
        node.setColorLabel(label)
        node.setOpacity(min(255, max(0, round(opacity * 255))))
        self._finish(node, visible, clipped)

    def add_native(self, name: str, document: Document, rect: Rect, visible: bool) -> None:
        """One more layer: the document's own projection in its own colour space, so that nothing is rounded."""
        node = self._temporary.createNode(name, "paintlayer")
        node.setColorSpace(document.colorModel(), document.colorDepth(), document.colorProfile())
        data = document.pixelData(rect.x, rect.y, rect.width, rect.height)
        node.setPixelData(data, rect.x, rect.y, rect.width, rect.height)
        self._finish(node, visible, False)

    @property
    def _inside(self) -> Node:
        """The group that the next layer goes into."""
        return self._path[-1][1] if self._path else self._group

    def _finish(self, node: Node, visible: bool, clipped: bool) -> None:
        node.setVisible(visible)
        if clipped:
            node.setInheritAlpha(True)
            self._clipping_group().addChildNode(node, None)
        else:
            self._clipping = None
            self._inside.addChildNode(node, None)
        self.count += 1

    def _clipping_group(self) -> Node:
        """A group in which the base of a clipped layer is the lowest: Krita clips to everything below in a group."""
        below = self._inside.childNodes()
        if self._clipping is None:
            self._clipping = self._inside
            if len(below) > 1:
                base = below[-1]
                self._inside.removeChildNode(base)
                self._clipping = self._temporary.createGroupLayer(base.name())
                self._clipping.addChildNode(base, None)
                self._inside.addChildNode(self._clipping, None)
        return self._clipping

    def attach(self, document: Document, target: ImportTarget = HERE) -> str:
        """Put the group where `target` says; returns the group's id. Raises `LayerError`."""
        group = self._group.duplicate()
        group.setCollapsed(True)
        if not stacking.put(document, group, target):
            raise LayerError(tr("Krita did not take the layer; is the document locked?"))
        self.close()
        document.refreshProjection()
        return stacking.layer_id(group)

    def close(self) -> None:
        """Give the temporary document back."""
        if not self._closed:
            self._temporary.setModified(False)
            self._temporary.close()
            self._closed = True
            del self._temporary
