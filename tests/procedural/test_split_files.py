"""The layer split in files: read by others, its layers are the same, and show the painting."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import cast
from xml.etree import ElementTree

import numpy as np
import pytest
from export.sources import PROVENANCE
from numpy.typing import NDArray
from PIL import Image
from procedural import pictures
from procedural.composite import composite
from psd_tools import PSDImage
from psd_tools.constants import BlendMode

from paints_undo_engine.export import LayerContent, export, options_for
from paints_undo_engine.export.source import ProcessSource, Still
from paints_undo_engine.painting import Painting
from paints_undo_engine.picture import Blending, SplitLayer
from paints_undo_engine.procedural import Options, make_split
from paints_undo_engine.request import Method

Pixels = NDArray[np.uint8]

PICTURES = {"opaque": pictures.cartoon(), "transparent": pictures.sticker()}
_PSD = {
    BlendMode.NORMAL: Blending.NORMAL,
    BlendMode.MULTIPLY: Blending.MULTIPLY,
    BlendMode.SCREEN: Blending.SCREEN,
    BlendMode.LINEAR_DODGE: Blending.ADD,
    BlendMode.SUBTRACT: Blending.SUBTRACT,
}
_ORA = {
    "svg:src-over": Blending.NORMAL,
    "svg:multiply": Blending.MULTIPLY,
    "svg:screen": Blending.SCREEN,
    "svg:plus": Blending.ADD,
}


def written(picture: Pixels, path: Path) -> Path:
    """The picture's layer split in a file."""
    painting = Painting(picture)
    still = Still(0.0, painting.picture, "finished")
    layers = list(make_split(picture, Options(method=Method.LINE)))
    source = ProcessSource(painting, PROVENANCE, [still], [still], layers)
    list(export(source, path, options_for(path, layer_content=LayerContent.SPLIT)))
    return path


def placed(image: Image.Image, left: int, top: int, shape: tuple[int, ...]) -> Pixels:
    page = Image.new("RGBA", (shape[1], shape[0]))
    page.paste(image.convert("RGBA"), (left, top))
    return np.asarray(page)


def psd_layers(path: Path, shape: tuple[int, ...]) -> Iterator[SplitLayer]:
    """What psd-tools reads, bottom first."""
    for layer in PSDImage.open(path).descendants():
        if layer.is_group():
            continue
        image = layer.topil()
        if image is not None:
            rgba = placed(image, *layer.offset, shape).copy()
            if layer.mask is not None:
                mask = Image.new("L", (shape[1], shape[0]), layer.mask.background_color)
                mask.paste(cast(Image.Image, layer.mask.topil()), layer.mask.bbox[:2])
                rgba[..., 3] = np.minimum(rgba[..., 3], np.asarray(mask))
            yield SplitLayer(layer.name, partial(np.array, rgba), layer.is_visible(), 1.0, (), _PSD[layer.blend_mode])


def ora_layers(path: Path, shape: tuple[int, ...]) -> Iterator[SplitLayer]:
    """What the format's definition says, bottom first."""
    with zipfile.ZipFile(path) as archive:
        for layer in reversed(list(ElementTree.fromstring(archive.read("stack.xml")).iter("layer"))):
            image = Image.open(io.BytesIO(archive.read(layer.get("src", ""))))
            rgba = placed(image, int(layer.get("x", 0)), int(layer.get("y", 0)), shape)
            visible = layer.get("visibility") == "visible"
            blending = _ORA[layer.get("composite-op", "")]
            yield SplitLayer(layer.get("name", ""), partial(np.array, rgba), visible, 1.0, (), blending)


@pytest.mark.parametrize("name", PICTURES)
@pytest.mark.parametrize("suffix", ["psd", "ora"])
def test_layers_read_from_a_file_composite_to_the_painting(name: str, suffix: str, tmp_path: Path) -> None:
    picture = PICTURES[name]
    path = written(picture, tmp_path / f"split.{suffix}")
    layers = list((psd_layers if suffix == "psd" else ora_layers)(path, picture.shape))
    assert len(layers) > 10
    shown = composite(layers)
    seen = picture[..., 3] > 0 if picture.shape[2] == 4 else np.ones(picture.shape[:2], bool)
    np.testing.assert_array_equal(shown[seen][:, : picture.shape[2]], picture[seen])


@pytest.mark.parametrize("name", PICTURES)
def test_a_compositor_that_does_not_round_between_layers_is_within_two_levels(name: str, tmp_path: Path) -> None:
    picture = PICTURES[name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        shown = np.asarray(PSDImage.open(written(picture, tmp_path / "split.psd")).composite(force=True))
    seen = picture[..., 3] > 0 if picture.shape[2] == 4 else np.ones(picture.shape[:2], bool)
    away = np.abs(shown[..., :3].astype(int) - picture[..., :3]).max(axis=2)[seen]
    assert away.max() <= 2
