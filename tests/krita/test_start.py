"""Krita's start with the plugin: measured part by part, and checked for the calls that the plugin needs."""

from __future__ import annotations

from pathlib import Path

import pytest
from krita_harness import Profile, run

pytestmark = [pytest.mark.krita, pytest.mark.slow]


def test_the_start_is_measured_and_a_missing_call_is_named(profile: Profile, small_picture: Path) -> None:
    found = run(profile, "start.py", small_picture)
    assert set(found["parts"]) == {"import", "set up", "docker", "actions"}
    assert found["missing"] == [[], ""], "nothing is wrong, and nothing is said"
    count, problem, usable = found["without"]
    assert count > 10
    assert problem.startswith("⚠ This Krita lacks Document.projection, ")
    assert usable
    assert "Krita's start took the plugin" in profile.log()


def test_switched_off_and_on_again_nothing_is_doubled_and_nothing_left(profile: Profile, small_picture: Path) -> None:
    before = run(profile, "present.py", small_picture)
    assert before["dockers"] == [1, 1]
    assert before["menu"] == 1
    assert before["threads"] == ["undo-painting-net"]
    assert len(set(before["actions"])) == len(before["actions"]) > 10
    switched = "enable_undo_painting"  # what Krita's manager of plugins writes
    for on, off in (("true", "false"), ("false", "true")):
        text = profile.settings.read_text(encoding="utf-8")
        assert f"{switched}={on}" in text
        profile.settings.write_text(text.replace(f"{switched}={on}", f"{switched}={off}"), encoding="utf-8")
        found = run(profile, "present.py", small_picture)
        nothing = {"dockers": [0, 0], "actions": [], "menu": 0, "threads": []}
        assert found == (nothing if off == "false" else before)
