"""Help is short by default, whole when asked for, and a shell completes values."""

from __future__ import annotations

import pytest

from paints_undo_daemon.cli import main


@pytest.fixture
def help_of(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COLUMNS", "200")

    def call(*words: str) -> str:
        assert main([*words]) == 0
        return capsys.readouterr().out

    return call


def test_the_rarer_options_stand_in_the_whole_help_alone(help_of) -> None:
    short, whole = help_of("undo", "-h"), help_of("undo", "--help-all")
    for option in ("--output", "--seed", "--aspect", "--engine", "--help-all"):
        assert option in short
    for option in ("--memory-plan", "--interpolation-guidance-scale", "--keyframe-steps"):
        assert option not in short
        assert option in whole
    assert help_of("undo", "--help") == short, "asking for everything once leaves the short help short"


@pytest.mark.parametrize("command", [["undo"], ["jobs", "list"], ["doctor"], ["serve"], []])
def test_switches_show_no_value(command: list[str], help_of) -> None:
    text = help_of(*command, "--help")
    assert "<bool>" not in text
    assert "--help" in text


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("undo --engine d", ["diffusion"]),
        ("undo --aspect 9", ["9:16"]),
        ("export last --fill c", ["crop"]),
        ("models download redo_l", ["redo_lineart", "redo_likeness"]),
        ("undo --export-preset ph", ["phone", "phone-long"]),
        ("export la", ["last"]),
    ],
)
def test_a_shell_completes_values(
    words: str, offered: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COMP_WORDS", f"paints-undo {words}")
    monkeypatch.setenv("COMP_CWORD", str(len(words.split())))
    monkeypatch.setenv("_PAINTS_UNDO_COMPLETE", "complete_bash")
    with pytest.raises(SystemExit):
        main([])
    assert capsys.readouterr().out.split() == offered
