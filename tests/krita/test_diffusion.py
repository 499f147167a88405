"""The engine diffusion from a real Krita, with small checkpoints of random weights: the whole way, in noise."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from diffusion.redo import KINDS, save_base, save_control
from krita_harness import Profile, run

pytestmark = [pytest.mark.krita, pytest.mark.slow]
GOLDEN = Path(__file__).resolve().parents[1] / "parity" / "golden"


@pytest.fixture
def models(profile: Profile) -> Path:
    """The small checkpoints where downloads are kept, with an interpolation size that a CPU can do."""
    folder = profile.home / "models"
    shutil.copytree(GOLDEN / "repos" / "single_frame", folder / "paints_undo_single_frame")
    shutil.copytree(GOLDEN / "repos" / "multi_frame", folder / "paints_undo_multi_frame")
    shutil.copytree(GOLDEN / "tagger", folder / "wd14_tagger")
    (folder / "paints_undo_multi_frame" / "sizes.json").write_text(json.dumps({"buckets": [[64, 64]]}))
    return folder


@pytest.mark.usefixtures("models")
def test_preview_frames_tags_and_keyframes(profile: Profile, small_picture: Path) -> None:
    found = run(profile, "diffusion.py", small_picture, seconds=1800)
    assert "diffusion" in found["ready"]
    if any(not device.startswith("CPU") for device in found["devices"]):
        assert found["auto"].startswith("Engine: diffusion (")
    else:
        assert found["auto"].startswith("Engine: procedural (There is no accelerator")
    assert found["chosen"] == "Engine: diffusion"
    assert found["engine_while"] == "Engine: diffusion"
    assert found["preview_layers"] == 10
    assert found["after_undo"] == ["Background", "own"]
    # On a busy machine a job of so small a network may have its first frame before the preview has one.
    shown_first = "diffusion" if found["overtaken"] else "procedural"
    assert found["first"] == [shown_first], "before the first frame the preview is shown"
    assert (found["state"], found["owners"], found["frames"]) == ("finished", ["diffusion"], 10)
    assert "preview" not in found["player"]
    assert found["layers"] == 10
    assert found["thumbnails"] == [0, 400, 600, 1000]
    assert found["redone"] == [600]
    assert found["seeds"] == [600]
    assert found["replaced"] == [600]
    assert found["own"] == [[220, 30, 20], [255, 255, 255]], "the active layer alone"
    assert found["tags"]
    assert found["described"]
    assert found["own_tags"] == found["sent_tags"] == "1girl, a disc of her own"
    assert "ERROR" not in profile.log()


def test_redo_from_here(profile: Profile, models: Path, small_picture: Path) -> None:
    """What is kept of a process, and what its candidates are made of, is its own states, also between key states."""
    save_base(models / "redo_base", models / "paints_undo_single_frame" / "tokenizer")
    for number, kind in enumerate(KINDS, start=1):
        save_control(models / f"redo_{kind}", number)
    found = run(profile, "redo_diffusion.py", small_picture, seconds=1800)
    assert found["another seed"]
    state, between = found["key state"], found["between"]
    assert (state["from"], state["branches"], state["frames"]) == (600, [[600, 2, ""]], 10)
    assert (between["branches"][0], between["frames"]) == ([600, 2, ""], 13)
    assert 400 < between["from"] < 600
    assert state["shown"] == [found["key state before"]] * 2
    assert state["keyframe"] == [found["key state before"]], "the key state with its own seed is what both go on from"
    assert between["shown"] == [between["left"]] * 2
    assert between["keyframe"] == [between["left"]], "between key states it is the frame itself"
    for seen in (state, between):
        assert seen["different"] == 3, "each end differs from the others and from the painting"
        assert seen["state"], "the state that is left is the old one"
        assert seen["same before"][:3] == [True] * 3
        assert seen["ends as shown"]
        assert seen["base"]
    layers = found["layers"]
    assert len(layers) == 10
    assert max(layers[:3]) < 8, "up to the state they are the old ones; how blurred frames are is measured anew"
    assert min(layers[3:]) > 16
    assert "ERROR" not in profile.log()


@pytest.mark.usefixtures("models")
def test_the_docker_says_which_engine_and_why(profile: Profile, small_picture: Path) -> None:
    found = run(profile, "engine.py", small_picture)
    expected = {
        "en": "Engine: procedural (There is no accelerator here, on which the engine diffusion would take minutes, not "
        "hours.)",
        "de": "Verfahren: procedural (Hier ist keine Grafikkarte, auf der das Verfahren diffusion Minuten statt "
        "Stunden bräuchte.)",
        "fr": "Moteur : procedural (Il n’y a pas ici d’accélérateur sur lequel le moteur diffusion prendrait des "
        "minutes et non des heures.)",
    }
    for code, sentence in expected.items():
        text, fits = found[code]
        assert fits, f"nothing is cut off: {text}"
        if all(device.startswith("CPU") for device in found["devices"]):
            assert text == sentence
