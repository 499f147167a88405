"""The memory plans: one vocabulary for the engine, the daemon and the artist (docs/performance.md, "Memory plans").

A plan's name is a promise: what runs under it stays below that many GiB of the device. How a request is kept there is
settled for each request (`choosing`): its frames, operation steps, sizes and number format, and the device's attention.
"""

from __future__ import annotations

from dataclasses import dataclass

from paints_undo_engine.descriptions import GIB as GIB
from paints_undo_engine.descriptions import describe
from paints_undo_engine.errors import InvalidRequestError

_DESCRIBED = {plan.name: plan for plan in describe("diffusion").memory_plans}


@dataclass(frozen=True, slots=True)
class ResidencyPlan:
    """What sits on the device when.

    `budget` is the bytes of device memory that it never exceeds, as its name says. The rest is how: `keeps_all`:
    components stay on the device once they were there, else only those in use; `batched_guidance`: both its sides in
    one call; `keyframes_at_once`: how many the keyframe model makes in one batch; `decode_frames`: how many frames of a
    clip the video VAE decodes at a time, None for all; `streamed`: what is largest passes through the device piece by
    piece, the 3D UNet's weights by blocks and clips that are decoded by frames; `fp8`: the UNets' weights in 8 bits,
    which changes the result.
    """

    name: str
    budget: int
    keeps_all: bool
    batched_guidance: bool
    keyframes_at_once: int
    decode_frames: int | None
    streamed: bool = False
    fp8: bool = False

    @property
    def exact(self) -> bool:
        """Whether results are equal to the published ones within the rounding of the dtype."""
        return _DESCRIBED[self.name].exact

    @property
    def needs(self) -> int:
        """Bytes that it takes at the default sizes, by accounting and with a margin (`residency.needs`)."""
        return _DESCRIBED[self.name].needs


PLANS: tuple[ResidencyPlan, ...] = (
    ResidencyPlan("resident", 20 * GIB, True, True, 64, None),
    ResidencyPlan("16gb", 16 * GIB, True, True, 64, 4),
    ResidencyPlan("12gb", 12 * GIB, True, True, 6, 1),
    ResidencyPlan("8gb", 8 * GIB, False, True, 6, 1),
    ResidencyPlan("6gb", 6 * GIB, False, False, 2, 1),
    ResidencyPlan("4gb", 4 * GIB, False, False, 2, 1, streamed=True),
    ResidencyPlan("4gb-fp8", 4 * GIB, False, False, 1, 1, streamed=True, fp8=True),
)
"""From the richest to the leanest, as they run for a default job."""


def plan_named(name: str) -> ResidencyPlan:
    """The plan called `name`. Raises `InvalidRequestError`."""
    for plan in PLANS:
        if plan.name == name:
            return plan
    raise InvalidRequestError("execution.memory_plan", name, "one of " + ", ".join(plan.name for plan in PLANS))
