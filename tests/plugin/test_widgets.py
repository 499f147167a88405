"""The widgets under PyQt6, offscreen, without a Krita: what CI can show of Krita 6."""

from collections.abc import Callable
from typing import Any

import pytest

from krita_plugin.undo_painting.core.choice import HERE, AnimationLayout, Choice, Which


def test_the_docker_under_pyqt6(run_script: Callable[..., list[Any]]) -> None:
    (found,) = run_script("widgets_script.py")
    assert found["major"] == 6
    assert found["idle"] == ["Undo Painting", False, "Open a picture first."]
    assert found["steps"] == [100, 500, 750]
    assert found["moved"] == [100, 501, 750]
    assert found["removed"] == [100, 501]
    assert found["asked"] == [["redo", 750], ["replace", 750]]
    assert found["usual"] == [str(Choice(Which.STATES, 4, 0, 105)), str(AnimationLayout()), str(HERE)]
    assert found["range"] == ["range", 10, 19]
    assert found["timeline"] == [24, 0.5, True]
    assert found["target"] == [True, 50]
    assert found["keyframes"] == "keyframes"
    assert found["nth"] == ["nth", 7]
    dragged, points, without, by_keyboard = found["pace"]
    assert [float(share) for share in dragged.split(",")[1].split(":")] == pytest.approx([0.25, 0.75], abs=0.02)
    assert (points, without, by_keyboard) == (4, "0:0,1:1", "0:0,0.5:0.52,1:1")
    assert found["purposes"] == ["odd", "For a phone"], "what was told stays while no daemon is connected"
    drawn = {"show_operation": False, "show_progress": False, "show_palette": False}
    plain = {**drawn, "language": "LANGUAGE_EN", "reverse": False, "hold_last_seconds": 0.5, "pace": "PACE_LINEAR"}
    assert found["odd"] == {
        **plain,
        "format": "EXPORT_FORMAT_WEBM",
        "frames_per_second": 9.0,
        "duration_seconds": 0.0,
        "max_side": 777,
        "fill": "FILL_BLUR",
        "ping_pong": False,
        "show_brush": False,
    }
    assert found["export"] == {
        **plain,
        "format": "EXPORT_FORMAT_MP4",
        "max_side": 1920,
        "fill": "FILL_FOLLOW",
        "ping_pong": True,
        "show_brush": True,
        "result_first_seconds": 1.5,
        "duration_seconds": 30.0,
        "aspect": "ASPECT_TALL",
    }
    assert found["list"] == [
        ["…", "sky", "line art"],
        [["line art", True], ["figure", False], ["dark red hair", False], ["sky", True]],
        "sky, line art, figure",
    ]
    assert found["left out"] == [[True, "sky, line art"], [None, None]], "only of a process that knows them"
    assert found["player"] == ["10 %", "Finished painting"], "while it is made, what is newest"
    assert (found["stepped"], found["playing"]) == (0, True)
    assert found["waiting"] == [True, 0, 0, 2, 0, 1], "it plays at once, waits for what comes, and shows nothing later"
    roughly = [12, "What is being painted, roughly", True]
    assert found["roughly"] == [roughly, roughly, [2, "20 %", False], True], "large until there is a first state"
    assert found["carried"] == ["pressed", "dragged"], "a drag is no click"
    assert found["choice"] == [
        True,
        ["Go on this way: 1", "Go on this way: 2"],
        "From 50 %: choose how it goes on.",
        "⚠ The disk is full.",
        True,
    ]
    assert min(found["themes"]) >= 4.5, "words can be read in every theme, also in one that is chosen while Krita runs"
    assert found["compared"] == ["newer", "older", ["newer", "older"], True], "the shown one stays beside the other"
    assert found["dates"] == ["28.11.26", "28/11/2026", "2026/11/28"]
    assert found["raw"] == [255, 0, 10, 255]
    assert found["split_at"] == "ff0a"
    assert found["errors"] == []
    assert found["wide"] == []
