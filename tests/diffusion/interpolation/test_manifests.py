"""The full-size components have exactly the tensors of the published layout."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from torch import nn

from paints_undo_engine.diffusion.checkpoints.loading import empty
from paints_undo_engine.diffusion.interpolation.config import ImageProjectionConfig, UNet3DConfig, VideoVAEConfig
from paints_undo_engine.diffusion.interpolation.image_encoder import ImageEncoder
from paints_undo_engine.diffusion.interpolation.image_projection import ImageProjection
from paints_undo_engine.diffusion.interpolation.unet3d import UNet3D
from paints_undo_engine.diffusion.interpolation.video_vae import VideoVAE
from paints_undo_engine.diffusion.manifests import components, manifest

BUILDERS: dict[str, Callable[[dict[str, Any]], nn.Module]] = {
    "unet": lambda config: UNet3D(UNet3DConfig.from_dict(config)),
    "vae": lambda config: VideoVAE(VideoVAEConfig.from_dict(config)),
    "image_projection": lambda config: ImageProjection(ImageProjectionConfig.from_dict(config)),
    "image_encoder": ImageEncoder.from_dict,
}
OURS = [name for name in components() if name.startswith("multi_frame/") and "text" not in name]


def test_all_of_our_components_are_covered() -> None:
    assert len(OURS) == 6


@pytest.mark.parametrize("name", OURS)
def test_tensors_agree(name: str) -> None:
    expected = manifest(name)
    component = name.partition("/")[2].partition(".")[0]
    module = empty(lambda: BUILDERS[component](expected.config))
    assert {key: tuple(tensor.shape) for key, tensor in module.state_dict().items()} == expected.tensors
    assert sum(parameter.numel() for parameter in module.parameters()) == expected.parameters
