"""Possible processes of one picture."""

from __future__ import annotations

import numpy as np
import pytest
from procedural.pictures import cartoon

from paints_undo_engine.engines import EngineSettings
from paints_undo_engine.errors import InvalidRequestError
from paints_undo_engine.events import FrameMade
from paints_undo_engine.painting import Painting
from paints_undo_engine.procedural.document.document import Document
from paints_undo_engine.procedural.engine import ProceduralEngine
from paints_undo_engine.procedural.reading.readings import Readings, read_picture
from paints_undo_engine.process import run
from paints_undo_engine.request import (
    InterpolationParameters,
    KeyframeParameters,
    Method,
    ProceduralParameters,
    ProcessRequest,
    variants_of,
)

REQUEST = ProcessRequest(
    keyframes=KeyframeParameters(operation_steps=(300, 600)), interpolation=InterpolationParameters(frames=3)
)


@pytest.fixture(scope="module")
def painting() -> Painting:
    return Painting(cartoon(160, 128))


def frames(engine: ProceduralEngine, painting: Painting, request: ProcessRequest) -> list[np.ndarray]:
    made = [event for event in run(engine, painting, request) if isinstance(event, FrameMade)]
    return [painting.pixels if frame.picture is None else frame.picture.pixels for frame in made]


def document_of(engine: ProceduralEngine, painting: Painting, request: ProcessRequest) -> Document:
    made = engine.document(painting, request, request.keyframe_seed)
    assert isinstance(made, Document)
    return made


def test_variants_work_in_different_ways_and_end_in_the_same_painting(painting: Painting):
    engine = ProceduralEngine(EngineSettings())
    requests = variants_of(REQUEST, 3)
    methods = [document_of(engine, painting, request).method for request in requests]
    assert len(set(methods)) == len(methods)
    processes = [frames(engine, painting, request) for request in requests[:2]]
    assert any(not np.array_equal(one, other) for one, other in zip(*processes, strict=True))
    assert np.array_equal(processes[0][-1], processes[1][-1])


def test_a_variant_is_the_same_whether_others_were_made_before_it_or_not(painting: Painting):
    shared = ProceduralEngine(EngineSettings())
    first, second, _ = variants_of(REQUEST, 3)
    frames(shared, painting, first)
    together, alone = frames(shared, painting, second), frames(ProceduralEngine(EngineSettings()), painting, second)
    assert all(np.array_equal(one, other) for one, other in zip(together, alone, strict=True))


def test_the_first_variant_is_the_process_itself():
    assert variants_of(REQUEST, 2)[0] == REQUEST


def test_a_chosen_method_stays_and_only_the_seeds_move(painting: Painting):
    engine = ProceduralEngine(EngineSettings())
    chosen = ProcessRequest(procedural=ProceduralParameters(method=Method.PAINTER))
    made = [document_of(engine, painting, one) for one in variants_of(chosen, 2)]
    assert [document.method for document in made] == [Method.PAINTER] * 2
    states = [document.render(document.count_at(500)) for document in made]
    assert not np.array_equal(states[0], states[1])


@pytest.mark.parametrize("count", [0, 9])
def test_too_many_or_no_variants_are_refused(count: int):
    with pytest.raises(InvalidRequestError, match="1 to 8"):
        variants_of(REQUEST, count)


def test_seeds_at_their_end_go_on_from_the_beginning():
    last = ProcessRequest(keyframes=KeyframeParameters(seed=2**32 - 1), variant=1)
    assert 0 <= last.keyframe_seed < 2**32 - 1


def test_a_picture_is_read_once_while_it_is_among_the_last():
    readings, pictures = Readings(), [cartoon(96 + 16 * number, 96) for number in range(3)]
    first = readings(pictures[0])
    assert readings(pictures[0].copy()) is first
    readings(pictures[1])
    assert readings(pictures[0]) is first
    readings(pictures[2])
    readings(pictures[1])
    assert readings(pictures[0]) is not first
    assert np.array_equal(readings(pictures[0]).labels, read_picture(pictures[0]).labels)
