"""Files with every tensor of the published full-size models fill the networks, with none missing and none left over."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from diffusion.checkpoints.files import write_header

from paints_undo_engine.checkpoints.loading import fit, load
from paints_undo_engine.checkpoints.weights import Weights
from paints_undo_engine.diffusion import full_size
from paints_undo_engine.diffusion.components import NAMES
from paints_undo_engine.diffusion.full_size.manifests import components, manifest


def test_every_component_and_both_variants_are_there() -> None:
    assert {name.partition(".")[0] for name in components()} == set(NAMES)
    assert len(components()) == len(NAMES) + 2


@pytest.mark.parametrize("name", components())
def test_the_published_layout_loads(name: str, tmp_path: Path) -> None:
    expected = manifest(name)
    module = full_size.build(name, dtype=torch.float32)
    with Weights([write_header(tmp_path / "model.safetensors", expected.tensors)]) as weights:
        found = fit(module, weights)
        assert (found.missing, found.unexpected, found.misshaped, found.unreadable) == ((), (), (), ())
        load(module, weights, dtype=torch.float16, device="meta")
    assert sum(parameter.numel() for parameter in module.parameters()) == expected.parameters
