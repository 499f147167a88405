"""LoRA for the keyframe model, by diffusers' own loader: read, scaled, and merged into the weights once."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from safetensors.torch import load_file
from torch import nn

from paints_undo_engine.errors import CheckpointError, EngineUnavailableError

_ADAPTER = "paints_undo"


def require_peft() -> None:
    """Raise `EngineUnavailableError` unless the package that diffusers reads LoRA with is installed."""
    if find_spec("peft") is None:
        raise EngineUnavailableError(
            "LoRA needs the package peft of the extra diffusion. Install it with: pip install peft"
        )


def merge_lora(unet: nn.Module, weights: Path, scale: float) -> None:
    """Add a LoRA of any format that diffusers knows to `unet`, in place. Raises `CheckpointError`."""
    network: Any = unet
    try:
        network.load_lora_adapter(_of_unet(load_file(weights)), prefix=None, adapter_name=_ADAPTER)
        network.fuse_lora(lora_scale=scale, safe_fusing=True, adapter_names=[_ADAPTER])
    except (OSError, ValueError, LookupError, RuntimeError) as error:
        raise CheckpointError(f"{weights.name} is no LoRA for the keyframe model ({error}).") from error
    network.unload_lora()
    unet.requires_grad_(False)


def _of_unet(tensors: dict[str, Any]) -> dict[str, Any]:
    """The tensors of the UNet, without the prefix that files for whole pipelines have."""
    inside = {name.removeprefix("unet."): tensor for name, tensor in tensors.items() if name.startswith("unet.")}
    return inside or tensors
