"""`paints-undo models …`: the checkpoints of the diffusion engine, through the daemon."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from paints_undo_daemon.cli import console
from paints_undo_engine.errors import CheckpointError

if TYPE_CHECKING:
    from paints_undo.v1 import models_pb2
    from paints_undo_daemon.client import Client

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
ModelsArgument = Annotated[
    list[str] | None, typer.Argument(metavar="[MODEL…]", help="Models by name; default: all that the engines know.")
]

app = typer.Typer(no_args_is_help=True, help="See, download and check the diffusion engine's models.")


@app.command("list")
def list_models(context: typer.Context, as_json: JsonOption = False) -> None:
    """List the models, with what is on disk of them.

    Example:

      paints-undo models list
    """
    from paints_undo_daemon.cli import remote

    with remote.connect(context.obj) as client:
        answer = client.models()
    if as_json:
        models = [_as_dict(model) for model in answer.models]
        console.print_json({"models": models, "free_disk_bytes": answer.free_disk_bytes})
        return
    out = console.out()
    for model in answer.models:
        sizes = f"{console.size(model.size_bytes)} of {console.size(model.total_bytes)}"
        note = f" - {model.message}" if model.message else ""
        out.print(f"{model.model_id}: {_state(model)}, {sizes}{note}", markup=False)
        out.print(f"    {model.description} ({model.repository})", markup=False)
    out.print(f"Free disk: {console.size(answer.free_disk_bytes)}")


def _state(model: models_pb2.Model) -> str:
    from paints_undo.v1 import models_pb2

    return models_pb2.ModelState.Name(model.state).removeprefix("MODEL_STATE_").lower()


def _as_dict(model: models_pb2.Model) -> dict[str, Any]:
    return {
        "model": model.model_id,
        "description": model.description,
        "repository": model.repository,
        "state": _state(model),
        "size_bytes": model.size_bytes,
        "total_bytes": model.total_bytes,
        "revision": model.revision,
        "message": model.message,
    }


@app.command()
def download(
    context: typer.Context,
    models: ModelsArgument = None,
    revision: Annotated[str, typer.Option(metavar="REVISION", help="A revision to pin.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Download models, or go on with downloads that were broken off.

    Ctrl-C stops; what has arrived is kept and the next download goes on from there.

    Examples:

      paints-undo models download

      paints-undo models download paints_undo_single_frame
    """
    from paints_undo_daemon.cli import remote

    with remote.connect(context.obj) as client:
        for name in _names(client, models):
            _follow(name, client.download_model(name, revision), as_json=as_json)


@app.command()
def verify(context: typer.Context, models: ModelsArgument = None, as_json: JsonOption = False) -> None:
    """Check the models' files against the digests that were recorded when they were downloaded.

    Example:

      paints-undo models verify
    """
    from paints_undo_daemon.cli import remote

    with remote.connect(context.obj) as client:
        for name in _names(client, models):
            _follow(name, client.verify_model(name), as_json=as_json)


def _names(client: Client, models: list[str] | None) -> list[str]:
    return models or [model.model_id for model in client.models().models]


def _follow(
    name: str,
    messages: Iterable[models_pb2.DownloadModelResponse | models_pb2.VerifyModelResponse],
    *,
    as_json: bool,
) -> None:
    """Show the progress of a download or check. Raises `CheckpointError` when the model is not ready at its end."""
    from paints_undo.v1 import models_pb2
    from paints_undo_daemon.cli.progress import display

    with display(as_json=as_json) as shown:
        for message in messages:
            if not message.HasField("model"):
                shown.show(
                    {
                        "event": "transfer",
                        "model": name,
                        "file": message.file,
                        "done_bytes": message.done_bytes,
                        "total_bytes": message.total_bytes,
                    }
                )
                continue
            shown.show({"event": "model"} | _as_dict(message.model))
            if message.model.state != models_pb2.MODEL_STATE_READY:
                raise CheckpointError(message.model.message or f"{name} is not complete; download it again.")
