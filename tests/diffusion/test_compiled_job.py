"""Compiled blocks in a job: the interval after the first is computed by them, says so, and looks the same."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pytest

from paints_undo_engine.contract import Interval, StateMade
from paints_undo_engine.diffusion import models as diffusion_models
from paints_undo_engine.diffusion.compiling import Compiler
from paints_undo_engine.diffusion.engine import DiffusionEngine
from paints_undo_engine.diffusion.models import ModelComponents
from paints_undo_engine.diffusion.sizes import Sizes
from paints_undo_engine.events import KeyframeMade
from paints_undo_engine.painting import Painting
from paints_undo_engine.request import InterpolationParameters, ProcessRequest


@pytest.mark.slow
def test_the_next_interval_is_computed_by_compiled_blocks(
    repos: Path, painting: Painting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(diffusion_models, "Compiler", partial(Compiler, backend="aot_eager"))
    models = ModelComponents(lambda model: repos / model, "cpu", compiling=True)
    engine = DiffusionEngine(models, Sizes(buckets=((64, 64),)))
    wanted = ProcessRequest(engine="diffusion", interpolation=InterpolationParameters(steps=1))
    joined = Interval(0, KeyframeMade(0, 1000.0, painting.blank()), KeyframeMade(1, 0.0, None), 16, 5)

    def frames() -> tuple[tuple[str, ...], np.ndarray]:
        pictures = [e.picture.pixels for e in engine.interval(painting, wanted, joined) if isinstance(e, StateMade)]
        return engine.record_notes, np.stack(pictures).astype(int)

    ways, plain = frames()
    assert ways == ()
    models.compiler.wait()
    assert models.compiler.state.state == "ready"
    ways, compiled = frames()
    assert ways == ("compiled blocks",)
    assert np.abs(compiled - plain).max() <= 1
    engine.close()
