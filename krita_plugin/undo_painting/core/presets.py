"""Presets: named parameters. Those that come with the plugin, and the artist's own (kept in the settings)."""

from __future__ import annotations

from dataclasses import replace

from .parameters import FRAMES, STEPS, STOP_AFTER, TAGS, Parameters
from .translate import tr


def built_in() -> dict[str, tuple[str, Parameters]]:
    """Key to (name shown, parameters)."""
    plain = Parameters()
    return {
        "default": (tr("Good defaults"), plain),
        "sketchbook": (tr("Only the key states"), plain.set({STOP_AFTER: "keyframes"})),
        "many": (tr("Long and smooth"), plain.set({FRAMES: 32})),
    }


def apply(preset: Parameters, current: Parameters) -> Parameters:
    """A preset laid over what is set now: the tags and the artist's own keyframes belong to the picture and stay."""
    kept = preset.set({TAGS: current.tags})
    if preset.operation_steps in ((), current.operation_steps):
        kept = replace(
            kept.set({STEPS: current.operation_steps or None}),
            own_keyframes=current.own_keyframes,
            keyframe_seeds=current.keyframe_seeds,
        )
    return kept
