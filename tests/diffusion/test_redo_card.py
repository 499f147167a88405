"""A redo on an accelerator, without one: its networks take turns, and nothing stays."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from diffusion.card import CPU, CUDA, Card, plugged_in
from paints_undo_engine.diffusion import models
from paints_undo_engine.diffusion.pipeline import PaintsUndoPipeline
from paints_undo_engine.diffusion.redo import stage
from paints_undo_engine.diffusion.redo.turns import taking_turns
from paints_undo_engine.diffusion.residency.plans import plan_named
from paints_undo_engine.errors import OutOfMemoryError
from paints_undo_engine.request import Control

SIZE = 256


@pytest.fixture
def card(monkeypatch: pytest.MonkeyPatch) -> Iterator[Card]:
    """A card on which the redo runs in the thread that asks for it, because the card is known to that one only."""
    monkeypatch.setattr(stage, "run_in_steps", at_once)
    with plugged_in(monkeypatch) as made:
        yield made


def at_once(call: Callable[..., torch.Tensor], of: int, device: torch.device) -> Generator[Any, None, torch.Tensor]:
    del of, device
    with torch.inference_mode():
        return call(lambda *_: {})
    yield


@pytest.fixture(scope="module")
def canvas() -> np.ndarray:
    y, x = np.mgrid[0:SIZE, 0:SIZE]
    return np.stack([x, y, 255 - x], axis=-1).astype(np.uint8)


def redo(folder: Path, canvas: np.ndarray, device: str, **wanted: Any) -> np.ndarray:
    pipeline = PaintsUndoPipeline.from_pretrained(folder, device=device, plan="8gb")
    try:
        found = pipeline.redo(canvas, canvas, "a fox", width=SIZE, height=SIZE, steps=2, **wanted)
    finally:
        pipeline.close()
    return found.astype(int)


def masked() -> np.ndarray:
    mask = np.zeros((SIZE, SIZE), bool)
    mask[:, 128:] = True
    return mask


@pytest.mark.parametrize(
    "wanted",
    [{"control": Control.LINEART}, {"likeness": 0.5}, {"mask": masked()}],
    ids=["lines", "flats with a likeness", "a mask"],
)
def test_the_card_gives_what_the_cpu_gives_and_keeps_nothing(
    card: Card,
    redo_models: Path,
    canvas: np.ndarray,
    wanted: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(models, "choose_dtype", lambda *_: torch.float32)
    found = redo(redo_models, canvas, "cuda", **wanted)
    assert (card.faults, card.used) == ([], 0)
    assert np.abs(found - redo(redo_models, canvas, "cpu", **wanted)).max() <= 1


def test_it_runs_in_16_bits(card: Card, redo_models: Path, canvas: np.ndarray) -> None:
    assert redo(redo_models, canvas, "cuda", likeness=0.5).std() > 0
    assert (card.faults, card.used) == ([], 0)


def test_when_memory_runs_out_all_of_it_is_given_back(card: Card, redo_models: Path, canvas: np.ndarray) -> None:
    card.fail_at = 500
    with pytest.raises(OutOfMemoryError, match="8gb"):
        redo(redo_models, canvas, "cuda")
    assert card.used == 0


def test_networks_come_when_they_are_called(card: Card) -> None:
    class Coder(nn.Linear):
        def encode(self, x: torch.Tensor) -> torch.Tensor:
            coded: torch.Tensor = self(x)
            return coded

    first, second, third = nn.Linear(3, 3), nn.Linear(3, 3), Coder(3, 3)
    parts = (first, second, third)
    x = torch.ones(1, 3, device=CUDA)

    def here() -> list[bool]:
        return [part.weight.device == CUDA for part in parts]

    with torch.inference_mode(), taking_turns(CUDA, plan_named("6gb"), [(first, second), (third,)]) as bring:
        first(x)
        assert here() == [True, True, False]
        third.encode(x)
        assert here() == [False, False, True]
        bring(second)
        assert here() == [True, True, False]
    assert here() == [False] * 3
    assert third.encode(torch.ones(1, 3)).device == CPU
