"""Sheets of many states in one picture: contact sheet, its print, sprite sheet."""

from __future__ import annotations

import io
import json
import zipfile
from typing import cast

import numpy as np
import pytest
from export.readers import expected, made
from export.sources import PROVENANCE, process
from PIL import Image, ImageFont
from pypdf import PdfReader
from pypdf.generic import StreamObject


def test_a_printed_sheet_is_read_by_others(tmp_path):
    """One page no longer than A4, the very pixels of the sheet, and the XMP."""
    source = process(106, width=200, height=160)
    document = PdfReader(made(tmp_path / "a.pdf", source, max_side=320), strict=True)
    (page,) = document.pages
    assert max(page.mediabox[2:]) == pytest.approx(842, abs=0.1)
    assert document.metadata is not None
    assert document.metadata.title == PROVENANCE.sentence
    assert PROVENANCE.sentence in cast(StreamObject, document.root_object["/Metadata"]).get_data().decode()
    sheet = np.asarray(Image.open(made(tmp_path / "a.png", source, max_side=320)))
    image = page.images[0].image
    assert image is not None
    assert np.array_equal(np.asarray(image.convert("RGB")), sheet)


def test_contact_sheet(tmp_path):
    source = process(106, width=200, height=160)
    with Image.open(made(tmp_path / "a.png", source)) as sheet:
        assert sheet.info["Comment"] == PROVENANCE.sentence
        assert sheet.size == (4 * 336 + 16, 4 * (256 + 42) + 16 + 26)
        tile = sheet.crop((16 + 3 * 336, 16 + 3 * 298, 16 + 3 * 336 + 320, 16 + 3 * 298 + 256))
    wanted = Image.fromarray(source.painting.pixels).resize((320, 256), Image.Resampling.BICUBIC)
    assert np.abs(np.asarray(tile, int) - np.asarray(wanted)).mean() < 3


@pytest.mark.parametrize("channels", [3, 4])
def test_the_cells_of_a_sprite_sheet_are_the_states(tmp_path, channels):
    """Cut out where the description says, in its order, there and back again; each state lies in the sheet once."""
    source = process(12, 60, 44, channels)
    with zipfile.ZipFile(made(tmp_path / "a.sprites.zip", source, ping_pong=True, hold_last_seconds=1)) as archive:
        assert archive.namelist() == ["sprites.png", "sprites.json"]
        sheet = Image.open(io.BytesIO(archive.read("sprites.png"))).convert("RGBA")
        told = json.loads(archive.read("sprites.json"))
    assert told["meta"]["size"] == {"w": sheet.width, "h": sheet.height} == {"w": 180, "h": 176}
    assert len({(cell["frame"]["x"], cell["frame"]["y"]) for cell in told["frames"]}) == 12
    order = [*range(12), *range(10, -1, -1)]
    assert [cell["duration"] for cell in told["frames"]] == [1083 if number == 11 else 83 for number in order]
    for cell, number in zip(told["frames"], order, strict=True):
        x, y, w, h = (cell["frame"][name] for name in "xywh")
        assert np.array_equal(np.asarray(sheet.crop((x, y, x + w, y + h))), expected(source, number))


@pytest.mark.parametrize("size", [(20, 300), (200, 160), (600, 90)])
def test_the_note_on_a_contact_sheet_is_whole_in_every_shape(tmp_path, size):
    """Its last words are there: a longer note takes more lines instead of losing its end."""
    for frames, name in ((2, "narrow"), (20, "broad")):
        source = process(frames, *size)
        with Image.open(made(tmp_path / f"{name}.png", source)) as sheet:
            paper = np.asarray(sheet.convert("L"), int)
        with Image.open(made(tmp_path / f"{name} bare.png", source, omit_metadata=True)) as bare:
            foot = paper[bare.height :]
        font = ImageFont.load_default(14)
        lines = len(foot) // 26
        assert len(foot) == lines * 26
        assert (foot[:, -16:] > 200).all()
        inked = np.flatnonzero((foot < 150).any(axis=0))
        assert inked.size
        assert font.getlength(PROVENANCE.sentence) <= lines * (paper.shape[1] - 32)
