"""The pieces of a drawn and coloured picture, from which methods choose, each planned when it is first asked for."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.layer import Layer
from paints_undo_engine.procedural.document.model import Phase, Pixels, Tool
from paints_undo_engine.procedural.methods.drawing import Drawing, drawing
from paints_undo_engine.procedural.methods.grounds import GROUND, Ground, grounded, split
from paints_undo_engine.procedural.methods.inks import Inks
from paints_undo_engine.procedural.methods.method import LayerMaker
from paints_undo_engine.procedural.methods.outlines import Contours
from paints_undo_engine.procedural.methods.shares import weighed
from paints_undo_engine.procedural.methods.standing import before_details, broad_forms, evenly, near, with_lines
from paints_undo_engine.procedural.reading.channels import difference
from paints_undo_engine.procedural.reading.model import InkPath, Part, PictureKind
from paints_undo_engine.procedural.script import PlannedWork, ScriptStep, weighing
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.accents import find_accents
from paints_undo_engine.procedural.techniques.adjusting import Adjusting, Mirroring
from paints_undo_engine.procedural.techniques.airbrushing import airbrushed
from paints_undo_engine.procedural.techniques.blending import blended, smooth_places
from paints_undo_engine.procedural.techniques.captions import captions
from paints_undo_engine.procedural.techniques.contouring import contours
from paints_undo_engine.procedural.techniques.features import (
    PENNED,
    FaceWork,
    Features,
    below,
    drawn_features,
    hidden,
    known_features,
    most_covered,
    penned,
    with_features,
)
from paints_undo_engine.procedural.techniques.filling import Filling
from paints_undo_engine.procedural.techniques.lining import Stroke, ordered_strokes
from paints_undo_engine.procedural.techniques.refining import refined
from paints_undo_engine.procedural.techniques.scenery import ground_strokes
from paints_undo_engine.procedural.techniques.shades import Shades, find_shades, soft_tones
from paints_undo_engine.procedural.techniques.spotting import after_flat, eyes_of, spots, spotted
from paints_undo_engine.procedural.techniques.thick_lines import thick_lines, thickly_lined
from paints_undo_engine.procedural.techniques.toning import highlighted, toned

FIGURE = ("Figure",)
_SMALL, _FORMS = 190.0, 330.0
"""The diagonal divided by them: the brush that paints a figure's forms over its tones, and how far it blurs them."""
_SMOOTHING = 0.35
"""Beside the brush of `_SMALL`, which weighs 1."""
_SEEN, _EVEN, _EVEN_GRAPHIC = 14, 0.9, 0.7
"""Levels, and of a figure (of a flat graphic) what flats and tones bring so near to the picture if it is even."""
_GAZE = 0.5
"""Of an eye's time among tones: what it takes among flats."""
_TELLING = 0.8
_INKED = 0.5
"""Of a pixel: where lines cover more, they are what is drawn."""
_ACCENTS = 0.2
"""Of the hard tones' time: what accents take besides."""
_LINE_COLOURS = 0.12
"""The same of the lines' colours."""
_NEAR = 120
"""The diagonal divided by it: what of the ink lies farther from every stroke of the figure is the ground's."""
_LARGE = 300_000
"""Pixels of the grid: on a smaller one two threads wait for each other more than they gain."""
_GROUND_DETAILS = 0.4
"""Beside a painted ground's brush work, which weighs 1."""


class Pieces:
    """Sketch, line, flats, tones, airbrush, ground, details and curves of one picture."""

    def __init__(self, source: Source, *, contoured: bool = True) -> None:
        self.source = source
        self.figure, self._ground_labels = split(source)
        self._grounding: Future[Ground] | None = None
        self._finishing: Future[PlannedWork] | None = None
        self._sketching: Future[Drawing] | None = None
        if source.reading.labels.size > _LARGE:
            self._begin()
        self._thick = thick_lines(source, self.figure) if contoured else []
        filled = [label for label in self.figure if label not in self._thick]
        # Graphics are areas of their own, however alike two of them are.
        graphic = source.reading.kind is PictureKind.FLAT
        self._shades: Shades = {} if graphic else find_shades(source, filled)
        self._soft_tones = {} if graphic else soft_tones(source, self._shades)
        self.contours, self._contoured = Contours(source), contoured
        faces = {self._shades.get(label, label) for label in below(self._features, source.reading)}
        self.filling = Filling(source, filled, FIGURE, Phase.FLATS, self._shades, faces=faces)
        self.adjusting, self.mirroring = Adjusting(source), Mirroring(source)

    def _begin(self) -> None:
        """Plan ground and sketch while the figure is planned."""
        beside = ThreadPoolExecutor(1)
        if len(self._ground_labels):
            self._grounding = beside.submit(grounded, self.source, self._ground_labels)
            self._finishing = beside.submit(lambda: self.ground_details)
        self._sketching = beside.submit(drawing, self.source)
        beside.shutdown(wait=False)

    @cached_property
    def drawn(self) -> Drawing:
        """Construction and sketch."""
        return drawing(self.source) if self._sketching is None else self._sketching.result()

    @cached_property
    def strokes(self) -> list[Stroke]:
        """The lines in their order, and with them the contours of what has no line in the picture."""
        scenery = self.ground.scenery
        regions, labels, shades = self.figure, None, self._shades
        if scenery is not None:
            regions, labels = [*self.figure, *self._ground_labels], scenery.flats
            shades = {**self._shades, **scenery.shades}
        found: tuple[InkPath, ...] = ()
        own: NDArray[np.bool_] | None = None
        specks: list[Stroke] = []
        if self._contoured:
            accents = find_accents(self.source)
            found, own = contours(self.source, regions, self._thick, shades, labels, accents.where), accents.own
            found = captions(self.source, found)
            specks = [Stroke(path, accent=True) for path in accents.specks]
        strokes = ordered_strokes(self.source, [*self.contours.strokes(found), *specks], own)
        if scenery is not None:
            pens = self.contours.pen, self.contours.ground_pen
            strokes = ground_strokes(self.source, strokes, self._inside, scenery.crisp, pens)
        return self.contours.completed(strokes) if self._contoured else strokes

    @cached_property
    def _inks(self) -> Inks:
        reach = self.source.diagonal / _NEAR if self.ground.painted else np.inf
        # Lines that come on paint have their own colours.
        pen = self.contours.pen.hand.colour if self._contoured else None
        return Inks(self.source, self.strokes, FIGURE, reach, pen, self._ground_labels)

    @cached_property
    def line(self) -> PlannedWork:
        """Line art; its layer has the accents as well."""
        thick = {label: [step for step in self.thick.steps if step.region == label] for label in self._thick}
        faces = list(zip(self._features, self.features.own, strict=False)) if self._contoured else []
        return PlannedWork(self._inks.with_fills(thick, faces), self._inks.layers)

    @property
    def accents(self) -> list[ScriptStep]:
        """Short dark marks, which are set on the flats before other tones."""
        return weighing(self._inks.accents, _ACCENTS * self._toning)

    @property
    def line_colours(self) -> list[ScriptStep]:
        """Lines get their own colours once the flats stand."""
        return weighing(self._inks.colours, _LINE_COLOURS * self._toning)

    @property
    def _toning(self) -> float:
        """What all hard tones weigh."""
        return sum(step.weight for step in self.tones.steps) or 1.0

    @cached_property
    def _features(self) -> list[Features]:
        if not self._contoured:
            return known_features(self.source)
        # What an eye has of colour comes with the flats.
        return penned(self.source, known_features(self.source, PENNED), self.contours.pen.hand.colour)

    @cached_property
    def features(self) -> FaceWork:
        """Eyes, brows, noses and mouths of all faces, as far as no line gives them: their layer lies above."""
        early = (self.source.inked[..., 0] > _INKED) & self._contoured
        phase = Phase.LINE if self._contoured else Phase.FLATS
        return drawn_features(self.source, self._features, phase, Tool.PEN, FIGURE, early)

    @cached_property
    def thick(self) -> PlannedWork:
        """Thick lines: their steps are among those of `line`, their layer lies with the flats."""
        return thickly_lined(self.source, self._thick, FIGURE)

    @property
    def lines_tell(self) -> bool:
        """Whether lines bring coloured shapes nearer to the picture: what looks like one may be two shapes' border."""
        goal, standing = self.source.small, self._rendered[1]
        return self._change(with_lines(self.source, standing), goal) < _TELLING * self._change(standing, goal)

    def shares(self, shares: Mapping[Phase, float]) -> dict[Phase, float]:
        """A method's shares of time for this picture; see `weighed`."""
        changed = {
            Phase.SOFT_SHADING: self._change(self._even, self._softened[1]),
            Phase.PAINTING: self._change(self._softened[1], self._rendered[1]),
            Phase.DETAILS: self._change(self._rendered[1], self.source.small_clean),
        }
        return weighed(shares, changed, self.ground.area if self.ground.painted else None)

    def _change(self, before: Pixels, after: Pixels) -> float:
        """How many levels a phase changes the figure's pixels, on the mean."""
        return float(difference(before, after)[self._inside].mean()) if self._inside.any() else 0.0

    @cached_property
    def flats(self) -> list[ScriptStep]:
        """The flats' steps, and after each those of its tones that are things of their own, with the face its features
        where no lines came before, and the colours of its eyes. Last what lies in hair, which is one flat at
        first.
        """
        things = [step for step in self._toned.steps if step.phase is Phase.FLATS]
        soon = [step for step in things if self.source.reading.regions[step.region].part is not Part.HAIR]
        face = -1 if self._contoured else most_covered(self._features, self.source.reading.labels)
        flats = self.filling.steps()
        looks = after_flat(self.source, [flat.region for flat in flats], self._looks, self._shades)
        steps = [] if flats else [*self._gaze]
        soon += self._spoken
        for number, flat in enumerate(flats):
            steps += [flat, *(step for step in soon if step.region == flat.region)]
            steps += self.features.steps if flat.region == face else []
            steps += self._gaze if number == looks else []
        done = {flat.region for flat in flats}
        steps += [step for step in self._spoken if step.region not in done]
        return [*steps, *(step for step in things if step not in soon)]

    @cached_property
    def _spoken(self) -> list[ScriptStep]:
        """The tones of mouths, with their flats: lines show teeth and tongue, and no flat hides them for long. Without
        lines a face's features give them.
        """
        if not self._contoured:
            return []
        regions = self.source.reading.regions
        tones = [step for step in self._toned.steps if step.phase is not Phase.FLATS and step.region >= 0]
        mouths = [step for step in tones if regions[step.region].part is Part.MOUTH]
        return [replace(step, phase=Phase.FLATS, weight=_GAZE * step.weight) for step in mouths]

    @cached_property
    def _gaze(self) -> list[ScriptStep]:
        """The tones of eyes and all else that is seen in them, with the flats: nobody leaves them empty for long."""
        eyes = [region.label for region in self.source.reading.regions if region.part is Part.EYES]
        tones = [step for step in self._toned.steps if step.phase is not Phase.FLATS and step.region in eyes]
        steps = [*tones, *(replace(step, region=eyes[0] if eyes else step.region) for step in self.eyes.steps)]
        return [replace(step, phase=Phase.FLATS, weight=_GAZE * step.weight) for step in steps]

    @cached_property
    def _toned(self) -> PlannedWork:
        return toned(self.source, self.figure, FIGURE, shades=self._shades, soft=self._soft_tones)

    @cached_property
    def tones(self) -> PlannedWork:
        """Small forms, then hard tones, those of mouths first; what comes with the flats is none of them."""
        regions = self.source.reading.regions
        tones = [step for step in self._toned.steps if step.phase is Phase.SHADING]
        looked_at = (Part.EYES, Part.MOUTH) if self._contoured else (Part.EYES,)
        tones = [step for step in tones if step.region < 0 or regions[step.region].part not in looked_at]
        tones.sort(key=lambda step: step.region < 0 or regions[step.region].part is not Part.MOUTH)
        return PlannedWork([*self.small_forms.steps, *tones], self._toned.layers)

    @property
    def lights(self) -> list[ScriptStep]:
        """Highlights, which are set at last, and then the colours of the lines."""
        lights = [step for step in self._toned.steps if step.phase is Phase.EFFECTS]
        return [*lights, *self.line_colours]

    @cached_property
    def _even(self) -> Pixels:
        return evenly(self.source, self._soft_tones)

    @cached_property
    def _even_lined(self) -> Pixels:
        return with_features(self.source, self._features, with_lines(self.source, self._even))

    @cached_property
    def _looks(self) -> NDArray[np.bool_]:
        found = eyes_of(self.source)
        return found & self._inside & ~self._spots

    @cached_property
    def eyes(self) -> PlannedWork:
        """Light, lashes and all else that tones leave out of found eyes: the steps are among those of `flats`."""
        standing = self._even_lined
        return spotted(self.source, standing, self._looks, FIGURE, "Eyes")

    @cached_property
    def _spots(self) -> NDArray[np.bool_]:
        source = self.source
        eyes = [region.label for region in source.reading.regions if region.part is Part.EYES]
        within = self._inside & ~np.isin(source.reading.labels, eyes)
        return spots(source, self._even_lined, within)

    @cached_property
    def small_forms(self) -> PlannedWork:
        """Eyes that were not found as such, buttons: their steps are among those of `tones`, their layer lies above."""
        return spotted(self.source, self._even_lined, self._spots, FIGURE)

    def small_layers(self) -> list[Layer]:
        """Small forms and eyes, above the lines: a dark iris is read as one, and must not hide its own colour."""
        return [*self.small_forms.layers(), *self.eyes.layers(), *self.features.layers()]

    def _with_spots(self, standing: Pixels) -> Pixels:
        return np.where((self._spots | self._looks)[..., None], self.source.small_clean, standing)

    @cached_property
    def _is_even(self) -> bool:
        """Whether flats and hard tones leave nothing of the figure that is worth an airbrush or another brush."""
        least = _EVEN_GRAPHIC if self.source.reading.kind is PictureKind.FLAT else _EVEN
        return near(self._even, self.source.small_clean, self._inside, _SEEN) > least

    @cached_property
    def _highlighted(self) -> NDArray[np.bool_]:
        return highlighted(self.source, self.figure, self._shades, self._soft_tones)

    @property
    def _forms(self) -> NDArray[np.bool_]:
        """Where the figure's forms are softened and painted: highlights are set on them, small forms and features
        stand.
        """
        stand = self._spots | self._looks | hidden(self._features, self._inside.shape)
        return self._inside & ~self._highlighted & ~stand

    @cached_property
    def _softened(self) -> tuple[PlannedWork, Pixels]:
        standing = self._with_spots(self._even)
        if self._is_even:
            return PlannedWork([], list), standing
        return airbrushed(self.source, self.figure, standing, self.source.small_clean, self._forms, FIGURE)

    @property
    def soft(self) -> PlannedWork:
        """Airbrush."""
        return self._softened[0]

    @cached_property
    def _rendered(self) -> tuple[PlannedWork, Pixels]:
        if self._is_even:
            return PlannedWork([], list), self._softened[1]
        source, standing = self.source, self._softened[1]
        inside, mask = self._inside & ~self._highlighted, self._forms
        # What is smooth is blended.
        smooth = smooth_places(source.small_clean, mask, source.diagonal)[1]
        forms = mask & ~smooth & (source.bare > 0)
        goal = broad_forms(source, standing, source.diagonal / _FORMS, source.diagonal / _SMALL)
        work = refined(source, standing, goal, goal, forms, source.alpha, name="Rendering", divisor=_SMALL,
                       group=FIGURE, phase=Phase.PAINTING, what="forms")  # fmt: skip
        canvas = np.where(forms[..., None], goal, standing) if work.steps else standing
        blend, canvas = blended(source, canvas, source.small_clean, inside, Phase.PAINTING, _SMOOTHING, FIGURE)
        steps = [*blend.steps, *weighing(work.steps, 1.0)]
        return PlannedWork(steps, lambda: [*work.layers(), *blend.layers()]), canvas

    @property
    def render(self) -> PlannedWork:
        """Forms and folds that flats, tones and airbrush have left out, painted over them with a small soft brush."""
        return self._rendered[0]

    @cached_property
    def ground(self) -> Ground:
        """What lies behind the figure."""
        return grounded(self.source, self._ground_labels) if self._grounding is None else self._grounding.result()

    @cached_property
    def everywhere(self) -> NDArray[np.bool_]:
        """Where anything is painted: all but what is transparent. bool [h, w]."""
        return np.asarray(self.source.reading.labels >= 0, bool)

    @cached_property
    def ground_details(self) -> PlannedWork:
        """What is still missing of a painted ground, with fine strokes."""
        if not self.ground.painted:
            return PlannedWork([], list)
        source = self.source
        standing = with_lines(source, self.ground.canvas)
        name, where = "Background details", ~self._inside
        work = refined(source, standing, source.small, source.pixels, where, None, name=name, group=GROUND, what=None)
        steps = [replace(step, phase=Phase.BACKGROUND) for step in work.steps]
        return PlannedWork(weighing(steps, _GROUND_DETAILS), work.layers)

    def finish(self) -> list[ScriptStep]:
        """A painted ground is brought to its end."""
        if self._finishing is not None:
            self._finishing.result()  # from Python 3.12 on two threads that ask for a `cached_property` both make it
        return self.ground_details.steps

    def ground_layers(self) -> list[LayerMaker]:
        """What makes the ground's layers, bottom first."""
        return [self.ground.layers, self.ground_details.layers]

    @cached_property
    def _inside(self) -> NDArray[np.bool_]:
        """The figure: bool [h, w]."""
        return np.isin(self.source.reading.labels, self.figure)

    def details(self, *, lined: bool = True) -> PlannedWork:
        """What is still missing with fine strokes; of a painted ground nothing is, once it has its own."""
        source = self.source
        standing = before_details(source, self.figure, self._rendered[1], self.ground.canvas, lined=lined)
        standing = np.where((self._spots | self._looks)[..., None], source.small, standing)
        standing = with_features(source, self._features, standing)
        within = self.everywhere
        if self.ground.painted:
            within = within & (cv2.dilate(self._inside.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0)
        return refined(source, standing, source.small, source.pixels, within, source.alpha, name="Details", what=None)
