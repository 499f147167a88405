"""A whole process in this program: made, kept on disk, looked at, exported.

with make(painting.decode(Path("in.png")), ProcessRequest()) as result:
    for event in result.run():
        ...
    result.export(Path("process.mp4"))
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from paints_undo_engine import __version__, events, png, process
from paints_undo_engine.contract import Engine, layers_of
from paints_undo_engine.descriptions import Ability, lack_of
from paints_undo_engine.export import ExportOptions, export, options_for
from paints_undo_engine.export.estimate import EncodedFrame, FileEstimate, estimate
from paints_undo_engine.export.leaving_out import left_out
from paints_undo_engine.export.source import ProcessSource, Steps, Still
from paints_undo_engine.foreseen import check_exports
from paints_undo_engine.painting import Painting
from paints_undo_engine.picture import Picture, Placement, SplitLayer
from paints_undo_engine.provenance import Provenance
from paints_undo_engine.provenance.note import fingerprint
from paints_undo_engine.provenance.signing import SigningKey
from paints_undo_engine.request import ProcessRequest, branches_behind


class Result:
    """A process and its pictures, which wait in a temporary folder until they are exported or looked at.

    To be used as a context manager, or closed. The engine is the caller's; it is not closed here. `warnings` are what
    the engine has said about it, such as that it was asked for what its models were not trained for.
    """

    def __init__(
        self,
        engine: Engine,
        source_painting: Painting,
        request: ProcessRequest,
        own_keyframes: Mapping[int, Picture] | None = None,
    ) -> None:
        self.painting = source_painting
        self.request = request
        self.tags = ""
        self.warnings: list[str] = []
        self._engine = engine
        self._own = own_keyframes
        self._folder = tempfile.TemporaryDirectory(prefix="paints-undo-", ignore_cleanup_errors=True)
        self._frames: dict[int, Still] = {}
        self._keyframes: dict[int, Still] = {}
        self._stored: dict[type, dict[int, EncodedFrame]] = {events.FrameMade: {}, events.KeyframeMade: {}}
        self._layers: tuple[SplitLayer, ...] | None = None

    @property
    def frames(self) -> list[Still]:
        """The frames that are made, chronological; the last is the painting."""
        return [self._frames[index] for index in sorted(self._frames)]

    @property
    def keyframes(self) -> list[Still]:
        """The keyframes that are made, chronological."""
        return [self._keyframes[index] for index in sorted(self._keyframes)]

    @property
    def layers(self) -> tuple[SplitLayer, ...]:
        """The layer split, bottom first; made once, when it is first asked for.

        Raises `EngineUnavailableError` for an engine that has none.
        """
        if self._layers is None:
            self._layers = tuple(layers_of(self._engine, self.painting, self.request))
        return self._layers

    def run(self) -> Iterator[events.Event]:
        """Make the process, and give its events as they happen. Closing the generator cancels.

        Raises what `process.run` raises.
        """
        for event in process.run(self._engine, self.painting, self.request, self._own):
            match event:
                case events.Tagged():
                    self.tags = event.text
                case events.Warned():
                    self.warnings.append(event.text)
                case events.FrameMade():
                    self._frames[event.index] = self._keep(event)
                case events.KeyframeMade():
                    self._keyframes[event.index] = self._keep(event)
            yield event

    @property
    def finished(self) -> Painting:
        """What the process ends in: the painting, or, with branches, their end."""
        ends = self.keyframes or self.frames
        if not self.request.procedural.branches or not ends or ends[-1].operation_step > 0:
            return self.painting
        return Painting(ends[-1].read().pixels)

    def source(self, *, layers: bool = False) -> ProcessSource:
        """What exporters read, with the layer split where `layers` is set."""
        return ProcessSource(
            painting=self.finished,
            provenance=Provenance(
                self.request.engine, self.request.keyframe_seed, __version__, fingerprint(self.painting)
            ),
            frames=self.frames,
            keyframes=self.keyframes,
            layers=self.layers if layers else (),
        )

    def source_for(self, options: ExportOptions) -> ProcessSource:
        """What an exporter reads by these options: with the layer split where they want it, and without what they leave
        out. Raises as `export` does."""
        has_split = lack_of(self.request.engine, Ability.LAYERS) == ""
        source = self.source(layers=options.wants_split(has_split=has_split))
        return left_out(source, options, lambda: self._engine, self.painting, self.request)

    def check_export(self, options: ExportOptions) -> None:
        """Refuse an export that is too much for its format, before the process is made. Raises `ExportError`."""
        check_exports(self.painting.width, self.painting.height, self.request, [options])

    def estimate(self, options: ExportOptions) -> FileEstimate:
        """What `export` would make, without making it. Raises `ExportError` where there is nothing to export."""
        stored = self._stored[events.FrameMade] or self._stored[events.KeyframeMade]
        frames = [stored[index] for index in sorted(stored)]
        return estimate(self.painting.width, self.painting.height, frames, options, len(self._keyframes))

    def export(
        self,
        path: Path,
        options: ExportOptions | None = None,
        key: SigningKey | None = None,
        sound: Path | None = None,
    ) -> Steps:
        """Write the process to `path`, and give (step, of) after each step; the name's ending chooses the format. It
        returns what a video was encoded by, as FFmpeg calls it.

        With a `key` it is signed (`export.export`); `sound` is laid under a video (`export.sound`).

        Raises `ExportError`, and `EngineUnavailableError` where a layer split is asked for that the engine has not.
        """
        chosen = options or options_for(path)
        return export(replace(self.source_for(chosen), sound=sound), path, chosen, key)

    def close(self) -> None:
        """Delete the pictures."""
        self._folder.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _keep(self, made: events.FrameMade | events.KeyframeMade) -> Still:
        stored = self._stored[type(made)]
        if made.picture is None:
            stored[made.index] = EncodedFrame(self.painting.width, self.painting.height, 0)
            return Still(made.operation_step, self.painting.picture, made.label)
        path = Path(self._folder.name) / f"{type(made).__name__}-{made.index}.png"
        data = png.encode(made.picture.pixels)
        path.write_bytes(data)
        height, width = made.picture.pixels.shape[:2]
        stored[made.index] = EncodedFrame(width, height, len(data))
        branches = self.request.procedural.branches
        of = (lambda: self.painting) if branches and not branches_behind(branches, made.operation_step) else None
        return Still(made.operation_step, partial(_read, path, made.picture.placement), made.label, of)


def _read(path: Path, placement: Placement) -> Picture:
    return Picture(png.decode(path.read_bytes()), placement)
