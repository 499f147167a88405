"""Making a process in this program: `undo`, `frames`, `Engine`, and what they give."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from paints_undo_engine import engines, events, painting, process
from paints_undo_engine.course import Course, course_of
from paints_undo_engine.descriptions import DEFAULT_ENGINE
from paints_undo_engine.export.options import ExportOptions, options_for
from paints_undo_engine.export.side_by_side import export_side_by_side
from paints_undo_engine.export.source import Still
from paints_undo_engine.parameters import with_values
from paints_undo_engine.picture import Picture, SplitLayer
from paints_undo_engine.provenance.signing import SigningKey
from paints_undo_engine.request import ProcessRequest, variants_of
from paints_undo_engine.result import Result

if TYPE_CHECKING:
    from PIL.Image import Image

PictureLike: TypeAlias = "str | Path | bytes | NDArray[np.uint8] | Image"
"""A file's name or path, a file's bytes, uint8 pixels [height, width, 3 or 4] in sRGB, or a PIL image."""

Report = Callable[[float, str], None]
"""Is told how far the work is, 0 to 1, and what is being done."""


@dataclass(frozen=True)
class Frame:
    """One picture of a process.

    `index` is chronological from 0, `operation_step` counts back from 1000 (the blank canvas) to 0 (the painting),
    `label` says what is being painted, where the engine knows it.
    """

    index: int
    operation_step: float
    label: str
    _picture: Callable[[], Picture]

    @cached_property
    def pixels(self) -> NDArray[np.uint8]:
        """uint8 [height, width, 3 or 4], sRGB, straight alpha."""
        return self._picture().pixels

    @property
    def image(self) -> Image:
        """The same as a PIL image."""
        from PIL import Image

        return Image.fromarray(self.pixels)

    @property
    def done(self) -> float:
        """The share of the work that is done, 0 to 1."""
        return 1 - self.operation_step / 1000

    def __repr__(self) -> str:
        label = f", {self.label!r}" if self.label else ""
        return f"<Frame {self.index}, {self.done:.0%} painted{label}>"

    def _repr_png_(self) -> bytes:
        with io.BytesIO() as buffer:
            self.image.save(buffer, "PNG")
            return buffer.getvalue()


class Process:
    """A finished process: its frames, its keyframes, its layers, and the files that can be made of it.

    Pictures lie in a temporary folder until the process is closed or forgotten. A notebook shows a contact sheet.
    """

    def __init__(self, result: Result) -> None:
        self._result = result

    @property
    def frames(self) -> list[Frame]:
        """All frames, chronological; the last is the painting."""
        return _listed(self._result.frames)

    @property
    def keyframes(self) -> list[Frame]:
        """The blank canvas, the states at the operation steps, the painting."""
        return _listed(self._result.keyframes)

    @property
    def layers(self) -> tuple[SplitLayer, ...]:
        """The painting as an artist's layers, bottom first. Raises `EngineUnavailableError` for an engine without."""
        return self._result.layers

    @property
    def tags(self) -> str:
        """What the engine sees in the picture, comma-separated."""
        return self._result.tags

    @property
    def course(self) -> Course:
        """How far each frame is from the end, and how much of the time each phase takes.

        >>> [process.course.distance_at(0.5) for process in paints_undo.variants("in.png")]
        """
        stills = self._result.frames or self._result.keyframes
        return course_of((still.read().pixels for still in stills), (still.label for still in stills))

    def export(self, path: str | Path, options: ExportOptions | None = None, **given: Any) -> Path:
        """Write a video, an animation, a layered file, a contact sheet or a folder; the name's ending chooses.

        `given` are fields of `ExportOptions`: ``process.export("reel.mp4", duration_seconds=15, aspect="9:16")``. The
        file appears under its name when it is complete. Raises `ExportError` and `InvalidRequestError`.
        """
        path = Path(path)
        chosen = with_values(options or options_for(path), given)
        for _ in self._result.export(path, chosen, _key(chosen)):
            pass
        return path

    def beside(self, others: Sequence[Process], path: str | Path, **given: Any) -> Path:
        """Write this process and others, numbered from 1, side by side: a grid at equal time, on a contact sheet rows.

        ``first.beside(rest, "variants.mp4", duration_seconds=10)``. Raises `ExportError` and `InvalidRequestError`.
        """
        path = Path(path)
        sources = [process._result.source() for process in (self, *others)]
        options = with_values(options_for(path), given)
        for _ in export_side_by_side(sources, path, options, _key(options)):
            pass
        return path

    def close(self) -> None:
        """Delete the pictures."""
        self._result.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __len__(self) -> int:
        return len(self._result.frames)

    def __repr__(self) -> str:
        width, height = self._result.painting.width, self._result.painting.height
        return f"<Process of a {width} x {height} painting: {len(self)} frames>"

    def _repr_png_(self) -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            return self.export(Path(folder) / "sheet.png").read_bytes()


def _key(options: ExportOptions) -> SigningKey | None:
    """This account's key, where files are signed."""
    from paints_undo_daemon import signing_key
    from paints_undo_daemon.home import home_folder

    pair = signing_key.for_export(options, home_folder())
    return SigningKey(*pair) if pair else None


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
        progress: Report | None = None,
        **parameters: Any,
    ) -> Process:
        """Make the whole process of a picture. See `undo` for the arguments."""
        areas = {name: read_picture(given) for name, given in (masks or {}).items()}
        source = read_picture(picture).with_masks(areas)
        return _made(self._begin(source, request, seed, own_keyframes, parameters), progress)

    def variants(
        self,
        picture: PictureLike,
        request: ProcessRequest | None = None,
        *,
        count: int,
        seed: int | None = None,
        own_keyframes: Mapping[int, PictureLike] | None = None,
        progress: Report | None = None,
        **parameters: Any,
    ) -> list[Process]:
        """Make the first `count` possible processes of a picture. See `variants` for the arguments."""
        source = read_picture(picture)
        results = [
            self._begin(source, one, seed, own_keyframes, parameters)
            for one in variants_of(request or ProcessRequest(engine=self.name), count)
        ]
        try:
            return [_made(result, _part(progress, number, count)) for number, result in enumerate(results)]
        except BaseException:
            for result in results:
                result.close()
            raise

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
    for output in outputs:
        options_for(Path(output))
    with Engine(engine) as loaded:
        made = loaded.undo(
            picture,
            request,
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
    """Make `count` (1 to 8) possible processes of a picture, and write them side by side to `outputs`.

    They are made one after the other by one engine, which reads, describes and encodes the picture once. The other
    arguments, and what is raised, are those of `undo`.

    >>> first, *rest = paints_undo.variants("in.png", "rows.png", "grid.mp4", count=4)
    """
    for output in outputs:
        options_for(Path(output))
    with Engine(engine) as loaded:
        made = loaded.variants(
            picture, request, count=count, seed=seed, own_keyframes=own_keyframes, progress=progress, **parameters
        )
        try:
            for output in outputs:
                made[0].beside(made[1:], output)
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


def read_picture(picture: PictureLike) -> painting.Painting:
    """A painting from a path, a file's bytes, pixels or a PIL image. Raises `PaintingError`, `TypeError`."""
    if isinstance(picture, str | Path):
        return painting.decode(Path(picture))
    if isinstance(picture, bytes):
        return painting.decode(picture)
    if not isinstance(picture, np.ndarray):
        picture = _pixels_of(picture)
    if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] not in (3, 4):
        raise TypeError(
            f"The pixels are {picture.dtype} {list(picture.shape)}, but must be uint8 [height, width, 3 or 4]."
        )
    height, width, channels = picture.shape
    return painting.from_raw(np.ascontiguousarray(picture).tobytes(), width, height, channels)


def _made(result: Result, progress: Report | None) -> Process:
    """The process of a result that is made here and now."""
    try:
        count = process.frame_count(result.request)
        for event in result.run():
            if progress is not None and isinstance(event, events.FrameMade):
                progress((event.index + 1) / count, event.label)
    except BaseException:
        result.close()
        raise
    return Process(result)


def _part(progress: Report | None, number: int, count: int) -> Report | None:
    """Tells of one of several processes as a part of the whole."""
    if progress is None:
        return None
    return lambda share, label: progress((number + share) / count, label)


def _pixels_of(image: Image) -> NDArray[np.uint8]:
    from PIL.Image import Image as PilImage

    if not isinstance(image, PilImage):
        raise TypeError(f"A picture is a path, bytes, a NumPy array or a PIL image, not {type(image).__name__}.")
    return np.asarray(image.convert("RGBA" if image.has_transparency_data else "RGB"))


def _listed(stills: list[Still]) -> list[Frame]:
    return [Frame(index, still.operation_step, still.label, still.read) for index, still in enumerate(stills)]


def _given(picture: Picture) -> Picture:
    return picture
