"""Which memory plan a request runs under, and with which pieces (docs/performance.md, "Memory plans")."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from paints_undo_engine.diffusion.residency.needs import Demand, decode_bytes, keyframe_bytes, needs
from paints_undo_engine.diffusion.residency.plans import GIB, PLANS, ResidencyPlan, plan_named
from paints_undo_engine.errors import InvalidRequestError, OutOfMemoryError

_AT_ONCE = (64, 32, 16, 6, 3, 2, 1)
_DECODED = (None, 4, 1)


def settle(plan: ResidencyPlan, demand: Demand) -> ResidencyPlan | None:
    """The plan as it runs for a request: with smaller pieces where these are needed to stay within its budget.

    None where no pieces are small enough.
    """
    for way in _leaner_ways(plan):
        at_once = [replace(way, keyframes_at_once=n) for n in _AT_ONCE if n <= plan.keyframes_at_once]
        batched = _first_within(at_once, [keyframe_bytes(each, demand) for each in at_once])
        decoded = [replace(batched, decode_frames=n) for n in _DECODED[_DECODED.index(way.decode_frames) :]]
        settled = _first_within(decoded, [decode_bytes(each, demand) for each in decoded])
        if needs(settled, demand) <= settled.budget:
            return settled
    return None


def _leaner_ways(plan: ResidencyPlan) -> Iterator[ResidencyPlan]:
    weights = dict.fromkeys([(plan.keeps_all, plan.streamed), (False, plan.streamed), (False, True)])
    for keeps_all, streamed in weights:
        for batched in dict.fromkeys([plan.batched_guidance, False]):
            yield replace(
                plan,
                keeps_all=keeps_all,
                streamed=streamed,
                batched_guidance=batched,
                decode_frames=1 if streamed else plan.decode_frames,
            )


def _first_within(plans: Sequence[ResidencyPlan], sizes: Sequence[int]) -> ResidencyPlan:
    """The first plan whose size is within its budget; else the last."""
    fitting = (plan for plan, size in zip(plans, sizes, strict=True) if size <= plan.budget)
    return next(fitting, plans[-1])


def choose_plan(wanted: str, free: int, demand: Demand, *, allow_fp8: bool = False) -> ResidencyPlan:
    """The plan `wanted`, or for ``auto`` the richest whose needs are free (`free` bytes), settled for the request.

    Raises `InvalidRequestError` when the wanted plan is not exact and `allow_fp8` is not set, and `OutOfMemoryError`
    when the wanted plan cannot hold the request, or not even the leanest allowed one fits.
    """
    if wanted != "auto":
        plan = plan_named(wanted)
        if plan.fp8 and not allow_fp8:
            raise InvalidRequestError("execution.memory_plan", wanted, "an exact plan, unless allow_fp8 is set")
        settled = settle(plan, demand)
        if settled is None:
            raise OutOfMemoryError(
                f"The memory plan {wanted} cannot hold this request: at its leanest it takes more than "
                f"{plan.budget / GIB:.0f} GB. Choose a richer plan, fewer frames or smaller keyframes."
            )
        return settled
    allowed = [plan for plan in PLANS if plan.exact or allow_fp8]
    settled_plans = [settled for plan in allowed if (settled := settle(plan, demand)) is not None]
    for plan in settled_plans:
        if needs(plan, demand) <= free:
            return plan
    hint = "" if allow_fp8 else " Allowing 8-bit weights (allow_fp8) makes a leaner plan possible, which is not exact."
    if not settled_plans:
        raise OutOfMemoryError(f"No memory plan holds this request; ask for fewer frames or smaller keyframes.{hint}")
    leanest = settled_plans[-1]
    raise OutOfMemoryError(
        f"Only {free / GIB:.1f} GB of memory are free, but the leanest memory plan, {leanest.name}, needs "
        f"{needs(leanest, demand) / GIB:.1f} GB for this request. Close other programs that use the device.{hint}"
    )


def leaner_plan(name: str, demand: Demand, *, allow_fp8: bool = False) -> ResidencyPlan | None:
    """The next plan below the one called `name` that holds the request; None when there is none."""
    below = PLANS[[plan.name for plan in PLANS].index(name) + 1 :]
    settled = (settle(plan, demand) for plan in below if plan.exact or allow_fp8)
    return next((plan for plan in settled if plan is not None), None)
