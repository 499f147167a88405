"""`paints-undo jobs …` and `paints-undo export`."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from paints_undo_daemon.cli import completing, console, sounding
from paints_undo_daemon.cli.export_options import (
    SizeOption,
    SoundOption,
    build_options,
    left_out_signs,
    refuse_idle_exports,
    with_export_flags,
)
from paints_undo_daemon.cli.problems import WrongUsageError
from paints_undo_daemon.cli.request_options import in_option_names
from paints_undo_engine.descriptions import ENGINES

if TYPE_CHECKING:
    from rich.tree import Tree

    from paints_undo_daemon.client import Job, JobState

_AGE_SECONDS = {"d": 86400, "h": 3600, "m": 60}
STATES = ("queued", "running", "finished", "cancelled", "failed")
JobArgument = Annotated[
    str,
    typer.Argument(metavar="JOB", help="A job's id, the beginning of one, or 'last'.", autocompletion=completing.jobs),
]
JobsArgument = Annotated[list[str], typer.Argument(metavar="JOB…", autocompletion=completing.jobs)]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]

app = typer.Typer(no_args_is_help=True, help="See and steer the daemon's jobs.")


@app.command("list")
def list_jobs(
    context: typer.Context,
    state: Annotated[
        list[str] | None, typer.Option(metavar="|".join(STATES), help="Only jobs in this state; may be repeated.")
    ] = None,
    limit: Annotated[int, typer.Option(metavar="NUMBER", min=1, help="At most so many, newest first.")] = 20,
    tree: Annotated[
        bool, typer.Option("--tree", help="Show each job below the one that it came from, as branches do.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """List jobs, newest first.

    Examples:

      paints-undo jobs list

      paints-undo jobs list --tree

      paints-undo jobs list --state running --state queued --json
    """
    from itertools import islice

    from paints_undo_daemon.cli import remote

    states = [_state(word) for word in state or ()]
    with remote.connect(context.obj) as client:
        jobs = list(islice(client.jobs(states, page_size=min(limit, 200)), limit))
    if as_json:
        console.print_json([_as_dict(job) for job in jobs])
    elif tree and jobs:
        console.out().print(_tree(jobs))
    else:
        _print_table(jobs)


def _state(word: str) -> JobState:
    from paints_undo_daemon.client import JobState

    if word not in STATES:
        raise WrongUsageError(f"--state is {word!r}, but must be one of {', '.join(STATES)}.")
    return JobState(word)


def _as_dict(job: Job) -> dict[str, Any]:
    return {
        "job": job.job_id,
        "title": job.title,
        "state": str(job.state),
        "engine": job.engine,
        "painting": job.painting_hash,
        "width": job.painting_width,
        "height": job.painting_height,
        "created": job.created_at.isoformat(),
        "ended": job.ended_at.isoformat() if job.ended_at else None,
        "frames": job.frame_count,
        "frames_stored": job.frames_stored,
        "queue_position": job.queue_position,
        "tags": job.tags,
        "failure": job.failure.message if job.failure else None,
        "base": job.base_job_id or None,
        "variant": job.message.parameters.variant,
        "branches": [
            {"operation_step": branch.operation_step, "candidate": branch.candidate}
            for branch in job.message.parameters.procedural.branches
        ],
    }


def _tree(jobs: list[Job]) -> Tree:
    """Every job below its base job, as far as that is among them; the newest root first, its branches oldest first."""
    from rich.markup import escape
    from rich.tree import Tree

    root = Tree("Jobs", hide_root=True)
    places: dict[str, Tree] = {}
    known = {job.job_id for job in jobs}
    roots = [job for job in jobs if job.base_job_id not in known]
    below = [job for job in reversed(jobs) if job.base_job_id in known]
    for job in (*roots, *below):
        words = [job.job_id[:12], job.state, *_origin(job), escape(job.title)]
        places[job.job_id] = places.get(job.base_job_id, root).add("  ".join(word for word in words if word))
    return root


def _origin(job: Job) -> list[str]:
    """What makes a job another one than the painting's first process."""
    branches = job.message.parameters.procedural.branches
    words = [f"variant {job.message.parameters.variant}"] if job.message.parameters.variant else []
    if branches:
        number = branches[-1].candidate
        names = [engine.candidate(number) for engine in ENGINES if engine.name == job.engine]
        name = "".join(names) or f"candidate {number}"
        words.append(f"from step {branches[-1].operation_step}, {name}")
    return words


def _print_table(jobs: list[Job]) -> None:
    from rich.markup import escape
    from rich.table import Table

    if not jobs:
        console.err().print("There are no jobs.")
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("Job", "State", "Frames", "Engine", "Created", "Title"):
        table.add_column(heading, no_wrap=heading == "Job")
    for job in jobs:
        created = job.created_at.astimezone().replace(tzinfo=None).isoformat(" ", "minutes")
        frames = f"{job.frames_stored}/{job.frame_count}"
        table.add_row(job.job_id[:12], job.state, frames, job.engine, created, escape(job.title))
    console.out().print(table)


@app.command()
def watch(
    context: typer.Context,
    job: JobArgument = "last",
    after: Annotated[int, typer.Option(metavar="NUMBER", min=0, help="Begin after the event of this number.")] = 0,
    as_json: JsonOption = False,
) -> None:
    """Follow a job until it ends; a broken connection is taken up again.

    Ctrl-C ends the watching, not the job. The exit code is 0 when the job finishes.

    Examples:

      paints-undo jobs watch last

      paints-undo jobs watch 3f2a --after 120 --json
    """
    from paints_undo_daemon.cli import remote
    from paints_undo_daemon.cli.progress import display

    with remote.connect(context.obj) as client, display(as_json=as_json) as shown:
        remote.follow(client, remote.resolve(client, job), shown, after)


@app.command()
def cancel(context: typer.Context, jobs: JobsArgument) -> None:
    """Cancel jobs; what is finished of them stays.

    Example:

      paints-undo jobs cancel last
    """
    from paints_undo_daemon.cli import remote

    with remote.connect(context.obj) as client:
        for name in jobs:
            job = client.cancel(remote.resolve(client, name))
            console.err().print(f"Job {job.job_id}: {job.state}.")


@app.command()
def delete(context: typer.Context, jobs: JobsArgument) -> None:
    """Delete ended jobs with their events and pictures.

    Example:

      paints-undo jobs delete 3f2a 77c0
    """
    from paints_undo_daemon.cli import remote

    with remote.connect(context.obj) as client:
        for name in jobs:
            job_id = remote.resolve(client, name)
            client.delete(job_id)
            console.err().print(f"Job {job_id} is deleted.")


@app.command()
def prune(
    context: typer.Context,
    older_than: Annotated[
        str, typer.Option(metavar="AGE", help="How long ago they ended, at least: 30d, 12h, 15m, or 0 for all.")
    ],
    state: Annotated[
        list[str] | None, typer.Option(metavar="|".join(STATES[2:]), help="Only these; may be repeated.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go, and delete nothing.")] = False,
) -> None:
    """Delete jobs that have ended, with their events and pictures, for good.

    Examples:

      paints-undo jobs prune --older-than 7d

      paints-undo jobs prune --older-than 0 --state failed --state cancelled --dry-run
    """
    from paints_undo_daemon.cli import remote

    words = state or STATES[2:]
    for word in words:
        if word not in STATES[2:]:
            raise WrongUsageError(f"--state is {word!r}, but must be one of {', '.join(STATES[2:])}.")
    latest = datetime.now(UTC) - timedelta(seconds=_age(older_than))
    with remote.connect(context.obj) as client:
        listed = list(client.jobs([_state(word) for word in words], page_size=200))
        old = [job for job in listed if job.ended_at and job.ended_at <= latest]
        for job in old:
            if not dry_run:
                client.delete(job.job_id)
            console.out().print(f"{job.job_id} {job.state} {job.title}", markup=False)
    console.err().print(f"{len(old)} of {len(listed)} ended jobs {'would be' if dry_run else 'are'} deleted.")


def _age(text: str) -> float:
    """Seconds of an age such as ``12h``. Raises `WrongUsageError`."""
    found = re.fullmatch(r"(\d{1,6})([dhm])|0", text)
    if found is None:
        raise WrongUsageError(f"--older-than is {text!r}, but must be a number with d, h or m, or 0.")
    return int(found[1] or 0) * _AGE_SECONDS[found[2] or "m"]


@with_export_flags
def export(
    context: typer.Context,
    output: Annotated[list[Path], typer.Option("--output", "-o", metavar="OUT", help="Where to save; repeatable.")],
    job: JobArgument = "last",
    force: Annotated[bool, typer.Option("--force", "-f", help="Replace outputs that exist.")] = False,
    size: SizeOption = None,
    sound: SoundOption = None,
    as_json: JsonOption = False,
    *,
    export_given: dict[str, Any],
) -> None:
    """Save the result of a job that has run.

    Formats by ending: .mp4 .webm .gif .webp .apng .ora .psd .html, .png or .pdf (contact sheet), .sprites.zip (sprite
    sheet), .zip (PNG sequence), or a folder.

    Examples:

      paints-undo export last -o process.mp4

      paints-undo export 3f2a -o story.mp4 --aspect 9:16 --duration 15 -o layers.psd --layers split

      paints-undo export last -o film.mp4 --sound music.wav --without-corrections
    """
    from paints_undo_daemon.cli import remote
    from paints_undo_daemon.cli.cancelling import cancellable
    from paints_undo_daemon.cli.happenings import Noted
    from paints_undo_daemon.cli.progress import display
    from paints_undo_daemon.client.saving import check_output

    with in_option_names():
        options = {path: build_options(path, export_given, size=size) for path in output}
    refuse_idle_exports(output, export_given, size=size)
    for path in output:
        check_output(path, overwrite=force)
    sounding.check(sound, options)
    with (
        remote.connect(context.obj) as client,
        display(as_json=as_json) as shown,
        cancellable(shown),
        in_option_names(),
    ):
        if not context.obj.given:
            for note in left_out_signs(options.values()):
                shown.show(Noted(note))
        job_id = remote.resolve(client, job)
        for path, chosen in options.items():
            remote.save(client, job_id, path, chosen, shown, overwrite=force)
            sounding.lay_under(path, chosen, sound)


app.command("export")(export)
