"""`import paints_undo`: what a Python user has in hand."""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageSequence

import paints_undo

PICTURE = Path(__file__).resolve().parents[2] / "assets" / "illustration.png"
SMALL: dict[str, Any] = {
    "procedural__max_side": 96,
    "keyframes__operation_steps": (300, 700),
    "interpolation__frames": 4,
}


@pytest.fixture(scope="module")
def picture() -> Image.Image:
    return Image.open(PICTURE).convert("RGB").resize((96, 120))


def test_the_import_loads_nothing_heavy():
    code = "import paints_undo, sys; print([m for m in ('numpy', 'grpc', 'cv2', 'PIL', 'torch') if m in sys.modules])"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


def test_every_name_is_there_and_no_other():
    assert {name: getattr(paints_undo, name) for name in paints_undo.__all__}
    assert dir(paints_undo) == sorted(paints_undo.__all__)
    with pytest.raises(AttributeError, match="no attribute 'redo_everything'"):
        _ = paints_undo.redo_everything


def test_a_picture_goes_in_and_files_come_out(picture: Image.Image, tmp_path: Path):
    told: list[float] = []
    process = paints_undo.undo(
        picture,
        tmp_path / "out.gif",
        tmp_path / "layers.ora",
        seed=7,
        progress=lambda share, _label: told.append(share),
        **SMALL,
    )
    assert len(ImageSequence.all_frames(Image.open(tmp_path / "out.gif"))) == len(process) == 10
    assert told == sorted(told)
    assert told[-1] == 1
    assert repr(process) == "<Process of a 96 x 120 painting: 10 frames>"
    assert len(process.keyframes) == 4
    assert process._repr_png_().startswith(b"\x89PNG")
    sheet = process.export(tmp_path / "sheet.png", max_side=64)
    assert Image.open(sheet).width > 100


def test_variants_are_processes_of_their_own_and_are_shown_side_by_side(picture: Image.Image, tmp_path: Path):
    told: list[float] = []
    made = paints_undo.variants(
        picture, tmp_path / "rows.png", count=2, progress=lambda share, _label: told.append(share), **SMALL
    )
    assert [len(process) for process in made] == [10, 10]
    assert told == sorted(told)
    assert told[-1] == 1
    assert made[0].frames[5].pixels.tolist() != made[1].frames[5].pixels.tolist()
    grid = made[0].beside(made[1:], tmp_path / "grid.gif", max_side=160)
    assert len(ImageSequence.all_frames(Image.open(grid))) == 10
    assert Image.open(tmp_path / "rows.png").height > 200


def test_a_single_variant_is_written_by_itself(picture: Image.Image, tmp_path: Path):
    (made,) = paints_undo.variants(picture, tmp_path / "sheet.png", count=1, **SMALL)
    assert Image.open(tmp_path / "sheet.png").size == Image.open(made.export(tmp_path / "again.png")).size


def test_frames_are_arrays_and_pictures(picture: Image.Image):
    frames = list(paints_undo.frames(picture, every=4, **SMALL))
    assert [frame.index for frame in frames] == [0, 4, 8, 9]
    assert frames[-1].pixels.tolist() == np.asarray(picture).tolist()
    assert np.array_equal(np.asarray(frames[1].image), frames[1].pixels)
    assert frames[-1].done == 1
    assert "painted" in repr(frames[0])


def test_the_same_picture_in_any_form_gives_the_same_process(picture: Image.Image, tmp_path: Path):
    path = tmp_path / "picture.png"
    picture.save(path)
    forms: list[paints_undo.PictureLike] = [path, str(path), path.read_bytes(), picture, np.asarray(picture)]
    results = [next(iter(paints_undo.frames(form, **SMALL))).pixels for form in forms]
    assert all(np.array_equal(results[0], result) for result in results)


@pytest.mark.parametrize("wrong", [np.zeros((4, 4)), np.zeros((4, 4, 2), np.uint8), 7, None])
def test_what_is_no_picture_is_refused(wrong: Any):
    with pytest.raises(TypeError):
        next(paints_undo.frames(wrong, **SMALL))


def test_a_wrong_parameter_is_named(picture: Image.Image):
    with pytest.raises(paints_undo.PaintsUndoError, match=r"keyframes\.steps"):
        next(paints_undo.frames(picture, keyframes__steps=0))
    with pytest.raises(paints_undo.PaintsUndoError, match="no such parameter"):
        next(paints_undo.frames(picture, keyframes__stepz=3))
    with pytest.raises(ValueError, match="every"):
        next(paints_undo.frames(picture, every=0))


def test_an_option_without_effect_is_named(picture: Image.Image, tmp_path: Path):
    with (
        paints_undo.undo(picture, **SMALL) as process,
        pytest.raises(paints_undo.PaintsUndoError, match=r"frames_per_second is 5, .* no effect on ora"),
    ):
        process.export(tmp_path / "layers.ora", frames_per_second=5)
    assert list(tmp_path.iterdir()) == []


def test_an_export_that_is_too_large_is_refused_before_anything_is_made(tmp_path: Path):
    large = np.zeros((9000, 5000, 3), np.uint8)
    large[4000:] = 255
    told: dict[str, Any] = {"progress": lambda *_: pytest.fail("something is made")}
    wanted = paints_undo.ExportOptions(format=paints_undo.ExportFormat.GIF, max_side=16_384)
    refused = partial(pytest.raises, paints_undo.PaintsUndoError, match=r"would fit.* The option is max_side\.")
    with refused():
        paints_undo.undo(large, tmp_path / "out.gif", **told)
    with paints_undo.Engine() as engine, refused():
        engine.variants(large, count=2, exports=[wanted], **told)
    assert list(tmp_path.iterdir()) == []


def test_an_engine_serves_several_pictures(picture: Image.Image):
    with paints_undo.Engine() as engine:
        first = engine.undo(picture, seed=1, **SMALL)
        second = engine.undo(picture, seed=2, own_keyframes={700: picture}, **SMALL)
    assert not np.array_equal(first.frames[3].pixels, second.frames[3].pixels)
    assert np.array_equal(second.keyframes[1].pixels, np.asarray(picture))


def test_a_failed_export_leaves_nothing(picture: Image.Image, tmp_path: Path):
    with pytest.raises(paints_undo.PaintsUndoError):
        paints_undo.undo(picture, tmp_path / "out.xyz", **SMALL)
    assert list(tmp_path.iterdir()) == []
