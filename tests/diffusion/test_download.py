"""Downloads against a real HTTP server: whole, broken off, continued, held to the record."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from diffusion.hub import Hub
from paints_undo_engine.checkpoints import ModelState, download, list_models, locate, verify
from paints_undo_engine.checkpoints import transfer as transfer_module
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
