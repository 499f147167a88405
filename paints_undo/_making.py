"""One call for one picture: `undo`, `variants`, `frames`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from paints_undo._engine import Engine, Report
from paints_undo._pictures import PictureLike
from paints_undo._process import Frame, Process
from paints_undo_engine.descriptions import DEFAULT_ENGINE
from paints_undo_engine.export.options import options_for
from paints_undo_engine.request import ProcessRequest


def undo(
    picture: PictureLike,
    *outputs: str | Path,
    engine: str = DEFAULT_ENGINE,
    request: ProcessRequest | None = None,
    seed: int | None = None,
    own_keyframes: Mapping[int, PictureLike] | None = None,
    masks: Mapping[str, PictureLike] | None = None,
    progress: Report | None = None,
    **parameters: Any,
) -> Process:
    """Make the process of a picture, and write it to `outputs`, whose endings choose the formats.

    `seed` makes another process. `own_keyframes` maps operation steps to pictures of your own, `masks` the names
    that branches have for masks to pictures of the same size, light where something new may come. `parameters` are
    those of `ProcessRequest` by their names, with two underscores for a dot: ``keyframes__operation_steps=(200, 500)``.
    `progress` is called with the share that is done and a label.

    >>> paints_undo.undo("in.png", "out.mp4", "layers.psd", seed=7)

    Raises `PaintsUndoError`: `PaintingError` for what is no picture, `InvalidRequestError`, `EngineUnavailableError`,
    `ExportError`.
    """
    exports = [options_for(Path(output)) for output in outputs]
    with Engine(engine) as loaded:
        made = loaded.undo(
            picture,
            request,
            exports=exports,
            seed=seed,
            own_keyframes=own_keyframes,
            masks=masks,
            progress=progress,
            **parameters,
        )
        try:
            for output in outputs:
                made.export(output)
        except BaseException:
            made.close()
            raise
    return made


def variants(
    picture: PictureLike,
    *outputs: str | Path,
    count: int = 4,
    engine: str = DEFAULT_ENGINE,
    request: ProcessRequest | None = None,
    seed: int | None = None,
    own_keyframes: Mapping[int, PictureLike] | None = None,
    progress: Report | None = None,
    **parameters: Any,
) -> list[Process]:
    """Make `count` (1 to 8) possible processes of a picture, and write them side by side to `outputs`; a single one
    by itself.

    They are made one after the other by one engine, which reads, describes and encodes the picture once. The other
    arguments, and what is raised, are those of `undo`.

    >>> first, *rest = paints_undo.variants("in.png", "rows.png", "grid.mp4", count=4)
    """
    exports = [options_for(Path(output)) for output in outputs]
    with Engine(engine) as loaded:
        made = loaded.variants(
            picture,
            request,
            count=count,
            exports=exports,
            seed=seed,
            own_keyframes=own_keyframes,
            progress=progress,
            **parameters,
        )
        first, *rest = made
        try:
            for output in outputs:
                if rest:
                    first.beside(rest, output)
                else:
                    first.export(output)
        except BaseException:
            for process in made:
                process.close()
            raise
    return made


def frames(
    picture: PictureLike,
    *,
    every: int = 1,
    engine: str = DEFAULT_ENGINE,
    request: ProcessRequest | None = None,
    seed: int | None = None,
    own_keyframes: Mapping[int, PictureLike] | None = None,
    **parameters: Any,
) -> Iterator[Frame]:
    """Give every n-th frame of a picture's process as it is made, and always the last one.

    >>> for frame in paints_undo.frames("in.png", every=5):
    ...     frame.image.save(f"{frame.index:04}.png")

    The other arguments, and what is raised, are those of `undo`.
    """
    with Engine(engine) as loaded:
        yield from loaded.frames(picture, request, every=every, seed=seed, own_keyframes=own_keyframes, **parameters)
