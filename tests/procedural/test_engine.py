"""The embedded engine through the contract that every engine keeps."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from procedural.composite import composite
from procedural.pictures import cartoon

from paints_undo_engine.engines import EngineSettings, load
from paints_undo_engine.events import FrameMade, KeyframeMade, Tagged
from paints_undo_engine.painting import Painting
from paints_undo_engine.process import run
from paints_undo_engine.request import KeyframeParameters, ProceduralParameters, ProcessRequest
from paints_undo_engine.stages import Stage

GOLDEN = Path(__file__).resolve().parents[1] / "parity" / "golden"


@pytest.fixture(scope="module")
def painting() -> Painting:
    return Painting(cartoon(160, 128))


def test_a_whole_process_is_chronological_and_ends_in_the_painting(painting: Painting, tmp_path: Path) -> None:
    engine = load("procedural", EngineSettings(models=tmp_path))
    events = list(run(engine, painting, ProcessRequest()))
    frames = [event for event in events if isinstance(event, FrameMade)]
    assert [frame.index for frame in frames] == list(range(106))
    steps = [frame.operation_step for frame in frames]
    assert steps == sorted(steps, reverse=True)
    assert frames[-1].picture is None
    keyframes = {event.index: event for event in events if isinstance(event, KeyframeMade)}
    assert sorted(keyframes) == list(range(8))
    made = keyframes[3].picture
    same = frames[15 * 3 - 1].picture
    assert made is not None
    assert same is not None
    assert np.array_equal(made.pixels, same.pixels)


def test_frames_have_the_asked_size_and_cover_the_painting(painting: Painting) -> None:
    request = ProcessRequest(
        stop_after=Stage.KEYFRAMES,
        keyframes=KeyframeParameters(operation_steps=(500,)),
        procedural=ProceduralParameters(max_side=64),
    )
    events = run(load("procedural"), painting, request)
    picture = next(event.picture for event in events if isinstance(event, KeyframeMade) and event.index == 1)
    assert picture is not None
    assert max(picture.pixels.shape[:2]) == 64
    assert picture.placement == painting.placement


@pytest.mark.extra("diffusion")
def test_tags_come_from_the_tagger_where_it_is_installed(painting: Painting, tmp_path: Path) -> None:
    request = ProcessRequest(stop_after=Stage.TAGS)
    plain = [event.text for event in run(load("procedural", EngineSettings(models=tmp_path)), painting, request)
             if isinstance(event, Tagged)]  # fmt: skip
    assert "theme" in plain[0] or "background" in plain[0]
    shutil.copytree(GOLDEN / "tagger", tmp_path / "wd14_tagger")
    tagged = [event.text for event in run(load("procedural", EngineSettings(models=tmp_path)), painting, request)
              if isinstance(event, Tagged)]  # fmt: skip
    assert tagged != plain


def test_the_layers_compose_to_the_painting(painting: Painting) -> None:
    layers = list(load("procedural").layers(painting, ProcessRequest()))  # type: ignore[attr-defined]
    shown = composite(layers)
    assert np.array_equal(shown[..., :3], painting.pixels)
    assert not [layer for layer in layers if layer.group == ("Sketch",) and layer.visible]
