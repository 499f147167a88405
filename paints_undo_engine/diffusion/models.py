"""The components of both published models: where their files are, how they are loaded, which plan holds them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import TypeVar

import torch
from torch import nn
from transformers import CLIPTextModel

from paints_undo_engine.checkpoints.folders import read_config
from paints_undo_engine.checkpoints.loading import empty, load_folder
from paints_undo_engine.diffusion.compiling import Compiler
from paints_undo_engine.diffusion.interpolation.config import ImageProjectionConfig, UNet3DConfig, VideoVAEConfig
from paints_undo_engine.diffusion.interpolation.image_encoder import ImageEncoder
from paints_undo_engine.diffusion.interpolation.image_projection import ImageProjection
from paints_undo_engine.diffusion.interpolation.unet3d import UNet3D
from paints_undo_engine.diffusion.interpolation.video_vae import VideoVAE
from paints_undo_engine.diffusion.keyframes.unet import load_unet
from paints_undo_engine.diffusion.keyframes.vae import load_vae
from paints_undo_engine.diffusion.residency.components import Component, Residency
from paints_undo_engine.diffusion.residency.devices import choose_device, choose_dtype, free_memory
from paints_undo_engine.diffusion.residency.plans import PLANS, Plan, choose_plan
from paints_undo_engine.diffusion.speed import lay_out
from paints_undo_engine.diffusion.text import Prompt, Tokenizer, encode_prompt, load_text_encoder
from paints_undo_engine.events import PlanChanged
from paints_undo_engine.request import ExecutionParameters

M = TypeVar("M", bound=nn.Module)
Locate = Callable[[str], Path]
"""Gives the folder of ``single_frame``, ``multi_frame`` or ``wd14_tagger``."""


class Models:
    """Loads components when they are first used, and keeps them where the memory plan says.

    Component names are ``<model>/<component>`` as in the published folders. `residency.plan` is the plan in force.
    """

    def __init__(self, locate: Locate, device: str = "auto", compiling: str = "auto") -> None:
        """`compiling` as `Compiler`. Raises `EngineUnavailableError` when the device is not there."""
        self.device = choose_device(device)
        self.dtype = choose_dtype(self.device)
        self._locate = locate
        self._announced: str | None = None
        self._texts: dict[tuple[str, str], torch.Tensor] = {}
        self._tokenizers: dict[str, Tokenizer] = {}
        self.compiler = Compiler(self.device, compiling)
        self.residency = Residency(self.device, PLANS[0], self._components())

    def prepare(self, execution: ExecutionParameters) -> Iterator[PlanChanged]:
        """Go over to the plan that a request wants; yields when that is another one than before.

        A unit begins here: from now to its end the same blocks are compiled.
        Raises `InvalidRequestError` and `OutOfMemoryError` as `choose_plan`.
        """
        self.compiler.begin()
        plan = self._choose(execution)
        if plan.name == self._announced:
            return
        if plan != self.residency.plan:
            self.residency.change(plan)
        self._announced = plan.name
        reason = "as requested" if execution.memory_plan != "auto" else f"chosen for the free memory of {self.device}"
        yield PlanChanged(plan.name, reason)

    def use(self, name: str, kind: type[M]) -> AbstractContextManager[M]:
        """The component `name` on the device, for a ``with`` block."""
        return self.residency.use(name, kind)

    def folder(self, model: str) -> Path:
        """The folder of a model. Raises `EngineUnavailableError` when it is not there."""
        return self._locate(model)

    def tokenize(self, model: str, text: str) -> Prompt:
        """A prompt's token ids for ``single_frame`` or ``multi_frame``."""
        if model not in self._tokenizers:
            self._tokenizers[model] = Tokenizer(self._locate(model) / "tokenizer")
        return self._tokenizers[model](text)

    def text_context(self, model: str, text: str) -> torch.Tensor:
        """The text context [1, 77, D] of a prompt, on the device; encoded once."""
        if (model, text) not in self._texts:
            with self.use(f"{model}/text_encoder", CLIPTextModel) as encoder:
                context = encode_prompt(encoder, self.tokenize(model, text).ids.to(self.device))
            while len(self._texts) >= _TEXTS_KEPT:
                del self._texts[next(iter(self._texts))]
            self._texts[model, text] = context
        return self._texts[model, text]

    def close(self) -> None:
        """Give back the device and forget the weights."""
        self.compiler.close()
        for component in self.residency.components.values():
            component.drop()
        self._texts.clear()
        self.residency.clear()

    def _choose(self, execution: ExecutionParameters) -> Plan:
        wanted = execution.memory_plan
        if wanted == "auto" and self.device.type == "cpu":
            wanted = _CPU_PLAN
        if wanted == "auto" and self._announced is not None:
            current = self.residency.plan
            if current.exact or execution.allow_fp8:
                return current
        return choose_plan(wanted, free_memory(self.device), allow_fp8=execution.allow_fp8)

    def _components(self) -> dict[str, Component]:
        vae_dtype = torch.bfloat16 if self.dtype == torch.float16 else self.dtype
        return {
            "single_frame/text_encoder": Component(partial(self._text_encoder, "single_frame")),
            "single_frame/vae": Component(lambda: load_vae(self._locate("single_frame") / "vae", dtype=vae_dtype)),
            "single_frame/unet": Component(self._keyframe_unet, shrinks=True),
            "multi_frame/text_encoder": Component(partial(self._text_encoder, "multi_frame")),
            "multi_frame/image_encoder": Component(partial(self._own, "image_encoder", ImageEncoder.from_dict)),
            "multi_frame/image_projection": Component(
                partial(self._own, "image_projection", lambda c: ImageProjection(ImageProjectionConfig.from_dict(c)))
            ),
            "multi_frame/vae": Component(partial(self._own, "vae", lambda c: VideoVAE(VideoVAEConfig.from_dict(c)))),
            "multi_frame/unet": Component(
                partial(self._own, "unet", lambda c: UNet3D(UNet3DConfig.from_dict(c))),
                shrinks=True,
                blocks=UNet3D.blocks,
            ),
        }

    def _text_encoder(self, model: str) -> nn.Module:
        encoder: nn.Module = load_text_encoder(self._locate(model) / "text_encoder", dtype=self.dtype)
        return encoder

    def _keyframe_unet(self) -> nn.Module:
        unet = load_unet(self._locate("single_frame") / "unet", dtype=self.dtype)
        self.compiler.attach(lay_out(unet, self.device))
        return unet

    def _own(self, name: str, build: Callable[[dict[str, object]], nn.Module]) -> nn.Module:
        folder = self._locate("multi_frame") / name
        config = read_config(folder)
        model = lay_out(load_folder(empty(lambda: build(config)), folder, dtype=self.dtype), self.device)
        self.compiler.attach(model)
        return model


_TEXTS_KEPT = 8
_CPU_PLAN = "8gb"
"""Nothing moves on the CPU, and results shall not depend on what memory happens to be free."""
