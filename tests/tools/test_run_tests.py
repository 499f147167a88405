"""`make test`: what fails for a moment is tried again and named; what is broken stays broken."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import run_tests

UNSTEADY = """
from pathlib import Path

def test_of_a_moment():
    mark = Path(__file__).with_name("been here")
    been = mark.exists()
    mark.touch()
    assert been
"""


def run(folder: Path, source: str, *arguments: str) -> int:
    (folder / "test_made.py").write_text(source, encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    return run_tests.run_tests([*arguments, "-q"], folder / "cache", folder)


def test_a_failure_of_a_moment_is_named(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, UNSTEADY, "-n", "2") == 0
    assert capfd.readouterr().out.endswith("must be made steadier:\ntest_made.py::test_of_a_moment\n")


def test_a_failure_that_lasts_fails(tmp_path: Path) -> None:
    assert run(tmp_path, UNSTEADY + "\ndef test_broken():\n    assert False\n") == run_tests.TESTS_FAILED


def test_many_failures_are_not_tried_again(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    source = UNSTEADY.replace("def", "import pytest\n\n@pytest.mark.parametrize('n', range(4))\ndef", 1)
    source = source.replace("moment()", "moment(n)").replace('"been here"', 'f"been {n}"')
    assert run(tmp_path, source) == run_tests.TESTS_FAILED
    assert "once more" not in capfd.readouterr().out


def test_no_failure_has_no_second_run(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, "def test_sound():\n    pass\n") == 0
    assert "once more" not in capfd.readouterr().out
