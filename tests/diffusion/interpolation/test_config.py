"""Configurations: what cannot work is refused early, with the reason."""

from __future__ import annotations

import pytest

from paints_undo_engine.diffusion.interpolation.config import UNet3DConfig, VideoVAEConfig
from paints_undo_engine.errors import CheckpointError

UNET = {
    "in_channels": 8,
    "model_channels": 32,
    "out_channels": 4,
    "num_res_blocks": 1,
    "attention_resolutions": [1],
    "num_head_channels": 8,
    "context_dim": 24,
    "temporal_length": 16,
    "image_cross_attention": True,
}


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"dims": 3}, "dims"),
        ({"model_channels": 40}, "model_channels"),
        ({"num_head_channels": -1}, "num_heads"),
        ({"num_head_channels": -1, "num_heads": 4, "addition_attention": True}, "addition_attention"),
        ({"context_dim": None}, "context_dim"),
        ({"image_cross_attention": False}, "image_cross_attention"),
        ({"use_causal_attention": True}, "use_causal_attention"),
        ({"temporal_selfatt_only": False}, "temporal_selfatt_only"),
        ({"temporal_length": None}, "temporal_length"),
    ],
)
def test_impossible_unet_is_refused(change: dict[str, object], word: str) -> None:
    with pytest.raises(CheckpointError, match=word):
        UNet3DConfig.from_dict({**UNET, **change})


@pytest.mark.parametrize(
    ("data", "word"),
    [
        ({}, "ch_mult"),
        ({"ch_mult": [2, 4]}, "ch_mult"),
        ({"ch_mult": [1, 2], "ch": 48}, "ch is 48"),
        ({"ch_mult": [1, 2], "double_z": False}, "double_z"),
    ],
)
def test_impossible_vae_is_refused(data: dict[str, object], word: str) -> None:
    with pytest.raises(CheckpointError, match=word):
        VideoVAEConfig.from_dict(data)


def test_missing_field_is_named() -> None:
    with pytest.raises(CheckpointError, match="model_channels"):
        UNet3DConfig.from_dict({key: value for key, value in UNET.items() if key != "model_channels"})


def test_left_out_fields_have_the_published_defaults() -> None:
    config = UNet3DConfig.from_dict({**UNET, "hub_version": "1"})
    assert config.channel_mult == (1, 2, 4, 8)
    assert config.use_relative_position
    assert config.default_fs == 4
    assert config.stride == 8
    assert config.heads(64) == (8, 8)
