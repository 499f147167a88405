"""Where a new layer goes among those of a document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..core.choice import ImportTarget, Place

if TYPE_CHECKING:
    from krita import Document, Node

GROUP = "grouplayer"


def layer_id(node: Node) -> str:
    """What tells a layer from the others of its document."""
    return str(node.uniqueId().toString())


def active_layer(document: Document) -> str:
    """The id of the layer that is active, or whose mask is; empty when there is none."""
    node = document.activeNode()
    while node is not None and node.type().endswith("mask"):
        node = node.parentNode()
    return layer_id(node) if node is not None else ""


def put(document: Document, node: Node, target: ImportTarget) -> bool:
    """Add a layer where `target` says, on top when the layer that it names is gone; False when Krita does not take it.
    Into something that is no group goes what lies above it."""
    beside = find(document, target.layer) if target.place is not Place.TOP else None
    if beside is None:
        return bool(document.rootNode().addChildNode(node, None))
    if target.place is Place.INSIDE and beside.type() == GROUP:
        return bool(beside.addChildNode(node, None))
    parent = beside.parentNode() or document.rootNode()
    return bool(parent.addChildNode(node, beside))


def find(document: Document, layer: str) -> Node | None:
    """The layer with this id, in whatever group it lies."""
    return next((node for node in _all(document.topLevelNodes()) if layer_id(node) == layer), None)


def _all(nodes: list[Node]) -> Iterator[Node]:
    for node in nodes:
        yield node
        if node.type() == GROUP:
            yield from _all(node.childNodes())
