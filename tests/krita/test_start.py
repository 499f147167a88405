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
