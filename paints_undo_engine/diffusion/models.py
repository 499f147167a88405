"""The components of both published models: where their files are, how they are loaded, which plan holds them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

import torch
from torch import nn
from transformers import CLIPTextModel

from paints_undo_engine.checkpoints.folders import weight_files
from paints_undo_engine.diffusion import components
from paints_undo_engine.diffusion.attention import materialises, suit_device
from paints_undo_engine.diffusion.compiling import Compiler
from paints_undo_engine.diffusion.estimate import JobEstimate, job_work, sustained_rate
from paints_undo_engine.diffusion.interpolation.conditions import Size
from paints_undo_engine.diffusion.interpolation.unet3d import UNet3D
from paints_undo_engine.diffusion.lora import merge_lora, require_peft
from paints_undo_engine.diffusion.noise import Draw, published_noise
from paints_undo_engine.diffusion.residency.choosing import choose_plan, settle
from paints_undo_engine.diffusion.residency.components import Component, Residency
from paints_undo_engine.diffusion.residency.devices import (
    Precision,
    available_memory,
    choose_device,
    choose_dtype,
    hold_to,
    keyframe_vae_dtype,
)
from paints_undo_engine.diffusion.residency.needs import Demand, needs, table
from paints_undo_engine.diffusion.residency.plans import PLANS, ResidencyPlan, plan_named
from paints_undo_engine.diffusion.speed import lay_out
from paints_undo_engine.diffusion.text import Prompt, Tokenizer, encode_prompt
from paints_undo_engine.errors import CheckpointError, EngineUnavailableError, SlowJobError
from paints_undo_engine.events import PlanChanged
from paints_undo_engine.request import ExecutionParameters, ProcessRequest

M = TypeVar("M", bound=nn.Module)
Locate = Callable[[str], Path]
"""Gives the folder of ``single_frame``, ``multi_frame`` or ``wd14_tagger``."""


class ModelComponents:
    """Loads components when they are first used, and keeps them where the memory plan says.

    Component names are ``<model>/<component>`` as in the published folders. `residency.plan` is the plan in force.
    """

    def __init__(
        self, locate: Locate, device: str = "auto", *, compiling: bool = False, precision: Precision = Precision.AUTO
    ) -> None:
        """`compiling`: beside the work, see `Compiler`.

        Raises `EngineUnavailableError` when the device or its precision is not there.
        """
        self.device = choose_device(device)
        suit_device(self.device)
        self.dtype = choose_dtype(self.device, precision)
        self._vae_dtype = keyframe_vae_dtype(self.device, self.dtype)
        self._locate = locate
        self._announced: str | None = None
        self._loras: list[tuple[Path, float]] = []
        self._texts: dict[tuple[str, str], torch.Tensor] = {}
        self._tokenizers: dict[str, Tokenizer] = {}
        self.compiler = Compiler(self.device, on=compiling)
        self.residency = Residency(self.device, PLANS[0], self._components())

    @property
    def plan_name(self) -> str:
        """The memory plan in force; empty before the first unit."""
        return self._announced or ""

    def prepare(self, request: ProcessRequest, demand: Demand) -> Iterator[PlanChanged]:
        """Go over to the plan that a request wants; yields when that is another one than before.

        A unit begins here: from now to its end the same blocks are compiled.
        Raises `InvalidRequestError` and `OutOfMemoryError` as `choose_plan`, and `SlowJobError` where the job would
        take many hours of a CPU, which the request does not allow.
        """
        self.compiler.begin()
        execution = request.execution
        plan = self._choose(execution, demand)
        expected = self._estimate(request, plan, demand)
        if self.device.type == "cpu" and expected.seconds > _LONG and not execution.allow_slow:
            raise SlowJobError(
                f"On this processor the job takes {expected.words()}. Allow it (--yes, execution.allow_slow) to run it "
                "all the same; a GPU, fewer steps or the engine procedural are faster."
            )
        renamed = plan.name != self._announced
        self.residency.change(plan)
        self._announced = plan.name
        hold_to(self.device, min(plan.budget, available_memory(self.device)))
        if renamed:
            reason = "as requested" if execution.memory_plan != "auto" else f"chosen for the memory of {self.device}"
            yield PlanChanged(plan.name, f"{reason}; the job takes {expected.words()}")

    def demand(self, request: ProcessRequest, keyframe_size: Size, frame_size: Size) -> Demand:
        """What a request asks of this device's memory, at its working sizes (height, width)."""
        return Demand(
            keyframes=max(1, len(request.operation_steps)),
            keyframe_pixels=math.prod(keyframe_size),
            frames=request.interpolation.frames,
            frame_pixels=math.prod(frame_size),
            value_bytes=self.dtype.itemsize,
            materialises=materialises(self.device),
            redoes=bool(request.procedural.branches),
        )

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

    def published_noise(self, seed: int) -> Draw:
        """The published application's draws for a seed on this device."""
        return published_noise(seed, self.device, self.dtype)

    def widen_keyframe_vae(self) -> bool:
        """Compute the keyframe VAE in float32 from now on; False when it already was."""
        if self._vae_dtype == torch.float32:
            return False
        self._vae_dtype = torch.float32
        self.residency.components["single_frame/vae"].drop()
        return True

    def text_contexts(self, model: str, texts: Sequence[str], *, long: bool = False) -> list[torch.Tensor]:
        """The text contexts [1, 77 n, D] of several prompts, equally long; n is 1 unless `long`.

        `long` reads every prompt to its end, in chunks of 75 tokens that are encoded each by itself; shorter ones are
        filled up with chunks of nothing.
        """
        if not long:
            return [self.text_context(model, text) for text in texts]
        self.tokenize(model, "")
        rows = [self._tokenizers[model].chunks(text) for text in texts]
        nothing = self._tokenizers[model].chunks("")
        count = max(len(row) for row in rows)
        with self.use(f"{model}/text_encoder", CLIPTextModel) as encoder:
            filled = [torch.cat([row, *[nothing] * (count - len(row))]) for row in rows]
            return [encode_prompt(encoder, row.to(self.device)).flatten(0, 1)[None] for row in filled]

    def add_lora(self, weights: Path, scale: float) -> None:
        """Merge a LoRA into the keyframe UNet from now on. Raises `EngineUnavailableError`, `CheckpointError`."""
        require_peft()
        if not weights.is_file() or weights.suffix != ".safetensors":
            raise CheckpointError(f"{weights} is no .safetensors file, which is the only kind of LoRA that is read.")
        self._loras.append((weights, scale))
        self.residency.components["single_frame/unet"].drop()

    def close(self) -> None:
        """Give back the device and forget the weights."""
        self.compiler.close()
        for component in self.residency.components.values():
            component.drop()
        self._texts.clear()
        self.residency.clear()

    def _estimate(self, request: ProcessRequest, plan: ResidencyPlan, demand: Demand) -> JobEstimate:
        work = job_work(request, demand)
        teraflop = work.keyframes * self._share("single_frame/unet") + work.intervals * self._share("multi_frame/unet")
        if work.redo:
            teraflop += work.redo * self._share("redo_base/unet", beside="single_frame/unet")
        return JobEstimate(needs(plan, demand), teraflop * 1e12 / sustained_rate(self.device, self.dtype))

    def _share(self, name: str, beside: str = "") -> float:
        """How large a network is beside the published one, or another of its kind: smaller ones take less time."""
        model, _, part = name.partition("/")
        try:
            size = sum(path.stat().st_size for path in weight_files(self._locate(model) / part))
        except (EngineUnavailableError, CheckpointError):
            return 1.0  # whoever needs it will say so
        return min(1.0, size / table().weights[beside or name])

    def _choose(self, execution: ExecutionParameters, demand: Demand) -> ResidencyPlan:
        wanted = execution.memory_plan
        if wanted == "auto" and self._announced is not None:
            current = settle(plan_named(self._announced), demand)
            if current is not None and (current.exact or execution.allow_fp8):
                return current
        if wanted != "auto" and self.device.type == "cpu":
            demand = replace(demand, value_bytes=2)  # a plan that is named runs as it would on an accelerator
        return choose_plan(wanted, available_memory(self.device), demand, allow_fp8=execution.allow_fp8)

    def _components(self) -> dict[str, Component]:
        return {
            name: Component(
                partial(self._load, name),
                shrinks=name.endswith("/unet"),
                blocks=UNet3D.blocks if name == "multi_frame/unet" else None,
            )
            for name in components.NAMES
        }

    def _load(self, name: str) -> nn.Module:
        model, _, part = name.partition("/")
        dtype = self._vae_dtype if name == "single_frame/vae" else self.dtype
        module = components.load(name, self._locate(model) / part, dtype)
        if name == "single_frame/unet":
            for weights, scale in self._loras:
                merge_lora(module, weights, scale)
        if name in _LAID_OUT:
            self.compiler.attach(lay_out(module, self.device))
        return module


_LAID_OUT = (
    "single_frame/unet",
    "multi_frame/unet",
    "multi_frame/vae",
    "multi_frame/image_encoder",
    "multi_frame/image_projection",
)
_TEXTS_KEPT = 8
_LONG = 3 * 3600.0
"""Seconds of a CPU above which a job has to be allowed."""
