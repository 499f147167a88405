"""The docker's button downloads the models through a real daemon from a hub on this machine; cancelled and resumed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from hubs import SLOW, SLOW_BYTES, Models
from krita_harness import Served


def test_download_cancel_and_resume(run_script: Callable[..., list[Any]], tmp_path: Path) -> None:
    own = {"HF_HOME": str(tmp_path / "none"), "HF_HUB_OFFLINE": "0", "TRANSFORMERS_OFFLINE": "0"}
    with Models() as hub, Served(tmp_path, HF_ENDPOINT=hub.url, **own):
        (found,) = run_script("models_script.py")
    text, enabled, lines = found["before"]
    assert (text, enabled) == ("Download the models", True)
    needed = lines.index("7.6 GB of models are to be downloaded.")
    assert lines[needed + 1].endswith("free on the disk")
    assert found["running"] == ["Downloading wd14_tagger (3 of 3)", False, SLOW_BYTES // 2**20, False]
    assert found["cancelled"] == ["Cancelled. Press the button again to go on.", False]
    assert found["after"] == ["The models are ready.", False]
    assert found["errors"] == []
    starts = [start for name, start in hub.tagger.served if name == SLOW]
    assert starts[0] == 0
    assert len(starts) > 1
    assert all(start >= SLOW_BYTES // 4 for start in starts[1:]), "taken up where it was broken off"
    assert (tmp_path / "models" / "wd14_tagger" / SLOW).stat().st_size == SLOW_BYTES
