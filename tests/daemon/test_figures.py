"""The figures' network through the daemon: fetched by a worker, and read by one without rights."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from file_server import FileServer

from paints_undo_daemon.client import CallRefusedError, Client, ModelState, ServedModel, connect
from paints_undo_daemon.environment import clean_environment
from paints_undo_daemon.workers.confinement import landlock
from paints_undo_engine.checkpoints.catalogue import FIGURES

from .conftest import SECONDS, RunningDaemon

NAME = FIGURES.files[0]
READER = """
import sys
from pathlib import Path
from paints_undo_daemon.workers.__main__ import _confine
from paints_undo_daemon.workers.confinement import Role, make_figures_folder
make_figures_folder(Path(sys.argv[1]).parent)
_confine(Role.CONFINED, Path(sys.argv[1]), 0)
print("confined", flush=True)
input()
for path in sys.argv[2:]:
    try:
        print(len(Path(path).read_bytes()))
    except OSError as error:
        print(type(error).__name__)
"""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FileServer]:
    for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "PAINTS_UNDO_MODELS"):
        monkeypatch.delenv(name, raising=False)
    with FileServer(bytes(FIGURES.pins[0].size)) as running:
        monkeypatch.setenv("PAINTS_UNDO_FIGURES_URL", running.url)
        yield running


@pytest.fixture
def client(server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    monkeypatch.setenv("PAINTS_UNDO_HOME", str(tmp_path / "home"))
    daemon = RunningDaemon(tmp_path / "home").start()
    with connect(home=daemon.home, start=False) as connected:
        yield connected
    assert daemon.stop() == 0


def listed(client: Client) -> ServedModel:
    return next(model for model in client.models() if model.model_id == FIGURES.id)


def test_it_is_listed_and_another_file_is_refused(client: Client, server: FileServer, tmp_path: Path) -> None:
    assert (listed(client).state, listed(client).use) == (ModelState.MISSING, FIGURES.use)
    with pytest.raises(CallRefusedError, match="not send the file") as caught:
        list(client.download_model(FIGURES.id))
    assert caught.value.code == "DATA_LOSS"
    assert len(server.asked) == 1
    assert listed(client).state is ModelState.MISSING
    assert not list((tmp_path / "home" / "models").rglob("*.tflite"))


def test_a_worker_without_rights_reads_it_also_when_it_comes_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models, store = tmp_path / "models", tmp_path / "store"
    store.mkdir()
    monkeypatch.setenv("PAINTS_UNDO_MODELS", str(models))
    paths = [str(models / "figures" / NAME), str(models / "other")]
    command = [sys.executable, "-P", "-c", READER, str(store), *paths]
    with subprocess.Popen(
        command, env=clean_environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as reader:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "confined\n"
        for path in paths:
            Path(path).write_bytes(b"network")
        told, _ = reader.communicate("\n", timeout=SECONDS)
    assert told.split() == ["7", "PermissionError" if landlock.abi() else "7"]
