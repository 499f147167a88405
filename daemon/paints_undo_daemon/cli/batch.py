"""Several pictures in one command: which ones, and where the results of each go."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from paints_undo_daemon.cli.problems import WrongUsageError

STANDARD = "-"
DEFAULT_OUTPUT = "{stem}-process.mp4"
_PLACES = ("stem", "name", "folder", "number")
_ENDINGS = (
    *(".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".tga"),
    *(".psd", ".psb", ".ora", ".kra", ".avif", ".jp2", ".ppm", ".pgm", ".pnm"),
)


@dataclass(frozen=True, slots=True)
class BatchPicture:
    """A picture to work on; `stem` is what stands for it in the names of outputs."""

    path: Path
    stem: str


@contextmanager
def find_pictures(arguments: Sequence[str]) -> Iterator[list[BatchPicture]]:
    """The pictures that are meant: files, the pictures in folders (not in theirs), and ``-`` for the standard input.

    Raises `WrongUsageError` for what is not there, for a folder without pictures and for ``-`` beside others.
    """
    if STANDARD in arguments:
        if len(arguments) > 1:
            raise WrongUsageError("- reads one picture from the standard input, and cannot stand beside others.")
        with TemporaryDirectory(prefix="paints-undo-") as folder:
            path = Path(folder) / "standard-input"
            path.write_bytes(sys.stdin.buffer.read())
            yield [BatchPicture(path, "picture")]
        return
    yield [source for argument in arguments for source in _look(Path(argument))]


def _look(path: Path) -> list[BatchPicture]:
    if path.is_file():
        return [BatchPicture(path, path.stem)]
    if not path.is_dir():
        raise WrongUsageError(f"There is no file {path}.")
    found = sorted(entry for entry in path.iterdir() if entry.is_file() and entry.suffix.lower() in _ENDINGS)
    if not found:
        raise WrongUsageError(f"There is no picture in the folder {path}.")
    return [BatchPicture(entry, entry.stem) for entry in found]


def outputs_of(source: BatchPicture, number: int, templates: Sequence[str]) -> list[Path]:
    """Where the results of one picture go: the templates with their places filled in.

    ``{stem}`` is the picture's name without its ending, ``{name}`` with it, ``{folder}`` the folder that it lies in,
    ``{number}`` its place in the list, from 1. Raises `WrongUsageError` for another place.
    """
    values = {
        "stem": source.stem,
        "name": source.path.name,
        "folder": str(source.path.parent),
        "number": number,
    }
    return [Path(_filled(template, values)) for template in templates]


def _filled(template: str, values: dict[str, object]) -> str:
    try:
        return template.format(**values)
    except (KeyError, IndexError, ValueError):
        places = ", ".join(f"{{{place}}}" for place in _PLACES)
        raise WrongUsageError(f"{template!r} has a place that there is not; {places} are known.") from None


def check_templates(templates: Sequence[str], count: int) -> None:
    """Refuse what would write several pictures' results into one place. Raises `WrongUsageError`."""
    if STANDARD in templates and (len(templates) > 1 or count > 1):
        raise WrongUsageError("-o - writes one video to the standard output, and cannot stand beside others.")
    fixed = [template for template in templates if not any(f"{{{place}" in template for place in _PLACES)]
    if count > 1 and fixed:
        raise WrongUsageError(
            f"All {count} pictures would be written to {fixed[0]}; put {{stem}} into its name, such as "
            f'"out/{{stem}}.mp4".'
        )
