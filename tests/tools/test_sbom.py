"""The bill of materials holds every locked package, with the hashes that the installers ask for."""

from __future__ import annotations

import importlib
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


def bill(*options: str, **environment: str) -> dict[str, Any]:
    line = [sys.executable, str(ROOT / "tools" / "sbom.py"), *options]
    made = subprocess.run(line, capture_output=True, text=True, check=True, env={**os.environ, **environment})
    found: dict[str, Any] = json.loads(made.stdout)
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
    assert all(item["hashes"] for item in document["components"])
    references = [item["bom-ref"] for item in document["components"]]
    assert len(set(references)) == len(references)
    assert document["dependencies"][0]["dependsOn"] == references


def test_the_bill_is_the_same_for_the_same_lock_and_tells_of_the_codecs() -> None:
    document = bill()
    assert document == bill()
    assert "torch" not in {item["name"] for item in document["components"]}
    (codecs, *_) = (item for item in document["components"] if item["name"] == "av")
    assert "GPL" in codecs["properties"][0]["value"]


@pytest.mark.extra("diffusion")
@pytest.mark.extra("web")
def test_every_package_of_the_release_has_a_licence() -> None:
    components = bill("--extra", "diffusion", "--extra", "web", "--extra", "xformers")["components"]
    assert {item["name"] for item in components if not item.get("licenses")} == set()
    licences = {item["name"]: item["licenses"] for item in components}
    assert licences["pillow"] == [{"expression": "MIT-CMU"}]
    assert licences["nvidia-cublas"] == [{"expression": "LicenseRef-NVIDIA-Proprietary"}]
    assert all(len(listed) == 1 and len(listed[0]) == 1 for listed in licences.values())


@pytest.mark.parametrize(("declared", "wanted"), [("License-Expression: Zlib", "Zlib"), ("Summary: no word", "MIT")])
def test_what_an_installed_package_declares_goes_before_what_is_known_of_it(
    tmp_path: Path, declared: str, wanted: str
) -> None:
    folder = tmp_path / "triton-3.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.4\nName: triton\nVersion: 3\n{declared}\n")
    components = bill("--extra", "diffusion", PYTHONPATH=str(tmp_path))["components"]
    (found,) = (item["licenses"] for item in components if item["name"] == "triton")
    assert found == [{"expression": wanted}]


RELEASES: dict[str, tuple[str, list[dict[str, str]]]] = {
    "/pillow/json": ("1.0", [{"id": "PYSEC-1"}, {"id": "PYSEC-2", "withdrawn": "2026"}]),
    "/av/json": ("2.0", []),
}


class Index(BaseHTTPRequestHandler):
    """A package index that knows the newest release of two packages; anything else is not there, OSV neither."""

    def do_GET(self) -> None:
        version, vulnerabilities = RELEASES.get(self.path, ("", []))
        self.send_response(200 if version else 404)
        self.end_headers()
        self.wfile.write(json.dumps({"info": {"version": version}, "vulnerabilities": vulnerabilities}).encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def sbom(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    module = importlib.import_module("sbom")
    with ThreadingHTTPServer(("127.0.0.1", 0), Index) as server:
        threading.Thread(target=server.serve_forever).start()
        monkeypatch.setattr(module, "_PYPI", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setattr(module, "_OSV", f"http://127.0.0.1:{server.server_port}/osv")
        yield module
        server.shutdown()


def component(name: str, version: str) -> dict[str, str]:
    return {"name": name, "version": version, "purl": f"pkg:pypi/{name}@{version}"}


def test_what_is_known_of_a_release_is_told(sbom: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert sbom.check([component("pillow", "1.0"), component("av", "2.0")]) == 1
    assert capsys.readouterr().out == "pkg:pypi/pillow@1.0: PYSEC-1\n"
    assert sbom.check([component("av", "2.0")]) == 0


def test_a_release_of_which_nothing_is_known_is_named(sbom: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert sbom.check([component("av", "2.0"), component("av", "1.9"), component("numpy", "2.0")]) == 3
    assert "av@1.9, pkg:pypi/numpy@2.0" in capsys.readouterr().err
