"""The zip as an artist installs it, in one profile with a plugin that brings other versions of the same libraries."""

from __future__ import annotations

from pathlib import Path

import pytest
from krita_harness import HERE, Profile, enable, import_archive, run, warm_profile

from krita_plugin.packer import build, wheels
from krita_plugin.packer.install import launcher
from krita_plugin.packer.stage import cache_folder

pytestmark = [pytest.mark.krita, pytest.mark.slow]
OTHERS = {"google.protobuf": "5.29.6", "grpclib": "0.4.8", "h2": "4.1.0", "multidict": "6.7.1"}


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("dist"))


def install_other(profile: Profile, name: str) -> None:
    """A plugin `name` with its libraries, enabled."""
    folder = profile.krita / "pykrita" / name
    (folder / "libraries").mkdir(parents=True)
    pins = HERE / "other" / "libraries.txt"
    for wheel in wheels.fetch(pins, cache_folder() / "other-libraries", wheels.PURE):
        wheels.unpack(wheel, folder / "libraries", ())
    (folder / "__init__.py").write_text((HERE / "other" / "plugin.py").read_text(encoding="utf-8"), encoding="utf-8")
    entry = f"[Desktop Entry]\nType=Service\nServiceTypes=Krita/PythonPlugin\nX-KDE-Library={name}\nName={name}\n"
    (profile.krita / "pykrita" / f"{name}.desktop").write_text(entry, encoding="utf-8")
    enable(profile.settings, name)


@pytest.mark.parametrize(("name", "after_ours"), [("a_first", False), ("z_last", True)])
def test_neither_disturbs_the_other(
    archive: Path, tmp_path: Path, small_picture: Path, name: str, after_ours: bool
) -> None:
    profile = warm_profile(tmp_path / "profile")
    import_archive(archive, profile)
    enable(profile.settings, "undo_painting")
    install_other(profile, name)
    own = launcher()
    wrapper = tmp_path / "paints-undo"
    command = " ".join(f'"{part}"' for part in own["command"])
    wrapper.write_text(
        f'#!/bin/sh\nexport PYTHONPATH="{own["environment"].get("PYTHONPATH", "")}"\nexec {command} "$@"\n',
        encoding="utf-8",
    )
    wrapper.chmod(0o755)
    profile.environment["PATH"] = f"{tmp_path}:/usr/bin:/bin"
    try:
        found = run(profile, "other.py", small_picture, OTHER=name)
    finally:
        profile.stop_daemon()
    assert found["before"] == [after_ours, OTHERS, True]
    assert (found["state"], found["frames"]) == ("finished", 106)
    assert found["after"] == [OTHERS, True]
    assert found["ours"] == ["7.36.2", "7.1.0"]
    assert found["foreign"] == []
    assert "ERROR" not in profile.log()
