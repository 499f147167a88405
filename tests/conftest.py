"""What holds for all tests: property tests on a slow machine, missing extras, and in CI a skipped test is a failure."""

from __future__ import annotations

import importlib.util
import os

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "project", deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("project")


MODULES = {"diffusion": "torch", "web": "connectrpc"}
FOLDERS = {
    "diffusion": (
        "attacks/test_foreign_models.py",
        "cli/test_bench.py",
        "cli/test_diffusion.py",
        "cli/test_doctor_torch.py",
        "cli/test_models_and_plugin.py",
        "diffusion",
        "krita/test_diffusion.py",
        "parity",
        "tagger",
    ),
    "web": ("web",),
}
MISSING = [extra for extra, module in MODULES.items() if importlib.util.find_spec(module) is None]
collect_ignore = [name for extra in MISSING for name in FOLDERS[extra]]


def pytest_report_header() -> str:
    return f"extras that are not installed, and whose tests are left out: {', '.join(MISSING) or 'none'}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests that are marked with an extra which is not installed."""
    left_out = [item for item in items if any(mark.args[0] in MISSING for mark in item.iter_markers("extra"))]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    if skipped and os.environ.get("CI", "").lower() in {"1", "true"}:
        reporter.write_line(f"{len(skipped)} tests were skipped, which CI does not allow.", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
