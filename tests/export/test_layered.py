"""Layered files opened again by readers that are not ours."""

from __future__ import annotations

import io
import json
import warnings
import zipfile
from dataclasses import replace
from typing import cast
from xml.etree import ElementTree

import numpy as np
import pytest
from export.readers import expected, made
from export.sources import PROVENANCE, process
from PIL import Image
from psd_tools import PSDImage
from psd_tools.api.layers import Group

from paints_undo_engine.export import LayerContent


def flattened(archive: zipfile.ZipFile, size: tuple[int, int]) -> Image.Image:
    page = Image.new("RGBA", size)
    for layer in reversed(ElementTree.fromstring(archive.read("stack.xml")).findall("stack/layer")):
        if layer.get("visibility") == "visible":
            with Image.open(io.BytesIO(archive.read(layer.attrib["src"]))) as image:
                page.alpha_composite(image.convert("RGBA"), (int(layer.attrib["x"]), int(layer.attrib["y"])))
    return page


@pytest.mark.parametrize("content", [LayerContent.KEYFRAMES, LayerContent.FRAMES, LayerContent.SPLIT])
def test_ora(tmp_path, content):
    source = process()
    path = made(tmp_path / "a.ora", source, layer_content=content)
    with zipfile.ZipFile(path) as archive:
        first = archive.infolist()[0]
        assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
        assert archive.read("mimetype") == b"image/openraster"
        layers = ElementTree.fromstring(archive.read("stack.xml")).findall("stack/layer")
        merged = np.asarray(Image.open(io.BytesIO(archive.read("mergedimage.png"))))
        assert Image.open(io.BytesIO(archive.read("Thumbnails/thumbnail.png"))).size == (64, 48)
        assert PROVENANCE.sentence in archive.read("stack.xml").decode()
        assert json.loads(archive.read("provenance.json"))["engine"] == "procedural"
        flat = np.asarray(flattened(archive, (64, 48)))

    assert len(layers) == {"keyframes": 4, "frames": 10, "split": 3}[content]
    assert np.array_equal(merged, source.painting.pixels)
    assert np.array_equal(flat, expected(source, 9))


@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("content", [LayerContent.KEYFRAMES, LayerContent.FRAMES, LayerContent.SPLIT])
def test_psd(tmp_path, content, channels):
    source = process(channels=channels)
    path = made(tmp_path / "a.psd", source, layer_content=content)
    document = PSDImage.open(path)
    layers = list(document)

    assert document.size == (64, 48)
    assert len(layers) == {"keyframes": 4, "frames": 10, "split": 3}[content]
    assert [layer.visible for layer in layers][-1]
    if content is LayerContent.FRAMES:
        for number, layer in enumerate(layers):
            page = Image.new("RGBA", document.size)
            picture = layer.topil()
            assert picture is not None
            page.paste(picture.convert("RGBA"), layer.offset)
            visible = expected(source, number)
            assert np.array_equal(np.asarray(page)[..., 3], visible[..., 3])
            assert np.array_equal(np.asarray(page)[visible[..., 3] > 0], visible[visible[..., 3] > 0])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        merged = np.asarray(document.topil())
    painted = expected(source, 9)[..., 3] > 0
    assert np.array_equal(merged[painted], source.painting.pixels[painted])
    assert PROVENANCE.sentence.encode() in path.read_bytes()


@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("split", [True, False])
def test_stages_lie_hidden_above_the_layers_of_the_painting(tmp_path, split, channels):
    source = process(channels=channels)
    source = source if split else replace(source, layers=())
    document = PSDImage.open(made(tmp_path / "a.psd", source, layer_content=LayerContent.STAGES))
    assert [(group.name, group.visible) for group in document] == [
        ("painting", True), ("1 · ink", False), ("2 · flats", False),
    ]  # fmt: skip
    painting, *stages = (cast(Group, each) for each in document)
    assert [layer.name for layer in painting] == (["sketch", "lower", "upper"] if split else ["painting"])
    assert [len(list(stage)) for stage in stages] == [3, 3]
    assert all(layer.visible for stage in stages for layer in stage)
    shown = np.asarray(document.composite(force=True).convert("RGBA"))
    wanted = expected(source, 9)
    assert np.array_equal(shown[wanted[..., 3] > 0], wanted[wanted[..., 3] > 0])

    with zipfile.ZipFile(made(tmp_path / "a.ora", source, layer_content=LayerContent.STAGES)) as archive:
        stack = ElementTree.fromstring(archive.read("stack.xml")).find("stack")
    assert stack is not None
    assert [(each.get("name"), each.get("visibility")) for each in stack] == [
        ("2 · flats", "hidden"), ("1 · ink", "hidden"), ("painting", "visible"),
    ]  # fmt: skip
