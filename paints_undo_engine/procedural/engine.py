"""The embedded engine behind the contract of `paints_undo_engine.contract`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.contract import BLANK_OPERATION_STEP, Interval, KeyframeTask, Operation, StateMade
from paints_undo_engine.engines import EngineSettings
from paints_undo_engine.events import KeyframeMade, Progress, Tagged
from paints_undo_engine.painting import Painting
from paints_undo_engine.picture import Picture, Placement, SplitLayer
from paints_undo_engine.procedural.build import make_split
from paints_undo_engine.procedural.describe import describe
from paints_undo_engine.procedural.document.document import Document
from paints_undo_engine.procedural.mount import mounted
from paints_undo_engine.procedural.options import Options
from paints_undo_engine.procedural.reading.readings import Readings
from paints_undo_engine.procedural.redo.branch import BranchDocument
from paints_undo_engine.procedural.redo.making import finished_picture, make_branch
from paints_undo_engine.request import ProcessRequest
from paints_undo_engine.tagger import Tagger, installed


class ProceduralEngine:
    """States of one document; that of the last process is kept, and what was read in the last pictures."""

    name = "procedural"
    memory_plan: str = ""
    record_notes: tuple[str, ...] = ()

    def __init__(self, settings: EngineSettings) -> None:
        self._models = settings.models
        self._tagger: Tagger | None = None
        self._key: tuple[object, ...] = ()
        self._document: Document | BranchDocument | None = None
        self._readings = Readings()

    def tags(self, painting: Painting, request: ProcessRequest) -> Iterator[Progress | Tagged]:
        """Describe the painting: by the tagger where it is installed, otherwise by its statistics and palette."""
        wanted = request.tags
        tagger = self._installed_tagger()
        yield Progress(1, 1)
        if tagger is None:
            yield Tagged(describe(painting.pixels8()))
        else:
            yield Tagged(
                tagger(painting.pixels8(), wanted.general_threshold, wanted.character_threshold, wanted.exclude)
            )

    def _installed_tagger(self) -> Tagger | None:
        if self._tagger is None:
            self._tagger = installed(self._models)
        return self._tagger

    def keyframes(
        self, painting: Painting, request: ProcessRequest, tags: str, tasks: tuple[KeyframeTask, ...]
    ) -> Iterator[Progress | KeyframeMade]:
        """States at the given operation steps; while a process is planned, previews of what has been read."""
        del tags
        yield from self._glimpses(painting, request, len(tasks))
        for number, task in enumerate(tasks, 1):
            document = self.document(painting, request, task.seed)
            count = document.count_at(task.operation_step)
            picture = Picture(document.render(count), painting.placement)
            yield Progress(number, len(tasks))
            yield KeyframeMade(task.index, float(task.operation_step), picture, _moment(document, count))

    def _glimpses(self, painting: Painting, request: ProcessRequest, steps: int) -> Iterator[Progress]:
        """Previews until the picture has been read."""
        picture = _working(np.ascontiguousarray(painting.pixels8()), request.procedural.max_side)
        mount = mounted(picture)
        for glimpse in self._readings.glimpses(mount.inside):
            yield Progress(1, steps, preview=Picture(mount.glimpsed(glimpse), painting.placement))

    def interval(
        self, painting: Painting, request: ProcessRequest, interval: Interval
    ) -> Iterator[Progress | StateMade]:
        """Real states in between, at evenly spread operation steps."""
        document = self.document(painting, request, request.keyframe_seed)
        pictures = interval.frames - 1
        begin, end = interval.earlier.operation_step, interval.later.operation_step
        for number in range(1, interval.frames):
            position = number / pictures
            step = begin + (end - begin) * position
            count = document.count_at(step)
            picture = Picture(document.render(count), painting.placement)
            yield Progress(number, pictures)
            yield StateMade(position, step, picture, _moment(document, count))

    def state(self, painting: Painting, request: ProcessRequest, operation_step: float) -> Picture:
        """See `contract.OperationsEngine.state`."""
        document = self.document(painting, request, request.keyframe_seed)
        return Picture(document.render(document.count_at(operation_step)), painting.placement)

    def document(self, painting: Painting, request: ProcessRequest, seed: int) -> Document | BranchDocument:
        """The document of a painting at the frames' size; the same inputs always give the same one."""
        pixels = np.ascontiguousarray(painting.pixels8())
        options, wanted = _options(request, seed), request.procedural
        key = (hashlib.blake2b(pixels.data).digest(), pixels.shape, options, wanted.max_side, wanted.branches)
        if self._document is None or self._key != key:
            self._document = None
            self._document = make_branch(
                _working(pixels, wanted.max_side), options, wanted.branches, self._readings, _masks(painting, request)
            )
            self._key = key
        return self._document

    def finished(self, painting: Painting, request: ProcessRequest, tags: str) -> Iterator[Picture]:
        """See `contract.RedoEngine.finished`."""
        del tags
        pixels = np.ascontiguousarray(painting.pixels8())
        yield Picture(self._end(pixels, painting, request), painting.placement)

    def layers(self, painting: Painting, request: ProcessRequest) -> Iterator[SplitLayer]:
        """The layer split, bottom first, at the painting's own size, exact for its 8-bit picture."""
        options = _options(request, request.keyframe_seed)
        pixels = np.ascontiguousarray(painting.pixels8())
        yield from make_split(self._end(pixels, painting, request), options, self._readings)

    def _end(self, pixels: NDArray[np.uint8], painting: Painting, request: ProcessRequest) -> NDArray[np.uint8]:
        branches, masks = request.procedural.branches, _masks(painting, request)
        return finished_picture(pixels, request.keyframe_seed, branches, self._readings, masks)

    def operations(self, painting: Painting, request: ProcessRequest) -> Iterator[Operation]:
        """See `contract.OperationsEngine.operations`."""
        document = self.document(painting, request, request.keyframe_seed)
        scale = painting.width / document.picture.shape[1]
        for operation in document.operations:
            yield Operation(
                index=operation.index,
                phase=operation.phase,
                tool=operation.tool,
                bounds=Placement(*(value * scale for value in operation.bounds)),
                label=operation.label,
                operation_step=BLANK_OPERATION_STEP * (1 - operation.index / document.count),
            )

    def close(self) -> None:
        """Forget the document, the readings and the tagger."""
        self._document = None
        self._readings.clear()
        self._tagger = None


def _moment(document: Document | BranchDocument, count: float) -> str:
    """What is being done after `count` operations: the phase, then the operation, such as "shading, hair, shadow"."""
    operation = document.operation_at(count)
    return f"{operation.phase}, {operation.label}"


def create(settings: EngineSettings) -> ProceduralEngine:
    """Make the engine; it runs on the CPU whatever device the settings name."""
    return ProceduralEngine(settings)


def _masks(painting: Painting, request: ProcessRequest) -> dict[str, NDArray[np.bool_]]:
    """The masks that the branches name. Raises `InvalidRequestError` for one that is not there."""
    named = {branch.mask: painting.mask(branch.mask) for branch in request.procedural.branches}
    return {name: mask for name, mask in named.items() if mask is not None}


def _options(request: ProcessRequest, seed: int) -> Options:
    wanted = request.procedural
    return Options(seed, wanted.method, wanted.corrections, wanted.flip, request.variant)


def _working(pixels: NDArray[np.uint8], max_side: int) -> NDArray[np.uint8]:
    """The picture at the frames' size: its own, unless a longer side is given."""
    height, width = pixels.shape[:2]
    scale = max_side / max(height, width) if max_side else 1.0
    if scale >= 1:
        return np.ascontiguousarray(pixels)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    if pixels.shape[2] == 3:
        return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA))
    weight = pixels[..., 3:].astype(np.float32) / 255
    alpha = cv2.resize(weight, size, interpolation=cv2.INTER_AREA)
    colour = (
        cv2.resize(pixels[..., :3] * weight, size, interpolation=cv2.INTER_AREA) / np.maximum(alpha, 1e-6)[..., None]
    )
    return np.round(np.dstack([np.clip(colour, 0, 255), alpha * 255])).astype(np.uint8)
