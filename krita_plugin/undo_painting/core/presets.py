"""Presets: named parameters. Those that come with the plugin, and the artist's own (kept in the settings)."""

from __future__ import annotations

from dataclasses import replace

from .parameters import Parameters
from .translate import tr

BUILT_IN = ("default", "sketchbook", "inker", "painter", "many")


def built_in() -> dict[str, tuple[str, Parameters]]:
    """Key to (name shown, parameters)."""
    plain = Parameters()
    return {
        "default": (tr("Good defaults"), plain),
        "sketchbook": (tr("Only the keyframes"), replace(plain, stop_after="keyframes")),
        "inker": (tr("Line art first"), replace(plain, method="line")),
        "painter": (tr("Painterly"), replace(plain, method="painter")),
        "many": (tr("Long and smooth"), replace(plain, frames=32)),
    }


def apply(preset: Parameters, current: Parameters) -> Parameters:
    """A preset laid over what is set now: the tags and the artist's own keyframes belong to the picture and stay."""
    kept = replace(preset, tags=current.tags)
    if preset.operation_steps in ((), current.operation_steps):
        kept = replace(
            kept,
            operation_steps=current.operation_steps,
            own_keyframes=current.own_keyframes,
            keyframe_seeds=current.keyframe_seeds,
        )
    return kept
