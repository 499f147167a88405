"""Exports by name: what comes with the package, and what people add."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from paints_undo_daemon.cli.app import app
from paints_undo_daemon.cli.export_options import build_options
from paints_undo_daemon.cli.problems import WrongUsageError
from paints_undo_engine.errors import ExportError
from paints_undo_engine.export import Aspect, ExportFormat, Fill
from paints_undo_engine.export.presets import load_presets, preset_called
from paints_undo_engine.export.timeline import film_timeline


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("PAINTS_UNDO_HOME", str(tmp_path))
    return tmp_path


def test_those_of_the_package_are_valid_and_say_what_for():
    presets = load_presets()
    assert {"phone", "chat", "layers"} <= set(presets)
    for preset in presets.values():
        assert preset.summary
        assert isinstance(preset.options.format, ExportFormat)
    assert (presets["phone"].options.aspect, presets["phone"].options.fill) == (Aspect.TALL, Fill.FOLLOW)


def test_videos_of_a_given_length_have_a_rate_that_platforms_take():
    for preset in load_presets().values():
        if preset.options.is_video and preset.options.duration_seconds:
            assert film_timeline(106, preset.options)[1] == 30


def test_people_add_their_own_and_replace_others(home):
    file = home / "presets.toml"
    file.write_text('[club]\nsummary = "For the club"\naspect = "4:5"\nshow_progress = true\n[chat]\nformat = "webp"\n')
    presets = load_presets(file)
    assert presets["club"].options.show_progress
    assert presets["chat"].options.format is ExportFormat.WEBP
    assert "phone" in presets
    options = build_options(home / "a.webm", {"export_preset": "club"}, size=None)
    assert (options.format, options.aspect) == (ExportFormat.WEBM, Aspect.PORTRAIT)
    shown = CliRunner().invoke(app, ["export-presets"])
    assert "club (.mp4): For the club" in shown.output


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[club]\naspect = '7:5'", "aspect"),
        ("[club]\nmax_side = 3", "max_side"),
        ("[club]\nmax_side = 'large'", "max_side"),
        ("[club]\nmaximum = 3", "maximum"),
        ("[club]\nduration_seconds = 3\nframes_per_second = 9", "frames_per_second"),
        ("[club]\nformat = 'ora'\nduration_seconds = 3", "duration_seconds"),
        ("[club]\nsummary = 3", "summary"),
        ("['../club']\nmax_side = 300", "name"),
        ("club = 3", "table"),
        ("[club", "cannot be read"),
        ("\x00", "cannot be read"),
        ("#" * 300_000, "larger"),
    ],
)
def test_what_is_wrong_in_a_file_is_said_with_its_name(home, text, problem):
    file = home / "presets.toml"
    file.write_text(text)
    with pytest.raises(ExportError, match=problem) as raised:
        load_presets(file)
    assert "presets.toml" in str(raised.value)


def test_options_go_before_the_preset(home):
    options = build_options(
        home / "a.mp4", {"export_preset": "phone", "fill": "blur", "frames_per_second": 25.0}, size="640"
    )
    assert (options.fill, options.frames_per_second, options.duration_seconds) == (Fill.BLUR, 25.0, 0)
    assert (options.aspect, options.max_side) == (Aspect.TALL, 640)


def test_a_preset_and_an_ending_must_agree(home):
    with pytest.raises(WrongUsageError, match=r"a\.gif"):
        build_options(home / "a.mp4", {"export_preset": "chat"}, size=None)
    with pytest.raises(ExportError, match="phone"):
        preset_called("fone")
