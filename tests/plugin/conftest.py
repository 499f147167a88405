"""The packed plugin, built once: its libraries in their own namespace, importable as Krita imports it."""

from __future__ import annotations

from pathlib import Path

import pytest

from krita_plugin.packer import stage


@pytest.fixture(scope="session")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that holds the packed `undo_painting`."""
    folder = tmp_path_factory.mktemp("staged")
    stage(folder)
    return folder
