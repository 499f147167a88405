"""What a video shows at each of its ticks: the process, what is drawn over it, and what follows it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from paints_undo_engine._picture.alpha import on_white
from paints_undo_engine.export import end_card
from paints_undo_engine.export.beside import Beside
from paints_undo_engine.export.camera import (
    Centre,
    FocusFinder,
    Thumbnail,
    small_states,
    smoothed,
    thumbnail,
    views,
    whole_view,
)
from paints_undo_engine.export.endings import crowded, detail_of, sketch_of, wipe, zoom
from paints_undo_engine.export.geometry import Canvas, canvas_for
from paints_undo_engine.export.options import ExportOptions, Fill
from paints_undo_engine.export.overlays import Moment, Overlays
from paints_undo_engine.export.pace import names_face
from paints_undo_engine.export.palette import Palette
from paints_undo_engine.export.planes import Planes
from paints_undo_engine.export.pyramid import Pyramid
from paints_undo_engine.export.source import ProcessSource
from paints_undo_engine.export.steady_view import SteadyView
from paints_undo_engine.export.timeline import Ending, film_timeline
from paints_undo_engine.picture import Picture

_BRUSH_CALM = 0.12
"""Seconds over which the brush's way is smoothed."""

_SWIFT = 3.0
"""Pixels from one picture to the next from which on a view moves fast."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture and for how many ticks it is seen; 0 ticks: a step of preparing, with nothing to see yet."""

    planes: Planes | None
    ticks: int


@dataclass(frozen=True, slots=True)
class _Seen:
    """What was found out about each frame before the first picture is drawn."""

    centres: dict[int, Centre]
    used: dict[int, tuple[bool, ...]]


class Film:
    """A process as a sequence of pictures with a constant rate of `rate` ticks per second, `length` of them in all."""

    def __init__(self, source: ProcessSource, options: ExportOptions) -> None:
        self._source, self._options = source, options
        self._follows = options.fill is Fill.FOLLOW
        self._plan, self.rate = film_timeline(len(source.states), options, source.phases, source.operations)
        self._faces = self._at_faces(source.operations)
        self._surveys = self._follows or options.show_brush or options.show_palette or bool(self._faces)
        self._ticks = self._plan.ticks(self.rate)
        self.canvas: Canvas = canvas_for(source.painting, source.sample(), options, even=True)
        self._beside = Beside(self.canvas)
        self._palette = Palette(self._small_painting()) if options.show_palette else None
        colours = np.zeros((0, 3), np.uint8) if self._palette is None else self._palette.colours
        self._overlays = (
            Overlays(options, self.canvas.width, self.canvas.height, colours) if options.has_overlays else None
        )

    @property
    def length(self) -> int:
        """In ticks."""
        return sum(self._ticks)

    @property
    def steps(self) -> int:
        """How many items `shown` gives."""
        preparing = len({shot.frame for shot in self._plan.shots}) if self._surveys else 0
        endings = self._ticks[len(self._plan.shots) :]
        following = sum(
            1 if ending is Ending.CARD else ticks
            for (ending, _), ticks in zip(self._plan.endings, endings, strict=True)
        )
        return preparing + len(self._plan.shots) + following

    def shown(self) -> Iterator[Shown]:
        """The pictures in their order; one or two are in memory at a time. Raises what reading the source raises."""
        seen = _Seen({}, {})
        if self._surveys:
            locator = FocusFinder()
            for frame, small in small_states(self._source, self._plan):
                seen.centres[frame] = locator.see(small)
                seen.used[frame] = self._palette.see(small) if self._palette else ()
                yield Shown(None, 0)
        yield from self._process(seen)
        endings = self._ticks[len(self._plan.shots) :]
        for (ending, _), ticks in zip(self._plan.endings, endings, strict=True):
            yield from self._ending(ending, ticks, seen)

    def _process(self, seen: _Seen) -> Iterator[Shown]:
        canvases = views(self._source, self.canvas, self._plan, self._options, seen.centres)
        moments = self._moments(seen, canvases) if self._overlays else []
        frame, steady = -1, SteadyView(self.canvas)
        pyramid: Pyramid | None = None
        bare: Planes | None = None
        seen_view: Canvas | None = None
        for number, (shot, view) in enumerate(zip(self._plan.shots, canvases, strict=True)):
            if shot.frame != frame:
                frame, seen_view, picture = shot.frame, None, self._source.states[shot.frame].read()
                pyramid = self._pyramid(picture, pyramid) if self._follows else None
                bare = None if pyramid else steady.show(picture)
            if pyramid is not None and view != seen_view:
                swift = number > 0 and view.moves_from(canvases[number - 1]) > _SWIFT
                bare, seen_view = pyramid.show(view, self._source.painting.placement, swift=swift), view
            assert bare is not None
            planes = bare if self._overlays is None else bare.copy()
            if self._overlays is not None:
                self._overlays.draw(planes, moments[number])
            yield Shown(planes, self._ticks[number])

    def _moments(self, seen: _Seen, canvases: Sequence[Canvas]) -> list[Moment]:
        """What the overlays tell at each tick."""
        states, shots, painting = self._source.states, self._plan.shots, self._source.painting
        last = len(states) - 1
        places = smoothed(
            np.array([seen.centres.get(shot.frame, (0.5, 0.5)) for shot in shots]),
            np.array([float(shot.seconds) for shot in shots]),
            _BRUSH_CALM,
        )
        made = []
        for number, (shot, view, place) in enumerate(zip(shots, canvases, places, strict=True)):
            region, done = view.region, shot.frame == last
            x = (float(place[0]) * painting.width - region.x) * view.width / region.width
            y = (float(place[1]) * painting.height - region.y) * view.height / region.height
            state = states[shot.frame]
            made.append(
                Moment(
                    seconds=float(number / self.rate),
                    share=shot.frame / max(1, last),
                    operation_step=state.operation_step,
                    label=state.label,
                    brush=None if done or shot.frame == 0 else (x, y),
                    used=seen.used.get(shot.frame, ()),
                    done=done,
                )
            )
        return made

    def _at_faces(self, operations: Sequence[str]) -> list[int]:
        """The shown frames in which a face is worked at, where a detail is looked at."""
        if all(ending is not Ending.ZOOM for ending, _ in self._plan.endings):
            return []
        between = {shot.frame for shot in self._plan.shots} - {0, len(operations) - 1}
        return sorted(frame for frame in between if names_face(operations[frame]))

    def _ending(self, ending: Ending, ticks: int, seen: _Seen) -> Iterator[Shown]:
        painting = self._source.painting
        picture = painting.picture()
        whole = whole_view(self.canvas, painting) if self._follows else self.canvas
        match ending:
            case Ending.CARD:
                yield Shown(Planes.of(end_card.draw(whole.show(picture), self._options.language)), ticks)
            case Ending.ZOOM:
                faces = [seen.centres[frame] for frame in self._faces]
                centre = crowded(faces) if faces else detail_of(self._small_painting())
                for planes in zoom(self._pyramid(picture), whole, painting, centre, ticks):
                    yield Shown(planes, 1)
            case Ending.WIPE:
                before, after = (Planes.of(whole.show(each)) for each in (sketch_of(self._source).read(), picture))
                for planes in wipe(before, after, ticks):
                    yield Shown(planes, 1)

    def _small_painting(self) -> Thumbnail:
        return thumbnail(self._source.painting.picture(), self._source.painting)

    def _pyramid(self, picture: Picture, before: Pyramid | None = None) -> Pyramid:
        """The picture to look at closely; `before` is that of the state before, and may be changed."""
        shown = Picture(on_white(picture.pixels), picture.placement)
        make = Pyramid if before is None else before.change
        return make(shown.pixels, shown.placement, lambda: self._beside.of(shown))
