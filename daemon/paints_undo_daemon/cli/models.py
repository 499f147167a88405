"""`paints-undo models …`: the checkpoints of the engines, through the daemon or in this program."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from paints_undo_daemon.cli import console
from paints_undo_daemon.cli.happenings import Happening, ListedModel, Noted, Transferred
from paints_undo_daemon.cli.local import LocalCommand, PerhapsLocalCommand

if TYPE_CHECKING:
    from paints_undo_daemon.client import ModelProgress, ServedModel

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
InProcessOption = Annotated[bool, typer.Option("--in-process", help="Do it in this program, without a daemon.")]
FolderOption = Annotated[
    Path | None, typer.Option("--models", metavar="FOLDER", help="Another folder of models, in this program.")
]


def _complete(incomplete: str) -> list[str]:
    """What a shell offers for the beginning of a model's name."""
    from paints_undo_engine.checkpoints.catalogue import MODELS

    return [model.id for model in MODELS if model.id.startswith(incomplete)]


ModelsArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[MODEL…]", help="Models by name; default: all that the engines need.", autocompletion=_complete
    ),
]

app = typer.Typer(no_args_is_help=True, help="See, download and check the engines' models.")


@app.command("list", cls=PerhapsLocalCommand)
def list_models(
    context: typer.Context,
    in_process: InProcessOption = False,
    folder: FolderOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the models, with what is on disk of them.

    Examples:

      paints-undo models list

      paints-undo models list --models /data/models --json
    """
    models = _described(context, in_process=in_process, folder=folder)
    if as_json:
        console.print_json([model.as_row() for model in models])
        return
    out = console.out()
    for model in models:
        sizes = f"{console.size(model.size_bytes)} of {console.size(model.total_bytes)}"
        note = f" - {model.message}" if model.message else ""
        out.print(f"{model.model}: {model.state}, {sizes}{note}", markup=False)
        licence = f", {model.licence}" if model.licence else ""
        out.print(f"    {model.description} ({model.repository}{licence})", markup=False)
        if model.use:
            out.print(f"    only for {model.use}", markup=False)


def _described(context: typer.Context, *, in_process: bool, folder: Path | None) -> list[ListedModel]:
    if in_process or folder is not None:
        from paints_undo_daemon.cli import models_here

        return models_here.described(folder)
    from paints_undo_daemon.cli import remote

    with remote.connect(context.obj) as client:
        return [_listed(model) for model in client.models()]


def _listed(model: ServedModel) -> ListedModel:
    return ListedModel(
        model=model.model_id,
        description=model.description,
        repository=model.repository,
        state=model.state or "unknown",
        size_bytes=model.size_bytes,
        total_bytes=model.total_bytes,
        revision=model.revision,
        message=model.message,
        use=model.use,
        licence=model.licence,
    )


@app.command(cls=PerhapsLocalCommand)
def download(
    context: typer.Context,
    models: ModelsArgument = None,
    revision: Annotated[str, typer.Option(metavar="REVISION", help="A commit to pin: its 40 hexadecimal digits.")] = "",
    in_process: InProcessOption = False,
    folder: FolderOption = None,
    as_json: JsonOption = False,
) -> None:
    """Download models, or go on with downloads that were broken off.

    Without names, those that the engines do not run without. What else there is, under which licence, tells the list.

    Ctrl-C stops; what has arrived is kept and the next download goes on from there.

    Examples:

      paints-undo models download

      paints-undo models download paints_undo_single_frame --in-process

      paints-undo models download figures
    """
    for name in models or _names(context, in_process=in_process, folder=folder):
        if in_process or folder is not None:
            from paints_undo_daemon.cli import models_here

            _show(models_here.downloaded(name, folder, revision), as_json=as_json)
        else:
            from paints_undo_daemon.cli import remote

            with remote.connect(context.obj) as client:
                _show(_happenings(name, client.download_model(name, revision)), as_json=as_json)


@app.command(cls=PerhapsLocalCommand)
def verify(
    context: typer.Context,
    models: ModelsArgument = None,
    in_process: InProcessOption = False,
    folder: FolderOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check the models' files against the digests that were recorded when they were downloaded.

    Without names, those are checked of which something is there.

    Example:

      paints-undo models verify
    """
    chosen = models or _names(context, in_process=in_process, folder=folder, only_present=True)
    if not chosen:
        _show([Noted("There are no models to check. Run: paints-undo models download")], as_json=as_json)
    for name in chosen:
        if in_process or folder is not None:
            from paints_undo_daemon.cli import models_here

            _show(models_here.verified(name, folder), as_json=as_json)
        else:
            from paints_undo_daemon.cli import remote

            with remote.connect(context.obj) as client:
                _show(_happenings(name, client.verify_model(name)), as_json=as_json)


@app.command(cls=LocalCommand)
def inspect(models: ModelsArgument = None, folder: FolderOption = None) -> None:
    """Print what the checkpoints on this machine hold: configs, tensors, dtypes, versions, for a report of a problem.

    Example:

      paints-undo models inspect paints_undo_single_frame
    """
    from paints_undo_daemon.cli import models_here

    for text in models_here.inspected(models or [], folder):
        typer.echo(text)


@app.command(cls=LocalCommand)
def accept(
    pictures: Annotated[
        list[Path],
        typer.Argument(metavar="PICTURE…", help="The published application's example pictures, in its order: 1 to 3."),
    ],
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Where sheets and videos go.")] = Path("accept"),
    device: Annotated[str, typer.Option(metavar="DEVICE", help="auto, cuda:0, ...")] = "auto",
    folder: FolderOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Run even where it takes many hours, as on a CPU.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Run the published examples exactly as published, and make a sheet of each to lay beside the published pictures.

    Seeds, noise, sizes and rounding are the published application's, on an NVIDIA GPU. Elsewhere the noise is another
    one, and on a CPU it takes days.

    Example:

      paints-undo models accept imgs/1.jpg imgs/2.jpg imgs/3.jpg --out accept
    """
    from paints_undo_daemon.cli import acceptance
    from paints_undo_daemon.cli.progress import display
    from paints_undo_engine.engines import EngineSettings

    with display(as_json=as_json) as shown:
        acceptance.run(pictures, out, EngineSettings(device=device, models=folder), shown, allow_slow=yes)


@app.command(cls=LocalCommand)
def path() -> None:
    """Print the folder in which downloads are kept.

    Set PAINTS_UNDO_MODELS to keep them elsewhere. Complete copies in the Hugging Face cache are used where they are.

    Example:

      paints-undo models path
    """
    from paints_undo_daemon.cli import models_here

    typer.echo(models_here.home())


def _names(context: typer.Context, *, in_process: bool, folder: Path | None, only_present: bool = False) -> list[str]:
    models = _described(context, in_process=in_process, folder=folder)
    if only_present:
        return [model.model for model in models if model.state != "missing"]
    return [model.model for model in models if not model.use]


def _happenings(name: str, steps: Iterable[ModelProgress]) -> Iterator[Happening]:
    told = ""
    for step in steps:
        if step.note not in ("", told):
            told = step.note
            yield Noted(told)
        if step.model is not None:
            if step.model.message and step.model.state == "ready":
                yield Noted(f"{name}: {step.model.message}")
            yield _listed(step.model)
        else:
            yield Transferred(name, step.file, step.done_bytes, step.total_bytes)


def _show(happenings: Iterable[Happening], *, as_json: bool) -> None:
    """Show a download or check. Raises `CheckpointError` when the model is not ready at its end."""
    from paints_undo_daemon.cli.progress import display
    from paints_undo_engine.errors import CheckpointError

    with display(as_json=as_json) as shown:
        for happening in happenings:
            shown.show(happening)
            if isinstance(happening, ListedModel) and happening.state != "ready":
                raise CheckpointError(happening.message or f"{happening.model} is {happening.state}.")
