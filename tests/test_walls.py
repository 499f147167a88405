"""The walls between the rooms: who may import what, and that nothing from outside is ever unpickled or evaluated."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from imports import circles, import_graph, packages, rooms

ROOT = Path(__file__).resolve().parents[1]
ENGINE, DAEMON, PLUGIN = ROOT / "paints_undo_engine", ROOT / "daemon" / "paints_undo_daemon", ROOT / "krita_plugin"
PATHS = [ROOT, ROOT / "daemon"]

HEAVY = {"torch", "numpy", "cv2", "av", "psd_tools", "PIL", "onnxruntime", "diffusers", "transformers", "xformers"}
HEAVY_ROOMS = ("workers",)
"""The rooms of the daemon that run in worker processes."""

IN_PROCESS = {
    "paints_undo_daemon.cli.acceptance",
    "paints_undo_daemon.cli.in_process",
    "paints_undo_daemon.cli.measuring",
}
"""The command line's modules that run an engine themselves: for `models accept`, `undo --in-process` and `bench`."""

PLUGIN_MAY = {"krita", "PyQt5", "PyQt6", "grpclib", "google", "multidict", "h2", "hpack", "hyperframe", "paints_undo"}
UNPICKLERS = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "joblib", "shelve", "marshal", "jsonpickle"}


def sources(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*.py") if ".venv" not in path.parts)


def own_code() -> list[Path]:
    folders = (ENGINE, DAEMON, PLUGIN, ROOT / "benchmarks", ROOT / "tools", ROOT / "tests")
    return [path for folder in folders for path in sources(folder)]


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imported(path: Path) -> Iterator[str]:
    """Dotted names of all modules that a file imports, on whatever level."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def top_level(path: Path) -> set[str]:
    return {name.partition(".")[0] for name in imported(path)}


def names(paths: list[Path], forbidden: set[str]) -> list[str]:
    return [f"{path.relative_to(ROOT)}: {name}" for path in paths for name in sorted(top_level(path) & forbidden)]


def test_the_engine_knows_neither_grpc_nor_daemon_nor_plugin():
    assert sources(ENGINE)
    assert names(sources(ENGINE), {"grpc", "google", "paints_undo", "paints_undo_daemon", "krita_plugin"}) == []


def test_the_procedural_engine_needs_numpy_opencv_and_pillow_alone():
    allowed = sys.stdlib_module_names | {"numpy", "cv2", "PIL", "paints_undo_engine"}
    found = {path: top_level(path) - allowed for path in sources(ENGINE / "procedural")}
    assert {str(path): extra for path, extra in found.items() if extra} == {}
    deep = [name for path in found for name in imported(path) if name.startswith("paints_undo_engine.diffusion")]
    assert deep == []


def test_the_daemons_front_names_nothing_heavy():
    front = [path for path in sources(DAEMON) if path.relative_to(DAEMON).parts[0] not in HEAVY_ROOMS]
    assert front
    assert names(front, HEAVY) == []


def test_the_plugin_has_the_standard_library_krita_qt_and_what_it_vendors():
    own = {path.stem for path in PLUGIN.rglob("*.py")} | {path.name for path in PLUGIN.rglob("*") if path.is_dir()}
    allowed = sys.stdlib_module_names | PLUGIN_MAY | own | {"krita_plugin"}
    inside = [path for path in sources(PLUGIN) if path.relative_to(PLUGIN).parts[0] == "undo_painting"]
    found = {path: top_level(path) - allowed for path in inside if "_vendor" not in path.parts}
    assert {str(path): extra for path, extra in found.items() if extra} == {}


def test_the_plugins_packer_starts_without_engine_and_daemon():
    outside = [path for path in sources(PLUGIN) if path.relative_to(PLUGIN).parts[0] != "undo_painting"]
    assert names(outside, HEAVY | {"grpc", "google", "paints_undo", "paints_undo_daemon"}) == []


def test_nothing_is_unpickled():
    assert names(own_code(), UNPICKLERS) == []


def forbidden_calls(path: Path) -> Iterator[str]:
    for node in ast.walk(tree(path)):
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func)
        where = f"{path.relative_to(ROOT)}:{node.lineno}"
        if name in {"eval", "exec", "torch.load", "os.system", "os.popen", "subprocess.getoutput", "yaml.load"}:
            yield f"{where}: {name}"
        for keyword in node.keywords:
            if keyword.arg in {"shell", "allow_pickle"} and ast.unparse(keyword.value) != "False":
                yield f"{where}: {keyword.arg}={ast.unparse(keyword.value)}"


def test_nothing_is_evaluated_and_no_shell_is_asked():
    assert [call for path in own_code() for call in forbidden_calls(path)] == []


def test_a_forbidden_call_would_be_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    bad = tmp_path / "bad.py"
    bad.write_text("import torch, subprocess\ntorch.load('x')\nsubprocess.run('ls', shell=True)\neval('1')\n")
    assert len(list(forbidden_calls(bad))) == 3
    assert names([bad], {"torch"}) == ["bad.py: torch"]


def loaded_after(modules: list[str]) -> set[str]:
    """Top-level packages in `sys.modules` of a fresh Python after importing `modules`."""
    code = "import importlib, json, sys\nfor name in sys.argv[1:]: importlib.import_module(name)\n"
    code += "print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, PATHS))}
    answer = subprocess.run(
        [sys.executable, "-c", code, *modules], env=environment, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stderr
    return set(json.loads(answer.stdout))


def module_name(path: Path) -> str:
    relative = path.relative_to(DAEMON.parent).with_suffix("")
    return ".".join(part for part in relative.parts if part != "__init__")


@pytest.mark.extra("web")
def test_the_daemons_front_loads_nothing_heavy():
    front = [
        module_name(path)
        for path in sources(DAEMON)
        if path.relative_to(DAEMON).parts[0] not in HEAVY_ROOMS and path.name != "__main__.py"
    ]
    assert loaded_after([name for name in front if name not in IN_PROCESS]) & HEAVY == set()


def test_the_command_line_starts_without_grpc_and_engine():
    loaded = loaded_after(["paints_undo_daemon.__main__", "paints_undo_daemon.cli.app"])
    assert "typer" in loaded
    assert loaded & (HEAVY | {"grpc", "google", "paints_undo"}) == set()


def test_the_request_is_checked_with_the_standard_library_alone():
    loaded = loaded_after(["paints_undo_engine.request", "paints_undo_engine.errors", "paints_undo_engine.engines"])
    assert loaded & (HEAVY | {"grpc", "google"}) == set()


GRAPH = import_graph(
    {
        "paints_undo_engine": ENGINE,
        "paints_undo_daemon": DAEMON,
        "krita_plugin": PLUGIN,
        "paints_undo": ROOT / "paints_undo",
        "benchmarks": ROOT / "benchmarks",
        "tools": ROOT / "tools",
    }
)

FLOORS: dict[str, tuple[set[str], ...]] = {
    "paints_undo_engine": (
        {"errors", "stages", "picture"},
        {"descriptions", "parameters", "events"},
        {"checkpoints"},
        {"request"},
        {"painting", "tagger"},
        {"contract"},
        {"export"},
        {"engines", "process", "declarations"},
        {"procedural"},
        {"diffusion"},
    ),
    "paints_undo_engine.procedural": (
        {"document", "reading", "options"},
        {"script", "paints", "split"},
        {"source"},
        {"techniques"},
        {"methods"},
        {"build"},
        {"redo"},
        {"engine"},
    ),
    "paints_undo_engine.diffusion": (
        {"attention", "noise", "solvers", "text"},
        {"interpolation", "keyframes", "residency"},
        {"components", "compiling"},
        {"models", "full_size"},
        {"stages"},
        {"redo"},
        {"running"},
        {"pipeline"},
        {"engine"},
        {"comparing"},
    ),
    "paints_undo_daemon": (
        {"errors", "convert", "proof", "states"},
        {"home", "store"},
        {"settings", "workers"},
        {"access", "scheduler"},
        {"client", "server"},
        {"cli"},
    ),
    "krita_plugin.undo_painting": ({"core"}, {"net"}, {"background"}, {"krita_adapter"}, {"controller"}, {"ui"}),
}
"""The main parts of the packages, from the ground up. One imports only what stands on a floor below its own."""

KNOWN_CIRCLES: dict[str, set[str]] = {}
"""Circles between the parts of a package that are still to be removed. Nothing may be added."""


@pytest.mark.parametrize("package", packages(GRAPH))
def test_the_parts_of_a_package_make_no_circles(package: str):
    found = {part.rpartition(".")[2] for circle in circles(rooms(GRAPH, package)) for part in circle}
    known = KNOWN_CIRCLES.get(package, set())
    assert found - known == set(), "a part imports another one that imports it"
    assert known - found == set(), "this circle is gone: remove it from KNOWN_CIRCLES"


@pytest.mark.parametrize("package", FLOORS)
def test_no_import_runs_back_up(package: str):
    floor = {f"{package}.{part}": number for number, parts in enumerate(FLOORS[package]) for part in parts}
    graph = rooms(GRAPH, package)
    assert set(floor) <= set(graph), "a part that is listed here is gone"
    upward = [
        f"{part} imports {other}"
        for part, others in graph.items()
        for other in others
        if part in floor and other in floor and floor[other] >= floor[part]
    ]
    assert upward == []


def test_a_circle_and_an_upward_import_would_be_found(tmp_path: Path):
    package = tmp_path / "house"
    (package / "attic").mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "attic" / "__init__.py").touch()
    (package / "attic" / "lamp.py").write_text("def light():\n    from ..cellar import wire\n")
    (package / "cellar.py").write_text("from house.attic.lamp import light\n")
    (package / "door.py").write_text("import house.cellar\n")
    graph = import_graph({"house": package})
    assert circles(graph) == [frozenset({"house.attic.lamp", "house.cellar"})]
    assert circles(rooms(graph, "house")) == [frozenset({"house.attic", "house.cellar"})]
    assert rooms(graph, "house")["house.door"] == {"house.cellar"}


SAME_THING = {
    *("Aspect", "Blending", "Branch", "ExportFormat", "Fill", "Job", "JobState", "Pace", "Placement", "Progress"),
    *("CallError", "CertificateError", "Endpoint", "EngineInfo", "ServedModel", "SplitLayer", "StoredFrame"),
}
"""Words of the protocol, of which the plugin has a class of its own, since it may import neither engine nor daemon."""

WRAPPED = {"Engine"}
"""What `paints_undo` offers under the name of what it wraps."""


def homes(names_of: Mapping[str, Path]) -> dict[str, list[str]]:
    """The modules of each public class, those within functions and classes left out."""
    found: dict[str, list[str]] = {}
    for module, path in names_of.items():
        for node in tree(path).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found.setdefault(node.name, []).append(module)
    return found


def test_one_name_is_one_class():
    folders = {"paints_undo_engine": ENGINE, "paints_undo_daemon": DAEMON, "plugin": PLUGIN / "undo_painting"}
    own = {
        f"{package}:{path.relative_to(folder)}": path for package, folder in folders.items() for path in sources(folder)
    }
    own |= {f"paints_undo:{path.name}": path for path in (ROOT / "paints_undo").glob("*.py")}
    shared = {name: modules for name, modules in homes(own).items() if len(modules) > 1}
    mirrored = {name for name, modules in shared.items() if [m.partition(":")[0] for m in modules].count("plugin") == 1}
    assert {name: modules for name, modules in shared.items() if name not in SAME_THING | WRAPPED} == {}
    assert SAME_THING - mirrored == set(), "no longer a class of the plugin and of another package"


def test_two_classes_of_one_name_would_be_found(tmp_path: Path):
    (tmp_path / "one.py").write_text("class Layer: ...\nclass _Call: ...\n")
    (tmp_path / "two.py").write_text("class Layer: ...\nclass _Call: ...\nclass Frame:\n    class Status: ...\n")
    assert homes({path.stem: path for path in sorted(tmp_path.iterdir())}) == {
        "Layer": ["one", "two"],
        "Frame": ["two"],
    }
