"""What `paints-undo doctor` looks at: models."""

from __future__ import annotations

from paints_undo_daemon.cli import models_here
from paints_undo_daemon.cli.check import Check, CheckResult
from paints_undo_daemon.cli.console import size
from paints_undo_daemon.settings import Settings
from paints_undo_engine.checkpoints.catalogue import FIGURES


def models(settings: Settings) -> Check:  # noqa: ARG001
    """Whether the diffusion engine's models are there."""
    found = [model for model in models_here.described(None) if model.model != FIGURES.id]
    damaged = [model.model for model in found if model.state == "damaged"]
    absent = [model.model for model in found if model.state in ("missing", "incomplete") and not model.use]
    if damaged:
        return Check(
            "models", CheckResult.FAILED, f"damaged: {', '.join(damaged)}.", "Run: paints-undo models download"
        )
    if absent:
        advice = "For the diffusion engine run: paints-undo models download"
        return Check("models", CheckResult.NOTE, f"not here, and optional: {', '.join(absent)}.", advice)
    return Check("models", CheckResult.OK, ", ".join(model.model for model in found if model.state == "ready"))


def figures(settings: Settings) -> Check:  # noqa: ARG001
    """Whether the small networks are there that the procedural engine sees figures with."""
    found = next(model for model in models_here.described(None) if model.model == FIGURES.id)
    if found.state == "ready":
        return Check("figures", CheckResult.OK, f"{len(FIGURES.files)} networks, {size(found.size_bytes)}")
    text = f"{found.state}, and optional: {size(found.total_bytes)} for {found.use}."
    return Check("figures", CheckResult.NOTE, text, f"Run: paints-undo models download {FIGURES.id}")
