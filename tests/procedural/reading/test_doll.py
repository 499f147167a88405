"""What is read in an inked figure: the same at any size, with and without alpha."""

from __future__ import annotations

import numpy as np
import pytest
from procedural.reading.drawn import BLACK, HAIR, SHADE, SHIRT, SKIN, agreement, doll

from paints_undo_engine.procedural.reading import read
from paints_undo_engine.procedural.reading.model import FigureSource, PictureKind, Subject


@pytest.mark.parametrize("side", [300, 480, 960, 2000])
def test_an_inked_figure_is_read_the_same_at_any_size(side: int) -> None:
    found = read(doll(side)[0])
    _, true = doll(found.shape[0])
    assert (found.kind, found.subject) == (PictureKind.INKED, Subject.FIGURE)
    assert found.figure.source is FigureSource.PLAIN_GROUND
    assert agreement(found.figure.cover > 127, true) > 0.97
    shown = [region for region in found.regions if region.figure is not None and region.area > 5000]
    colours = [np.array(region.colour) for region in shown]
    assert len(colours) == 3
    for colour in (SKIN, HAIR, SHIRT):
        assert min(np.abs(own - colour).max() for own in colours) < 12


def test_alpha_tells_the_same_as_plain_paper() -> None:
    picture, mask = doll(700)
    plain = read(picture)
    cut_out = read(picture, np.where(mask, 255, 0).astype(np.uint8))
    assert cut_out.figure.source is FigureSource.ALPHA
    assert cut_out.kind is plain.kind
    assert agreement(cut_out.figure.cover > 127, plain.figure.cover > 127) > 0.97
    named = [{region.name for region in found.regions if region.area > 5000} for found in (plain, cut_out)]
    assert named[0] - {"paper"} == named[1]
    assert (cut_out.labels[0] == -1).all()


def test_a_shadow_without_a_line_belongs_to_its_flat() -> None:
    found = read(doll(800)[0])
    shirt = min(found.regions, key=lambda region: np.abs(np.subtract(region.colour, SHIRT)).max())
    tones = [cel for cel in found.cels if cel.region == shirt.label]
    assert min(np.abs(np.subtract(cel.colour, SHADE)).max() for cel in tones) < 16
    assert {cel.step for cel in tones} >= {0, -1}


def test_lines_are_taken_out_and_followed() -> None:
    found = read(doll(900)[0])
    assert found.ink.explained > 0.8
    assert found.ink.connected > 0.9
    dark = np.abs(found.clean.astype(int) - BLACK).max(axis=2) < 30
    assert dark.mean() < 0.0005
    along = sum(path.length for path in found.ink.paths)
    true = found.shape[0] * (2 * (0.35 + 0.09 + 0.17) + 1.32 + 0.88)
    assert 0.8 * true < along < 1.2 * true
    assert all(path.region >= 0 for path in found.ink.paths)


def test_labels_are_numbered_by_their_lists() -> None:
    found = read(doll(500)[0])
    assert [region.label for region in found.regions] == list(range(len(found.regions)))
    area = np.bincount(found.labels.ravel(), minlength=len(found.regions))
    assert [region.area for region in found.regions] == area.tolist()
    for cel in found.cels:
        assert (found.labels[found.cel_labels == cel.label] == cel.region).all()
    assert len({region.name for region in found.regions}) == len(found.regions)
    assert sorted(region.order for region in found.regions) == list(range(len(found.regions)))
