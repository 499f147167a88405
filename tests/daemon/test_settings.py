"""Settings: where they come from, what is refused, and that the documentation names them all."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paints_undo_daemon.access.addresses import parse_address, socket_path
from paints_undo_daemon.home import Endpoint, home_folder
from paints_undo_daemon.settings import Settings, SettingsError, described, load_settings
from paints_undo_daemon.settings_text import as_toml

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "daemon.md"


def test_file_then_environment_then_overrides(tmp_path: Path) -> None:
    (tmp_path / "daemon.toml").write_text(
        'listen = "127.0.0.1:1"\nunit_strikes = 5\ndevices = ["cuda:1"]\ndetached = true\n'
    )
    environment = {"PAINTS_UNDO_HOME": str(tmp_path), "PAINTS_UNDO_UNIT_STRIKES": "7", "PAINTS_UNDO_LOG_LEVEL": "debug"}
    settings = load_settings(environment=environment, log_level="error", listen=None)
    assert (settings.listen, settings.unit_strikes, settings.log_level) == ("127.0.0.1:1", 7, "error")
    assert (settings.home, settings.devices, settings.detached) == (tmp_path, ("cuda:1",), True)
    assert load_settings(environment={**environment, "PAINTS_UNDO_DEVICES": "cuda:0,cuda:1"}).devices == (
        "cuda:0",
        "cuda:1",
    )


@pytest.mark.parametrize(
    "values",
    [
        {"unit_strikes": "many"},
        {"unit_strikes": 0},
        {"max_message_bytes": 10},
        {"certificate": "a"},
        {"log_level": "loud"},
        {"detached": "perhaps"},
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, values: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match=next(iter(values))):
        load_settings(environment={}, home=tmp_path, **values)


def test_a_file_with_unknown_names_or_broken_is_refused(tmp_path: Path) -> None:
    for text in ("colour = 3", "listen = ["):
        (tmp_path / "daemon.toml").write_text(text)
        with pytest.raises(SettingsError, match=r"daemon\.toml"):
            load_settings(environment={}, home=tmp_path)


def test_printed_settings_are_a_file_that_gives_them_back(tmp_path: Path) -> None:
    changed: dict[str, Any] = {
        "devices": ("cuda:0", "cuda:1"),
        "listen": "0.0.0.0:7860",
        "stall_seconds": 2.5,
        "detached": True,
    }
    settings = load_settings(environment={}, home=tmp_path, **changed)
    text = as_toml(settings)
    (tmp_path / "daemon.toml").write_text(text, encoding="utf-8")
    assert load_settings(environment={}, home=tmp_path) == settings
    assert set(tomllib.loads(text)) == set(changed)
    uncommented = re.sub(r"^# (?=\w+ = )", "", as_toml(Settings(home=tmp_path)), flags=re.MULTILINE)
    (tmp_path / "daemon.toml").write_text(uncommented, encoding="utf-8")
    assert load_settings(environment={}, home=tmp_path) == Settings(home=tmp_path)
    assert set(tomllib.loads(uncommented)) == {item.name for item in fields(Settings)} - {"home"}


def test_variables_that_do_not_exist_are_refused_by_name(tmp_path: Path) -> None:
    known = {"PAINTS_UNDO_HOME": str(tmp_path), "PAINTS_UNDO_MODELS": "m", "PAINTS_UNDO_ADDRESS": "box:1", "OTHER": "1"}
    assert load_settings(environment=known).home == tmp_path
    with pytest.raises(SettingsError, match=r"PAINTS_UNDO_KEEP_ALIVE\b"):
        load_settings(environment={**known, "PAINTS_UNDO_KEEP_ALIVE": "60"})


def test_the_documentation_names_every_setting_with_its_default() -> None:
    rows = re.findall(r"^\| (`.*?) \|\s*(.*?)\s*\| (.*?) \|$", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    documented: dict[str, str] = {}
    for names, defaults, text in rows:
        listed = re.findall(r"`(\w+)`", names)
        if len(listed) == 1 and listed != ["home"]:
            assert text.replace("`", "") == described()[listed[0]], names
        values = defaults.split(", ") if len(listed) > 1 else [defaults]
        documented |= dict(zip(listed, values * len(listed), strict=False))
    defaults = Settings(home=Path("/"))
    assert set(documented) == {item.name for item in fields(Settings)}
    for name, shown in documented.items():
        value = getattr(defaults, name)
        if isinstance(value, int | float) and not isinstance(value, bool):
            assert float(shown) == value, name


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("127.0.0.1:0", "127.0.0.1:0"),
        ("[::1]:5", "[::1]:5"),
        ("studio:5", "studio:5"),
        ("unix:/run/x", "unix:/run/x"),
        ("auto", "unix:/home/ann/daemon.sock"),
    ],
)
def test_addresses(text: str, target: str) -> None:
    assert parse_address(text, Path("/home/ann")).target() == target


@pytest.mark.parametrize(
    "text", ["", "host", "host:", ":5", "host:x", "host:70000", "unix:relative", "unix:/" + "x" * 107]
)
def test_addresses_that_are_none(text: str) -> None:
    with pytest.raises(SettingsError, match=r"listen|socket"):
        parse_address(text, Path("/home/ann"))


@given(st.text("ab/é", max_size=200))
def test_a_socket_has_a_path_that_the_system_takes(name: str) -> None:
    path = socket_path(Path("/home", name.strip("/") or "x"))
    assert len(os.fsencode(path)) <= 107
    with socket.socket(socket.AF_UNIX) as probe, pytest.raises(FileNotFoundError):
        probe.connect(str(path))


def test_the_home_folder_of_each_system() -> None:
    assert home_folder({"PAINTS_UNDO_HOME": "/x"}, "linux") == Path("/x")
    assert home_folder({"HOME": "/h"}, "linux") == Path("/h/.local/share/paints-undo")
    assert home_folder({"HOME": "/h", "XDG_DATA_HOME": "/d"}, "linux") == Path("/d/paints-undo")
    assert home_folder({"HOME": "/h"}, "darwin") == Path("/h/Library/Application Support/paints-undo")
    assert home_folder({"LOCALAPPDATA": "/l", "USERPROFILE": "/u"}, "win32") == Path("/l/paints-undo")


def test_the_endpoint_file_is_private_and_goes_with_its_daemon(tmp_path: Path) -> None:
    endpoint = Endpoint("127.0.0.1:1", 42, "7", 1.5, "0.1.0", 1, str(tmp_path / "token"))
    endpoint.write(tmp_path)
    assert Endpoint.read(tmp_path) == endpoint
    assert (tmp_path / "endpoint.json").stat().st_mode & 0o777 == 0o600
    Endpoint.remove(tmp_path, 43)
    assert Endpoint.read(tmp_path) == endpoint
    Endpoint.remove(tmp_path, 42)
    assert Endpoint.read(tmp_path) is None
    (tmp_path / "endpoint.json").write_text("[]")
    assert Endpoint.read(tmp_path) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("max_uploads", -5),
        ("max_uploads", 0),
        ("heartbeat_timeout_seconds", -1),
        ("sweep_interval_seconds", 0),
        ("keep_jobs_seconds", float("nan")),
        ("keep_jobs_seconds", -1),
        ("idle_exit_seconds", float("inf")),
        ("metrics_port", -2),
    ],
)
def test_numbers_out_of_range_are_refused_by_name(tmp_path: Path, name: str, value: float) -> None:
    with pytest.raises(SettingsError, match=f"{name} is .*at least"):
        Settings(home=tmp_path, **{name: value})  # type: ignore[arg-type]


def test_a_long_log_is_begun_anew_and_the_last_one_kept(tmp_path: Path) -> None:
    path = tmp_path / "daemon.log"
    code = "import sys; from pathlib import Path; from paints_undo_daemon.logs import rotate;"
    code += "path = Path(sys.argv[1]); print('x' * 99, file=sys.stderr); print(rotate(path, 1000), rotate(path, 50));"
    code += "print('new', file=sys.stderr)"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)}
    with path.open("ab") as log:
        line = [sys.executable, "-c", code, str(path)]
        done = subprocess.run(line, stderr=log, stdout=subprocess.PIPE, text=True, env=environment, check=True)
    assert done.stdout.split() == ["False", "True"]
    assert path.read_text() == "new\n"
    assert path.with_name("daemon.log.1").read_text() == "x" * 99 + "\n"
