"""What is measured to pay on a device can be switched on for it, and counts there alone."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import torch

from paints_undo_daemon.cli import checks, measuring
from paints_undo_daemon.settings import Settings
from paints_undo_engine import engines
from paints_undo_engine.diffusion import comparing, compile_state, measured
from paints_undo_engine.diffusion import models as diffusion_models
from paints_undo_engine.diffusion.comparing import Measured, Outcome, Trial
from paints_undo_engine.diffusion.compiling import Compiler
from paints_undo_engine.diffusion.engine import DiffusionEngine, create
from paints_undo_engine.diffusion.measured import Switched, switch_on, switched_on
from paints_undo_engine.diffusion.models import ModelComponents
from paints_undo_engine.diffusion.residency.devices import device_name
from paints_undo_engine.diffusion.sizes import Sizes
from paints_undo_engine.engines import EngineSettings
from paints_undo_engine.painting import Painting
from paints_undo_engine.request import (
    InterpolationParameters,
    KeyframeParameters,
    Preset,
    ProcessRequest,
    TagsParameters,
)

CPU = torch.device("cpu")
COMPILING, XFORMERS = comparing.techniques(("compiling", "xformers"), EngineSettings(), "cpu")


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(compile_state, "cache_folder", lambda: tmp_path / "cache" / "compiled")
    monkeypatch.setattr(measured, "cache_folder", lambda: tmp_path / "cache" / "compiled")
    return tmp_path / "cache"


def test_what_is_on_counts_for_its_card_and_versions_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    assert switched_on("A card") == Switched()
    switch_on("A card", Switched(compiling=True))
    switch_on("Another", Switched(attention="xformers"))
    assert switched_on("A card") == Switched(compiling=True)
    assert switched_on("Another") == Switched(attention="xformers")
    assert switched_on("A third") == Switched()
    monkeypatch.setattr(measured, "versions", lambda: {"torch": "another"})
    assert switched_on("A card") == Switched()


@pytest.mark.parametrize("text", ["", "[]", "{", '{"A card": 7}', '{"A card": {"versions": 1}}'])
def test_a_damaged_file_switches_nothing_on(text: str, cache: Path) -> None:
    cache.mkdir()
    measured.file().write_text(text)
    assert switched_on("A card") == Switched()
    switch_on("A card", Switched(compiling=True))
    assert switched_on("A card").compiling


def test_a_name_from_nowhere_is_no_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    switch_on("A card", Switched(attention="os.system"))
    assert switched_on("A card") == Switched()


@pytest.mark.parametrize(
    ("seconds", "psnr", "failure", "pays"),
    [(5, 60, "", True), (9.8, 60, "", False), (5, 20, "", False), (5, 60, "No.", False), (5, math.inf, "", True)],
)
def test_what_is_hardly_faster_or_not_the_same_does_not_pay(
    seconds: float, psnr: float, failure: str, pays: bool
) -> None:
    assert Measured(COMPILING, seconds, 10, psnr, failure).pays is pays


@pytest.mark.parametrize("answer", [True, False, None])
def test_only_what_pays_is_offered_and_only_if_wanted(answer: bool | None) -> None:
    found = [Measured(COMPILING, 5, 10, 60), Measured(XFORMERS, 11, 10, 60)]
    measuring._offer(found, "A card", answer)  # without a terminal nobody is asked
    assert switched_on("A card") == (Switched(compiling=True) if answer else Switched())


def test_the_engine_reads_it_at_its_start(models: Path) -> None:
    def compiles(settings: EngineSettings) -> bool:
        engine = create(replace(settings, device="cpu", models=models))
        try:
            return engine._models.compiler.state.state != "off"
        finally:
            engine.close()

    assert not compiles(EngineSettings())
    assert "measures whether they pay" in checks.compiled_blocks(Settings()).text
    switch_on(device_name(CPU), Switched(compiling=True))
    assert compiles(EngineSettings())
    assert not compiles(EngineSettings(compiling="off"))
    assert "not tried yet" in checks.compiled_blocks(Settings()).text


def test_a_technique_is_measured_with_the_same_results(
    repos: Path, painting: Painting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the small checkpoints with a compiler that changes nothing: equal frames, and its blocks were in use."""
    monkeypatch.setattr(diffusion_models, "Compiler", partial(Compiler, backend="aot_eager"))
    make: Callable[..., DiffusionEngine] = lambda **how: DiffusionEngine(  # noqa: E731
        ModelComponents(lambda model: repos / model, "cpu", **how), Sizes(buckets=((64, 64),))
    )
    request = ProcessRequest(
        engine="diffusion",
        tags=TagsParameters(text="sky"),
        keyframes=KeyframeParameters(operation_steps=(500,), steps=1, width=256, height=256),
        interpolation=InterpolationParameters(frames=2, steps=1),
    )
    trials = [Trial(Preset.EXACT, "8gb", one_interval=True)]
    exact = next(e for e in comparing.compare(make(), painting, request, trials, CPU) if isinstance(e, Outcome))
    for how, failure in (({"compiling": True}, ""), ({}, "Nothing could be compiled")):
        running = comparing.measure(make(**how), COMPILING, painting, request, exact, CPU)
        while True:
            try:
                next(running)
            except StopIteration as end:
                found: Measured = end.value
                break
        assert found.failure.startswith(failure)
        assert bool(found.failure) == bool(failure)
        assert found.psnr > 40
        assert found.seconds > 0 < found.without


def test_a_technique_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="only compiling, xformers"):
        comparing.techniques(("magic",), engines.EngineSettings(), "cpu")
    assert comparing.techniques(None, engines.EngineSettings(), "cpu") == ()
