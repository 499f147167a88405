"""What a result can become outside Krita: the daemon's purposes, options that it takes, and what is told before."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from krita_plugin.undo_painting.core import translate
from krita_plugin.undo_painting.core.export import Aspect, Export, ExportFormat, Fill
from krita_plugin.undo_painting.core.purposes import Purpose
from krita_plugin.undo_painting.net import convert
from paints_undo.v1 import jobs_pb2
from paints_undo_daemon.convert import export_options_from_proto
from paints_undo_daemon.convert_parameters import export_presets
from paints_undo_engine.export.geometry import canvas_for
from paints_undo_engine.export.options import ExportFormat as EngineFormat
from paints_undo_engine.export.presets import load_presets
from paints_undo_engine.export.timeline import timeline
from paints_undo_engine.painting import Painting
from paints_undo_engine.picture import Picture, Placement

SIDES = st.integers(64, 6000)
PURPOSES = [convert.purpose(preset) for preset in export_presets(Path("there is none"))]


def given_by(**options: Any) -> Export:
    return Export({"format": "EXPORT_FORMAT_MP4", **options})


def test_the_daemon_s_presets_are_the_purposes() -> None:
    assert [each.name for each in PURPOSES] == list(load_presets())
    for purpose in PURPOSES:
        wanted = load_presets()[purpose.name].options
        assert export_options_from_proto(jobs_pb2.ExportOptions(**purpose.export.options())) == wanted


def test_every_format_of_the_service_is_known() -> None:
    known = {jobs_pb2.ExportFormat.Value(f"EXPORT_FORMAT_{kind.value[0]}") for kind in ExportFormat}
    assert known == set(jobs_pb2.ExportFormat.values()) - {0}
    endings = {each.value.replace("-", "_").upper(): each.suffix for each in EngineFormat}
    assert {kind.value[0]: f".{kind.ending}" for kind in ExportFormat} == endings
    assert not Export({"format": "EXPORT_FORMAT_HOLOGRAM"}).known


def test_the_purposes_speak_the_artist_s_language() -> None:
    try:
        for code in translate.languages():
            translate.choose(code)
            words = [purpose.words() for purpose in PURPOSES]
            assert len(set(words)) == len(words)
            if code != "en":
                assert not set(words) & {purpose.summary for purpose in PURPOSES}
            assert Purpose("club", "For the club", Export()).words() == "For the club"
    finally:
        translate.choose("en")


@pytest.mark.parametrize("purpose", PURPOSES, ids=[each.name for each in PURPOSES])
@pytest.mark.parametrize("split", [False, True])
def test_a_purpose_takes_the_artist_s_own_rate_and_hold(purpose: Purpose, split: bool) -> None:
    made = purpose.adapted(8, 0.5, split)
    options = jobs_pb2.ExportOptions(**made.options())
    export_options_from_proto(options)
    if made.kind.layered:
        assert options.layer_content == (jobs_pb2.LAYER_CONTENT_SPLIT if split else jobs_pb2.LAYER_CONTENT_KEYFRAMES)
    if made.kind.moves:
        assert bool(options.duration_seconds) != (options.frames_per_second == 8)
        assert options.hold_last_seconds == (1.0 if purpose.name == "chat" else 0.5)


def test_a_video_ends_in_the_artist_s_language() -> None:
    try:
        for code in translate.languages():
            translate.choose(code)
            options = jobs_pb2.ExportOptions(**given_by().options())
            assert options.language == jobs_pb2.Language.Value(f"LANGUAGE_{code[:2].upper()}")
            assert not options.omit_end_card
    finally:
        translate.choose("en")


@given(
    SIDES,
    SIDES,
    st.sampled_from(list(Aspect)),
    st.sampled_from(list(Fill)),
    st.sampled_from([0, 480, 1920]),
    st.sampled_from([ExportFormat.MP4, ExportFormat.GIF, ExportFormat.PNG_SEQUENCE]),
)
def test_the_size_is_told_before_as_the_engine_makes_it(
    width: int, height: int, shape: Aspect, fill: Fill, side: int, kind: ExportFormat
) -> None:
    values = {"aspect": f"ASPECT_{shape.value}", "fill": f"FILL_{fill.value}", "max_side": side}
    made = given_by(**values).changed(format=f"EXPORT_FORMAT_{kind.value[0]}")
    options = export_options_from_proto(jobs_pb2.ExportOptions(**made.options()))
    pixels = np.broadcast_to(np.uint8(0), (height, width, 3))
    frame = Picture(pixels, Placement(0, 0, width, height))
    canvas = canvas_for(Painting(pixels), frame, options, even=kind.video)
    assert made.size(width, height) == (canvas.width, canvas.height)


def test_a_portrait_in_a_wide_video_is_seen_whole_unless_it_is_cropped() -> None:
    whole = given_by(aspect="ASPECT_WIDE").shown(600, 1000)
    assert [whole[0], whole[2], whole[3]] == pytest.approx([(1 - whole[2]) / 2, 80 / 27, 1.0])
    assert given_by(aspect="ASPECT_WIDE", fill="FILL_FOLLOW").shown(600, 1000) == whole
    cut = given_by(aspect="ASPECT_WIDE", fill="FILL_CROP").shown(600, 1000)
    assert [cut[2], cut[3]] == pytest.approx([1.0, 0.3375])


LENGTHS = st.fixed_dictionaries(
    {
        "format": st.sampled_from([f"EXPORT_FORMAT_{kind.value[0]}" for kind in ExportFormat if kind.moves]),
        "duration_seconds": st.sampled_from([0.0, 6.0, 15.0, 30.0]),
        "frames_per_second": st.integers(0, 60),
        "hold_last_seconds": st.sampled_from([0.0, 1.0, 2.0, 10.0]),
        "result_first_seconds": st.sampled_from([0.0, 1.5]),
        "ping_pong": st.booleans(),
        "reverse": st.booleans(),
        "pace": st.sampled_from(["PACE_LINEAR", "PACE_EASED"]),
        "zoom_seconds": st.sampled_from([0.0, 2.5]),
        "wipe_seconds": st.sampled_from([0.0, 3.0]),
        "omit_end_card": st.booleans(),
    }
)


@given(LENGTHS, st.integers(1, 300))
def test_the_length_is_told_before_as_the_engine_makes_it(values: dict[str, Any], frames: int) -> None:
    made = Export(values)
    options = export_options_from_proto(jobs_pb2.ExportOptions(**made.options()))
    assert made.length(frames) == pytest.approx(float(timeline(frames, options).seconds), abs=1e-6)


def test_the_size_of_what_is_not_a_video() -> None:
    assert given_by(max_side=1920).size(2000, 3000) == (1280, 1920)
    assert given_by().size(201, 301) == (200, 300)
    assert Export({"format": "EXPORT_FORMAT_HTML"}).size(2000, 3000) == (720, 1080)
