"""How a branch is joined to the process that it leaves: what its request takes from that one's record.

An engine that knows its states only as keyframes gets one more where a branch leaves between two of them. That keyframe
is the frame that is there, and the intervals before it keep their seeds, unless the client asks for another seed than
the process has.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise

from paints_undo_daemon.convert import request_from_proto, supplied_keyframes
from paints_undo_daemon.store import history
from paints_undo_daemon.store.rows import JobRow
from paints_undo_engine.contract import BLANK_OPERATION_STEP
from paints_undo_engine.descriptions import Ability, describe
from paints_undo_engine.request import MAX_SEED, Fit, ProcessRequest


def joined(
    connection: sqlite3.Connection, base: JobRow, request: ProcessRequest, supplied: Mapping[int, str]
) -> tuple[ProcessRequest, dict[int, str]]:
    """A request off job `base`, and the hashes of its given keyframes by operation step, with what they take from it.

    Raises as `inheritance.take_over`.
    """
    parameters = base.process_parameters()
    earlier = request_from_proto(parameters)
    leaves = {branch.operation_step for branch in request.procedural.branches}
    joins = Ability.KEYFRAMES in describe(request.engine).abilities and earlier.engine == request.engine
    if not (leaves and joins and earlier.fit is request.fit is Fit.CONTAIN):
        return request, dict(supplied)
    known = {step: digest for step, digest in supplied_keyframes(parameters).items() if step in leaves}
    for step in leaves - known.keys() - set(earlier.operation_steps):
        found = _frame_at(connection, base, earlier, step)
        known |= {step: found} if found else {}
    given = known | dict(supplied)
    request = replace(request, keyframes=replace(request.keyframes, own=tuple(sorted(given))))
    seed = earlier.interpolation.seed
    if earlier.procedural.branches == request.procedural.branches[:-1] and request.interpolation.seed == seed:
        added = len(request.operation_steps) - len(earlier.operation_steps)
        seed = (seed - added) % (MAX_SEED + 1)
        request = replace(request, interpolation=replace(request.interpolation, seed=seed))
    return request, given


def _frame_at(connection: sqlite3.Connection, base: JobRow, earlier: ProcessRequest, step: int) -> str:
    """The hash of the frame that a process shows at an operation step; empty where that one was not made."""
    steps = (0.0, *earlier.operation_steps, BLANK_OPERATION_STEP)
    later, before = next((low, high) for low, high in pairwise(steps) if low <= step <= high)
    reach = (before - later) / (earlier.interpolation.frames - 1) / 2
    frames = history.pictures(connection, base.number, keyframes=False)
    near = min(frames, key=lambda frame: abs(frame.operation_step - step), default=None)
    return near.picture_hash if near is not None and abs(near.operation_step - step) <= reach else ""
