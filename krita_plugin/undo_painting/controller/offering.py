"""What is asked before an import begins, and what is offered after it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ..core import memory
from ..core.choice import Choice, Import, Which
from ..core.mapping import PaintingSource
from ..core.translate import tr
from ..krita_adapter import timeline
from .session import Note, Offer

Again = Callable[[Import], object]
"""Begins a changed import."""


def other_size(source: PaintingSource, size: tuple[int, int], wanted: Import, again: Again) -> Note:
    """The picture has another size than when the job was made of it; whether it was cropped or scaled, Krita does not
    tell. In a new document the frames fit in any case."""
    was, now = (f"{width} × {height}" for width, height in (source.canvas, size))
    text = tr("The picture was {was} and is {now} now. Where shall the frames go?", was=was, now=now)
    elsewhere = replace(wanted, target=replace(wanted.target, new_document=True))
    offers = [Offer(tr("Into a new document"), lambda: again(elsewhere))]
    if source.scales_to(*size):
        offers.append(Offer(tr("Here, scaled like the picture"), lambda: again(replace(wanted, any_size=True))))
    return Note(text, offers=tuple(offers))


def less_memory(estimate: memory.ImportEstimate, stride: int, wanted: Import, again: Again) -> Note:
    """An import would need too much memory; less of it, or all of it smaller, would fit."""
    needed, limit = memory.words(estimate.needed), memory.words(estimate.limit)
    text = tr("This needs about {needed}; at most {limit} should be used.", needed=needed, limit=limit)
    fewer = replace(wanted, choice=Choice(Which.NTH, stride), any_memory=True)
    offers = [Offer(tr("One frame in {stride}", stride=stride), lambda: again(fewer))]
    if estimate.percent:
        smaller = replace(wanted, target=replace(wanted.target, percent=estimate.percent), any_memory=True)
        text_smaller = tr("All at {percent} %, in a new document", percent=estimate.percent)
        offers.append(Offer(text_smaller, lambda: again(smaller)))
    return Note(text, offers=tuple(offers))


def show_timeline() -> tuple[Offer, ...]:
    """The timeline, where it is closed: an animation that stands at its first frame is a white canvas."""
    return () if timeline.visible() else (Offer(tr("Show the timeline"), timeline.show),)
