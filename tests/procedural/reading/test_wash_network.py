"""Washes that a network sees: where its numbers lie, and what they may change. The published file is no part of this
repository: one of our own has its length, and no number in it but 0."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
from procedural import pictures

from paints_undo_engine.procedural.reading import networks, settling, wash_network
from paints_undo_engine.procedural.reading.model import PictureKind, Pixels
from paints_undo_engine.procedural.reading.read import read
from paints_undo_engine.procedural.reading.wash_network import (
    brushedness,
    is_brushed,
    is_hardly_in_washes,
    is_in_washes,
    seen_planes,
    sureness,
)

GREY = np.full((320, 240, 3), 190, np.uint8)
LENGTH = 18_826_032
"""Bytes of the published numbers."""


def installed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file by which the network sees nothing, whatever is to be seen."""
    place = folder / "figures" / networks.WASHES.name
    place.parent.mkdir()
    with ZipFile(place, "w") as packed:
        packed.writestr(wash_network._MEMBER, bytes(LENGTH))
    data = place.read_bytes()
    known = replace(networks.WASHES, size=len(data), sha256=hashlib.sha256(data).hexdigest())
    monkeypatch.setattr(wash_network, "WASHES", known)
    return place


def test_another_file_than_the_known_one_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not is_in_washes(GREY)
    assert not is_brushed(GREY)
    place = installed(tmp_path, monkeypatch)
    # Planes without anything in them are likelier than not a watercolour's, and a brush's.
    assert is_in_washes(GREY)
    assert not is_in_washes(GREY // 2)
    assert is_brushed(GREY)
    data = bytearray(place.read_bytes())
    data[LENGTH // 2] ^= 1
    place.write_bytes(data)
    assert not is_in_washes(GREY)
    assert not is_brushed(GREY)


def test_the_network_halves_its_planes_four_times(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed(tmp_path, monkeypatch)
    layers = wash_network._layers()
    assert layers is not None
    planes = seen_planes(layers, GREY)
    assert planes.shape == (112, 28, 21)
    assert sureness(planes) == sureness(np.zeros_like(planes))
    assert brushedness(planes) == brushedness(np.zeros_like(planes))


def test_a_filter_lies_where_tensorflow_has_it() -> None:
    planes = np.arange(36, dtype=np.float32).reshape(1, 6, 6)
    middle = np.zeros((1, 1, 3, 3), np.float32)
    middle[0, 0, 1, 1] = 1
    bias = np.ones(1, np.float32)
    assert np.array_equal(wash_network._along(planes, middle, bias, 1), planes + 1)
    assert np.array_equal(wash_network._along(planes, middle, bias, 2), planes[:, 1::2, 1::2] + 1)


@pytest.mark.parametrize(("draw", "changes"), [(pictures.photo, True), (pictures.crowded, False)])
def test_only_what_seems_painted_is_in_washes(
    monkeypatch: pytest.MonkeyPatch, draw: Callable[[int, int], Pixels], changes: bool
) -> None:
    picture = np.ascontiguousarray(draw(360, 270)[..., :3])
    monkeypatch.setattr(settling, "is_in_washes", lambda pixels, odds: False)
    before = read(picture).kind
    monkeypatch.setattr(settling, "is_in_washes", lambda pixels, odds: True)
    assert read(picture).kind is (PictureKind.WATERCOLOUR if changes else before)


def test_other_traces_count_beside_what_the_network_sees(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed(tmp_path, monkeypatch)
    assert not is_in_washes(GREY, -9.0)
    assert is_hardly_in_washes(GREY, -9.0)
    assert not is_hardly_in_washes(GREY)
