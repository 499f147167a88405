"""The small unit that a node runs before it is given work: what a ping cannot show, the engine itself at work."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from paints_undo.v1 import pictures_pb2
from paints_undo.worker.v1 import worker_pb2
from paints_undo_daemon.convert import request_to_proto
from paints_undo_daemon.raw_pixels import shape_line
from paints_undo_engine.request import KeyframeParameters, ProcessRequest
from paints_undo_engine.stages import Stage, Unit

_SIDE = 32
_TASK_ID = 2**63
"""Behind every number that the scheduler gives."""
_OPERATION_STEP = 500


def probe_task(engine: str) -> tuple[worker_pb2.Task, bytes]:
    """A unit that makes one keyframe of a small painting in one sampling step, and the painting as it is
    stored."""
    encoding = pictures_pb2.PICTURE_ENCODING_RAW_RGB8
    picture = shape_line(encoding, _SIDE, _SIDE) + _draw()
    request = ProcessRequest(
        engine=engine,
        stop_after=Stage.KEYFRAMES,
        keyframes=KeyframeParameters(operation_steps=(_OPERATION_STEP,), width=256, height=256, steps=1),
    )
    painting = worker_pb2.StoredPicture(
        hash=hashlib.sha256(picture).hexdigest(), encoding=encoding, width=_SIDE, height=_SIDE
    )
    unit = worker_pb2.RunUnit(
        unit=Unit(Stage.KEYFRAMES).name, parameters=request_to_proto(request), painting=painting, tags="gradient"
    )
    return worker_pb2.Task(task_id=_TASK_ID, run_unit=unit), picture


def problem_of(reports: Sequence[worker_pb2.Report]) -> str:
    """What went wrong with the small unit, in words; empty when it made its keyframe."""
    failures = [report.failure.message for report in reports if report.HasField("failure")]
    if failures:
        return failures[0]
    made = [report.keyframe for report in reports if report.HasField("keyframe")]
    wanted = [frame for frame in made if frame.operation_step == _OPERATION_STEP and frame.picture_hash]
    return "" if wanted else "A small unit made no keyframe."


def _draw() -> bytes:
    """The pixels of two gradients."""
    return b"".join(bytes((8 * x, 8 * y, 128)) for y in range(_SIDE) for x in range(_SIDE))
