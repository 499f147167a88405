"""The packed plugin: its libraries in its own namespace, installed as Krita wants it."""

import subprocess
import sys
from pathlib import Path

import pytest

from krita_plugin.packer import PackError, install, namespace, uninstall
from krita_plugin.packer.install import set_enabled
from krita_plugin.packer.wheels import PURE, fetch

OTHERS = """
import sys, types
for name in ("google", "google.protobuf", "grpclib", "h2", "hpack", "hyperframe", "multidict"):
    module = types.ModuleType(name)
    module.__path__ = []
    sys.modules[name] = module
before = {name: module for name, module in sys.modules.items()}
sys.path.insert(0, sys.argv[1])
from undo_painting.net import convert, daemon
from undo_painting.core.parameters import Parameters
made = Parameters().set({"keyframes.seed": 7, "keyframes.operation_steps": (1, 2)})
message = convert.process_parameters(made, "procedural")
assert type(message)().FromString(message.SerializeToString()) == message
assert message.keyframes.seed == 7
roots = {"google", "grpclib", "h2", "hpack", "hyperframe", "multidict", "paints_undo", "typing_extensions"}
foreign = [name for name in sys.modules if name.split(".")[0] in roots and before.get(name) is not sys.modules[name]]
assert not foreign, foreign
print("undisturbed")
"""


def test_another_plugins_libraries_do_not_disturb_it(staged: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-I", "-c", OTHERS, str(staged)], capture_output=True, text=True, check=False
    )
    assert result.stdout.strip() == "undisturbed", result.stderr


def test_no_file_imports_a_vendored_package_by_its_own_name(staged: Path) -> None:
    files = list((staged / "undo_painting").rglob("*.py"))
    assert len(files) > 100
    assert [path.name for path in files if namespace.stray_imports(path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize(
    ("source", "moved"),
    [
        ("from h2.config import X", "from undo_painting._vendor.h2.config import X"),
        (
            "    from google.protobuf import any_pb2 as a",
            "    from undo_painting._vendor.google.protobuf import any_pb2 as a",
        ),
        ("import h2", "from undo_painting._vendor import h2"),
        ("import h2.config as c", "import undo_painting._vendor.h2.config as c"),
        ("import h2.config", "from undo_painting._vendor import h2; import undo_painting._vendor.h2.config"),
        ("from .h2 import X", "from .h2 import X"),
        ("import h2o", "import h2o"),
    ],
)
def test_imports_are_rewritten(source: str, moved: str) -> None:
    assert namespace.rewrite(source) == moved


def test_a_wrong_hash_is_refused(tmp_path: Path) -> None:
    pins = tmp_path / "pins.txt"
    pins.write_text(f"hyperframe==6.1.0 --hash=sha256:{'0' * 64}\n", encoding="utf-8")
    with pytest.raises(PackError, match=r"could not be downloaded"):
        fetch(pins, tmp_path / "wheels", PURE)


def test_installing_and_taking_away(tmp_path: Path) -> None:
    settings = tmp_path / "kritarc"
    settings.write_text("[General]\na=b\n[python]\nenable_other=true\n", encoding="utf-8")
    module = install(tmp_path / "krita", settings)
    assert (module / "_vendor" / "grpclib" / "client.py").is_file()
    assert (module / "launcher.json").is_file()
    assert (tmp_path / "krita" / "pykrita" / "undo_painting.desktop").is_file()
    assert (tmp_path / "krita" / "actions" / "undo_painting.action").is_file()
    text = settings.read_text(encoding="utf-8")
    assert "[python]\nenable_undo_painting=true\nenable_other=true\n" in text
    install(tmp_path / "krita", settings)
    assert settings.read_text(encoding="utf-8") == text
    assert uninstall(tmp_path / "krita", settings)
    assert not uninstall(tmp_path / "krita", settings)
    assert settings.read_text(encoding="utf-8") == "[General]\na=b\n[python]\nenable_other=true\n"


def test_enabling_in_a_new_profile(tmp_path: Path) -> None:
    set_enabled(tmp_path / "config" / "kritarc", True)
    assert (tmp_path / "config" / "kritarc").read_text(encoding="utf-8") == "[python]\nenable_undo_painting=true\n"
