"""What holds for all tests: property tests on a slow machine, missing extras, the order in which files are run side by
side, and in CI a skipped test is a failure."""

from __future__ import annotations

import importlib.util
import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from xdist.remote import Producer
    from xdist.scheduler import LoadScopeScheduling

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
    """Leave out the tests that are marked with an extra which is not installed; where several workers share the files,
    put Krita and the files with slow tests first: one that began last would run alone at the end."""
    left_out = [item for item in items if any(mark.args[0] in MISSING for mark in item.iter_markers("extra"))]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
    if hasattr(config, "workerinput"):
        krita, slow = ({item.path for item in items if item.get_closest_marker(name)} for name in ("krita", "slow"))
        items.sort(key=lambda item: (item.path not in krita, item.path not in slow))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling | None:
    """With `--dist loadfile`: a file goes to one worker, in the order above, and all Kritas to the same one. They share
    a warm profile, and two that start together may take the same display."""
    if config.getoption("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.split("::", 1)[0]
            return "krita" if file.startswith("tests/krita/") or file.endswith("/test_krita.py") else file

    config.option.loadscopereorder = False
    return ByFile(config, log)


def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    if skipped and os.environ.get("CI", "").lower() in {"1", "true"}:
        reporter.write_line(f"{len(skipped)} tests were skipped, which CI does not allow.", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
