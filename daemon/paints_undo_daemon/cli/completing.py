"""What a shell offers for the beginning of a job's id or a preset's name. Nothing is started, and nothing is said."""

from __future__ import annotations

import contextlib
from itertools import islice

import typer

_MOST = 100
"""How many jobs are looked through, newest first."""
_SHOWN = 12
"""As many characters of an id as the list of jobs shows."""


def jobs(context: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """'last' and the jobs of the daemon that is meant, if it runs, each with what it is."""
    offered = [("last", "the newest job")]
    with contextlib.suppress(Exception):
        from paints_undo_daemon.cli.remote import Where, connect
        from paints_undo_daemon.privacy import without_controls

        given = context.find_root().params  # of a command that is only completed, no callback has run
        where = Where(*(given.get(name) for name in ("address", "token_file", "server_certificate", "fingerprint")))
        with connect(where, start=False) as client:
            for job in islice(client.jobs(), _MOST):
                offered.append((job.job_id[:_SHOWN], without_controls(f"{job.state} {job.title}")))
    return [(name, what) for name, what in offered if name.startswith(incomplete)]


def export_presets(incomplete: str) -> list[tuple[str, str]]:
    """The export presets, the account's own among them, each with what it is for."""
    with contextlib.suppress(Exception):
        from paints_undo_daemon.home import home_folder
        from paints_undo_engine.export.presets import FILE_NAME, load_presets

        known = load_presets(home_folder() / FILE_NAME).values()
        return [(each.name, each.summary) for each in known if each.name.startswith(incomplete)]
    return []
