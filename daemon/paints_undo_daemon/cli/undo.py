"""`paints-undo undo`: a painting in, its process out."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import typer

from paints_undo_daemon.cli import completing, sounding, variants
from paints_undo_daemon.cli.batch import (
    DEFAULT_OUTPUT,
    STANDARD,
    BatchPicture,
    check_templates,
    find_pictures,
    outputs_of,
)
from paints_undo_daemon.cli.cancelling import cancellable
from paints_undo_daemon.cli.export_options import (
    SizeOption,
    SoundOption,
    build_options,
    left_out_signs,
    refuse_idle_exports,
    with_export_flags,
)
from paints_undo_daemon.cli.happenings import Noted, PictureBegun
from paints_undo_daemon.cli.helping import HelpAllOption
from paints_undo_daemon.cli.problems import WrongUsageError
from paints_undo_daemon.cli.request_options import (
    AUTO_ENGINE,
    build_request,
    in_option_names,
    own_pictures,
    refuse_idle_options,
    seed_pairs,
    with_request_flags,
)
from paints_undo_engine.errors import PaintsUndoError
from paints_undo_engine.request import MAX_VARIANTS, ProcessRequest
from paints_undo_engine.stages import Stage

if TYPE_CHECKING:
    from paints_undo_daemon.cli.progress import Display
    from paints_undo_daemon.cli.remote import Where
    from paints_undo_engine.export.options import ExportOptions

HELP = """Invent how a painting was painted.

The ending of each output chooses its format: .mp4 .webm .gif .webp .apng .ora .psd .html, .png or .pdf (a contact
sheet), .sprites.zip (a sprite sheet), .zip (a PNG sequence), or a folder for the frames as PNG files. Without -o,
painting.png becomes painting-process.mp4.

Press Ctrl-C to cancel. No half-written file is left.

Examples:

  paints-undo undo painting.png

  paints-undo undo *.png -o "out/{stem}.mp4"

  paints-undo undo painting.png -o clip.gif -o layers.ora -o frames/ --duration 15

  paints-undo undo painting.png -o reel.mp4 --aspect 9:16 --fill follow --size 1920 --result-first 1 --seed 7

  paints-undo undo painting.png --variants 4 -o rows.png -o grid.mp4

  paints-undo undo painting.png -o process.webm --engine diffusion --keyframe 400=my-lines.png
"""


@dataclass(frozen=True, slots=True)
class UndoTask:
    """What `undo` was asked for."""

    picture: Path
    request: ProcessRequest
    own_keyframes: Mapping[int, Path]
    outputs: Mapping[Path, ExportOptions]
    force: bool
    variants: int


@with_request_flags
@with_export_flags
def undo(
    context: typer.Context,
    pictures: Annotated[
        list[str],
        typer.Argument(
            metavar="PICTURE", help="Finished paintings in any picture format, folders of them, or - to read one."
        ),
    ],
    output: Annotated[
        list[str] | None,
        typer.Option(
            "--output",
            "-o",
            metavar="OUT",
            help="Where to save; may be given several times. {stem}, {name}, {folder} and {number} stand for the "
            "picture's; - writes an MP4 to the standard output.",
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", "-f", help="Replace outputs that exist; without it they are refused.")
    ] = False,
    seed: Annotated[int | None, typer.Option(metavar="NUMBER", help="Seed of keyframes and intervals.")] = None,
    keyframe: Annotated[
        list[str] | None,
        typer.Option(metavar="STEP=FILE", help="Your own picture for the keyframe at an operation step."),
    ] = None,
    keyframe_seed_at: Annotated[
        list[str] | None, typer.Option(metavar="STEP=SEED", help="A seed of its own for one keyframe.")
    ] = None,
    in_process: Annotated[bool, typer.Option("--in-process", help="Work in this program, without a daemon.")] = False,
    device: Annotated[
        str | None,
        typer.Option(
            metavar="DEVICE",
            help="auto, cpu, cuda:0, ... Only with --in-process; a daemon's devices are its setting `devices`.",
        ),
    ] = None,
    models: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Where the models are. Only with --in-process; a daemon reads PAINTS_UNDO_MODELS at its start.",
        ),
    ] = None,
    title: Annotated[
        str, typer.Option("--name", metavar="TEXT", help="A name for lists of jobs; default: the file's.")
    ] = "",
    batch: Annotated[bool, typer.Option("--batch", help="Queue the job after all interactive ones.")] = False,
    base_job: Annotated[
        str | None,
        typer.Option(
            metavar="JOB",
            help="Take over what agrees from an earlier job of the same painting.",
            autocompletion=completing.jobs,
        ),
    ] = None,
    keep: Annotated[
        bool,
        typer.Option(
            "--keep/--no-keep",
            show_default=True,
            help="Whether the daemon keeps job and pictures; otherwise it deletes them at the end, however that is.",
        ),
    ] = True,
    variant_count: Annotated[
        int,
        typer.Option(
            "--variants",
            metavar="NUMBER",
            min=1,
            max=MAX_VARIANTS,
            help="Make so many possible processes of each picture, and show them side by side.",
        ),
    ] = 1,
    size: SizeOption = None,
    sound: SoundOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object for each event.")] = False,
    help_all: HelpAllOption = False,
    *,
    given: dict[str, Any],
    export_given: dict[str, Any],
) -> None:
    """Invent how a painting was painted."""
    del help_all
    from paints_undo_daemon.cli.happenings import Done
    from paints_undo_daemon.cli.progress import Renaming, display

    if variant_count > 1 and (base_job or "variant" in given):
        raise WrongUsageError("--variants makes the first ones of a painting; leave out --variant and --base-job.")
    if not in_process and (device or models):
        raise WrongUsageError(
            "--device and --models go with --in-process. For a daemon, set `devices` in daemon.toml or "
            "PAINTS_UNDO_MODELS in its environment, and start it anew with 'paints-undo stop' and 'paints-undo serve'."
        )
    if as_json and STANDARD in (output or ()):
        raise WrongUsageError(
            "--json and -o - both write to the standard output; give the video a name, or leave --json out."
        )
    where: Where = context.obj
    with display(as_json=as_json) as shown, cancellable(shown), in_option_names():
        if given.get("engine") == AUTO_ENGINE:
            given["engine"] = _recommended(where, in_process=in_process)
        own = own_pictures(keyframe or ())
        request = build_request(given, seed=seed, seeds=seed_pairs(keyframe_seed_at or ()), own=own)
        refuse_idle_options(given, request.engine)
        templates = output or ([] if request.stop_after is Stage.TAGS else [DEFAULT_OUTPUT])

        def options_of(path: Path) -> ExportOptions:
            return build_options(path, export_given, size=size)

        asked = [Path("process.mp4" if template == STANDARD else template) for template in templates]
        for path in asked:
            options_of(path)
        if asked:
            refuse_idle_exports(asked, export_given, size=size, processes=variant_count)

        def make(source: BatchPicture, number: int) -> None:
            with in_option_names(), _destinations(source, number, templates) as outputs:
                task = UndoTask(
                    source.path, request, own, {path: options_of(path) for path in outputs}, force, variant_count
                )
                _check(task)
                sounding.check(sound, task.outputs)
                if in_process or not where.given:
                    for note in left_out_signs(task.outputs.values()):
                        shown.show(Noted(note))
                told = Renaming(shown, outputs[0], "the video") if templates == [STANDARD] else shown
                if in_process:
                    _run_here(task, device, models, told)
                else:
                    name = title or (source.path.name if source.stem == source.path.stem else source.stem)
                    _run_there(task, where, told, title=name, batch=batch, base_job=base_job, keep=keep)
                for path, options in task.outputs.items():
                    sounding.lay_under(path, options, sound)

        with find_pictures(pictures) as sources:
            check_templates(templates, len(sources))
            _make_all(sources, make, shown)
        shown.show(Done())


def _make_all(sources: Sequence[BatchPicture], make: Callable[[BatchPicture, int], None], shown: Display) -> None:
    """Work through the pictures. One that fails does not keep the others back; at the end it is told.

    Raises what a single picture raises, and `PaintsUndoError` with a summary where one of several has failed.
    """
    if len(sources) == 1:
        make(sources[0], 1)
        return
    failed: list[str] = []
    for number, source in enumerate(sources, 1):
        shown.show(PictureBegun(str(source.path), number, len(sources)))
        try:
            make(source, number)
        except (PaintsUndoError, OSError) as error:
            failed.append(source.path.name)
            shown.show(Noted(f"{source.path.name}: {error}"))
    if failed:
        raise PaintsUndoError(f"{len(failed)} of {len(sources)} pictures failed: {', '.join(failed)}.")


@contextmanager
def _destinations(source: BatchPicture, number: int, templates: Sequence[str]) -> Iterator[list[Path]]:
    """Where the results of a picture go. Folders are made; the standard output gets its file at the end."""
    if list(templates) != [STANDARD]:
        outputs = outputs_of(source, number, templates)
        for path in outputs:
            path.absolute().parent.mkdir(parents=True, exist_ok=True)
        yield outputs
        return
    with TemporaryDirectory(prefix="paints-undo-") as folder:
        path = Path(folder) / "process.mp4"
        yield [path]
        with path.open("rb") as file:
            shutil.copyfileobj(file, sys.stdout.buffer)
        sys.stdout.buffer.flush()


def _check(task: UndoTask) -> None:
    """Refuse what cannot work before any work is done."""
    from paints_undo_daemon.client.saving import check_output

    if task.outputs and task.request.stop_after is Stage.TAGS:
        raise WrongUsageError("With --stop-after tags there is nothing to save; leave -o out.")
    if task.variants > 1:
        variants.check(task.outputs)
    for path in task.own_keyframes.values():
        if not path.is_file():
            raise WrongUsageError(f"There is no file {path}.")
    sources = {path.resolve() for path in (task.picture, *task.own_keyframes.values())}
    for path in task.outputs:
        if path.resolve() in sources:
            raise WrongUsageError(f"{path} is one of your own pictures and is not replaced; choose another output.")
        check_output(path, overwrite=task.force)


def _recommended(where: Where, *, in_process: bool) -> str:
    """The engine that ``auto`` stands for: the daemon's recommendation, or the embedded one without a daemon."""
    from paints_undo_daemon.cli import remote

    if in_process:
        return ProcessRequest().engine
    with remote.connect(where) as client:
        return client.info().recommended_engine


def _run_here(task: UndoTask, device: str | None, models: Path | None, shown: Display) -> None:
    from paints_undo_daemon.cli import in_process
    from paints_undo_engine.engines import EngineSettings

    settings = EngineSettings(device=device or "auto", models=models)
    if task.variants > 1:
        variants.make_here(
            task.picture, task.request, task.own_keyframes, task.outputs, settings, shown, count=task.variants
        )
        return
    outputs = [in_process.Output(path, options) for path, options in task.outputs.items()]
    in_process.run(task.picture, task.request, task.own_keyframes, outputs, settings, shown)


def _run_there(
    task: UndoTask, where: Where, shown: Display, *, title: str, batch: bool, base_job: str | None, keep: bool
) -> None:
    from paints_undo_daemon.cli import remote
    from paints_undo_daemon.client.wire import new_id

    with remote.connect(where) as client, ExitStack() as ending:
        if task.variants > 1:
            variants.make_there(
                client,
                task.picture,
                task.request,
                task.own_keyframes,
                task.outputs,
                shown,
                count=task.variants,
                title=title[:200],
                batch=batch,
                keep=keep,
                force=task.force,
            )
            return
        request_id = new_id()
        base_job_id = remote.resolve(client, base_job) if base_job else ""
        with remote.cancelled_on_interrupt(client, request_id, shown):
            job = client.submit(
                task.picture,
                task.request,
                own_keyframes=dict(task.own_keyframes),
                title=title[:200],
                batch=batch,
                base_job_id=base_job_id,
                request_id=request_id,
                exports=task.outputs.values(),
            )
            if not keep:
                ending.callback(remote.forget, client, job.job_id, shown)
            remote.follow(client, job.job_id, shown)
        for path, options in task.outputs.items():
            remote.save(client, job.job_id, path, options, shown, overwrite=task.force)
