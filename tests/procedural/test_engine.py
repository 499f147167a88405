"""The embedded engine through the contract that every engine keeps."""

from __future__ import annotations

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from procedural.composite import composite
from procedural.pictures import cartoon

from paints_undo_engine.engines import EngineSettings, load
from paints_undo_engine.events import FrameMade, KeyframeMade, Progress, Tagged
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


def test_what_has_been_read_is_shown_before_the_process_is_planned(painting: Painting) -> None:
    engine = load("procedural")
    request = ProcessRequest(stop_after=Stage.KEYFRAMES)
    events = list(run(engine, painting, request))
    first = next(at for at, event in enumerate(events) if isinstance(event, KeyframeMade) and event.index == 1)
    shown = [event.preview for event in events[:first] if isinstance(event, Progress) and event.preview is not None]
    assert len(shown) == 2
    assert all(picture.placement == painting.placement for picture in shown)
    drawn, coloured = (picture.pixels.astype(int) for picture in shown)
    assert drawn.shape == coloured.shape == (192, 240, 3)
    # Lines first, on white paper; then the colours of the painting.
    goal = cv2.resize(painting.pixels8()[..., :3], (240, 192))
    assert float((drawn.min(axis=2) > 240).mean()) > 0.5
    assert np.abs(coloured - goal).mean() < np.abs(drawn - goal).mean() / 2
    again = [event for event in run(engine, painting, request) if isinstance(event, Progress)]
    assert len([event for event in again if event.preview is not None]) == 1


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
