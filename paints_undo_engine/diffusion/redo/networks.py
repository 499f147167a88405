"""The networks of a redo: any Stable Diffusion 1.5 checkpoint in diffusers' layout, and a ControlNet for it.

They are read as all other checkpoints: no pickles, every name and shape checked before a number is read.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Any

import torch
from diffusers.schedulers.scheduling_unipc_multistep import UniPCMultistepScheduler
from transformers import CLIPTokenizer

from paints_undo_engine.checkpoints.folders import read_json
from paints_undo_engine.diffusion import components
from paints_undo_engine.errors import CheckpointError
from paints_undo_engine.request import Control

BASE = "redo_base"
CONTROLS = {
    Control.SCRIBBLE: "redo_scribble",
    Control.LINEART: "redo_lineart",
    Control.SOFTEDGE: "redo_softedge",
}
LIKENESS = "redo_likeness"
_PARTS = ("unet", "text_encoder", "vae")
_IP_WEIGHTS = "models/ip-adapter_sd15.safetensors"
_IP_ENCODER = "models/image_encoder"


class NetworkKind(StrEnum):
    """What a pipeline starts from, beside the lines that it follows: noise, the canvas, or the canvas inside a mask."""

    LINES = "StableDiffusionControlNetPipeline"
    COLOURS = "StableDiffusionControlNetImg2ImgPipeline"
    MASKED = "StableDiffusionControlNetInpaintPipeline"


class Networks:
    """Loads what a redo needs when it is first asked for, on the CPU, and keeps the last ControlNet."""

    def __init__(self, locate: Callable[[str], Path], device: torch.device, dtype: torch.dtype) -> None:
        """`device` is where the pipelines compute; the networks are brought there by who runs them."""
        self._locate = locate
        self._device = device
        self._dtype = dtype
        self._parts: dict[str, Any] = {}
        self._control: tuple[Control, Any] | None = None

    def pipeline(self, kind: NetworkKind, control: Control) -> Any:
        """A pipeline of diffusers on the networks, with the ControlNet for `control`.

        Raises `EngineUnavailableError` where a model is missing, `CheckpointError` where it does not fit.
        """
        parts = self._base()
        controlnet = self._controlnet(control)
        _require(
            controlnet.config.cross_attention_dim == parts["unet"].config.cross_attention_dim,
            f"{CONTROLS[control]} belongs to another kind of checkpoint than {BASE}",
        )
        with _quietly():
            made = _computing_on(self._device, kind)(
                **parts,
                controlnet=controlnet,
                safety_checker=None,
                feature_extractor=None,
                requires_safety_checker=False,
            )
        made.set_progress_bar_config(disable=True)
        return made

    def add_likeness(self, pipeline: Any, scale: float) -> None:
        """Let an IP-Adapter hold the pipeline to a picture. Raises as `pipeline`."""
        folder = self._locate(LIKENESS)
        try:
            encoder = components.load(f"{LIKENESS}/{_IP_ENCODER}", folder / _IP_ENCODER, self._dtype)
            pipeline.register_modules(image_encoder=encoder)
            with _quietly():
                pipeline.load_ip_adapter(
                    str(folder),
                    subfolder=str(Path(_IP_WEIGHTS).parent),
                    weight_name=Path(_IP_WEIGHTS).name,
                    image_encoder_folder=None,
                    local_files_only=True,
                )
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            self.drop()  # half of it may be in the UNet
            raise CheckpointError(f"{LIKENESS} does not fit {BASE} ({error}).") from error
        pipeline.set_ip_adapter_scale(scale)

    def drop(self) -> None:
        """Forget the networks."""
        self._parts, self._control = {}, None

    def _base(self) -> dict[str, Any]:
        if not self._parts:
            folder = self._locate(BASE)
            unet, encoder, vae = (self._load(f"{BASE}/{part}", folder / part) for part in _PARTS)
            _require(
                unet.config.cross_attention_dim == encoder.config.hidden_size, "its UNet reads another text encoder"
            )
            _require(unet.config.in_channels == vae.config.latent_channels, "its UNet has other inputs than latents")
            _require(unet.config.addition_embed_type is None, "it is a later model, such as SDXL")
            self._parts = {
                "unet": unet,
                "text_encoder": encoder,
                "vae": vae,
                "tokenizer": CLIPTokenizer.from_pretrained(str(folder / "tokenizer"), local_files_only=True),
                "scheduler": _scheduler(folder),
            }
        return self._parts

    def _controlnet(self, control: Control) -> Any:
        if self._control is None or self._control[0] is not control:
            self._control = None
            self._control = control, self._load(f"{CONTROLS[control]}/", self._locate(CONTROLS[control]))
        return self._control[1]

    def _load(self, name: str, folder: Path) -> Any:
        try:
            return components.load(name, folder, self._dtype)
        except (TypeError, ValueError, KeyError) as error:
            raise CheckpointError(f"{folder} is no part of a Stable Diffusion 1.5 checkpoint ({error}).") from error


def _computing_on(device: torch.device, kind: NetworkKind) -> type[Any]:
    """The pipeline's class, which makes its tensors on `device` wherever its networks are at that time."""
    import diffusers  # the pipelines, which import much more than their networks do

    return type(kind, (getattr(diffusers, kind),), {"_execution_device": property(lambda _: device)})


@contextmanager
def _quietly() -> Iterator[None]:
    """Without the libraries' advice on their own use, which nobody here can follow."""
    loggers = [logging.getLogger(name) for name in ("diffusers", "transformers")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def _scheduler(folder: Path) -> Any:
    """UniPC on the checkpoint's own noise levels: no draw of noise but the first, and few steps."""
    kind: Any = UniPCMultistepScheduler
    return kind.from_config(read_json(folder / "scheduler" / "scheduler_config.json"))


def _require(condition: bool, otherwise: str) -> None:
    if not condition:
        raise CheckpointError(f"{BASE} is no Stable Diffusion 1.5 checkpoint in diffusers' layout: {otherwise}.")
