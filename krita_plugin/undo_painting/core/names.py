"""The parameters' names and words in the artist's language. What is not known here is shown as the daemon calls it, so
that a new parameter needs no new plugin."""

from __future__ import annotations

from .parameters import AUTO
from .translate import tr


def field_words(name: str) -> str:
    """A parameter's name for a form."""
    known = {
        "engine": tr("Engine"),
        "stop_after": tr("Make"),
        "fit": tr("Fit"),
        "tags.text": tr("Tags"),
        "tags.exclude": tr("Tags to leave out"),
        "tags.general_threshold": tr("Threshold for tags"),
        "tags.character_threshold": tr("Threshold for characters"),
        "variant": tr("Variant"),
        "keyframes.width": tr("Width"),
        "keyframes.height": tr("Height"),
        "keyframes.seed": tr("Seed"),
        "keyframes.steps": tr("Steps"),
        "keyframes.guidance_scale": tr("Guidance"),
        "keyframes.negative_prompt": tr("Negative prompt"),
        "interpolation.frames": tr("Per interval"),
        "interpolation.seed": tr("Frames' seed"),
        "interpolation.steps": tr("Frames' steps"),
        "interpolation.guidance_scale": tr("Frames' guidance"),
        "interpolation.prompt": tr("Frames' prompt"),
        "interpolation.temporal_window": tr("Window"),
        "interpolation.chained": tr("Chained windows"),
        "procedural.method": tr("Way of painting"),
        "procedural.max_side": tr("Longer side"),
        "procedural.corrections": tr("Corrections"),
        "procedural.flip": tr("Mirror the view at times"),
        "execution.preset": tr("Speed"),
        "execution.memory_plan": tr("Memory plan"),
        "execution.allow_fp8": tr("Allow fp8 (not exact)"),
    }
    return known.get(name) or _plain(name.rpartition(".")[2])


def group_words(group: str) -> str:
    """A group of parameters."""
    known = {
        "Process": tr("Process"),
        "Tags": tr("Tags"),
        "Keyframes": tr("Keyframes"),
        "Interpolation": tr("Frames between"),
        "Procedural engine": tr("Procedural engine"),
        "Diffusion engine": tr("Diffusion engine"),
    }
    return known.get(group, group)


def choice_words(value: str) -> str:
    """A choice's word."""
    known = {
        AUTO: tr("Automatic"),
        "tags": tr("Tags only"),
        "keyframes": tr("Keyframes"),
        "interpolation": tr("Everything"),
        "line": tr("Lines and flat colors"),
        "parts": tr("Part by part"),
        "lineless": tr("Without lines"),
        "painter": tr("Colors first"),
        "values": tr("Values first"),
        "outline": tr("Lines alone"),
        "pencil": tr("Pencil"),
        "watercolour": tr("Watercolor"),
        "pixel": tr("Pixel art"),
        "flat": tr("Flat"),
        "none": tr("None"),
        "few": tr("A few"),
        "many": tr("Many"),
        "contain": tr("Whole"),
        "crop": tr("Crop"),
        "off": tr("Off"),
        "previous": tr("Previous"),
        "first": tr("First"),
        "roll": tr("Neighbours"),
        "exact": tr("Exact"),
        "balanced": tr("Balanced"),
        "fast": tr("Fast"),
        "draft": tr("Draft"),
    }
    return known.get(value) or _plain(value)


def _plain(name: str) -> str:
    return name.replace("_", " ").replace("-", " ").capitalize()
