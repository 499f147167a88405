"""Several possible processes of one painting, side by side in one file."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from paints_undo_daemon.cli.happenings import Exported, Noted, Saved
from paints_undo_daemon.cli.problems import WrongUsageError
from paints_undo_engine.request import ProcessRequest, variants_of

if TYPE_CHECKING:
    from paints_undo_daemon.cli.progress import Display
    from paints_undo_daemon.client import Client
    from paints_undo_engine.engines import EngineSettings
    from paints_undo_engine.export.options import ExportOptions


def check(outputs: Mapping[Path, ExportOptions]) -> None:
    """Refuse outputs that cannot hold several processes. Raises `WrongUsageError`."""
    for path, options in outputs.items():
        if options.format.is_layered:
            raise WrongUsageError(f"{path} holds the layers of one process: leave out --variants, or choose --variant.")


def make_there(
    client: Client,
    picture: Path,
    request: ProcessRequest,
    own_keyframes: Mapping[int, Path],
    outputs: Mapping[Path, ExportOptions],
    shown: Display,
    *,
    count: int,
    title: str,
    batch: bool,
    keep: bool,
    force: bool,
) -> None:
    """Make the variants as jobs of a daemon. Raises what its client raises."""
    from paints_undo_daemon.cli import remote
    from paints_undo_daemon.client.wire import new_id

    with ExitStack() as ending:
        request_id = new_id()
        with remote.cancelled_on_interrupt(client, request_id, shown):
            jobs = client.submit_variants(
                picture,
                request,
                count=count,
                own_keyframes=dict(own_keyframes),
                title=title,
                batch=batch,
                request_id=request_id,
                exports=outputs.values(),
            )
            if not keep:
                for job in jobs:
                    ending.callback(remote.forget, client, job.job_id, shown)
            for job in jobs:
                remote.follow(client, job.job_id, shown)
        first, *others = [job.job_id for job in jobs]
        for path, options in outputs.items():
            remote.save(client, first, path, options, shown, overwrite=force, beside=others)


def make_here(
    picture: Path,
    request: ProcessRequest,
    own_keyframes: Mapping[int, Path],
    outputs: Mapping[Path, ExportOptions],
    settings: EngineSettings,
    shown: Display,
    *,
    count: int,
) -> None:
    """Make the variants in this program, by one engine. Raises what the engine and the exporters raise."""
    from paints_undo_daemon.cli.in_process import key_for, show_process
    from paints_undo_daemon.client.saving import total_bytes
    from paints_undo_engine import engines, painting
    from paints_undo_engine.export.side_by_side import export_side_by_side
    from paints_undo_engine.foreseen import check_exports
    from paints_undo_engine.result import Result

    source = painting.decode(picture)
    for note in source.notes:
        shown.show(Noted(note))
    check_exports(source.width, source.height, request, outputs.values(), count)
    own = {step: painting.decode(path).picture() for step, path in own_keyframes.items()}
    with ExitStack() as held:
        engine = engines.load(request.engine, settings)
        held.callback(engine.close)
        results = [held.enter_context(Result(engine, source, one, own)) for one in variants_of(request, count)]
        for result in results:
            show_process(result, shown)
        for path, options in outputs.items():
            sources = [result.source_for(options) for result in results]
            for step, of in export_side_by_side(sources, path, options, key_for(options)):
                shown.show(Exported(str(path), step, of))
            shown.show(Saved(str(path), total_bytes(path)))
