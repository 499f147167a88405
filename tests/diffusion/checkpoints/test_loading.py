"""What a checkpoint may look like on disk, and what is refused."""

from __future__ import annotations

import contextlib
import json
import shutil
import tempfile
from pathlib import Path

import pytest
import torch
from diffusion.checkpoints.files import write_header
from diffusion.networks import load_text_encoder, load_unet, load_vae
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file
from torch import nn

from paints_undo_engine.checkpoints.library import check_header
from paints_undo_engine.checkpoints.loading import load_folder
from paints_undo_engine.checkpoints.weights import Weights
from paints_undo_engine.diffusion.keyframes.unet import KeyframeUNet
from paints_undo_engine.errors import CheckpointError

UNET = "diffusion_pytorch_model.safetensors"
VAE_NAMES = {"to_q": "query", "to_k": "key", "to_v": "value", "to_out.0": "proj_attn"}


@pytest.fixture
def unet_folder(repos: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(repos / "single_frame" / "unet", tmp_path / "unet"))


def tensors_of(unet: KeyframeUNet) -> dict[str, torch.Tensor]:
    return dict(unet.state_dict())


def shards(folder: Path, name: str) -> None:
    tensors = load_file(folder / UNET)
    (folder / UNET).unlink()
    half = len(tensors) // 2
    parts = [dict(list(tensors.items())[:half]), dict(list(tensors.items())[half:])]
    table = {}
    for number, part in enumerate(parts, start=1):
        file = f"{name}-{number:05}-of-00002.safetensors"
        save_file(part, folder / file)
        table.update(dict.fromkeys(part, file))
    (folder / f"{name}.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": table}))


@pytest.mark.parametrize(
    "name",
    [
        "model.safetensors",
        "model.fp16.safetensors",
        "diffusion_pytorch_model.safetensors",
        "diffusion_pytorch_model.fp16.safetensors",
    ],
)
def test_any_published_file_name_is_accepted(name: str, unet_folder: Path, repos: Path) -> None:
    expected = tensors_of(load_unet(repos / "single_frame" / "unet"))
    (unet_folder / UNET).rename(unet_folder / name)
    assert all(torch.equal(expected[key], value) for key, value in tensors_of(load_unet(unet_folder)).items())


@pytest.mark.parametrize("name", ["diffusion_pytorch_model", "model"])
def test_shards_are_accepted(name: str, unet_folder: Path, repos: Path) -> None:
    expected = tensors_of(load_unet(repos / "single_frame" / "unet"))
    shards(unet_folder, name)
    assert all(torch.equal(expected[key], value) for key, value in tensors_of(load_unet(unet_folder)).items())


def test_a_missing_shard_is_named(unet_folder: Path) -> None:
    shards(unet_folder, "model")
    (unet_folder / "model-00002-of-00002.safetensors").unlink()
    with pytest.raises(CheckpointError, match="model-00002-of-00002"):
        load_unet(unet_folder)


def test_an_index_cannot_point_outside_its_folder(unet_folder: Path) -> None:
    (unet_folder / UNET).rename(unet_folder.parent / UNET)
    (unet_folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": {"a": f"../{UNET}"}}))
    with pytest.raises(CheckpointError, match="beside it"):
        load_unet(unet_folder)


@pytest.mark.parametrize("stored", [torch.float16, torch.bfloat16, torch.float32])
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
def test_all_dtypes_are_read_and_given(stored: torch.dtype, dtype: torch.dtype, unet_folder: Path) -> None:
    tensors = {key: value.to(stored) for key, value in load_file(unet_folder / UNET).items()}
    save_file(tensors, unet_folder / UNET)
    loaded = tensors_of(load_unet(unet_folder, dtype=dtype))
    assert all(torch.equal(tensors[key].to(dtype), value) for key, value in loaded.items())


def test_missing_unexpected_and_reshaped_tensors_are_named(unet_folder: Path) -> None:
    tensors = load_file(unet_folder / UNET)
    tensors["surplus.weight"] = tensors.pop("conv_out.bias")
    tensors["conv_in.weight"] = tensors["conv_in.weight"][:, :4].contiguous()
    save_file(tensors, unet_folder / UNET)
    with pytest.raises(CheckpointError) as caught:
        load_unet(unet_folder)
    for part in ("1 missing: conv_out.bias", "1 not used: surplus.weight", "1 of another shape: conv_in.weight"):
        assert part in str(caught.value)


@pytest.mark.parametrize("name", ["loss.logvar", "text_projection.weight", "logit_scale"])
def test_tensors_that_no_network_knows_are_left_out_with_a_warning(
    name: str, unet_folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    expected = tensors_of(load_unet(unet_folder))
    save_file(load_file(unet_folder / UNET) | {name: torch.zeros(3, dtype=torch.int64)}, unet_folder / UNET)
    assert all(torch.equal(expected[key], value) for key, value in tensors_of(load_unet(unet_folder)).items())
    assert name in caplog.text


def test_a_truncated_file_is_refused(unet_folder: Path) -> None:
    path = unet_folder / UNET
    path.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(CheckpointError, match="truncated"):
        load_unet(unet_folder)
    with pytest.raises(CheckpointError, match="truncated"):
        check_header(path)


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.ckpt", "weights.pt", "diffusion_pytorch_model.bin"])
def test_pickles_are_refused(name: str, unet_folder: Path) -> None:
    torch.save(load_file(unet_folder / UNET), unet_folder / name)
    (unet_folder / UNET).unlink()
    with pytest.raises(CheckpointError, match="pickle"):
        load_unet(unet_folder)
    with pytest.raises(CheckpointError, match="pickle"):
        Weights.of(unet_folder / name)


@pytest.mark.parametrize("text", ["", "[]", "{", "null", '{"a": NaN', "\udcff"])
def test_a_damaged_config_is_refused(text: str, unet_folder: Path) -> None:
    (unet_folder / "config.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(CheckpointError, match=r"config\.json"):
        load_unet(unet_folder)


def test_older_attention_names_of_the_vae_are_known(repos: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(repos / "single_frame" / "vae", tmp_path / "vae"))
    expected = load_vae(folder).state_dict()
    tensors = load_file(folder / UNET)
    for name in [name for name in tensors if ".attentions." in name]:
        for new, old in VAE_NAMES.items():
            if f".{new}." in name:
                tensors[name.replace(f".{new}.", f".{old}.")] = tensors.pop(name)
    assert any(".query." in name for name in tensors)
    save_file(tensors, folder / UNET)
    loaded = load_vae(folder).state_dict()
    assert all(torch.equal(expected[key], value) for key, value in loaded.items())


def test_older_index_tables_and_the_newer_prefix_are_known(repos: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(repos / "single_frame" / "text_encoder", tmp_path / "text_encoder"))
    expected = load_text_encoder(folder).state_dict()
    tensors = {key.removeprefix("text_model."): value for key, value in load_file(folder / "model.safetensors").items()}
    tensors["text_model.embeddings.position_ids"] = torch.arange(77)[None]
    save_file(tensors, folder / "model.safetensors")
    loaded = load_text_encoder(folder).state_dict()
    assert all(torch.equal(expected[key], value) for key, value in loaded.items())


def test_weights_of_the_wanted_dtype_stay_in_the_mapped_file(tmp_path: Path) -> None:
    path = write_header(tmp_path / "model.safetensors", {"weight": (64 * 2**20, 4)}, "F16")
    layer = nn.Linear(4, 64 * 2**20, bias=False, device="meta", dtype=torch.float16)
    before = _resident()
    load_folder(layer, path, dtype=torch.float16)
    assert layer.weight.numel() == 256 * 2**20
    assert _resident() - before < 64 * 2**20


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096


@given(st.binary(max_size=300))
def test_no_bytes_whatever_do_harm(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.safetensors"
        path.write_bytes(data)
        for read in (lambda: Weights([path]), lambda: check_header(path)):
            with contextlib.suppress(CheckpointError):
                read()
