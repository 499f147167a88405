"""Other ways to paint the same picture: which ones are offered, and how small they are made."""

from __future__ import annotations

from dataclasses import dataclass, replace

from . import names
from .jobs import Job
from .parameters import AUTO, METHOD, SEED, SIDE, STEPS, STOP_AFTER, TAGS, Parameters
from .schema import Schema
from .translate import tr

MOST = 6
SMALL = 256
"""Longer side of the picture that the variants are made of, in pixels."""

STATES = (60, 130, 200, 280, 360, 440, 520, 610, 700, 800, 900, 960)
"""Operation steps of a variant's pictures, which play like a film of a second."""

ENGINE = "procedural"


@dataclass(frozen=True)
class Variant:
    """A way to paint the picture, and the small job that shows it."""

    title: str
    parameters: Parameters
    request_id: str = ""


def variants(chosen: Parameters, known: Schema) -> list[Variant]:
    """What is offered beside what is chosen: one of each way of painting that the engine has, then other seeds."""
    base = replace(chosen, engine=ENGINE, own_keyframes=(), keyframe_seeds=())
    way = known.fields.get(METHOD)
    words = [word for word in way.choices if word != AUTO] if way is not None else []
    made = [Variant(names.choice_words(word), base.set({METHOD: word})) for word in words[:MOST]]
    seed = int(base.get(SEED, known))
    for number in range(1, MOST - len(made) + 1):
        made.append(Variant(tr("By chance"), base.set({SEED: (seed + 7919 * number) % 2**32})))
    return made


def small(parameters: Parameters) -> Parameters:
    """What the small job takes: the same way of painting, a few states, nothing between them."""
    return parameters.set({STOP_AFTER: "keyframes", STEPS: STATES, TAGS: "", SIDE: SMALL})


def taken(chosen: Parameters, variant: Variant) -> Parameters:
    """What is set once a variant is chosen: its way of painting and its seed."""
    return replace(chosen, engine=ENGINE).set({name: variant.parameters.chosen(name) for name in (METHOD, SEED)})


def pictures(job: Job) -> list[str]:
    """The hashes of a variant's pictures, in order."""
    return [job.keyframes[index].hash for index in sorted(job.keyframes)]
