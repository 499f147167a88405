"""What holds for the tests of the procedural engine: they see no models that happen to be on this machine."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def no_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder of models is empty, unless a test puts something there."""
    monkeypatch.setenv("PAINTS_UNDO_MODELS", str(tmp_path))
