"""Going on another way on tiny random checkpoints, against diffusers' pipelines called directly."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
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

from diffusion.conftest import GOLDEN
from diffusion.redo import KINDS, save_base, save_control
from paints_undo_engine import process
from paints_undo_engine.checkpoints import list_models
from paints_undo_engine.checkpoints.catalogue import find
from paints_undo_engine.checkpoints.catalogue import wanted as wanted_files
from paints_undo_engine.descriptions import describe
from paints_undo_engine.diffusion.engine import DiffusionEngine
from paints_undo_engine.diffusion.inspecting import inspect_model
from paints_undo_engine.diffusion.pipeline import PaintsUndoPipeline
from paints_undo_engine.diffusion.redo.control import choose_control, choose_strength, control_picture
from paints_undo_engine.diffusion.sizes import Sizes
from paints_undo_engine.engines import can_redo
from paints_undo_engine.errors import CheckpointError, EngineUnavailableError, InvalidRequestError
from paints_undo_engine.events import FrameMade, KeyframeMade, Progress
from paints_undo_engine.painting import Painting, from_raw
from paints_undo_engine.request import (
    Branch,
    Control,
    ExecutionParameters,
    InterpolationParameters,
    KeyframeParameters,
    ProceduralParameters,
    ProcessRequest,
    RedoParameters,
    TagsParameters,
)
from paints_undo_engine.stages import Stage

SIZE = 256
SEED, CANDIDATE = 5, 2
DRAWN = SEED + 10_000 * CANDIDATE


@pytest.fixture(scope="module")
def folder(redo_models: Path) -> Path:
    return redo_models


@pytest.fixture(scope="module")
def pipeline(folder: Path) -> Iterator[PaintsUndoPipeline]:
    made = PaintsUndoPipeline.from_pretrained(folder, device="cpu")
    yield made
    made.close()


@pytest.fixture(scope="module")
def canvas() -> np.ndarray:
    """A canvas with flats and a line, of the working size, so that nothing is resized."""
    y, x = np.mgrid[0:SIZE, 0:SIZE]
    pixels = np.stack([x, y, 255 - x], axis=-1).astype(np.uint8)
    pixels[:, 100:104] = 0
    return pixels


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
    pipeline: PaintsUndoPipeline, folder: Path, canvas: np.ndarray, control: str, scale: float, until: float
) -> None:
    found = redo(pipeline, canvas, control=Control(control))
    lines = Image.fromarray(control_picture(Control(control), canvas))
    expected = directly(
        folder,
        control,
        StableDiffusionControlNetPipeline,
        image=lines,
        negative_prompt=AVOID,
        controlnet_conditioning_scale=scale,
        control_guidance_end=until,
    )
    assert np.abs(found.astype(int) - expected).max() <= 1


def test_flats_are_painted_over_as_by_diffusers_itself(
    pipeline: PaintsUndoPipeline, folder: Path, canvas: np.ndarray
) -> None:
    """On their own the flats of a canvas choose the soft edge, and the strength follows the operation step."""
    found = redo(pipeline, canvas)
    expected = directly(
        folder,
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
    pipeline: PaintsUndoPipeline, folder: Path, canvas: np.ndarray
) -> None:
    free, like = redo(pipeline, canvas), redo(pipeline, canvas, likeness=0.5)
    expected = directly(
        folder,
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
    assert np.array_equal(redo(pipeline, canvas), free), "the adapter does not stay"


def test_something_new_comes_only_where_the_mask_allows(
    pipeline: PaintsUndoPipeline, folder: Path, canvas: np.ndarray
) -> None:
    mask = np.zeros((SIZE, SIZE), bool)
    mask[:, 128:] = True
    found = redo(pipeline, canvas, mask=mask)
    assert np.array_equal(found[:, :128], canvas[:, :128])
    expected = directly(
        folder,
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
        redo(pipeline, canvas, mask=np.zeros((4, 8), bool))


def painting_of(pixels: np.ndarray) -> Painting:
    return from_raw(np.ascontiguousarray(pixels).tobytes(), pixels.shape[1], pixels.shape[0], pixels.shape[2])


def wanted(*branches: Branch, stop_after: Stage = Stage.KEYFRAMES) -> ProcessRequest:
    return ProcessRequest(
        engine="diffusion",
        stop_after=stop_after,
        tags=TagsParameters(text="a fox"),
        keyframes=KeyframeParameters(operation_steps=(200, 500, 800), steps=2, width=SIZE, height=SIZE),
        interpolation=InterpolationParameters(frames=2, steps=1),
        execution=ExecutionParameters(allow_slow=True),
        procedural=ProceduralParameters(branches=branches),
        redo=RedoParameters(steps=2),
    )


def nearly(one: np.ndarray, other: np.ndarray) -> bool:
    """Equal but for the rounding of sums whose order follows from how many keyframes are made at once."""
    return int(np.abs(one.astype(int) - other).max()) <= 1


def keyframes(engine: DiffusionEngine, painting: Painting, *branches: Branch) -> list[np.ndarray]:
    """The keyframes of a process that have a picture, chronological: the painting itself has none."""
    events = process.run(engine, painting, wanted(*branches))
    made = {event.index: event.picture for event in events if isinstance(event, KeyframeMade)}
    return [picture.pixels for _, picture in sorted(made.items()) if picture is not None]


@pytest.fixture
def wide(canvas: np.ndarray) -> Painting:
    """A painting of another size and aspect than the models', with alpha."""
    pixels = np.dstack([canvas[:180], np.full((180, SIZE), 255, np.uint8)])
    pixels[:20, :, 3] = 0
    return painting_of(pixels)


def test_a_branch_keeps_what_was_before_it_and_ends_in_its_candidate(
    pipeline: PaintsUndoPipeline, wide: Painting
) -> None:
    engine = DiffusionEngine(pipeline.models)
    old = keyframes(engine, wide)
    first, second = keyframes(engine, wide, Branch(500, 1)), keyframes(engine, wide, Branch(500, 2))
    assert len(old) == 4, "it ends in the painting"
    for new in (first, second):
        assert all(nearly(a, b) for a, b in zip(new[1:3], old[1:3], strict=True)), "800 and 500 are kept"
        assert not nearly(new[3], old[3]), "200 is another picture's state"
        assert len(new) == 5
        assert new[-1].shape == (180, SIZE, 4)
        assert np.array_equal(new[-1][..., 3], wide.pixels8()[..., 3])
    assert not np.array_equal(first[-1], second[-1])
    again = keyframes(DiffusionEngine(pipeline.models), wide, Branch(500, 1))
    assert all(np.array_equal(a, b) for a, b in zip(again, first, strict=True)), "the same in another engine"


def test_a_branch_of_a_branch_leaves_it_where_it_says(pipeline: PaintsUndoPipeline, wide: Painting) -> None:
    engine = DiffusionEngine(pipeline.models)
    first = keyframes(engine, wide, Branch(500, 1))
    later, earlier = (keyframes(engine, wide, Branch(500, 1), Branch(step, 3)) for step in (200, 800))
    assert all(nearly(a, b) for a, b in zip(later[1:4], first[1:4], strict=True))
    assert nearly(earlier[1], first[1])
    assert not nearly(earlier[2], first[2])
    assert not np.array_equal(later[-1], first[-1])


def test_the_frames_of_a_branch_end_in_its_candidate(pipeline: PaintsUndoPipeline, wide: Painting) -> None:
    request = wanted(Branch(500, 1), stop_after=Stage.INTERPOLATION)
    engine = DiffusionEngine(pipeline.models, Sizes(buckets=((64, 64),)))
    events = list(process.run(engine, wide, request))
    frames = [event for event in events if isinstance(event, FrameMade)]
    end = next(event for event in events if isinstance(event, KeyframeMade) and event.index == 4)
    assert [frame.index for frame in frames] == list(range(5))
    assert frames[-1].picture is not None
    assert end.picture is not None
    assert np.array_equal(frames[-1].picture.pixels, end.picture.pixels)


def test_a_redo_is_cancelled_within_a_step(pipeline: PaintsUndoPipeline, canvas: np.ndarray) -> None:
    request = replace(wanted(Branch(500, 1)), redo=RedoParameters(steps=50, control=Control.LINEART))
    events = process.run(DiffusionEngine(pipeline.models), painting_of(canvas), request)
    seen = next(event for event in events if isinstance(event, Progress) and event.of == 51)
    assert seen.step == 1
    assert seen.preview is not None
    threads = threading.active_count()
    events.close()
    assert threading.active_count() == threads - 1


def test_what_is_missing_or_does_not_fit_is_said(
    folder: Path, models: Path, canvas: np.ndarray, tmp_path: Path
) -> None:
    bare = PaintsUndoPipeline.from_pretrained(models, device="cpu")
    with pytest.raises(EngineUnavailableError, match="models download redo_base"):
        redo(bare, canvas)
    tokenizer = GOLDEN / "repos" / "single_frame" / "tokenizer"
    save_base(tmp_path / "redo_base", tokenizer, text=48)
    for kind in KINDS:
        (tmp_path / f"redo_{kind}").symlink_to(folder / f"redo_{kind}")
    with pytest.raises(CheckpointError, match=r"no Stable Diffusion 1\.5 checkpoint .* another text encoder"):
        redo(PaintsUndoPipeline.from_pretrained(tmp_path, device="cpu"), canvas)
    other = tmp_path / "other"
    other.mkdir()
    (other / "redo_base").symlink_to(folder / "redo_base")
    save_control(other / "redo_softedge", 1, text=48)
    with pytest.raises(CheckpointError, match="redo_softedge belongs to another kind of checkpoint"):
        redo(PaintsUndoPipeline.from_pretrained(other, device="cpu"), canvas)


def test_an_image_encoder_that_lacks_something_is_refused(folder: Path, canvas: np.ndarray, tmp_path: Path) -> None:
    """A library that loads it would fill what is missing with random numbers."""
    for model in folder.iterdir():
        if model.name != "redo_likeness":
            (tmp_path / model.name).symlink_to(model)
    shutil.copytree(folder / "redo_likeness", tmp_path / "redo_likeness")
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


@pytest.mark.parametrize("branch", [Branch(0, 1), Branch(1000, 1), Branch(500, 0), Branch(500, 9)])
def test_a_branch_out_of_range_is_refused(branch: Branch) -> None:
    with pytest.raises(InvalidRequestError, match=r"procedural\.branches"):
        wanted(branch)


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


def test_nothing_optional_is_needed_and_licences_are_told(folder: Path) -> None:
    listed = {info.id: info for info in list_models(folder)}
    optional = {name for name, info in listed.items() if info.optional}
    redo = {"redo_base", "redo_scribble", "redo_lineart", "redo_softedge", "redo_likeness"}
    assert optional == {*redo, "upscaler"}
    assert optional.isdisjoint(describe("diffusion").models)
    assert all(listed[name].licence for name in optional)
    assert all(listed[name].state == "ready" for name in redo)
    for name in ("redo_lineart", "redo_likeness"):
        (report,) = inspect_model(find(name), folder / name)
        assert report.error == ""


def test_a_branch_has_a_keyframe_where_it_leaves() -> None:
    """A state of these models is a keyframe; the embedded engine knows every state, and gets none more."""
    branches = ProceduralParameters(branches=(Branch(437, 1), Branch(600, 2)))
    steps = ProcessRequest(engine="diffusion", procedural=branches).operation_steps
    assert steps == (400, 437, 600, 800, 900, 950, 999)
    plain = ProcessRequest()
    assert ProcessRequest(procedural=branches).operation_steps == plain.operation_steps


def test_a_redo_is_offered_only_with_its_models(folder: Path, models: Path) -> None:
    assert can_redo("procedural", models)
    assert can_redo("diffusion", folder)
    assert not can_redo("diffusion", models)
