"""Which method suits a picture: what it was read as decides, the seed chooses among those that suit."""

from __future__ import annotations

from paints_undo_engine.procedural.methods.inking import inked
from paints_undo_engine.procedural.methods.lines import outlined
from paints_undo_engine.procedural.methods.method import Method
from paints_undo_engine.procedural.methods.painting import painted_through
from paints_undo_engine.procedural.reading.model import Kind
from paints_undo_engine.procedural.source import Source

_BY_KIND: dict[Kind, tuple[Method, ...]] = {
    Kind.INKED: (inked,),
    Kind.LINE_ART: (outlined,),
    Kind.PENCIL: (outlined,),
    Kind.COMIC: (inked,),
    Kind.FLAT: (inked,),
    Kind.PIXEL: (inked,),
    Kind.WATERCOLOUR: (painted_through,),
    Kind.PAINTED: (painted_through,),
    Kind.PHOTO: (painted_through,),
}


def method_for(source: Source) -> Method:
    """The method of one picture and seed."""
    suited = _BY_KIND[source.reading.kind]
    return suited[int(source.chance("method").integers(len(suited)))]
