"""Models without a daemon, and the Krita plugin's commands."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from file_server import FileServer
from safetensors.numpy import load_file, save_file

from paints_undo_daemon.cli import model_checks
from paints_undo_daemon.cli.check import Check
from paints_undo_daemon.settings import Settings
from paints_undo_engine.checkpoints import catalogue, library

from .conftest import ROOT, Run, one_sentence

GOLDEN = ROOT / "tests" / "parity" / "golden" / "repos"


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A folder with one small model of the published layout."""
    folder = tmp_path / "models"
    shutil.copytree(GOLDEN / "single_frame", folder / "paints_undo_single_frame")
    return folder


def test_what_is_there_is_listed_and_checked(run: Run, models: Path):
    listed = json.loads(run("models", "list", "--models", models, "--json").stdout)
    states = {model["model"]: model["state"] for model in listed}
    assert states.pop("paints_undo_single_frame") == "ready"
    assert set(states.values()) == {"missing"}
    answer = run("models", "verify", "--models", models, "--json")
    assert answer.returncode == 0, answer.stderr
    events = [json.loads(line) for line in answer.stdout.splitlines()]
    assert (events[-1]["event"], events[-1]["state"]) == ("model", "ready")
    transfers = [event for event in events if event["event"] == "transfer"]
    assert transfers[-1]["done_bytes"] == transfers[-1]["total_bytes"] > 0


def test_nothing_to_check_is_told(run: Run, tmp_path: Path):
    answer = run("models", "verify", "--models", tmp_path)
    assert answer.returncode == 0, answer.stderr
    assert "no models to check" in answer.stderr


def test_what_a_checkpoint_holds_is_printed_for_a_report(run: Run, models: Path):
    weights = next((models / "paints_undo_single_frame" / "unet").glob("*.safetensors"))
    save_file(load_file(weights) | {"loss.logvar": np.zeros(3, np.float32)}, weights)
    answer = run("models", "inspect", "paints_undo_single_frame", "--models", models)
    assert answer.returncode == 0, answer.stderr
    assert "torch 2" in answer.stdout
    assert "warning: single_frame/unet: 1 tensors are not used: loss.logvar" in answer.stdout
    assert '"block_out_channels"' in answer.stdout
    assert str(models) not in answer.stdout
    checked = run("models", "verify", "--models", models)
    assert checked.returncode == 0, checked.stderr
    assert "loss.logvar" in checked.stderr


def test_a_damaged_model_is_told(run: Run, models: Path):
    weights = next(models.rglob("*.safetensors"))
    weights.write_bytes(weights.read_bytes()[:-1])
    answer = run("models", "verify", "--models", models)
    assert answer.returncode == 1
    assert "Download it again" in one_sentence(answer)


def test_a_missing_model_says_how_to_get_it(run: Run, models: Path):
    answer = run("models", "verify", "wd14_tagger", "--models", models)
    assert answer.returncode == 1
    assert "paints-undo models download" in one_sentence(answer)


def test_the_folder_of_downloads_follows_the_environment(run: Run, environment: dict[str, str], tmp_path: Path):
    assert run("models", "path").stdout.strip() == str(tmp_path / "home" / "models")
    environment["PAINTS_UNDO_MODELS"] = str(tmp_path / "elsewhere")
    assert run("models", "path").stdout.strip() == str(tmp_path / "elsewhere")


def test_the_figures_network_is_listed_downloaded_and_looked_for(
    run: Run, environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    data = b"network" * 1000
    pin = replace(catalogue.FIGURES.pins[0], size=len(data), sha256=hashlib.sha256(data).hexdigest())
    known = replace(catalogue.FIGURES, bytes_about=len(data), files=(pin.name,), pins=(pin,))
    for module in (catalogue, library):
        monkeypatch.setattr(module, "MODELS", (known,))

    def doctors_word() -> Check:
        with monkeypatch.context() as patch:
            patch.setenv("PAINTS_UNDO_HOME", environment["PAINTS_UNDO_HOME"])
            return model_checks.figures(Settings())

    assert "only for truer outlines" in run("models", "list", "--in-process").stdout
    assert (doctors_word().verdict, doctors_word().advice) == ("note", "Run: paints-undo models download figures")
    assert "no models to check" in run("models", "verify", "--in-process").stderr
    with FileServer(data) as server:
        environment["PAINTS_UNDO_FIGURES_URL"] = server.url
        assert run("models", "download", "--in-process").returncode == 0
        assert not server.asked
        answer = run("models", "download", "figures", "--in-process", "--json")
        assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout.splitlines()[-1])["state"] == "ready"
    assert (tmp_path / "home" / "models" / "figures" / known.files[0]).read_bytes() == data
    assert run("models", "verify", "--in-process").returncode == 0
    assert doctors_word().verdict == "ok"


def test_a_plugin_that_is_not_there_is_not_taken_away(run: Run, tmp_path: Path):
    answer = run("plugin", "uninstall", "--folder", tmp_path / "krita")
    assert answer.returncode == 0
    assert "was not installed" in answer.stderr


def test_a_plugin_for_no_platform_is_not_built(run: Run, tmp_path: Path):
    answer = run("plugin", "build", "--platform", "amiga", "-o", "dist")
    assert answer.returncode == 1
    assert "amiga" in one_sentence(answer)
    assert not (tmp_path / "dist").exists()
