"""`paints-undo redo`: go on from a state of a process another way."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from paints_undo_daemon.cli.happenings import Exported, Saved
from paints_undo_daemon.cli.jobs import JobArgument
from paints_undo_daemon.cli.problems import WrongUsageError
from paints_undo_engine.request import Control, RedoParameters

if TYPE_CHECKING:
    from paints_undo_daemon.cli.progress import Display
    from paints_undo_daemon.client import Client, Job

_TILE = 320


def redo(
    context: typer.Context,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="OUT", help="The sheet of candidates, or the file.")
    ],
    at: Annotated[int, typer.Option(metavar="STEP", min=1, max=999, help="The operation step to go on from.")],
    job: JobArgument = "last",
    candidates: Annotated[int, typer.Option(metavar="NUMBER", min=1, max=8, help="How many to choose from.")] = 4,
    choose: Annotated[
        int | None, typer.Option(metavar="NUMBER", min=1, max=8, help="Make the process of this candidate.")
    ] = None,
    mask: Annotated[
        Path | None,
        typer.Option(
            metavar="PICTURE", help="Only where this picture of the painting's size is light, it goes another way."
        ),
    ] = None,
    control: Annotated[Control, typer.Option(help="Only diffusion: what of the canvas is held on to.")] = Control.AUTO,
    prompt: Annotated[
        str, typer.Option(metavar="TEXT", help="Only diffusion: what is to come of it; default: the painting's tags.")
    ] = "",
    likeness: Annotated[
        float, typer.Option(metavar="SHARE", min=0, max=1, help="Only diffusion: how like the painting, 0 (free) to 1.")
    ] = 0.0,
    strength: Annotated[
        float,
        typer.Option(metavar="SHARE", min=0, max=1, help="Only diffusion: how much is painted over; 0: automatic."),
    ] = 0.0,
    force: Annotated[bool, typer.Option("--force", "-f", help="Replace an output that exists.")] = False,
) -> None:
    """Go on from a state of a finished job another way: other colours, another light, another finish.

    The embedded engine keeps the drawing and changes its colours. The diffusion engine finishes the half-done canvas
    with Stable Diffusion 1.5 and ControlNet, whose models are downloaded only when they are named (models list).

    First save a sheet of candidates; then choose one. Its process is the old one up to the step, and a job of its own,
    which may be branched off again.

    Examples:

      paints-undo redo last --at 500 --candidates 4 -o sheet.png

      paints-undo redo last --at 500 --choose 2 -o process.mp4

      paints-undo redo last --at 500 --choose 2 --mask sky.png -o process.mp4
    """
    from paints_undo_daemon.cli import remote
    from paints_undo_daemon.cli.cancelling import cancellable
    from paints_undo_daemon.cli.export_options import build_options
    from paints_undo_daemon.cli.progress import display
    from paints_undo_daemon.cli.request_options import refuse_idle_options
    from paints_undo_daemon.client.saving import check_output

    if choose is None and output.suffix.lower() != ".png":
        raise WrongUsageError(f"{output} must end in .png: the candidates are shown on one sheet.")
    options = build_options(output, {}, size=None)
    check_output(output, overwrite=force)
    with remote.connect(context.obj) as client, display(as_json=False) as shown, cancellable(shown):
        parent = remote.resolve(client, job)
        given = RedoParameters(control=control, prompt=prompt, likeness=likeness, strength=strength)
        usual = asdict(RedoParameters())
        changed = {f"redo.{name}": value for name, value in asdict(given).items() if value != usual[name]}
        redo = given if changed else None
        base = client.job(parent)
        refuse_idle_options(changed, base.engine)
        if mask is not None:
            _check_mask(mask, base)
        if choose is None:
            _save_sheet(client, parent, at, candidates, mask, redo, output, shown)
            return
        made = client.branch(parent, at, choose, mask=mask, redo=redo)
        remote.follow(client, made.job_id, shown)
        remote.save(client, made.job_id, output, options, shown, overwrite=force)


def _check_mask(mask: Path, base: Job) -> None:
    """Refuse a mask that is not as large as the painting, before a job is made that would fail."""
    from paints_undo_engine.measuring import measured

    size, wanted = measured(mask), (base.painting_width, base.painting_height)
    if size is not None and size != wanted:
        said, needed = ("{} x {} pixels".format(*each) for each in (size, wanted))
        raise WrongUsageError(f"--mask is {said}, but must be {needed}, as the painting.")


def _save_sheet(
    client: Client,
    parent: str,
    at: int,
    candidates: int,
    mask: Path | None,
    redo: RedoParameters | None,
    output: Path,
    shown: Display,
) -> None:
    """Make the candidates' ends as jobs, which are deleted again, and save them side by side under their names."""
    from paints_undo_daemon.client.saving import AtomicOutput
    from paints_undo_engine.export.candidates import candidates_sheet

    made = [
        client.branch(parent, at, number, mask=mask, redo=redo, end_only=True).job_id
        for number in range(1, candidates + 1)
    ]
    try:
        ends = []
        for number, job_id in enumerate(made, 1):
            shown.show(Exported(str(output), number, candidates))
            client.wait(job_id)
            last = len(client.job(job_id).keyframes) - 1
            ends += [frame.data for frame in client.frames(job_id, last, last + 1, keyframes=True, max_side=_TILE)]
    finally:
        for job_id in made:
            client.cancel(job_id)
    sheet = candidates_sheet(ends, _names(client, parent))
    with AtomicOutput(output) as place:
        place.path.write_bytes(sheet)
        place.commit()
    shown.show(Saved(str(output), len(sheet)))
    for job_id in made:
        client.delete(job_id)


def _names(client: Client, job_id: str) -> list[str]:
    """What the candidates of the job's engine are, as far as they have names."""
    wanted = client.job(job_id).engine
    return [name for engine in client.info().engines if engine.name == wanted for name in engine.candidates]
