"""`paints-undo admin …`: what an administrator sees and does of others, here or on another machine."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from paints_undo_daemon.cli import console

if TYPE_CHECKING:
    from paints_undo_daemon.client import ClientJob, ClientUsage

app = typer.Typer(
    no_args_is_help=True,
    help="List, cancel and delete the jobs of others, unseen; for the daemon's account and administrators.",
)

JobId = Annotated[str, typer.Argument(metavar="JOB", help="The whole id of a job.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("clients")
def list_clients(context: typer.Context, as_json: JsonOption = False) -> None:
    """List the daemon's clients with their jobs, bytes, limits and when they last called.

    Example:

      paints-undo --address box:7860 --token-file admin.token --fingerprint ... admin clients
    """
    from rich.table import Table

    from paints_undo_daemon.cli import remote

    with remote.connect(context.obj) as client:
        listed = client.client_usage()
    if as_json:
        console.print_json([_as_row(item) for item in listed])
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("Client", "Token", "Jobs", "Not ended", "Pictures", "At most", "Last seen"):
        table.add_column(heading, no_wrap=heading == "Client")
    for item in listed:
        role = "administrator" if item.administrator else "yes" if item.has_token else "removed"
        seen = _day(item.last_seen) if item.last_seen else "never"
        sizes = (console.size(item.stored_bytes), console.size(item.max_bytes))
        table.add_row(item.client, role, str(item.jobs), str(item.jobs_waiting), *sizes, seen)
    console.out().print(table)


@app.command("jobs")
def list_jobs(
    context: typer.Context,
    client: Annotated[str, typer.Option(metavar="NAME", help="Only this client's.")] = "",
    as_json: JsonOption = False,
) -> None:
    """List the jobs of all clients, newest first: whose they are and how they go.

    Example:

      paints-undo admin jobs --client ann
    """
    from rich.table import Table

    from paints_undo_daemon.cli import remote

    with remote.connect(context.obj) as connected:
        listed = list(connected.client_jobs(client))
    if as_json:
        console.print_json([_as_row(item) for item in listed])
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("Job", "Client", "State", "Frames", "Engine", "Created"):
        table.add_column(heading, no_wrap=heading in ("Job", "Client"))
    for item in listed:
        frames = f"{item.frames_stored} of {item.frame_count}"
        created = _day(item.create_time) if item.create_time else ""
        table.add_row(item.job_id, item.client, item.state or "damaged", frames, item.engine, created)
    console.out().print(table)


@app.command()
def cancel(context: typer.Context, job: JobId) -> None:
    """Cancel anybody's job.

    Example:

      paints-undo admin cancel 8cdb4511454467b9
    """
    from paints_undo_daemon.cli import remote

    with remote.connect(context.obj) as client:
        ended = client.cancel_client_job(job)
    console.err().print(f"Job {ended.job_id} of {ended.client}: {ended.state or 'damaged'}.", markup=False)


@app.command()
def delete(context: typer.Context, job: JobId) -> None:
    """Delete anybody's job that has ended, with its events and pictures, for good.

    Example:

      paints-undo admin delete 8cdb4511454467b9
    """
    from paints_undo_daemon.cli import remote

    with remote.connect(context.obj) as client:
        client.delete_client_job(job)


def _as_row(item: ClientUsage | ClientJob) -> dict[str, Any]:
    values = asdict(item)
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}


def _day(time: datetime) -> str:
    return time.astimezone().replace(tzinfo=None).isoformat(" ", "minutes")
