"""The bill of materials holds every locked package, with the hashes that the installers ask for."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def bill(*options: str) -> dict[str, Any]:
    line = [sys.executable, str(ROOT / "tools" / "sbom.py"), *options]
    found: dict[str, Any] = json.loads(subprocess.run(line, capture_output=True, text=True, check=True).stdout)
    return found


def test_every_locked_package_is_in_the_bill() -> None:
    document = bill("--extra", "diffusion", "--group", "dev", "--extra", "web", "--extra", "xformers")
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    locked = set(re.findall(r"^([a-z0-9][a-z0-9._-]*)==", text, re.MULTILINE))
    listed = {item["name"] for item in document["components"]}
    assert listed <= locked
    assert {"numpy", "av", "grpcio", "torch", "pytest"} <= listed
    hashes = {one["content"] for item in document["components"] for one in item["hashes"]}
    assert hashes <= set(re.findall(r"sha256:([0-9a-f]{64})", text))
    assert [item["name"] for item in document["components"] if not item["hashes"]] == ["torch"]
    references = [item["bom-ref"] for item in document["components"]]
    assert len(set(references)) == len(references)
    assert document["dependencies"][0]["dependsOn"] == references


def test_the_bill_is_the_same_for_the_same_lock_and_tells_of_the_codecs() -> None:
    document = bill()
    assert document == bill()
    assert "torch" not in {item["name"] for item in document["components"]}
    (codecs, *_) = (item for item in document["components"] if item["name"] == "av")
    assert "GPL" in codecs["properties"][0]["value"]
