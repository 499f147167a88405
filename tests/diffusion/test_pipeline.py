"""The models as one object, on the small checkpoints, as a script or a notebook uses it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from paints_undo_engine import process
from paints_undo_engine.diffusion.engine import DiffusionEngine
from paints_undo_engine.diffusion.models import ModelComponents
from paints_undo_engine.diffusion.pictures import as_painting
from paints_undo_engine.diffusion.pipeline import PaintsUndoPipeline
from paints_undo_engine.diffusion.residency import devices
from paints_undo_engine.diffusion.residency.devices import Precision
from paints_undo_engine.diffusion.solvers import SampledStep
from paints_undo_engine.diffusion.stages.untrained import untrained
from paints_undo_engine.errors import CheckpointError, EngineUnavailableError, NotFiniteError
from paints_undo_engine.events import FrameMade, Progress, Warned
from paints_undo_engine.request import (
    ExecutionParameters,
    InterpolationParameters,
    KeyframeParameters,
    ProcessRequest,
    TagsParameters,
    TemporalWindow,
)

SMALL: dict[str, Any] = {"steps": 2, "width": 256, "height": 256}


@pytest.fixture(scope="module")
def picture() -> np.ndarray:
    y, x = np.mgrid[0:128, 0:128]
    return np.stack([x * 2, y * 2, (x + y) % 256], axis=-1).astype(np.uint8)


@pytest.fixture(scope="module")
def pipeline(models: Path) -> Iterator[PaintsUndoPipeline]:
    (models / "paints_undo_multi_frame" / "sizes.json").write_text(json.dumps({"buckets": [[64, 64]]}))
    made = PaintsUndoPipeline.from_pretrained(models, device="cpu")
    yield made
    made.close()


def test_from_a_picture_to_frames(pipeline: PaintsUndoPipeline, picture: np.ndarray) -> None:
    tags = pipeline.tags(Image.fromarray(picture))
    seen: list[SampledStep] = []
    states = pipeline.keyframes(picture, tags, operation_steps=(400, 900), on_step=seen.append, **SMALL)
    assert [step.step for step in seen] == [1, 2]
    assert [state.shape for state in states.pictures] == [(256, 256, 3)] * 2
    assert torch.equal(states.latents, seen[-1].x)
    assert states.latents.shape == (2, 4, 32, 32)
    joined = pipeline.interpolate(states.pictures[1], states.pictures[0], frames=4, steps=1)
    assert joined.pictures.shape == (4, 64, 64, 3)
    assert joined.latents.shape == (1, 4, 4, 8, 8)


def test_latents_in_and_out(pipeline: PaintsUndoPipeline, picture: np.ndarray) -> None:
    """Noise that is given replaces the seed's; a start with little strength stays near it."""
    noise = torch.randn(1, 4, 32, 32, generator=torch.Generator().manual_seed(3))
    asked: dict[str, Any] = {"operation_steps": (500,), **SMALL}
    by_noise = pipeline.keyframes(picture, "", noise=noise, **asked)
    by_seed = pipeline.keyframes(picture, "", seed=3, **asked)
    assert torch.equal(by_noise.latents, by_seed.latents)
    start = pipeline.encode(picture)
    assert start.shape[1] == 4
    again = pipeline.keyframes(picture, "", initial=picture, strength=0.1, **asked)
    assert not torch.equal(again.latents, by_seed.latents)


def test_a_long_prompt_is_read_to_its_end(pipeline: PaintsUndoPipeline, picture: np.ndarray) -> None:
    head = "word, " * 60
    asked: dict[str, Any] = {"operation_steps": (500,), **SMALL}
    cut = [pipeline.keyframes(picture, head + tail, **asked).latents for tail in ("smile", "solo")]
    assert torch.equal(cut[0], cut[1])
    whole = [pipeline.keyframes(picture, head + tail, long_prompts=True, **asked).latents for tail in ("smile", "solo")]
    assert not torch.equal(whole[0], whole[1])
    short = [pipeline.keyframes(picture, "smile", long_prompts=long, **asked).latents for long in (False, True)]
    torch.testing.assert_close(short[0], short[1])


def test_a_lora_changes_the_keyframe_model(models: Path, picture: np.ndarray, tmp_path: Path) -> None:
    pipeline = PaintsUndoPipeline.from_pretrained(models, device="cpu")
    asked: dict[str, Any] = {"operation_steps": (500,), **SMALL}
    plain = pipeline.keyframes(picture, "", **asked).latents
    layer = "mid_block.attentions.0.transformer_blocks.0.attn1.to_q"
    unet = pipeline.models.residency.components["single_frame/unet"].module(pipeline.models.residency.plan)
    outputs, inputs = unet.get_parameter(f"{layer}.weight").shape
    for size, changes in ((0.0, False), (1.0, True)):
        pair = {f"unet.{layer}.lora_A.weight": torch.full((2, inputs), size)}
        pair[f"unet.{layer}.lora_B.weight"] = torch.ones(outputs, 2)
        save_file(pair, tmp_path / "lora.safetensors")
        pipeline.load_lora(tmp_path / "lora.safetensors")
        assert torch.equal(pipeline.keyframes(picture, "", **asked).latents, plain) is not changes
    save_file({"unet.nothing.lora_A.weight": torch.ones(2, 2)}, tmp_path / "other.safetensors")
    pipeline.load_lora(tmp_path / "other.safetensors")
    with pytest.raises(CheckpointError, match="no LoRA"):
        pipeline.keyframes(picture, "", **asked)


def test_a_model_that_is_not_named_is_said(models: Path, picture: np.ndarray) -> None:
    alone = PaintsUndoPipeline.from_pretrained({"single_frame": models / "paints_undo_single_frame"}, device="cpu")
    assert len(alone.keyframes(picture, "", operation_steps=(500,), **SMALL).pictures) == 1
    with pytest.raises(EngineUnavailableError, match="paints_undo_multi_frame"):
        alone.interpolate(picture, picture, frames=2, steps=1)


def test_what_is_not_finite_is_never_a_result(models: Path, picture: np.ndarray) -> None:
    pipeline = PaintsUndoPipeline.from_pretrained(models, device="cpu")
    noise = torch.full((1, 4, 32, 32), torch.inf)
    with pytest.raises(NotFiniteError, match="precision"):
        pipeline.keyframes(picture, "", noise=noise, operation_steps=(500,), **SMALL)


def test_a_vae_that_overflows_goes_on_in_float32(models: Path, picture: np.ndarray) -> None:
    """Which is what float16 and some devices' bfloat16 do."""
    found = ModelComponents(lambda model: models / f"paints_undo_{model}", "cpu", precision=Precision.FP16)
    pipeline = PaintsUndoPipeline(found)
    stage = pipeline.runner._keyframes
    found._vae_dtype = torch.float16
    huge = torch.full((1, 4, 8, 8), 4e4)
    request = pipeline._request()
    list(found.prepare(request, pipeline.runner._demand(as_painting(picture), request)))
    with torch.inference_mode():
        assert torch.isfinite(stage.decode(huge)).all()
    assert found._vae_dtype is torch.float32


@pytest.mark.parametrize("shape", [(4, 4), (4, 4, 3), (4, 4, 4)])
def test_arrays_and_pillow_images_are_pictures(shape: tuple[int, ...]) -> None:
    pixels = np.full(shape, 7, np.uint8)
    assert as_painting(pixels).width == 4
    assert as_painting(Image.fromarray(pixels)).height == 4
    with pytest.raises(ValueError, match="uint8"):
        as_painting(pixels.astype(np.float32))


def test_chained_windows_share_their_ends(pipeline: PaintsUndoPipeline, picture: np.ndarray) -> None:
    """Twenty frames: a first window, and two that join its states 0, 8 and 15; of their 31 pictures every 30/19th."""
    white = np.full_like(picture, 255)
    chained = pipeline.interpolate(white, picture, frames=20, steps=1, seed=7, chained=True).pictures
    states = pipeline.interpolate(white, picture, frames=16, steps=1, seed=7).pictures
    first = pipeline.interpolate(white, states[8], frames=16, steps=1, seed=1007).pictures
    second = pipeline.interpolate(states[8], picture, frames=16, steps=1, seed=2007).pictures
    whole = [*first[1:], *second[1:]]
    expected = [whole[round(number / 19 * 30) - 1] for number in range(1, 20)]
    assert np.array_equal(chained[1:], np.stack(expected))


def test_a_job_in_chained_windows_is_labelled_and_can_be_cancelled(
    pipeline: PaintsUndoPipeline, picture: np.ndarray
) -> None:
    request = ProcessRequest(
        engine="diffusion",
        tags=TagsParameters(text="sky"),
        keyframes=KeyframeParameters(operation_steps=(500,), **SMALL),
        interpolation=InterpolationParameters(frames=32, steps=1, chained=True),
        execution=ExecutionParameters(allow_slow=True),
    )
    engine = DiffusionEngine(pipeline.models)
    events = process.run(engine, as_painting(picture), request)
    begun = []
    for event in events:
        begun.append(event)
        if isinstance(event, Progress) and any(isinstance(one, FrameMade) for one in begun):
            break
    events.close()
    assert any(isinstance(event, Warned) and "windows of 16" in event.text for event in begun)
    made = [event for event in begun if isinstance(event, FrameMade)]
    assert [event.index for event in made] == list(range(31))
    steps = [event.operation_step for event in made]
    assert steps == sorted(steps, reverse=True)
    assert steps[-1] == 500
    seen = [event for event in begun if isinstance(event, Progress)]
    of = {event.of for event in seen if event.of > 3}
    assert of == {2 * 4}


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_narrow_numbers_give_nearly_the_same_on_a_processor(
    models: Path, pipeline: PaintsUndoPipeline, picture: np.ndarray, dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "has_bfloat16", lambda _: True)  # where it does not, torch computes it all the same
    narrow = PaintsUndoPipeline.from_pretrained(models, device="cpu", dtype=dtype)
    white = np.full_like(picture, 255)
    states = [one.keyframes(picture, "sky", operation_steps=(500,), **SMALL).latents for one in (narrow, pipeline)]
    frames = [one.interpolate(white, picture, frames=3, steps=1).latents for one in (narrow, pipeline)]
    for found, exact in (states, frames):
        assert 0 < float((found - exact).abs().mean()) < 0.3 * float(exact.std())


def test_a_processor_without_bfloat16_refuses_it(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "_processor_has_bfloat16", lambda: False)
    with pytest.raises(EngineUnavailableError, match="fp16 or fp32"):
        PaintsUndoPipeline.from_pretrained(models, device="cpu", dtype=torch.bfloat16)


def test_the_plan_of_a_processor_follows_what_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    cpu = torch.device("cpu")
    monkeypatch.setattr(devices, "total_memory", lambda: 64 * 2**30)
    monkeypatch.setattr(devices, "_held", lambda: 2**30)
    for free, available in ((4, 5), (60, 32)):
        monkeypatch.setattr(devices, "_machine_memory", lambda free=free: free * 2**30)
        assert devices.available_memory(cpu) == available * 2**30


def test_what_the_models_were_not_trained_for_is_said() -> None:
    def notes(size: tuple[int, int] = (640, 512), **parameters: object) -> list[str]:
        interpolation = InterpolationParameters(**parameters)  # type: ignore[arg-type]
        return list(untrained(ProcessRequest(engine="diffusion", interpolation=interpolation), size, (640, 512)))

    assert notes() == []
    assert notes((512, 512)) == []
    assert "1024 x 1024" in notes((1024, 1024))[0]
    assert "trained for 16" in notes(frames=64)[0]
    assert "windows of 16" in notes(frames=64, chained=True)[0]
    assert "temporal window" in notes(temporal_window=TemporalWindow.ROLL)[0]
