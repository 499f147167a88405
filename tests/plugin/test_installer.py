"""What *Set up* and its relatives run on each platform, what they honour, and what the docker offers."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path, PureWindowsPath

import pytest

from krita_plugin.undo_painting.background import commands
from krita_plugin.undo_painting.core import card, installed, installer, package_index
from krita_plugin.undo_painting.core.installed import Installed, ServedModel
from krita_plugin.undo_painting.core.installer import Bundle, InstallStep

NVIDIA = frozenset({"NVIDIA"})
GB = 10**9


def bundle(folder: Path) -> Bundle:
    wheel = folder / "paints_undo-0.2.0-py3-none-any.whl"
    return Bundle(folder / "uv", wheel, folder / "r.txt", folder / "d.txt", "torch==2.13.0", folder / "t.txt")


@pytest.mark.parametrize(
    ("platform", "python"), [("linux", "bin/python"), ("darwin", "bin/python"), ("win32", "Scripts/python.exe")]
)
def test_set_up_on_each_platform(platform: str, python: str) -> None:
    made = installer.set_up(Path("/home"), bundle(Path("/zip")), "https://index", platform)
    venv, packages, project = (step.command for step in made)
    assert venv[1:] == ("venv", "--clear", "--python", installer.PYTHON, str(Path("/home/environment")))
    assert str(Path("/home/environment") / python) in packages
    assert {"--require-hashes", "--no-deps", "--default-index", "https://index"} <= set(packages)
    assert project[-1] == str(Path("/zip/paints_undo-0.2.0-py3-none-any.whl"))
    assert venv[0] == str(installer.installed_uv(Path("/home"), platform))


@pytest.mark.parametrize(
    ("platform", "vendors", "index_url", "torch_index", "options"),
    [
        ("linux", NVIDIA, "", "", ("--torch-backend", "auto")),
        ("linux", frozenset({"AMD"}), "https://mirror", "", ("--torch-backend", "auto")),
        ("win32", frozenset({"Intel"}), "", "", ("--torch-backend", "auto")),
        ("linux", frozenset(), "", "", ()),
        ("win32", frozenset(), "https://mirror", "", ("--default-index", "https://mirror")),
        ("darwin", frozenset({"AMD"}), "", "", ()),
        ("linux", NVIDIA, "https://mirror", "https://torch", ("--default-index", "https://torch")),
    ],
)
def test_torch_comes_from_the_index_that_suits(
    platform: str, vendors: frozenset[str], index_url: str, torch_index: str, options: tuple[str, ...]
) -> None:
    assert installer.torch_options(torch_index, index_url, vendors, platform) == options
    steps = installer.add_diffusion(Path("/home"), bundle(Path("/zip")), index_url, torch_index, vendors, platform)
    locked, torch = (step.command for step in steps)
    assert {"--require-hashes", "--no-deps"} <= set(locked)
    by_hash = "--torch-backend" not in options and not torch_index
    assert torch[-1] == (str(Path("/zip/t.txt")) if by_hash else "torch==2.13.0")
    assert ({"--require-hashes", "--no-deps"} <= set(torch)) is by_hash
    assert set(options) <= set(torch)


def test_what_uv_was_told_of_torch_is_left_to_uv(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(card, "vendors", lambda: NVIDIA)
    assert "--torch-backend" in installer.add_diffusion_here(Path("/home"), bundle(Path("/zip")))[-1].command
    monkeypatch.setenv("UV_TORCH_BACKEND", "cu126")
    left = installer.add_diffusion_here(Path("/home"), bundle(Path("/zip")))[-1].command
    assert left[-1] == "torch==2.13.0"
    assert not {"--torch-backend", "--require-hashes"} & set(left)


def test_cards_are_known_by_their_makers(tmp_path: Path) -> None:
    for name, vendor in (("card0", "0x10de"), ("card1", "0x8086"), ("card2", "0x1234")):
        (tmp_path / name / "device").mkdir(parents=True)
        (tmp_path / name / "device" / "vendor").write_text(vendor + "\n", encoding="ascii")
    assert card.linux_vendors(tmp_path, tmp_path / "none") == {"NVIDIA", "Intel"}
    assert card.linux_vendors(tmp_path / "none", tmp_path / "none") == frozenset()
    assert card.linux_vendors(tmp_path / "none", tmp_path) == {"NVIDIA"}
    assert card.vendors_in([r"PCI\VEN_1002&DEV_744C&SUBSYS_1", "root\\basicdisplay"]) == {"AMD"}
    assert card.vendors("darwin") == frozenset()


def test_pip_s_settings_reach_uv(tmp_path: Path) -> None:
    conf = tmp_path / "pip.conf"
    text = "[global]\nindex-url = https://a\nextra-index-url =\n  https://b\n  https://c\nfind-links = /x /y\n"
    conf.write_text(text, encoding="utf-8")
    given = {"PIP_CERT": "/ca", "UV_INDEX": "kept", "PYTHONHOME": "/k", "PIP_PROXY": "http://p:1"}
    made = package_index.environment(given, tmp_path, (conf,), "linux")
    assert made["UV_DEFAULT_INDEX"] == "https://a"
    assert made["UV_INDEX"] == "kept"
    assert made["UV_FIND_LINKS"] == "/x,/y"
    assert made["SSL_CERT_FILE"] == "/ca"
    assert made["ALL_PROXY"] == "http://p:1"
    assert "PYTHONHOME" not in made
    plain = package_index.environment({}, tmp_path, (conf,), "linux")
    assert (plain["UV_INDEX"], plain["UV_INDEX_STRATEGY"]) == ("https://b https://c", "unsafe-best-match")
    assert "UV_INDEX_STRATEGY" not in package_index.environment({}, tmp_path, (), "linux")


def test_everything_stays_in_the_data_folder(tmp_path: Path) -> None:
    made = package_index.environment({}, tmp_path)
    for name in ("UV_PYTHON_INSTALL_DIR", "UV_CACHE_DIR"):
        assert Path(made[name]).parent == tmp_path / "installer"
    assert package_index.environment({"UV_CACHE_DIR": "/own"}, tmp_path)["UV_CACHE_DIR"] == "/own"


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_where_pip_keeps_its_settings(platform: str) -> None:
    files = package_index.pip_files({"HOME": "/h", "APPDATA": "/a", "PIP_CONFIG_FILE": "/own"}, platform)
    assert len(files) >= 3
    assert files[-1] == Path("/own")


def test_pip_on_macos_has_two_places_for_its_settings(tmp_path: Path) -> None:
    assert tmp_path / ".config" / "pip" / "pip.conf" in package_index.pip_files({"HOME": str(tmp_path)}, "darwin")
    library = tmp_path / "Library" / "Application Support" / "pip"
    library.mkdir(parents=True)
    assert package_index.pip_files({"HOME": str(tmp_path)}, "darwin")[-1] == library / "pip.conf"


def test_a_build_without_an_installer_says_so(tmp_path: Path) -> None:
    assert installer.find_bundle(tmp_path) is None
    assert not installed.offers(None, Installed(), False, (), 0, False).can_set_up


def test_what_is_installed_is_read_from_the_disk(tmp_path: Path) -> None:
    assert installed.look(tmp_path) == Installed()
    packages = tmp_path / "environment" / "lib" / "python3.13" / "site-packages"
    (packages / "paints_undo-0.1.0.dist-info").mkdir(parents=True)
    assert installed.look(tmp_path, "linux") == Installed(), "the program comes last"
    program = tmp_path / "environment" / "bin" / "paints-undo"
    program.parent.mkdir()
    program.touch()
    assert installed.look(tmp_path, "linux") == Installed("0.1.0", False)
    (packages / "torch-2.13.0+cu130.dist-info").mkdir()
    assert installed.look(tmp_path, "linux") == Installed("0.1.0", True)


MISSING = ServedModel("single", "", False, GB, 2 * GB)
READY = ServedModel("single", "", True, 2 * GB, 2 * GB)


@pytest.mark.parametrize(
    ("state", "models", "engine", "set_up", "action"),
    [
        (Installed(), (), False, "Set up", ""),
        (Installed("0.2.0"), (), False, "Repair", "install"),
        (Installed("0.1.0"), (MISSING,), False, "Upgrade to 0.2.0", "install"),
        (Installed("0.2.0", True), (MISSING,), True, "Repair", "download"),
        (Installed("0.2.0", True), (READY,), True, "Repair", ""),
        (Installed(), (MISSING,), True, "Set up", "download"),
    ],
)
def test_what_is_offered(
    tmp_path: Path, state: Installed, models: tuple[ServedModel, ...], engine: bool, set_up: str, action: str
) -> None:
    offers = installed.offers(bundle(tmp_path), state, False, models, 50 * GB, engine)
    assert (offers.set_up, offers.models) == (set_up, action)
    assert offers.can_uninstall is bool(state.version)
    busy = installed.offers(bundle(tmp_path), state, True, models, 50 * GB, engine)
    assert (busy.models, busy.can_set_up, busy.can_uninstall) == ("", False, False)


def test_the_sizes_are_said_before() -> None:
    lines = installed.offers(bundle(Path("/zip")), Installed("0.2.0"), False, (MISSING,), 50 * GB, False).lines
    assert lines == (
        "single: 1 GB / 2 GB",
        "PyTorch and its packages take up to 9 GB.",
        "1 GB of models are to be downloaded.",
        "50 GB free on the disk",
    )


def test_a_failed_command_leaves_the_old_environment(tmp_path: Path) -> None:
    folder = tmp_path / "environment"
    folder.mkdir()
    (folder / "old").touch()
    code = "import os, sys; os.mkdir(sys.argv[1]); print('working'); print('error: no network'); sys.exit(2)"
    step = InstallStep("Installing …", (sys.executable, "-c", code, str(folder)))
    lines: list[str] = []
    with pytest.raises(commands.SetupError, match="no network"), commands.replacing(folder):
        commands.Commands().run(step, {}, lines.append)
    assert [path.name for path in folder.iterdir()] == ["old"]
    assert [path.name for path in tmp_path.iterdir()] == ["environment"]
    assert lines == ["working", "error: no network"]
    with commands.replacing(folder):
        folder.mkdir()
    assert list(folder.iterdir()) == []


def test_a_leftover_that_is_held_does_not_undo_a_success(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(folder: str) -> None:
        raise PermissionError(13, "in use", folder)

    folder = tmp_path / "environment"
    folder.mkdir()
    monkeypatch.setattr(commands, "TRY_SECONDS", 0.0)
    with commands.replacing(folder):
        folder.mkdir()
        (folder / "new").touch()
        monkeypatch.setattr(shutil, "rmtree", refuse)
    assert (folder / "new").exists()
    with pytest.raises(PermissionError):
        commands.remove(folder)


def test_deep_folders_can_be_deleted_on_windows() -> None:
    home = PureWindowsPath(r"C:\Users\Zoë Müller\AppData\Local\paints-undo\environment")
    assert commands.long_path(home, "win32") == "\\\\?\\" + str(home)
    assert commands.long_path(PureWindowsPath(r"\\server\home\zoe"), "win32") == r"\\?\UNC\server\home\zoe"
    once = PureWindowsPath(commands.long_path(home, "win32"))
    assert commands.long_path(once, "win32") == str(once)
    assert commands.long_path(Path("/home/zoe"), "linux") == str(Path("/home/zoe"))


def test_a_cancel_ends_the_command_and_all_that_it_started(tmp_path: Path) -> None:
    child = "import sys, time; open(sys.argv[1], 'w').close(); time.sleep(600)"
    code = f"import subprocess, sys; print('on'); subprocess.run([sys.executable, '-c', {child!r}, sys.argv[1]])"
    runner = commands.Commands()
    started = tmp_path / "started"

    def cancel_when_both_run(_: str) -> None:
        while not started.exists():
            pass
        runner.cancel()

    with pytest.raises(commands.SetupCancelledError):
        runner.run(InstallStep("x", (sys.executable, "-u", "-c", code, str(started))), {}, cancel_when_both_run)
    with pytest.raises(commands.SetupCancelledError):
        runner.run(InstallStep("x", (sys.executable, "-c", "")), {}, print)
    assert not subprocess.run(["pgrep", "-f", str(started)], capture_output=True, check=False).stdout


def test_a_link_is_removed_without_what_it_points_at(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "environment").symlink_to(tmp_path / "own")
    commands.remove(tmp_path / "environment")
    assert [path.name for path in tmp_path.iterdir()] == ["own"]


def test_uv_is_placed_so_that_it_can_run(tmp_path: Path) -> None:
    source = tmp_path / "uv"
    source.write_text("#!/bin/sh\necho placed\n", encoding="utf-8")
    commands.place_uv(source, tmp_path / "installer" / "uv")
    said = subprocess.run([tmp_path / "installer" / "uv"], capture_output=True, text=True, check=True).stdout
    assert said == "placed\n"
    assert [path.name for path in (tmp_path / "installer").iterdir()] == ["uv"]


def test_the_failure_and_its_last_cause_are_told() -> None:
    lines = ["Using Python", "error: Request failed", "  cause: Failed to fetch", "  cause: no such host", ""]
    assert commands.reason(lines, 2) == "error: Request failed cause: no such host"
    assert commands.reason([], 3) == "it ended with code 3"
