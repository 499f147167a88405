"""Which memory plan comes next when one needs more memory than there is."""

from __future__ import annotations

from paints_undo.v1 import jobs_pb2
from paints_undo_engine.request import MEMORY_PLANS

_INEXACT = ("4gb-fp8",)


def leaner_plan(plan: str, parameters: jobs_pb2.ProcessParameters) -> str | None:
    """The next plan below `plan` that the request allows; None when there is none. Only `allow_fp8` permits fp8."""
    if parameters.engine != "diffusion":
        return None
    ladder = MEMORY_PLANS[1:]
    start = ladder.index(plan) + 1 if plan in ladder else 1
    allowed = [name for name in ladder[start:] if parameters.execution.allow_fp8 or name not in _INEXACT]
    return allowed[0] if allowed else None


def is_leaner(plan: str, other: str) -> bool:
    """Whether `plan` needs less memory than `other`; false where either is none that runs."""
    return plan in MEMORY_PLANS[1:] and other in MEMORY_PLANS and MEMORY_PLANS.index(plan) > MEMORY_PLANS.index(other)
