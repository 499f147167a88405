"""The layer split composites to the painting exactly, and its layers are an artist's."""

from __future__ import annotations

import numpy as np
import pytest
from procedural import pictures
from procedural.composite import composite

from paints_undo_engine.picture import Blending, SplitLayer
from paints_undo_engine.procedural import Options, make_split
from paints_undo_engine.request import Method

METHODS = [Method.LINE, Method.PAINTER, Method.LINELESS, Method.OUTLINE]


@pytest.fixture(scope="module")
def layers() -> list[SplitLayer]:
    """The split of a drawn figure."""
    return list(make_split(pictures.cartoon(), Options(method=Method.LINE)))


@pytest.mark.parametrize("method", METHODS)
def test_an_opaque_painting_is_met_exactly(method: Method) -> None:
    painting = pictures.cartoon()
    shown = composite(list(make_split(painting, Options(method=method))))
    np.testing.assert_array_equal(shown[..., :3], painting)
    assert (shown[..., 3] == 255).all()


@pytest.mark.parametrize("method", METHODS)
def test_a_transparent_painting_is_met_exactly_wherever_something_is_seen(method: Method) -> None:
    painting = pictures.sticker()
    shown = composite(list(make_split(painting, Options(method=method))))
    seen = painting[..., 3] > 0
    np.testing.assert_array_equal(shown[..., 3], painting[..., 3])
    np.testing.assert_array_equal(shown[seen], painting[seen])


def test_flats_are_flat_and_shading_is_clipped_to_them(layers: list[SplitLayer]) -> None:
    flats = [layer for layer in layers if layer.name.endswith(", flat")]
    assert len(flats) >= 3
    for layer in flats:
        rgba = layer.read()
        colours = np.unique(rgba[rgba[..., 3] > 0][:, :3], axis=0)
        assert layer.group[0] == "Figure"
        assert len(colours) == 1 or layer.group[-1] == "small parts"
    for layer in layers:
        if layer.blending in (Blending.MULTIPLY, Blending.SCREEN):
            assert layer.clipped


def test_layers_of_a_group_follow_each_other(layers: list[SplitLayer]) -> None:
    paths = [layer.group for layer in layers]
    runs = [path for number, path in enumerate(paths) if number == 0 or paths[number - 1] != path]
    assert len(runs) == len(set(runs))


def test_the_sketch_is_kept_but_hidden(layers: list[SplitLayer]) -> None:
    sketch = [layer for layer in layers if layer.group == ("Sketch",)]
    assert sketch
    assert not any(layer.visible for layer in sketch)


def test_a_flat_can_be_recoloured(layers: list[SplitLayer]) -> None:
    """Another colour for one flat changes that part alone, and keeps its light and dark."""
    flat = max(
        (layer for layer in layers if layer.name.endswith(", flat")),
        key=lambda one: int((one.read()[..., 3] > 0).sum()),
    )
    rgba = flat.read()
    inside = rgba[..., 3] > 0
    rgba[inside, :3] = (60, 160, 90)
    others = [SplitLayer(**{**{name: getattr(layer, name) for name in layer.__slots__}, "read": lambda: rgba})
              if layer is flat else layer for layer in layers]  # fmt: skip
    before, after = composite(layers), composite(others)
    np.testing.assert_array_equal(before[~inside], after[~inside])
    # Where no hard tone has a colour of its own, the new colour is seen, as light and as dark as the old one was.
    hard = np.zeros(inside.shape, bool)
    for layer in layers:
        if layer.clipped and layer.blending is Blending.NORMAL:
            hard |= layer.read()[..., 3] > 0
    lines = next(layer for layer in layers if layer.name == "Line art").read()[..., 3] > 0
    shaded = inside & ~hard & ~lines
    assert shaded.sum() > 500
    old, new = (picture[shaded][:, :3].astype(float) for picture in (before, after))
    assert np.abs(np.median(new, axis=0) - (60, 160, 90)).max() < 40
    if old.std(axis=0).max() > 2:
        assert np.corrcoef(old.mean(axis=1), new.mean(axis=1))[0, 1] > 0.8


@pytest.mark.parametrize("shape", [(1, 1, 3), (3, 40, 3), (24, 24, 4)])
def test_tiny_pictures(shape: tuple[int, int, int]) -> None:
    painting = np.random.default_rng(2).integers(0, 256, shape).astype(np.uint8)
    shown = composite(list(make_split(painting)))
    seen = painting[..., 3] > 0 if shape[2] == 4 else np.ones(shape[:2], bool)
    np.testing.assert_array_equal(shown[seen][:, : shape[2]], painting[seen])
