"""A session holds the pictures of what is shown or still runs, and of nothing else."""

from typing import Any

from krita_plugin.undo_painting.controller.session import Session
from krita_plugin.undo_painting.core.jobs import Job, JobState, StoredFrame
from krita_plugin.undo_painting.core.mapping import PaintingSource, Placement, Rect
from krita_plugin.undo_painting.core.parameters import Parameters

SOURCE = PaintingSource("picture", Rect(0, 0, 10, 10), 10, 10)
PREVIEW: Any = object()


def put(session: Session, name: str, state: JobState, preview_for: str = "") -> None:
    """A job with one frame and one keyframe of its own, and a painting that all share."""
    made = Job(name, "d", "t", "procedural", Parameters(), SOURCE, "painting", state=state, preview_for=preview_for)
    for pictures, kind in ((made.frames, "frame"), (made.keyframes, "keyframe")):
        digest = f"{kind} of {name}"
        pictures[0] = StoredFrame(0, 0.0, digest, 10, 10, Placement(0, 0, 10, 10))
        session.previews[digest] = PREVIEW
    session.previews["painting"] = PREVIEW
    session.jobs[name] = made


def pictures(*names: str) -> set[str]:
    return {f"{kind} of {name}" for name in names for kind in ("frame", "keyframe")} | {"painting"}


def test_ended_jobs_that_are_not_shown_give_their_pictures_back() -> None:
    session = Session("d", shown="newer")
    put(session, "older", JobState.FINISHED)
    put(session, "its preview", JobState.FINISHED, preview_for="older")
    put(session, "newer", JobState.FINISHED)
    put(session, "newer's preview", JobState.FINISHED, preview_for="newer")
    session.trim()
    assert set(session.jobs) == {"newer", "newer's preview"}
    assert set(session.previews) == pictures("newer", "newer's preview")


def test_what_runs_stays_with_its_preview_while_another_is_shown() -> None:
    session = Session("d", shown="shown")
    put(session, "shown", JobState.FINISHED)
    put(session, "running", JobState.RUNNING)
    put(session, "its preview", JobState.FINISHED, preview_for="running")
    session.trim()
    assert set(session.jobs) == {"shown", "running", "its preview"}
    assert set(session.previews) == pictures("shown", "running", "its preview")


def test_what_is_dropped_is_told() -> None:
    session = Session("d")
    put(session, "cancelled", JobState.CANCELLED)
    put(session, "not asked for", JobState.KEPT)
    assert session.trim() == ["cancelled", "not asked for"]
    assert (session.jobs, session.previews) == ({}, {})
