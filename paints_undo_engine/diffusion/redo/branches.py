"""The branches of a process: which picture each of its states is a state of, and what the process ends in."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.contract import KeyframeTask
from paints_undo_engine.diffusion.interpolation.conditions import Size
from paints_undo_engine.diffusion.redo.stage import Pixels, RedoCanvas, RedoStage
from paints_undo_engine.events import KeyframeMade, PlanChanged, Progress, Warned
from paints_undo_engine.painting import Fitted, Painting, draw, fit_to, from_raw, resize
from paints_undo_engine.picture import Picture
from paints_undo_engine.request import MAX_SEED, Branch, ProcessRequest, branches_behind

MakeKeyframe = Callable[[Painting, KeyframeTask], Generator[Progress | Warned | PlanChanged, None, KeyframeMade]]
_NEXT_CANDIDATE = 10_000
"""Candidates are far apart, so that none is the first one of a neighbouring seed."""
_KEPT = 8


@dataclass(frozen=True, eq=False)
class Ends:
    """The painting and what each branch leads to, in their order; `branches` as requested."""

    pictures: tuple[Painting, ...]
    branches: tuple[Branch, ...]

    @property
    def last(self) -> Painting:
        """What the whole process ends in."""
        return self.pictures[-1]

    def of(self, operation_step: int) -> Painting:
        """The picture that the state at an operation step is a state of: a branch keeps those until it leaves."""
        return self.pictures[branches_behind(self.branches, operation_step)]


@dataclass(frozen=True, eq=False)
class HalfDone:
    """How far a given canvas is, where something new may come (`mask` bool [H, W], None: everywhere), and which
    candidate is wanted."""

    operation_step: int
    candidate: int = 1
    mask: NDArray[np.bool_] | None = None


class Branches:
    """Makes the ends of branches, one off the other, and keeps the last ones."""

    def __init__(self, stage: RedoStage) -> None:
        self._stage = stage
        self._made: dict[str, Painting] = {}

    def ends(
        self, painting: Painting, request: ProcessRequest, tags: str, size: Size, make_keyframe: MakeKeyframe
    ) -> Generator[Progress | Warned | PlanChanged, None, Ends]:
        """All ends of a request. `size` is the working size (height, width); `make_keyframe` gives a state.

        Raises what the keyframe stage and `RedoStage.run` raise.
        """
        pictures = [painting]
        for number, branch in enumerate(request.procedural.branches):
            before = Ends(tuple(pictures), request.procedural.branches[:number])
            key = _key(painting, request, tags, size, number)
            if key not in self._made:
                made = yield from self._make(before, branch, request, tags, size, make_keyframe)
                while len(self._made) >= _KEPT:
                    del self._made[next(iter(self._made))]
                self._made[key] = made
            pictures.append(self._made[key])
        return Ends(tuple(pictures), request.procedural.branches)

    def clear(self) -> None:
        """Forget the ends and the networks."""
        self._made.clear()
        self._stage.drop()

    def _make(
        self,
        before: Ends,
        branch: Branch,
        request: ProcessRequest,
        tags: str,
        size: Size,
        make_keyframe: MakeKeyframe,
    ) -> Generator[Progress | Warned | PlanChanged, None, Painting]:
        source = before.of(branch.operation_step)
        state = before.pictures[0].states.get(branch.operation_step)
        if state is None:
            seed = dict(request.keyframes.seeds).get(branch.operation_step, request.keyframe_seed)
            made = yield from make_keyframe(source, KeyframeTask(0, branch.operation_step, seed))
            assert made.picture is not None
            state = made.picture
        fitted = fit_to(source.rgb8(), size[1], size[0], request.fit)
        mask = before.pictures[0].mask(branch.mask)
        free = None if mask is None else _fitted_mask(mask, before.pictures[0], request, size)
        canvas = RedoCanvas(fit_back(state, fitted), fitted, branch.operation_step, free)
        pixels = yield from self._run(canvas, request, tags, branch.candidate)
        return as_end(fitted.cut(pixels), source, mask)

    def redo(
        self,
        painting: Painting,
        request: ProcessRequest,
        tags: str,
        size: Size,
        state: Painting,
        half_done: HalfDone,
    ) -> Generator[Progress, None, Painting]:
        """A candidate for a canvas that is given, of the painting's size. Raises as `RedoStage.run`."""
        fitted, canvas = (fit_to(pixels, size[1], size[0], request.fit) for pixels in (painting.rgb8(), state.rgb8()))
        free = None if half_done.mask is None else _fitted_mask(half_done.mask, painting, request, size)
        given = RedoCanvas(canvas, fitted, half_done.operation_step, free)
        pixels = yield from self._run(given, request, tags, half_done.candidate)
        return as_end(fitted.cut(pixels), painting)

    def _run(
        self, canvas: RedoCanvas, request: ProcessRequest, tags: str, candidate: int
    ) -> Generator[Progress, None, Pixels]:
        seed = (request.keyframe_seed + _NEXT_CANDIDATE * candidate) % (MAX_SEED + 1)
        avoid = request.keyframes.negative_prompt
        return (yield from self._stage.run(canvas, request.redo, avoid, tags, seed))


def _fitted_mask(mask: NDArray[np.bool_], painting: Painting, request: ProcessRequest, size: Size) -> NDArray[np.bool_]:
    """A mask at the working size: bool [h, w]. Raises `ValueError` for one of another size than the painting."""
    if mask.shape != (painting.height, painting.width):
        has, wanted = f"{mask.shape[1]} x {mask.shape[0]}", f"{painting.width} x {painting.height}"
        raise ValueError(f"The mask has {has} pixels, but the painting {wanted}.")
    pixels = np.repeat(mask[:, :, None].astype(np.uint8) * 255, 3, axis=2)
    return np.asarray(fit_to(pixels, size[1], size[0], request.fit).pixels[:, :, 0] > 127)


def fit_back(state: Picture, fitted: Fitted) -> Fitted:
    """A state as it is shown, of any size, at the working size that `fitted` has, its edges extended again."""
    left, top, width, height = fitted.inner
    pixels = draw(state, fitted.placement, width, height)
    down, across = fitted.pixels.shape[:2]
    borders = (top, down - height - top, left, across - width - left)
    return replace(fitted, pixels=cv2.copyMakeBorder(pixels, *borders, cv2.BORDER_REPLICATE))


def as_end(candidate: Picture, source: Painting, mask: NDArray[np.bool_] | None = None) -> Painting:
    """A candidate as a painting of the size of `source`, with its alpha; what it does not show stays as it was.

    So does what lies outside of a `mask`, bool [H, W].
    """
    given = source.pixels8()
    place = candidate.placement
    left, top, width, height = (round(value) for value in (place.x, place.y, place.width, place.height))
    whole = source.rgb8().copy()
    whole[top : top + height, left : left + width] = resize(candidate.pixels, width, height)
    if mask is not None:
        whole = np.where(mask[:, :, None], whole, source.rgb8())
    if given.shape[2] == 4:
        whole = np.dstack([whole, given[:, :, 3]])
    return from_raw(np.ascontiguousarray(whole).tobytes(), source.width, source.height, whole.shape[2])


def _key(painting: Painting, request: ProcessRequest, tags: str, size: Size, number: int) -> str:
    """What decides the end of branch `number` (from 0)."""
    parts: Sequence[object] = (
        hashlib.sha256(painting.pixels8().tobytes()).hexdigest(),
        painting.pixels8().shape,
        request.procedural.branches[: number + 1],
        (request.keyframes.steps, request.keyframes.guidance_scale, request.keyframes.negative_prompt),
        (request.keyframes.seeds, request.keyframe_seed, request.fit, request.reference, request.redo),
        (request.execution.preset, tags, size),
        [
            hashlib.sha256(painting.states[branch.operation_step].pixels.tobytes()).hexdigest()
            for branch in request.procedural.branches[: number + 1]
            if branch.operation_step in painting.states
        ],
    )
    return repr(parts)
