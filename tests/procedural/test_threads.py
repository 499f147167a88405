"""What is planned beside the figure, in a thread of its own."""

from __future__ import annotations

import contextlib
import threading
from functools import cached_property
from typing import Any

import numpy as np
import pytest
from procedural.pictures import cartoon

from paints_undo_engine.procedural.methods import pieces
from paints_undo_engine.procedural.options import Options
from paints_undo_engine.procedural.reading.readings import read_picture
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.refining import refined


def test_the_ground_is_planned_once_whichever_thread_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its layers show what has been done by the steps: those of one plan, and not of two."""
    for each in vars(pieces.Pieces).values():
        if isinstance(each, cached_property):  # without a lock, as from Python 3.12 on
            monkeypatch.setattr(each, "lock", contextlib.nullcontext(), raising=False)
    begun, both = threading.Event(), threading.Event()
    planned: list[int] = []

    def slowly(*arguments: Any, **named: Any) -> Any:
        if named.get("name") == "Background details":
            planned.append(threading.get_ident())
            (both if begun.is_set() else begun).set()
            both.wait(2)
        return refined(*arguments, **named)

    monkeypatch.setattr(pieces, "refined", slowly)
    monkeypatch.setattr(pieces, "split", _by_the_border)
    picture = cartoon()
    table = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    made = pieces.Pieces(Source(picture, read_picture(picture), table, Options(seed=2)))
    assert made.ground.painted
    assert begun.wait(60), "it is planned beside the figure"
    assert made.finish()
    assert len(planned) == 1


def _by_the_border(source: Source) -> tuple[list[int], list[int]]:
    """What reaches the picture's border is the ground, and all else the figure."""
    labels = source.reading.labels
    border = {*labels[0].tolist(), *labels[-1].tolist(), *labels[:, 0].tolist(), *labels[:, -1].tolist()}
    named = [region.label for region in source.reading.regions]
    return [label for label in named if label not in border], [label for label in named if label in border]
