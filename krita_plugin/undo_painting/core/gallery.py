"""Other ways to paint the same picture: which ones are offered, and how small they are made."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .jobs import Job
from .parameters import SIDE, STEPS, STOP_AFTER, TAGS, VARIANT, Parameters
from .translate import tr

MOST = 6
SMALL = 480
"""Longer side of the picture that the variants are made of, in pixels: large enough that the engine reads it as it
reads the whole one, and so paints a chosen variant in the way that was shown."""

STATES = (60, 130, 200, 280, 360, 440, 520, 610, 700, 800, 900, 960)
"""Operation steps of a variant's pictures, which play like a film of a second."""

ENGINE = "procedural"


@dataclass(frozen=True)
class Variant:
    """A way to paint the picture, and the small job that shows it."""

    title: str
    parameters: Parameters
    request_id: str = ""


def variants(chosen: Parameters) -> list[Variant]:
    """What is offered beside what is chosen: the engine's other possible processes of the painting, the likeliest
    first."""
    base = replace(chosen, engine=ENGINE, own_keyframes=(), keyframe_seeds=(), branches=())
    shown = int(base.get(VARIANT) or 0)
    numbers = [number for number in range(MOST + 1) if number != shown][:MOST]
    return [Variant(tr("Variant {number}", number=number), base.set({VARIANT: number or None})) for number in numbers]


def small(parameters: Parameters) -> Parameters:
    """What the small job takes: the same way of painting, a few states, nothing between them."""
    return parameters.set({STOP_AFTER: "keyframes", STEPS: STATES, TAGS: "", SIDE: SMALL})


def small_size(width: int, height: int) -> tuple[int, int]:
    """The size of the picture that the variants of a painting are made of."""
    scale = min(1.0, SMALL / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def taken(chosen: Parameters, variant: Variant) -> Parameters:
    """What is set once a variant is chosen."""
    return replace(chosen, engine=ENGINE).set({VARIANT: variant.parameters.chosen(VARIANT)})


def pictures(job: Job) -> list[str]:
    """The hashes of a variant's pictures, in order."""
    return [job.keyframes[index].hash for index in sorted(job.keyframes)]
