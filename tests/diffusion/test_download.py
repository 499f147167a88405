"""Downloads against a real HTTP server: whole, broken off, continued, held to the record."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load, load_file, save

from diffusion.hub import Hub
from paints_undo_engine.checkpoints import ModelState, catalogue, download, list_models, locate, note_warnings, verify
from paints_undo_engine.checkpoints import transfer as transfer_module
from paints_undo_engine.checkpoints.folders import NARROWED
from paints_undo_engine.checkpoints.narrowing import is_wide, read_head
from paints_undo_engine.checkpoints.weights import Weights
from paints_undo_engine.diffusion import components
from paints_undo_engine.engines import find_warnings
from paints_undo_engine.errors import CheckpointError, DownloadError, EngineUnavailableError

MODEL = "paints_undo_single_frame"
UNET = "unet/diffusion_pytorch_model.safetensors"


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer_module, "FIRST_PAUSE", 0.001)


def state(models: Path) -> ModelState:
    return next(info.state for info in list_models(models) if info.id == MODEL)


def test_downloads_what_the_model_needs_and_nothing_else(hub: Hub, tmp_path: Path) -> None:
    hub.files["unet/diffusion_pytorch_model.bin"] = b"pickle"
    hub.files["unet/diffusion_pytorch_model.fp16.safetensors"] = b"another variant"
    hub.files["README.md"] = b"# words"
    hub.files["safety_checker/model.safetensors"] = b"not ours"
    progress = list(download(MODEL, tmp_path))
    assert progress[-1].done_bytes == progress[-1].total_bytes > 0
    assert [one.done_bytes for one in progress] == sorted(one.done_bytes for one in progress)
    folder = locate(MODEL, tmp_path)
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert there - {"paints-undo-record.json"} == {name for name, _ in hub.served}
    assert not [name for name in there if name.endswith((".bin", ".md", ".part")) or "fp16" in name]
    assert (folder / UNET).read_bytes() == hub.files[UNET]
    list(verify(MODEL, tmp_path))


def test_a_broken_connection_is_continued_within_the_same_run(hub: Hub, tmp_path: Path) -> None:
    hub.cut[UNET] = 100_000
    list(download(MODEL, tmp_path))
    assert [start for name, start in hub.served if name == UNET] == [0, 100_000]
    list(verify(MODEL, tmp_path))


def test_an_interrupted_download_is_continued_by_the_next_one(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer_module, "PIECE", 50_000)
    running = download(MODEL, tmp_path)
    for progress in running:
        if progress.file == UNET and (tmp_path / MODEL / f"{UNET}.part").exists():
            done = progress.done_bytes
            if [name for name, _ in hub.served][-1] == UNET and done > 100_000:
                break
    running.close()
    part = (tmp_path / MODEL / f"{UNET}.part").stat().st_size
    assert part > 0
    assert state(tmp_path) is ModelState.INCOMPLETE
    with pytest.raises(EngineUnavailableError, match="models download"):
        locate(MODEL, tmp_path)
    first = len(hub.served)
    list(download(MODEL, tmp_path))
    assert (UNET, part) in hub.served[first:]
    list(verify(MODEL, tmp_path))


def test_a_server_that_cannot_continue_sends_the_file_again(hub: Hub, tmp_path: Path) -> None:
    hub.ranges = False
    hub.cut[UNET] = 100_000
    list(download(MODEL, tmp_path))
    assert [start for name, start in hub.served if name == UNET] == [0, 0]
    list(verify(MODEL, tmp_path))


def test_a_complete_model_needs_no_hub(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    list(download(MODEL, tmp_path))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    list(download(MODEL, tmp_path))


def test_offline_is_honoured(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(DownloadError) as caught:
        list(download(MODEL, tmp_path))
    assert caught.value.reason == "offline"
    assert not hub.served


def test_too_little_disk_is_noticed_before_anything_is_fetched(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9 - 1000, 1000))
    with pytest.raises(DownloadError) as caught:
        list(download(MODEL, tmp_path))
    assert caught.value.reason == "disk"
    assert not hub.served


def test_an_unreachable_hub_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(DownloadError) as caught:
        list(download(MODEL, tmp_path))
    assert caught.value.reason == "unreachable"


def test_later_runs_are_held_to_the_recorded_revision(hub: Hub, tmp_path: Path) -> None:
    list(download(MODEL, tmp_path))
    recorded = hub.revision
    hub.files["unet/config.json"] += b" "
    list(download(MODEL, tmp_path))
    assert next(info.revision for info in list_models(tmp_path) if info.id == MODEL) == recorded
    (tmp_path / MODEL / UNET).unlink()
    with pytest.raises(DownloadError) as caught:
        list(download(MODEL, tmp_path))
    assert caught.value.reason == "refused"


def test_another_revision_is_taken_only_when_it_is_named(hub: Hub, tmp_path: Path) -> None:
    list(download(MODEL, tmp_path))
    hub.files["unet/config.json"] += b" "
    first = len(hub.served)
    list(download(MODEL, tmp_path, revision=hub.revision))
    assert [name for name, _ in hub.served[first:]] == ["unet/config.json"]
    assert next(info.revision for info in list_models(tmp_path) if info.id == MODEL) == hub.revision
    list(verify(MODEL, tmp_path))


def test_a_hub_that_answers_with_another_commit_than_the_pinned_or_recorded_one_is_refused(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listing = hub._listing()
    pinned = replace(catalogue.SINGLE_FRAME, revision=hub.revision)
    monkeypatch.setattr(sys.modules["paints_undo_engine.checkpoints.download"], "find", lambda _: pinned)
    monkeypatch.setattr(hub, "_listing", lambda: {**listing, "sha": "0" * 40})
    with pytest.raises(DownloadError) as caught:
        list(download(MODEL, tmp_path))
    assert caught.value.reason == "digest"
    monkeypatch.setattr(hub, "_listing", lambda: listing)
    list(download(MODEL, tmp_path))
    (tmp_path / MODEL / UNET).unlink()
    monkeypatch.setattr(hub, "_listing", lambda: {**listing, "sha": "0" * 40})
    with pytest.raises(DownloadError) as caught:
        list(download(MODEL, tmp_path))
    assert caught.value.reason == "digest"


def test_other_files_under_the_same_revision_are_refused(hub: Hub, tmp_path: Path) -> None:
    list(download(MODEL, tmp_path))
    (tmp_path / MODEL / UNET).unlink()
    hub.lie[UNET] = "0" * 64
    with pytest.raises(DownloadError) as caught:
        list(download(MODEL, tmp_path))
    assert caught.value.reason == "digest"


def test_a_file_that_does_not_match_its_digest_is_not_kept(hub: Hub, tmp_path: Path) -> None:
    hub.lie[UNET] = "0" * 64
    with pytest.raises(DownloadError) as caught:
        list(download(MODEL, tmp_path))
    assert caught.value.reason == "digest"
    assert not list((tmp_path / MODEL / "unet").glob("*.safetensors*"))


def test_a_repository_with_pickles_alone_is_refused(hub: Hub, tmp_path: Path) -> None:
    hub.files["unet/diffusion_pytorch_model.bin"] = hub.files.pop(UNET)
    with pytest.raises(DownloadError, match="pickles"):
        list(download(MODEL, tmp_path))


def test_verify_names_a_changed_file(hub: Hub, tmp_path: Path) -> None:
    list(download(MODEL, tmp_path))
    path = tmp_path / MODEL / UNET
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(CheckpointError, match=UNET):
        list(verify(MODEL, tmp_path))
    path.write_bytes(bytes(data[:-1]))
    assert state(tmp_path) is ModelState.DAMAGED


def test_the_cache_of_the_hubs_own_tools_is_found_and_verified(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "models"
    list(download(MODEL, source))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setenv("PAINTS_UNDO_MODELS", str(tmp_path / "nothing"))
    snapshot = tmp_path / "hub" / "models--lllyasviel--paints_undo_single_frame" / "snapshots" / hub.revision
    shutil.copytree(source / MODEL, snapshot)
    (snapshot / "paints-undo-record.json").unlink()
    assert locate(MODEL) == snapshot
    list(verify(MODEL))


def test_looking_for_models_needs_neither_torch_nor_the_hubs_library() -> None:
    code = (
        "import sys, paints_undo_engine.checkpoints as c; c.list_models();"
        "assert not {'torch', 'numpy', 'huggingface_hub', 'httpx2'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])


def test_a_download_without_the_extra_says_what_is_missing_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.setitem(sys.modules, "filelock", None)
    with pytest.raises(EngineUnavailableError, match="need the packages filelock"):
        list(download(MODEL, tmp_path / "models"))
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def wide(hub: Hub) -> Hub:
    """The hub's UNet in 32-bit numbers, one of them with 20 bits of mantissa; the other components as they are."""
    name = "unet/diffusion_pytorch_model.safetensors"
    tensors = {key: tensor.float() for key, tensor in load(hub.files[name]).items()}
    tensors["conv_in.bias"][0] = 1 + 2**-20
    hub.files[name] = save(tensors)
    return hub


def test_wide_files_are_told_before_they_come_and_made_narrow_once(
    wide: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = download(MODEL, tmp_path)
    first = next(told)
    size = len(wide.files["unet/diffusion_pytorch_model.safetensors"])
    assert f"{size / 1e9:.1f} GB are downloaded" in first.note
    assert wide.served == [] or first.done_bytes == 0
    list(told)
    folder = tmp_path / MODEL
    narrow = folder / "unet" / NARROWED
    published = load_file(folder / "unet" / "diffusion_pytorch_model.safetensors")
    made = load_file(narrow)
    assert made.keys() == published.keys()
    assert all(torch.equal(made[name], published[name].half()) for name in made)
    assert [path.parent.name for path in folder.rglob(NARROWED)] == ["unet"]
    before = narrow.stat().st_mtime_ns
    list(download(MODEL, tmp_path))
    assert narrow.stat().st_mtime_ns == before
    list(verify(MODEL, tmp_path))
    narrow.unlink()
    list(verify(MODEL, tmp_path))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    list(download(MODEL, tmp_path))
    narrow.write_bytes(narrow.read_bytes()[:-1] + b"x")
    with pytest.raises(CheckpointError, match=NARROWED):
        list(verify(MODEL, tmp_path))


def test_narrow_files_are_read_where_the_numbers_are_narrow(wide: Hub, tmp_path: Path) -> None:
    list(download(MODEL, tmp_path))
    unet = tmp_path / MODEL / "unet"
    for dtype, value in ((torch.float16, 1.0), (torch.float32, 1 + 2**-20)):
        (unet / "diffusion_pytorch_model.safetensors").touch()
        with Weights.of(unet, half=dtype == torch.float16) as weights:
            assert weights.read("conv_in.bias").dtype == dtype
            assert float(weights.read("conv_in.bias")[0]) == value
        module = components.load("single_frame/unet", unet, dtype)
        assert float(module.conv_in.bias[0]) == value  # type: ignore[union-attr,index]


def test_numbers_that_16_bits_cannot_hold_stay_as_published(wide: Hub, tmp_path: Path) -> None:
    name = "unet/diffusion_pytorch_model.safetensors"
    tensors = load(wide.files[name])
    tensors["conv_in.bias"][0] = 1e6
    wide.files[name] = save(tensors)
    list(download(MODEL, tmp_path))
    assert not list(tmp_path.rglob(NARROWED + "*"))


def test_what_a_check_has_found_unusual_stays_in_the_list(wide: Hub, tmp_path: Path) -> None:
    list(download(MODEL, tmp_path))
    warnings = find_warnings(MODEL, tmp_path)
    assert any("32-bit numbers" in text for text in warnings)
    note_warnings(MODEL, warnings, tmp_path)
    listed = next(info for info in list_models(tmp_path) if info.id == MODEL)
    assert listed.state == "ready"
    assert "32-bit numbers" in listed.message


@given(st.binary(max_size=200))
def test_a_head_from_nowhere_is_no_crash(data: bytes) -> None:
    try:
        head = read_head(io.BytesIO(data))
    except ValueError:
        return
    assert is_wide(head) in (True, False)
