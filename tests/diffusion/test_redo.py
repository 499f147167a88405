"""Going on another way on tiny random checkpoints, against diffusers' pipelines called directly."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import (
    AutoencoderKL,
    ControlNetModel,
    StableDiffusionControlNetImg2ImgPipeline,
    StableDiffusionControlNetInpaintPipeline,
    StableDiffusionControlNetPipeline,
    UNet2DConditionModel,
    UniPCMultistepScheduler,
)
from PIL import Image
from safetensors.torch import load_file, save_file
from transformers import CLIPTextModel, CLIPTokenizer

from diffusion.branching import SIZE
from diffusion.conftest import GOLDEN
from diffusion.redo import KINDS, save_base, save_control
from paints_undo_engine.checkpoints import list_models
from paints_undo_engine.checkpoints.catalogue import find
from paints_undo_engine.checkpoints.catalogue import wanted as wanted_files
from paints_undo_engine.descriptions import describe
from paints_undo_engine.diffusion.inspecting import inspect_model
from paints_undo_engine.diffusion.pipeline import PaintsUndoPipeline
from paints_undo_engine.diffusion.redo.control import choose_control, choose_strength, control_picture
from paints_undo_engine.engines import can_redo
from paints_undo_engine.errors import CheckpointError, EngineUnavailableError
from paints_undo_engine.request import Control, KeyframeParameters

SEED, CANDIDATE = 5, 2
DRAWN = SEED + 10_000 * CANDIDATE


def directly(folder: Path, kind: str, pipeline: type, **arguments: object) -> np.ndarray:
    """What diffusers' own pipeline gives, loaded by its own loader."""
    control = ControlNetModel.from_pretrained(folder / f"redo_{kind}")
    base = folder / "redo_base"
    made = pipeline(
        vae=AutoencoderKL.from_pretrained(base / "vae"),
        text_encoder=CLIPTextModel.from_pretrained(base / "text_encoder"),
        tokenizer=CLIPTokenizer.from_pretrained(base / "tokenizer"),
        unet=UNet2DConditionModel.from_pretrained(base / "unet"),
        controlnet=control,
        scheduler=UniPCMultistepScheduler.from_pretrained(base / "scheduler"),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    if "ip_adapter_image" in arguments:
        made.load_ip_adapter(
            str(folder / "redo_likeness"),
            subfolder="models",
            weight_name="ip-adapter_sd15.safetensors",
            image_encoder_folder="models/image_encoder",
        )
        made.set_ip_adapter_scale(0.5)
    made.set_progress_bar_config(disable=True)
    generator = torch.Generator("cpu").manual_seed(DRAWN)
    found = made("a fox", num_inference_steps=3, guidance_scale=7.0, generator=generator, output_type="np", **arguments)
    pixels: np.ndarray = np.round(found.images[0] * 255).astype(np.uint8)
    return pixels


AVOID = KeyframeParameters().negative_prompt


def redo(pipeline: PaintsUndoPipeline, canvas: np.ndarray, **parameters: Any) -> np.ndarray:
    given: dict[str, Any] = {
        "operation_step": 500,
        "candidate": CANDIDATE,
        "seed": SEED,
        "steps": 3,
        "width": SIZE,
        "height": SIZE,
    } | parameters
    return pipeline.redo(canvas, canvas, "a fox", **given)


@pytest.mark.parametrize(("control", "scale", "until"), [("scribble", 0.7, 0.8), ("lineart", 1.0, 0.8)])
def test_lines_are_followed_as_by_diffusers_itself(
    redo_pipeline: PaintsUndoPipeline, redo_models: Path, canvas: np.ndarray, control: str, scale: float, until: float
) -> None:
    found = redo(redo_pipeline, canvas, control=Control(control))
    lines = Image.fromarray(control_picture(Control(control), canvas))
    expected = directly(
        redo_models,
        control,
        StableDiffusionControlNetPipeline,
        image=lines,
        negative_prompt=AVOID,
        controlnet_conditioning_scale=scale,
        control_guidance_end=until,
    )
    assert np.abs(found.astype(int) - expected).max() <= 1


def test_flats_are_painted_over_as_by_diffusers_itself(
    redo_pipeline: PaintsUndoPipeline, redo_models: Path, canvas: np.ndarray
) -> None:
    """On their own the flats of a canvas choose the soft edge, and the strength follows the operation step."""
    found = redo(redo_pipeline, canvas)
    expected = directly(
        redo_models,
        "softedge",
        StableDiffusionControlNetImg2ImgPipeline,
        image=Image.fromarray(canvas),
        control_image=Image.fromarray(control_picture(Control.SOFTEDGE, canvas)),
        strength=0.6,
        negative_prompt=AVOID,
        controlnet_conditioning_scale=0.5,
    )
    assert np.abs(found.astype(int) - expected).max() <= 1


def test_the_likeness_is_the_ip_adapter_of_diffusers(
    redo_pipeline: PaintsUndoPipeline, redo_models: Path, canvas: np.ndarray
) -> None:
    free, like = redo(redo_pipeline, canvas), redo(redo_pipeline, canvas, likeness=0.5)
    expected = directly(
        redo_models,
        "softedge",
        StableDiffusionControlNetImg2ImgPipeline,
        image=Image.fromarray(canvas),
        control_image=Image.fromarray(control_picture(Control.SOFTEDGE, canvas)),
        ip_adapter_image=Image.fromarray(canvas),
        strength=0.6,
        negative_prompt=AVOID,
        controlnet_conditioning_scale=0.5,
    )
    assert np.abs(like.astype(int) - expected).max() <= 1
    assert np.abs(like.astype(int) - free).max() > 1
    assert np.array_equal(redo(redo_pipeline, canvas), free), "the adapter does not stay"


def test_something_new_comes_only_where_the_mask_allows(
    redo_pipeline: PaintsUndoPipeline, redo_models: Path, canvas: np.ndarray
) -> None:
    mask = np.zeros((SIZE, SIZE), bool)
    mask[:, 128:] = True
    found = redo(redo_pipeline, canvas, mask=mask)
    assert np.array_equal(found[:, :128], canvas[:, :128])
    expected = directly(
        redo_models,
        "softedge",
        StableDiffusionControlNetInpaintPipeline,
        image=Image.fromarray(canvas),
        mask_image=Image.fromarray(mask.astype(np.uint8) * 255),
        control_image=Image.fromarray(control_picture(Control.SOFTEDGE, canvas)),
        strength=0.6,
        negative_prompt=AVOID,
        controlnet_conditioning_scale=0.5,
    )
    assert np.abs(found[:, 128:].astype(int) - expected[:, 128:]).max() <= 1
    with pytest.raises(ValueError, match="The mask has 8 x 4 pixels, but the painting 256 x 256"):
        redo(redo_pipeline, canvas, mask=np.zeros((4, 8), bool))


def test_what_is_missing_or_does_not_fit_is_said(
    redo_models: Path, models: Path, canvas: np.ndarray, tmp_path: Path
) -> None:
    bare = PaintsUndoPipeline.from_pretrained(models, device="cpu")
    with pytest.raises(EngineUnavailableError, match="models download redo_base"):
        redo(bare, canvas)
    tokenizer = GOLDEN / "repos" / "single_frame" / "tokenizer"
    save_base(tmp_path / "redo_base", tokenizer, text=48)
    for kind in KINDS:
        (tmp_path / f"redo_{kind}").symlink_to(redo_models / f"redo_{kind}")
    with pytest.raises(CheckpointError, match=r"no Stable Diffusion 1\.5 checkpoint .* another text encoder"):
        redo(PaintsUndoPipeline.from_pretrained(tmp_path, device="cpu"), canvas)
    other = tmp_path / "other"
    other.mkdir()
    (other / "redo_base").symlink_to(redo_models / "redo_base")
    save_control(other / "redo_softedge", 1, text=48)
    with pytest.raises(CheckpointError, match="redo_softedge belongs to another kind of checkpoint"):
        redo(PaintsUndoPipeline.from_pretrained(other, device="cpu"), canvas)


def test_an_image_encoder_that_lacks_something_is_refused(
    redo_models: Path, canvas: np.ndarray, tmp_path: Path
) -> None:
    """A library that loads it would fill what is missing with random numbers."""
    for model in redo_models.iterdir():
        if model.name != "redo_likeness":
            (tmp_path / model.name).symlink_to(model)
    shutil.copytree(redo_models / "redo_likeness", tmp_path / "redo_likeness")
    weights = tmp_path / "redo_likeness" / "models" / "image_encoder" / "model.safetensors"
    tensors = load_file(weights)
    del tensors["visual_projection.weight"]
    save_file(tensors, weights)
    with pytest.raises(CheckpointError, match=r"redo_likeness.*1 missing: visual_projection\.weight"):
        redo(PaintsUndoPipeline.from_pretrained(tmp_path, device="cpu"), canvas, likeness=0.5)


def test_what_is_held_fast_follows_from_the_canvas() -> None:
    paper = np.full((64, 64, 3), 255, np.uint8)
    paper[::16] = 0
    flats = np.full((64, 64, 3), (90, 120, 200), np.uint8)
    assert choose_control(Control.AUTO, paper, 900) is Control.SCRIBBLE
    assert choose_control(Control.AUTO, paper, 600) is Control.LINEART
    assert choose_control(Control.AUTO, flats, 900) is Control.SOFTEDGE
    assert choose_control(Control.LINEART, flats, 900) is Control.LINEART
    assert choose_strength(0, 1) < choose_strength(0, 999) <= 0.75
    assert choose_strength(0.3, 999) == 0.3


def test_lines_are_white_on_black() -> None:
    canvas = np.full((128, 128, 3), 255, np.uint8)
    canvas[:, 60:63] = 20
    for control in (Control.SCRIBBLE, Control.LINEART, Control.SOFTEDGE):
        lines = control_picture(control, canvas)
        assert lines.shape == canvas.shape
        assert lines[:, 61].min() > 200
        assert lines[:, :40].max() == 0
    canvas[:, 80:] = (200, 180, 60)
    assert control_picture(Control.SOFTEDGE, canvas)[20:100, 80].max() > 60, "an edge of colours without a line"


def test_of_a_repository_what_is_in_16_bits_is_wanted() -> None:
    offered = [
        "README.md",
        "config.json",
        "diffusion_pytorch_model.bin",
        "diffusion_pytorch_model.fp16.bin",
        "diffusion_pytorch_model.fp16.safetensors",
        "diffusion_pytorch_model.safetensors",
    ]
    assert wanted_files(find("redo_lineart"), offered) == ("config.json", "diffusion_pytorch_model.fp16.safetensors")
    assert wanted_files(find("redo_lineart"), [*offered[:1], offered[1], offered[5]]) == (offered[1], offered[5])
    with pytest.raises(CheckpointError, match="pickles are not accepted"):
        wanted_files(find("redo_lineart"), offered[:4])
    encoder = ["models/image_encoder/config.json", "models/image_encoder/model.safetensors"]
    adapters = ["models/ip-adapter_sd15.safetensors", "models/ip-adapter-plus_sd15.safetensors"]
    others = ["models/image_encoder/pytorch_model.bin", "sdxl_models/image_encoder/config.json"]
    assert set(wanted_files(find("redo_likeness"), [*encoder, *adapters, *others])) == {*encoder, adapters[0]}


def test_nothing_optional_is_needed_and_licences_are_told(redo_models: Path) -> None:
    listed = {info.id: info for info in list_models(redo_models)}
    optional = {name for name, info in listed.items() if info.optional}
    redo = {"redo_base", "redo_scribble", "redo_lineart", "redo_softedge", "redo_likeness"}
    assert optional == {*redo, "upscaler", "figures"}
    assert optional.isdisjoint(describe("diffusion").models)
    assert all(listed[name].licence for name in optional)
    assert all(listed[name].state == "ready" for name in redo)
    for name in ("redo_lineart", "redo_likeness"):
        (report,) = inspect_model(find(name), redo_models / name)
        assert report.error == ""


def test_a_redo_is_offered_only_with_its_models(redo_models: Path, models: Path) -> None:
    assert can_redo("procedural", models)
    assert can_redo("diffusion", redo_models)
    assert not can_redo("diffusion", models)
