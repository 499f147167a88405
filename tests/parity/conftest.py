"""``--golden DIR`` chooses the golden set; the comparisons are listed at the end of the run."""

from __future__ import annotations

from pathlib import Path

import pytest

COMMITTED = Path(__file__).parent / "golden"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--golden", type=Path, default=COMMITTED, metavar="DIR", help="the golden set to compare with")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "golden_path" in metafunc.fixturenames:
        folder = metafunc.config.getoption("--golden", default=COMMITTED)
        paths = sorted(Path(folder).glob("*.safetensors"))
        if not paths:
            raise pytest.UsageError(f"--golden: {folder} holds no .safetensors files")
        metafunc.parametrize("golden_path", paths, ids=[path.stem for path in paths])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]
    lines = [line for report in reports for key, line in report.user_properties if key == "parity"]
    if lines:
        terminalreporter.section("parity")
        for line in lines:
            terminalreporter.write_line(str(line))
