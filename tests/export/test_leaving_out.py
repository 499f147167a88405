"""What is left out of an export: what goes wrong and is mended, and layers of the split."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import cast

import cv2
import numpy as np
import pytest
from export.sources import process
from PIL import Image
from psd_tools import PSDImage

from paints_undo_engine.contract import Engine
from paints_undo_engine.engines import EngineSettings
from paints_undo_engine.errors import EngineUnavailableError, ExportError
from paints_undo_engine.export import ExportOptions, LayerContent, options_for
from paints_undo_engine.export.leaving_out import layer_names, left_out
from paints_undo_engine.painting import Painting
from paints_undo_engine.procedural.engine import ProceduralEngine
from paints_undo_engine.request import (
    Corrections,
    InterpolationParameters,
    Method,
    ProceduralParameters,
    ProcessRequest,
)
from paints_undo_engine.result import Result

UPPER = np.s_[:24]
LOWER = np.s_[24:]


def without(layers: str, channels: int = 3):
    source = process(channels=channels)
    options = ExportOptions(omit_layers=layers)
    return source, left_out(
        source, options, lambda: pytest.fail("no engine is needed"), source.painting, ProcessRequest()
    )


@pytest.mark.parametrize("channels", [3, 4])
def test_a_layer_that_is_left_out_is_in_no_picture(channels: int):
    source, made = without("lower", channels)
    for before, after in zip(source.frames, made.frames, strict=True):
        pixels = after.read().pixels
        assert np.array_equal(pixels[UPPER], before.read().pixels[UPPER])
        assert (pixels[LOWER] == (255 if channels == 3 else 0)).all()
    assert np.array_equal(made.painting.picture().pixels, made.frames[-1].read().pixels)
    assert [layer.name for layer in made.layers] == ["sketch", "upper"]
    assert (source.frames[-1].read().pixels[LOWER] != made.frames[-1].read().pixels[LOWER]).any()


def test_each_name_that_is_told_leaves_something_out():
    source = process()
    names = layer_names(source.layers)
    assert [name for name in names if name in ("upper", "lower", "sketch")] == ["upper", "lower"]
    for name in names:
        _, made = without(name)
        assert len(made.layers) < len(source.layers)
    object.__setattr__(source.layers[2], "name", "upper, right")
    assert "upper, right" not in layer_names(source.layers)


def test_words_of_a_name_choose_layers_where_none_is_called_so():
    source = process()
    upper = source.layers[2]
    object.__setattr__(upper, "name", "pale blue background 2")
    made = left_out(
        source,
        ExportOptions(omit_layers=" Background, "),
        lambda: pytest.fail("no engine is needed"),
        source.painting,
        ProcessRequest(),
    )
    assert (made.frames[-1].read().pixels[UPPER] == 255).all()


def test_a_layer_that_there_is_not_is_refused_with_those_that_there_are():
    with pytest.raises(ExportError, match=r"'sky'\. There are: lower, upper\."):
        without("sky")


@pytest.fixture(scope="module")
def pixels() -> np.ndarray:
    """A drawing with outlines, which have to be drawn."""
    plain = np.full((96, 120, 3), 250, np.uint8)
    for centre, size, colour in (((40, 50), 30, (220, 120, 60)), ((80, 40), 26, (60, 140, 200))):
        cv2.ellipse(plain, centre, (size, size - 8), 20, 0, 360, colour, -1)
        cv2.ellipse(plain, centre, (size, size - 8), 20, 0, 360, (30, 20, 30), 2)
    return plain


def made_by(pixels: np.ndarray, corrections: Corrections) -> Result:
    request = ProcessRequest(
        engine="procedural",
        procedural=ProceduralParameters(method=Method.LINE, corrections=corrections),
        interpolation=InterpolationParameters(frames=5),
    )
    result = Result(ProceduralEngine(EngineSettings()), Painting(pixels), request)
    for _ in result.run():
        pass
    return result


def written(result: Result, path: Path, **options: object) -> tuple[list[np.ndarray], list[str]]:
    for _ in result.export(path, options_for(path, **options)):
        pass
    with zipfile.ZipFile(path) as archive:
        told = json.loads(archive.read("timing.json"))["files"]
        return [np.asarray(Image.open(archive.open(each["file"]))) for each in told], [each["label"] for each in told]


def test_a_film_without_corrections_is_that_of_a_process_in_which_nothing_went_wrong(tmp_path, pixels):
    with made_by(pixels, Corrections.MANY) as mended, made_by(pixels, Corrections.NONE) as calm:
        (shown, said), (before, _) = (
            written(mended, tmp_path / "a.zip", omit_corrections=True),
            written(mended, tmp_path / "b.zip"),
        )
        wanted, labels = written(calm, tmp_path / "c.zip")
    assert all(map(np.array_equal, shown, wanted))
    assert said == labels
    assert not all(map(np.array_equal, shown, before))


def test_layers_of_the_split_are_left_out_of_a_layered_file(tmp_path, pixels):
    with made_by(pixels, Corrections.NONE) as result:
        name = next(layer.group[-1] for layer in result.layers if layer.group)
        options = ExportOptions(
            format=options_for(tmp_path / "a.psd").format, layer_content=LayerContent.SPLIT, omit_layers=name
        )
        for _ in result.export(tmp_path / "a.psd", options):
            pass
        whole = np.asarray(PSDImage.open(tmp_path / "a.psd").composite().convert("RGB"), int)
    changed = (whole != pixels).any(axis=2)
    assert changed.any()
    assert (whole[changed] >= pixels[changed]).all()
    assert name not in [layer.name for layer in PSDImage.open(tmp_path / "a.psd").descendants()]


def test_what_the_engine_does_not_know_cannot_be_left_out():
    class Other:
        name = "diffusion"

    with pytest.raises(EngineUnavailableError):
        left_out(
            process(),
            ExportOptions(omit_corrections=True),
            lambda: cast(Engine, Other()),
            process().painting,
            ProcessRequest(),
        )
