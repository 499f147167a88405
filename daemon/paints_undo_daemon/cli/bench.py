"""`paints-undo bench`: what presets and memory plans cost and change, on one's own card and painting."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from paints_undo_daemon.cli.flags import with_flags
from paints_undo_daemon.cli.places import BenchPlaces
from paints_undo_daemon.cli.problems import WrongUsageError
from paints_undo_daemon.cli.request_options import FLAGS, build_request
from paints_undo_engine.request import Preset

HELP = """Measure presets and memory plans with your models, on your device and painting.

Every preset makes the whole process, and its frames are compared with those of exact (PSNR, SSIM). So are the frames of
exact with another seed: what differs less than two seeds do is hardly a loss. Every other memory plan that the device
can hold makes the keyframes and one interval. A sheet shows the presets side by side, for your eyes to decide.

Then techniques that change nothing but the time are tried: compiled blocks (compiling) and the attention of xformers,
where they are installed. What is faster here is offered to be switched on, for this card with these versions only.

It works in this program and not in a daemon. End a running daemon before (paints-undo stop): its worker would hold
memory of the same device. What only a first run costs is not counted. Ctrl-C keeps what has been measured: the files
are written anew after each run.

Examples:

  paints-undo bench painting.png

  paints-undo bench painting.png --presets fast,draft --plans 8gb,6gb -o measured

  paints-undo bench painting.png --presets exact --techniques compiling --switch-on

  paints-undo bench painting.png --steps 10 --operation-steps 600 --frames 8
"""

_LEFT_TO_SET = ("tags.", "keyframes.", "interpolation.")
with_job_flags = with_flags("given", [flag for flag in FLAGS if flag.parameter.name.startswith(_LEFT_TO_SET)])


@with_job_flags
def bench(
    picture: Annotated[Path, typer.Argument(metavar="PICTURE", help="A finished painting, in any picture format.")],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FOLDER", help="Where all results go; default: the painting's name with -bench."
        ),
    ] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="The figures, instead of bench.json in the folder.")
    ] = None,
    sheet: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The side-by-side PNG, instead of sheet.png in the folder.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", "-f", help="Replace results that exist.")] = False,
    models: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Where the models are; default: where downloads are kept.")
    ] = None,
    device: Annotated[str, typer.Option(metavar="DEVICE", help="auto, cpu, cuda:0, ...")] = "auto",
    presets: Annotated[
        str, typer.Option(metavar="NAMES", help="Presets besides exact, comma-separated; default: all.")
    ] = ",".join(Preset),
    plans: Annotated[
        str | None,
        typer.Option(metavar="NAMES", help="Memory plans, the first for all presets; default: all that fit."),
    ] = None,
    frames: Annotated[
        int | None, typer.Option(metavar="NUMBER", help="Pictures of an interval, to shorten it (published: 16).")
    ] = None,
    steps: Annotated[
        int | None, typer.Option(metavar="NUMBER", help="Sampling steps of both stages, to shorten it (published: 50).")
    ] = None,
    seed: Annotated[int | None, typer.Option(metavar="NUMBER", help="Seed of keyframes and intervals.")] = None,
    techniques: Annotated[
        str | None,
        typer.Option(metavar="NAMES", help="compiling, xformers, none; default: those installed, on a GPU."),
    ] = None,
    switch_on: Annotated[
        bool | None, typer.Option("--switch-on/--leave-off", help="Answer the question whether to switch them on.")
    ] = None,
    *,
    given: dict[str, Any],
) -> None:
    """Measure presets and memory plans."""
    shorter = {"interpolation.frames": frames, "interpolation.steps": steps, "keyframes.steps": steps}
    values = {name: value for name, value in shorter.items() if value is not None} | given
    request = build_request({"engine": "diffusion"} | values, seed=seed, seeds=(), own=())
    chosen = [_preset(name) for name in presets.split(",")]
    folder = output or Path(f"{picture.stem}-bench")
    places = BenchPlaces(folder, json_file or folder / "bench.json", sheet or folder / "sheet.png")
    _check(picture, places, force=force)

    from paints_undo_daemon.cli import measuring

    trying = _names(techniques)
    asked = measuring.Asked(picture, request, chosen, plans.split(",") if plans else None, trying)
    measuring.run(asked, device=device, models=models, places=places, switch_on=switch_on)


def _names(techniques: str | None) -> tuple[str, ...] | None:
    if techniques is None:
        return None
    names = tuple(name.strip() for name in techniques.split(",") if name.strip() != "none")
    for name in names:
        if name not in ("compiling", "xformers"):
            raise WrongUsageError(f"--techniques is {name!r}, but must be of compiling, xformers, none.")
    return names


def _preset(name: str) -> Preset:
    try:
        return Preset(name.strip())
    except ValueError:
        raise WrongUsageError(f"--presets is {name.strip()!r}, but must be of {', '.join(Preset)}.") from None


def _check(picture: Path, places: BenchPlaces, *, force: bool) -> None:
    """Refuse what cannot work before any work is done."""
    if not picture.is_file():
        raise WrongUsageError(f"There is no file {picture}.")
    for path in (places.json, places.sheet):
        if path.exists() and not force:
            raise FileExistsError(f"{path} exists already; allow it to be replaced (--force), or choose another name.")
        if path.resolve() == picture.resolve():
            raise WrongUsageError(f"{path} is the painting and is not replaced; choose another output.")
        if path.parent != places.folder and not path.parent.is_dir():
            raise WrongUsageError(f"{path} cannot be written, because the folder {path.parent} does not exist.")
    if not places.folder.parent.is_dir():
        raise WrongUsageError(f"{places.folder} cannot be made: the folder {places.folder.parent} does not exist.")
