"""What engines say of themselves is what they do."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import paints_undo_engine
from paints_undo_engine import engines
from paints_undo_engine.checkpoints.catalogue import MODELS, find
from paints_undo_engine.contract import layers_of, operations_of
from paints_undo_engine.declarations import REQUEST
from paints_undo_engine.descriptions import ENGINES, MEMORY_PLANS, Ability, Description, describe
from paints_undo_engine.errors import EngineUnavailableError, UnknownEngineError
from paints_undo_engine.painting import from_raw
from paints_undo_engine.request import ProcessRequest

METHODS = {Ability.LAYERS: "layers", Ability.OPERATIONS: "operations"}


@pytest.mark.parametrize(
    "engine",
    [pytest.param(engine, marks=pytest.mark.extra(engine.extra), id=engine.name) for engine in ENGINES],
)
def test_an_engine_has_the_methods_of_its_abilities(engine: Description) -> None:
    made = import_module(engine.module).create
    kind = made.__annotations__["return"]
    implementation = vars(import_module(engine.module))[kind]
    assert implementation.name == engine.name
    for ability, method in METHODS.items():
        assert (method in vars(implementation)) is (ability in engine.abilities)


@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)
def test_a_description_names_what_exists(engine: Description) -> None:
    names = {known.name for known in REQUEST} | {"keyframes.seeds", "keyframes.own", "procedural.branches"}
    for known in engine.reads:
        assert known in names or any(name.startswith(f"{known}.") for name in names), known
    assert {*engine.models, *engine.optional_models} <= {model.id for model in MODELS}
    assert all(find(model).optional for model in engine.optional_models)
    assert {plan.name for plan in engine.memory_plans} <= set(MEMORY_PLANS)
    assert list(engine.operation_steps) == sorted(set(engine.operation_steps))


def test_the_front_learns_all_of_it_without_loading_anything() -> None:
    code = "import sys, paints_undo_engine.engines as e; print([x.abilities for x in e.ENGINES]);"
    code += "sys.exit(bool({'numpy', 'torch', 'cv2', 'PIL', 'onnxruntime'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False, capture_output=True).returncode == 0


def test_an_engine_that_does_not_exist_is_named() -> None:
    for call in (describe, engines.load, engines.find_obstacle):
        with pytest.raises(UnknownEngineError, match=r"There is no engine 'magic', only procedural, diffusion\."):
            call("magic")


def test_what_an_engine_cannot_do_is_refused_before_any_work() -> None:
    class Silent:
        name = "diffusion"

    painting = from_raw(bytes(3 * 8 * 8), 8, 8, 3)
    for ask, words in ((layers_of, "has no layer split"), (operations_of, "has no operations")):
        with pytest.raises(EngineUnavailableError, match=words):
            ask(Silent(), painting, ProcessRequest())  # type: ignore[arg-type]


def installed_copy(folder: Path, direct_url: dict[str, object] | None) -> Path:
    """The engine as an installer leaves it in site-packages."""
    source = Path(paints_undo_engine.__file__).parent
    shutil.copytree(source, folder / source.name, ignore=shutil.ignore_patterns("__pycache__"))
    record = folder / "paints_undo-9.9.dist-info"
    record.mkdir()
    lines = ["Metadata-Version: 2.4", "Name: paints-undo", "Version: 9.9", "Requires-Dist: numpy>=2.4"]
    lines += ["Requires-Dist: torch>=2; extra == 'diffusion'", 'Requires-Dist: einops>=0.8 ; extra == "diffusion"']
    (record / "METADATA").write_text("\n".join(lines) + "\n")
    if direct_url is not None:
        (record / "direct_url.json").write_text(json.dumps(direct_url))
    return folder


def told_by(folder: Path, extra: str) -> str:
    code = "import sys; from paints_undo_engine.installation import install_command as c;"
    code += "from paints_undo_engine.descriptions import Package as P;"
    code += f"print(c({extra!r}, [P('numpy', 'numpy')]))"
    command = [sys.executable, "-c", code]
    answer = subprocess.run(command, check=True, capture_output=True, text=True, cwd=folder)
    return answer.stdout.strip()


def test_a_checkout_is_installed_from_the_checkout() -> None:
    root = Path(paints_undo_engine.__file__).parents[1]
    assert told_by(root, "diffusion") == f'pip install "{root}[diffusion]"'
    assert told_by(root, "") == f'pip install "{root}"'


def test_a_wheel_is_named_by_where_it_came_from(tmp_path: Path) -> None:
    wheel = tmp_path / "paints_undo-9.9-py3-none-any.whl"
    wheel.touch()
    copy = installed_copy(tmp_path / "site", {"url": wheel.as_uri(), "archive_info": {}})
    assert told_by(copy, "diffusion") == f'pip install "paints-undo[diffusion] @ {wheel.as_uri()}"'
    wheel.unlink()
    assert told_by(copy, "diffusion") == 'pip install "torch>=2" "einops>=0.8"', "a wheel that is gone helps nobody"


@pytest.mark.parametrize(
    ("noted", "command"),
    [
        (
            {"url": "https://example.org/it.git", "vcs_info": {"vcs": "git", "commit_id": "abc"}},
            'pip install "paints-undo[diffusion] @ git+https://example.org/it.git@abc"',
        ),
        ({"url": "https://example.org/it.whl"}, 'pip install "paints-undo[diffusion] @ https://example.org/it.whl"'),
        ({"url": "http://example.org/it.whl"}, 'pip install "torch>=2" "einops>=0.8"'),
        ({"vcs_info": 7}, 'pip install "torch>=2" "einops>=0.8"'),
    ],
)
def test_other_places_are_named_as_pip_names_them(tmp_path: Path, noted: dict[str, object], command: str) -> None:
    assert told_by(installed_copy(tmp_path / "site", noted), "diffusion") == command


def test_no_index_is_asked_for_this_project(tmp_path: Path) -> None:
    copy = installed_copy(tmp_path / "site", None)
    assert told_by(copy, "diffusion") == 'pip install "torch>=2" "einops>=0.8"'
    assert told_by(copy, "") == 'pip install "numpy>=2.4"'
