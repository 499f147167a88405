"""`paints-undo compare`: how two or more processes go on, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from paints_undo_daemon.cli import completing, console
from paints_undo_daemon.cli.jobs import JsonOption

if TYPE_CHECKING:
    from paints_undo_daemon.client import Client
    from paints_undo_engine.course import Course

_TENTHS = tuple(number / 10 for number in range(11))


def compare(
    context: typer.Context,
    jobs: Annotated[
        list[str],
        typer.Argument(
            metavar="JOB JOB…",
            help="Two or more jobs: ids, beginnings of ids, or 'last'.",
            autocompletion=completing.jobs,
        ),
    ],
    as_json: JsonOption = False,
) -> None:
    """Compare processes: how far from its end each one is as time goes by, and how long each phase takes.

    The distance is the mean difference of a colour channel from the last state, in percent.

    Examples:

      paints-undo compare 3f2a 77c0

      paints-undo compare 3f2a last --json
    """
    from paints_undo_daemon.cli import remote
    from paints_undo_daemon.cli.problems import WrongUsageError

    if len(jobs) < 2:
        raise WrongUsageError("One job cannot be compared; name two or more.")
    with remote.connect(context.obj) as client:
        found = [remote.resolve(client, name) for name in jobs]
        courses = {job_id: read_course(client, job_id) for job_id in found}
    if as_json:
        console.print_json(
            [
                {"job": job_id, "distances": list(course.distances), "phases": dict(course.phases)}
                for job_id, course in courses.items()
            ]
        )
    else:
        _print(courses)


def read_course(client: Client, job_id: str) -> Course:
    """The course of a job, from its frames at a small size. Raises `WrongUsageError` where there are none."""
    from paints_undo_daemon.cli.problems import WrongUsageError
    from paints_undo_engine import png
    from paints_undo_engine.course import SIDE, course_of

    frames = list(client.frames(job_id, max_side=SIDE)) or list(client.frames(job_id, max_side=SIDE, keyframes=True))
    if not frames:
        raise WrongUsageError(f"The job {job_id} has no states yet.")
    return course_of((png.decode(frame.data) for frame in frames), (frame.frame.label for frame in frames))


def _print(courses: dict[str, Course]) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    table.add_column("")
    for job_id in courses:
        table.add_column(job_id[:12], justify="right", no_wrap=True)
    table.add_row("Distance to the end, at")
    for share in _TENTHS:
        table.add_row(f"  {share:.0%}", *(f"{course.distance_at(share):.1%}" for course in courses.values()))
    phases = dict.fromkeys(phase for course in courses.values() for phase in course.phases)
    if phases:
        table.add_row("Time, in")
    for phase in phases:
        shares = [course.phases.get(phase) for course in courses.values()]
        table.add_row(f"  {phase}", *("" if share is None else f"{share:.0%}" for share in shares))
    console.out().print(table)
