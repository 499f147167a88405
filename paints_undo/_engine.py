"""An engine in this program, for one picture after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from types import TracebackType
from typing import Any, Self

from paints_undo._pictures import PictureLike, read_picture
from paints_undo._process import Frame, Process
from paints_undo_engine import engines, events, painting, process
from paints_undo_engine.descriptions import DEFAULT_ENGINE
from paints_undo_engine.export.options import ExportOptions
from paints_undo_engine.foreseen import check_exports
from paints_undo_engine.parameters import with_values
from paints_undo_engine.picture import Picture
from paints_undo_engine.request import ProcessRequest, variants_of
from paints_undo_engine.result import Result

Report = Callable[[float, str], None]
"""Is told how far the work is, 0 to 1, and what is being done."""


class Engine:
    """An engine that is loaded once and used for several pictures.

    >>> with paints_undo.Engine("diffusion", device="cuda:0") as engine:
    ...     for path in paths:
    ...         engine.undo(path).export(path.with_suffix(".mp4"))

    `settings` are fields of `paints_undo_engine.engines.EngineSettings`. Raises `EngineUnavailableError`.
    """

    def __init__(self, name: str = DEFAULT_ENGINE, **settings: Any) -> None:
        self.name = name
        self._engine = engines.load(name, engines.EngineSettings(**settings))

    def undo(
        self,
        picture: PictureLike,
        request: ProcessRequest | None = None,
        *,
        seed: int | None = None,
        own_keyframes: Mapping[int, PictureLike] | None = None,
        masks: Mapping[str, PictureLike] | None = None,
        exports: Iterable[ExportOptions] = (),
        progress: Report | None = None,
        **parameters: Any,
    ) -> Process:
        """Make the whole process of a picture. See `undo` for the arguments; `exports` is what it is meant for: one
        that would be too much for its format is refused before anything is made (`ExportError`)."""
        areas = {name: read_picture(given) for name, given in (masks or {}).items()}
        source = read_picture(picture).with_masks(areas)
        result = self._begin(source, request, seed, own_keyframes, parameters)
        return _made([result], exports, progress)[0]

    def variants(
        self,
        picture: PictureLike,
        request: ProcessRequest | None = None,
        *,
        count: int,
        seed: int | None = None,
        own_keyframes: Mapping[int, PictureLike] | None = None,
        exports: Iterable[ExportOptions] = (),
        progress: Report | None = None,
        **parameters: Any,
    ) -> list[Process]:
        """Make the first `count` possible processes of a picture. See `variants` for the arguments, and the method
        `undo` for `exports`."""
        source = read_picture(picture)
        results = [
            self._begin(source, one, seed, own_keyframes, parameters)
            for one in variants_of(request or ProcessRequest(engine=self.name), count)
        ]
        return _made(results, exports, progress)

    def frames(
        self,
        picture: PictureLike,
        request: ProcessRequest | None = None,
        *,
        every: int = 1,
        seed: int | None = None,
        own_keyframes: Mapping[int, PictureLike] | None = None,
        **parameters: Any,
    ) -> Iterator[Frame]:
        """Give the frames of a picture's process as they are made. See `frames` for the arguments."""
        if every < 1:
            raise ValueError(f"every is {every}, but must be 1 or more.")
        with self._begin(picture, request, seed, own_keyframes, parameters) as result:
            last = process.frame_count(result.request) - 1
            for event in result.run():
                if isinstance(event, events.FrameMade) and (event.index % every == 0 or event.index == last):
                    made = event.picture or result.painting.picture()
                    yield Frame(event.index, event.operation_step, event.label, partial(_given, made))

    def close(self) -> None:
        """Give back devices and memory."""
        self._engine.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _begin(
        self,
        picture: PictureLike | painting.Painting,
        request: ProcessRequest | None,
        seed: int | None,
        own_keyframes: Mapping[int, PictureLike] | None,
        parameters: Mapping[str, Any],
    ) -> Result:
        own = {step: read_picture(given).picture() for step, given in (own_keyframes or {}).items()}
        values = {name.replace("__", "."): value for name, value in parameters.items()} | {"engine": self.name}
        if seed is not None:
            values |= {"keyframes.seed": seed, "interpolation.seed": seed}
        if own:
            values["keyframes.own"] = tuple(sorted(own))
        source = picture if isinstance(picture, painting.Painting) else read_picture(picture)
        return Result(self._engine, source, with_values(request or ProcessRequest(), values), own)


def _made(results: list[Result], exports: Iterable[ExportOptions], progress: Report | None) -> list[Process]:
    """The processes of results that are made here and now, one after the other."""
    try:
        size = results[0].painting.width, results[0].painting.height
        check_exports(*size, results[0].request, exports, len(results))
        for number, result in enumerate(results):
            _make(result, _part(progress, number, len(results)))
    except BaseException:
        for result in results:
            result.close()
        raise
    return [Process(result) for result in results]


def _make(result: Result, progress: Report | None) -> None:
    count = process.frame_count(result.request)
    for event in result.run():
        if progress is not None and isinstance(event, events.FrameMade):
            progress((event.index + 1) / count, event.label)


def _part(progress: Report | None, number: int, count: int) -> Report | None:
    """Tells of one of several processes as a part of the whole."""
    if progress is None:
        return None
    return lambda share, label: progress((number + share) / count, label)


def _given(picture: Picture) -> Picture:
    return picture
