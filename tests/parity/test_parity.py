"""``pytest tests/parity --golden DIR`` runs every file in DIR by its metadata."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path

import torch

from parity.compare import Compare
from parity.golden import Golden
from parity.registry import check_for

for module in sorted(Path(__file__).parent.glob("check_*.py")):
    importlib.import_module(f"parity.{module.stem}")


def test_golden_file(golden_path: Path, record_property: Callable[[str, object], None]) -> None:
    golden = Golden(golden_path)
    compare = Compare(golden, lambda line: record_property("parity", str(line)))
    with torch.inference_mode():
        check_for(golden)(golden, compare)
    compare.finish()
