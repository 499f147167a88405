"""What a result can become outside Krita: options that the protocol takes, and what is seen of the picture."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from krita_plugin.undo_painting.core import export, translate
from krita_plugin.undo_painting.core.export import Export, Kind, Purpose, Shape
from krita_plugin.undo_painting.core.pace import Pace
from paints_undo.v1 import jobs_pb2
from paints_undo_daemon.convert import export_options_from_proto
from paints_undo_engine.export.timeline import timeline

SIDES = st.integers(64, 6000)


@pytest.mark.parametrize("purpose", list(Purpose))
@pytest.mark.parametrize("split", [False, True])
def test_the_protocol_takes_every_purpose(purpose: Purpose, split: bool) -> None:
    made = export.preset(purpose, Export(frames_per_second=8), split)
    full = replace(made, result_first=True, there_and_back=True, backwards=True)
    options = jobs_pb2.ExportOptions(**full.options())
    assert options.format == jobs_pb2.ExportFormat.Value(f"EXPORT_FORMAT_{made.kind.value[0]}")
    if made.kind.layered:
        assert options.layer_content == (jobs_pb2.LAYER_CONTENT_SPLIT if split else jobs_pb2.LAYER_CONTENT_KEYFRAMES)
    assert not (options.duration_seconds and options.frames_per_second)
    assert export.words(purpose)


def test_nothing_is_cut_off_unless_it_is_asked_for() -> None:
    for purpose in Purpose:
        made = export.preset(purpose, Export(), False)
        options = jobs_pb2.ExportOptions(**made.options())
        assert options.fill == jobs_pb2.FILL_BLUR or not options.aspect
    cropped = replace(export.preset(Purpose.WIDE, Export(), False), fill=False)
    assert jobs_pb2.ExportOptions(**cropped.options()).fill == jobs_pb2.FILL_CROP


def test_a_video_ends_in_the_artist_s_language() -> None:
    try:
        for code in translate.languages():
            translate.choose(code)
            options = jobs_pb2.ExportOptions(**Export().options())
            assert options.language == jobs_pb2.Language.Value(f"LANGUAGE_{code[:2].upper()}")
            assert not options.omit_end_card
    finally:
        translate.choose("en")


@given(SIDES, SIDES, st.sampled_from([shape for shape in Shape if shape is not Shape.PAINTED]), st.booleans())
def test_the_shape_is_the_one_that_was_chosen(width: int, height: int, shape: Shape, fill: bool) -> None:
    made = Export(shape=shape, fill=fill)
    across, down = made.size(width, height)
    wide, high = shape.ratio or (1, 1)
    assert across / down == pytest.approx(wide / high, rel=0.03)
    left, top, share_across, share_down = made.shown(width, height)
    slack = 1.5 / min(width, height)
    if fill:
        assert min(share_across, share_down) >= 1 - slack
    else:
        assert max(share_across, share_down) <= 1 + slack
    assert left == pytest.approx((1 - share_across) / 2)
    assert top == pytest.approx((1 - share_down) / 2)


def test_a_portrait_in_a_wide_video_is_seen_whole() -> None:
    whole = Export(shape=Shape.WIDE).shown(600, 1000)
    assert whole[3] == pytest.approx(1.0)
    cut = Export(shape=Shape.WIDE, fill=False).shown(600, 1000)
    assert (cut[2], cut[3]) == (pytest.approx(1.0), pytest.approx(0.3375, rel=0.01))


LENGTHS = st.fixed_dictionaries(
    {
        "kind": st.sampled_from([kind for kind in Kind if kind.moves]),
        "seconds": st.sampled_from([0.0, 6.0, 15.0, 30.0]),
        "frames_per_second": st.integers(1, 60),
        "hold_seconds": st.sampled_from([0.0, 1.0, 2.0, 10.0]),
        "result_first": st.booleans(),
        "there_and_back": st.booleans(),
        "backwards": st.booleans(),
        "pace": st.sampled_from([Pace.EVEN, Pace.EASED, Pace.OWN]),
    }
)


@given(LENGTHS, st.integers(1, 300))
def test_the_length_is_told_before_as_the_engine_makes_it(fields: dict[str, Any], frames: int) -> None:
    made = Export(**fields)
    options = export_options_from_proto(jobs_pb2.ExportOptions(**made.options()))
    assert made.length(frames) == pytest.approx(float(timeline(frames, options).seconds), abs=1e-6)


def test_the_size_is_told_before() -> None:
    assert Export(longer_side=1920).size(2000, 3000) == (1280, 1920)
    assert Export(longer_side=1920).size(200, 300) == (1280, 1920)
    assert Export().size(200, 300) == (200, 300)
