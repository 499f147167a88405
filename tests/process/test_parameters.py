"""A parameter is declared once, and every place that shows or checks it follows."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import paints_undo_engine
from paints_undo_engine.declarations import EXPORT, REQUEST, as_json
from paints_undo_engine.errors import InvalidRequestError
from paints_undo_engine.parameters import Parameter, ParameterKind, value_of
from paints_undo_engine.request import ExecutionParameters, KeyframeParameters, ProcessRequest

ROOT = Path(paints_undo_engine.__file__).parents[1]
DECLARED = 'steps: int = parameter(50, "Sampling steps.", minimum=1, maximum=100)'
CHANGED = 'steps: int = parameter(51, "Sampling steps.", minimum=3, maximum=73)'

ASK = """
import json
from paints_undo_daemon.convert_parameters import request_parameters
from paints_undo_engine.declarations import as_json
from paints_undo_engine.descriptions import describe
from paints_undo_engine.errors import InvalidRequestError
from paints_undo_engine.request import KeyframeParameters, ProcessRequest

def refused(steps):
    try:
        ProcessRequest(keyframes=KeyframeParameters(steps=steps))
    except InvalidRequestError as error:
        return str(error)

sent = {item.name: item for item in request_parameters(describe("diffusion"))}["keyframes.steps"]
print(json.dumps({
    "low": refused(2), "high": refused(74), "inside": refused(73),
    "sent": [sent.minimum, sent.maximum, sent.default_value, sent.help, sent.group],
    "json": next(item for item in as_json()["request"] if item["name"] == "keyframes.steps"),
}))
"""


@pytest.mark.parametrize("known", [*REQUEST, *EXPORT], ids=lambda known: known.name)
def test_every_parameter_is_explained_and_its_default_allowed(known: Parameter) -> None:
    known.check(known.default)
    assert known.help.endswith(".")
    assert known.group
    if known.kind in (ParameterKind.INTEGER, ParameterKind.NUMBER):
        assert known.bound.minimum is not None
        assert known.bound.maximum is not None
    if known.kind in (ParameterKind.TEXT, ParameterKind.INTEGERS):
        assert known.bound.max_length or known.bound.max_items


def test_the_defaults_are_those_of_a_request() -> None:
    assert {known.name: value_of(ProcessRequest(), known.name) for known in REQUEST} == {
        known.name: known.default for known in REQUEST
    }


@pytest.mark.parametrize("steps", [2.5, True, "7", 10**30, None])
def test_a_whole_number_is_one(steps: object) -> None:
    with pytest.raises(InvalidRequestError, match=r"keyframes\.steps"):
        ProcessRequest(keyframes=KeyframeParameters(steps=steps))  # type: ignore[arg-type]


def test_a_flag_is_one() -> None:
    with pytest.raises(InvalidRequestError, match=r"execution\.allow_fp8 is 1, but must be true or false"):
        ProcessRequest(execution=ExecutionParameters(allow_fp8=1))  # type: ignore[arg-type]


def test_what_is_written_for_others_is_current() -> None:
    path = ROOT / "tools" / "generate_parameters.py"
    spec = importlib.util.spec_from_file_location("generate_parameters", path)
    assert spec is not None
    assert spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    assert tool.outdated() == [], "run: python tools/generate_parameters.py"
    assert json.loads(tool.PLUGIN.read_text(encoding="utf-8")) == as_json()


def test_a_changed_range_is_seen_everywhere(tmp_path: Path) -> None:
    package = tmp_path / "paints_undo_engine"
    shutil.copytree(ROOT / "paints_undo_engine", package, ignore=shutil.ignore_patterns("__pycache__"))
    request = package / "request.py"
    source = request.read_text()
    assert source.count(DECLARED) == 1
    request.write_text(source.replace(DECLARED, CHANGED))
    places = [tmp_path, ROOT / "daemon"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, places)), "COLUMNS": "400"}

    def run(*arguments: str) -> str:
        command = [sys.executable, *arguments]
        answer = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert answer.returncode == 0, answer.stderr
        return answer.stdout

    found = json.loads(run("-c", ASK))
    assert found["low"] == "keyframes.steps is 2, but must be 3 to 73."
    assert found["high"] == "keyframes.steps is 74, but must be 3 to 73."
    assert found["inside"] is None
    assert found["sent"] == [3, 73, "51", "Sampling steps.", "Keyframes"]
    assert (found["json"]["minimum"], found["json"]["maximum"], found["json"]["default"]) == (3, 73, 51)
    assert "Sampling steps. (only diffusion; 3 to 73; default: 51)" in run(
        "-m", "paints_undo_daemon", "undo", "--help-all"
    )
