"""Makes a plan: analyse the picture small, decide what is painted when, and set up the canvas' layers."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural import brushwork, construction, lines, order, regions, strokes
from paints_undo_engine.procedural.compositor import UNIT, Layer, Stack, peak
from paints_undo_engine.procedural.grid import Grid
from paints_undo_engine.procedural.kind import block_size, kind_of
from paints_undo_engine.procedural.options import ProceduralOptions
from paints_undo_engine.procedural.plan import Operation, Plan
from paints_undo_engine.procedural.timetable import Span, Work, compaction, remap, spans
from paints_undo_engine.request import PaintingMode

ANALYSIS_SIDE = 768
LINE_SIDE = 2048
PENCIL_BLUE = (120, 160, 214)
PENCIL_GREY = (112, 116, 132)

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Material:
    """One phase's layer: the work, what it brings (on the analysis grid and on the canvas), its opacity, its ramp."""

    work: Work
    small: Pixels
    full: Pixels
    small_cover: Pixels | None = None
    full_cover: Pixels | None = None
    ramp: int = UNIT // 2


def make_plan(picture: Pixels, options: ProceduralOptions | None = None) -> Plan:
    """The plan of a picture: uint8 [H, W, 3 or 4], sRGB, straight alpha; shown on white where it is transparent."""
    options = options or ProceduralOptions()
    rgb = _on_white(picture)
    return _Builder(picture, rgb, options).plan()


def _on_white(picture: Pixels) -> Pixels:
    if picture.shape[2] == 3:
        return np.ascontiguousarray(picture)
    alpha = picture[..., 3:].astype(np.uint16)
    mixed = picture[..., :3] * alpha + 255 * (255 - alpha)
    return ((mixed + 127) // 255).astype(np.uint8)


def _analysis_view(rgb: Pixels, mode: PaintingMode) -> Pixels:
    """The picture at analysis size; pixel art at its own pixels."""
    if mode is PaintingMode.PIXEL:
        size = block_size(rgb)
        rgb = np.ascontiguousarray(rgb[::size, ::size])
    scale = min(1.0, ANALYSIS_SIDE / max(rgb.shape[:2]))
    if scale == 1.0:
        return rgb
    smaller = (max(1, round(rgb.shape[1] * scale)), max(1, round(rgb.shape[0] * scale)))
    return np.asarray(cv2.resize(rgb, smaller, interpolation=cv2.INTER_AREA))


class _Builder:
    """Holds what the phases share while a plan is made."""

    def __init__(self, picture: Pixels, rgb: Pixels, options: ProceduralOptions) -> None:
        self.picture, self.rgb, self.options = picture, rgb, options
        self.jitter = np.random.Generator(np.random.PCG64(options.seed))
        self.mode = kind_of(rgb) if options.mode is PaintingMode.AUTO else options.mode
        self.small = _analysis_view(rgb, self.mode)
        self.height, self.width = self.small.shape[:2]
        self.diagonal = float(np.hypot(self.height, self.width))
        self.grid = Grid(rgb, self.small, crisp=self.mode is PaintingMode.PIXEL)
        self.map = lines.find_lines(self.small)
        self.regions = self._regions()
        self.ink_paths = self._ink_paths()
        flat_count = len(self.regions.flat_colours)
        self.flat_at, self.flat_area = order.centres(self.regions.flats, flat_count)
        self.subject = construction.subject(self.regions.flats, self.flat_area)
        self.focus = construction.focus_of(self._edges(), self.subject)
        self.habit = order.habit(options.order, self.focus, self.jitter)
        self.angle = float(self.jitter.uniform(-0.7, 0.7))

    def _regions(self) -> regions.Regions:
        if self.mode is PaintingMode.PIXEL:
            return regions.components_of_colours(self.small)
        clean = self.map.clean if self.mode is PaintingMode.LINE else self.small
        ink = self.map.alpha if self.mode is PaintingMode.LINE else np.zeros_like(self.map.alpha)
        if min(self.small.shape[:2]) <= 64:
            return regions.segment(clean, ink)
        half = cv2.resize(clean, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        calm = np.asarray(cv2.bilateralFilter(half, 5, 24, 3), np.uint8)
        found = regions.segment(
            calm, np.asarray(cv2.resize(ink, calm.shape[1::-1], interpolation=cv2.INTER_AREA), np.uint8)
        )
        up = Grid(clean, calm)
        return replace(found, cels=up.up(found.cels), flats=up.up(found.flats))

    def _edges(self) -> Pixels:
        """Where the picture has contours, lines or not."""
        grey = cv2.cvtColor(self.small, cv2.COLOR_RGB2GRAY)
        return np.maximum(self.map.alpha, cv2.Canny(cv2.GaussianBlur(grey, (0, 0), 1.2), 40, 110))

    def _ink_paths(self) -> list[lines.Path]:
        shortest = max(3.0, 0.006 * self.diagonal)
        reach = max(4.0, 0.012 * self.diagonal)
        paths: list[lines.Path] = []
        if self.mode is PaintingMode.LINE:
            paths += lines.trace(lines.thin((self.map.alpha > 100).astype(np.uint8)), shortest)
        paths += lines.trace(self._contours(), shortest * 1.6)
        paths = [lines.smooth(path, 1.5) for path in lines.link(paths, reach)]
        return [piece for path in paths for piece in lines.cut(path, 0.16 * self.diagonal)]

    def _contours(self) -> Pixels:
        """Crisp borders of regions where no ink runs: 0 or 1."""
        labels = self.regions.flats if self.mode is PaintingMode.LINE else self.regions.cels
        border = np.zeros(labels.shape, np.uint8)
        border[:, 1:] |= labels[:, 1:] != labels[:, :-1]
        border[1:] |= labels[1:] != labels[:-1]
        gradient = cv2.morphologyEx(self.small, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)).max(axis=2)
        border &= (gradient > 26).astype(np.uint8)
        if self.mode is PaintingMode.LINE:
            border &= (cv2.dilate(self.map.alpha, np.ones((5, 5), np.uint8)) < 90).astype(np.uint8)
        return lines.thin(border)

    # the phases

    def plan(self) -> Plan:
        materials = [*self._drawn(), *(self._painted_strokes() if self.mode is PaintingMode.PAINT else self._filled())]
        materials += self._finish(materials[-1])
        inked = any(material.work.phase == "ink" for material in materials)
        extra = {"ink": 1, "flats": 1} if inked else {"flats": 2}
        visible = self._visible(materials)
        listed, ends = spans([material.work for material in materials], visible, extra)
        fades = (ends["sketch"], ends["ink"] if inked else ends["sketch"] + 1)
        stack = self._stack(materials, listed, fades, small=True)
        new = self._compacted(stack, ends, fades)
        ends = {phase: float(new[int(end)]) for phase, end in ends.items()}
        total = max(ends.values())
        times = {
            material.work.phase + material.work.kind: remap(span.times(material.work), new)
            for material, span in zip(materials, listed, strict=True)
        }
        operations = self._operations(materials, listed, new, int(total), fades)
        adjusting = self._adjusting(int(total))
        operations += adjusting
        layers = []
        new_fades = (float(new[int(fades[0])]), float(new[int(fades[1])]))
        for material in materials:
            time = self.grid.up(times[material.work.phase + material.work.kind])
            layers.append(self._layer(material, time, new_fades, full=True))
        layers = [*_ink_on_top(layers), _adjust_layer(self.rgb, int(total), len(adjusting))]
        ends["adjustments"] = float(total + len(adjusting))
        return Plan(self.picture, self.mode, Stack(layers), operations, ends)

    def _drawn(self) -> list[Material]:
        """Construction, two passes of sketch, ink."""
        unit = self.diagonal
        first = construction.construct(self.small, self.subject, self.focus, self.jitter)
        made = [
            self._stroke_phase("construction", "pencil line", first, max(1.0, unit / 620), PENCIL_BLUE, 0.75, keep=True)
        ]
        long = sorted(self.ink_paths, key=len, reverse=True)
        rough = [self._loosened(path, 0.005) for path in long[: max(6, len(long) // 4)]]
        tight = [self._loosened(path, 0.0016) for path in long[: max(12, len(long) * 3 // 4)]]
        made.append(self._stroke_phase("sketch", "rough line", rough, max(1.2, unit / 430), PENCIL_BLUE, 0.7))
        made.append(self._stroke_phase("sketch", "pencil line", tight, max(1.0, unit / 620), PENCIL_GREY, 0.85))
        if self.mode is not PaintingMode.PAINT and self.ink_paths:
            made.append(self._ink())
        return made

    def _loosened(self, path: lines.Path, amount: float) -> lines.Path:
        """A stroke as a loose hand draws it: rounder, a little beside, a little too long."""
        if len(path) < 8:
            return path
        size = min(amount * self.diagonal, 0.08 * len(path))
        soft = lines.smooth(path, max(1.5, 0.05 * len(path)))
        t = np.linspace(0, 1, len(soft))[:, None]
        shift = self.jitter.normal(0, size * 0.7, 2) + np.sin(
            np.pi * t * self.jitter.uniform(0.6, 1.4)
        ) * self.jitter.normal(0, size, 2)
        ahead = soft[-1] - soft[-min(6, len(soft))]
        beyond = soft[-1] + ahead * np.linspace(0.2, 0.9, 4)[:, None] if amount > 0.003 else soft[-1:]
        return np.concatenate([soft + shift, beyond + shift[-1]]).astype(np.float32)

    def _stroke_phase(
        self,
        phase: str,
        kind: str,
        paths: list[lines.Path],
        width: float,
        colour: tuple[int, int, int],
        opacity: float,
        keep: bool = False,
    ) -> Material:
        paths = paths or [np.array([[0.1, 0.5], [0.9, 0.5]], np.float32) * [self.width, self.height]]
        drawn = strokes.draw(paths, np.full(len(paths), width), (self.height, self.width))
        lengths = np.array([float(np.hypot(*np.diff(path, axis=0).T).sum()) for path in paths])
        middles = np.array([path.mean(axis=0) for path in paths], np.float64)
        visited = np.arange(len(paths)) if keep else order.visit(middles, lengths, self.diagonal, self.habit)
        cover = (drawn.cover * opacity).astype(np.uint8)
        small = np.empty_like(self.small)
        small[:] = colour
        full = np.empty_like(self.rgb)
        full[:] = colour
        colours = np.broadcast_to(np.array(colour, np.uint8), (len(paths), 3))
        work = Work(
            phase, kind, np.where(cover > 8, drawn.labels, -1), drawn.progress, visited, lengths, colours, width
        )
        return Material(work, small, full, cover, self.grid.smooth(cover), UNIT // 4)

    def _ink(self) -> Material:
        """The pen: real lines of the picture with their own opacity, and thin contours where it has none."""
        width = max(1.1, self.diagonal / 560)
        thin = strokes.draw(self.ink_paths, np.full(len(self.ink_paths), width), (self.height, self.width), 0.5)
        labels, progress = strokes.nearest_stroke(self.ink_paths, (self.height, self.width))
        real = self.mode is PaintingMode.LINE
        small_cover = np.maximum(self.map.alpha if real else 0, thin.cover).astype(np.uint8)
        full_cover = (
            np.maximum(self._full_alpha(), self.grid.smooth(thin.cover)) if real else self.grid.smooth(thin.cover)
        )
        dark = self.small[self.map.alpha > 200] if real else np.zeros((0, 3), np.uint8)
        colour = np.median(dark, axis=0) * 0.9 if len(dark) > 50 else np.array([46.0, 42.0, 54.0])
        colour = 0.35 * colour + 0.65 * colour.mean()
        small = np.empty_like(self.small)
        small[:] = colour.astype(np.uint8)
        full = np.empty_like(self.rgb)
        full[:] = colour.astype(np.uint8)
        lengths = np.array([float(len(path)) for path in self.ink_paths])
        middles = np.array([path.mean(axis=0) for path in self.ink_paths], np.float64)
        visited = order.visit(middles, lengths, self.diagonal, self.habit)
        colours = np.broadcast_to(colour.astype(np.uint8), (len(lengths), 3))
        work = Work(
            "ink", "pen stroke", np.where(small_cover > 8, labels, -1), progress, visited, lengths, colours, width
        )
        return Material(work, small, full, small_cover, full_cover.astype(np.uint8), UNIT // 4)

    def _full_alpha(self) -> Pixels:
        if self.grid.same:
            return self.map.alpha
        scale = min(1.0, LINE_SIDE / max(self.rgb.shape[:2]))
        if scale == 1.0:
            return lines.find_lines(self.rgb).alpha
        medium = cv2.resize(self.rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        alpha = lines.find_lines(np.asarray(medium, np.uint8)).alpha
        return np.asarray(cv2.resize(alpha, self.rgb.shape[1::-1], interpolation=cv2.INTER_LINEAR))

    def _filled(self) -> list[Material]:
        """Flats, hard shadow and light, soft shading, texture."""
        found = self.regions
        flats_order = self._flats_order()
        flats_small = found.flat_colours[found.flats]
        cels_small = found.cel_colours[found.cels]
        cel_at, cel_area = order.centres(found.cels, len(found.cel_colours))
        cel_order = order.following(
            found.flat_of, flats_order, order.visit(cel_at, cel_area, self.diagonal, self.habit)
        )
        clean = self.map.clean if self.mode is PaintingMode.LINE else self.small
        residue = clean.astype(np.float32) - cels_small
        sigma = max(1.0, self.diagonal / 110)
        soft_residue = cv2.GaussianBlur(residue, (0, 0), sigma)
        soft_small = np.clip(cels_small + soft_residue, 0, 255).astype(np.uint8)
        band = max(2.0, self.diagonal / 55)
        turn = strokes.zigzag(found.flats, self.angle, band)
        cel_turn = strokes.zigzag(found.cels, self.angle + 0.3, band * 0.7)
        cells = strokes.cells(found.flats, max(6.0, self.diagonal / 26), self.jitter)
        cell_count = int(cells.max()) + 1
        parent = np.zeros(cell_count, np.int64)
        parent[cells.ravel()] = found.flats.ravel()
        cell_at, _ = order.centres(cells, cell_count)
        cell_order = order.following(
            parent, flats_order, np.argsort(cell_at[:, 1] + 0.3 * cell_at[:, 0], kind="stable")
        )
        cell_turn = strokes.zigzag(cells, self.angle - 0.4, max(2.0, band * 0.4))
        cell_colours = found.flat_colours[parent]
        cels_full = found.cel_colours[self.grid.up(found.cels)]
        if self.grid.same:
            smooth_full = soft_small
        else:
            smooth_full = np.clip(cels_full + self.grid.smooth(soft_residue), 0, 255).astype(np.uint8)
        shadow = self._moved(found.cels, len(cel_at), flats_small, cels_small)
        soft = self._moved(cells, cell_count, cels_small, soft_small)
        fine = self._moved(cells, cell_count, soft_small, clean)
        fine_order = cell_order if self.options.seed % 2 else cell_order[::-1].copy()
        works = (
            Work("flats", "fill", found.flats, turn, flats_order, self.flat_area, found.flat_colours, 0.0),
            Work("hard shadow", "hard brush", found.cels, cel_turn, cel_order, shadow, found.cel_colours, band),
            Work("soft shading", "soft brush", cells, cell_turn, cell_order, soft, cell_colours, band),
            Work("details", "detail brush", cells, cell_turn, fine_order, fine, cell_colours, max(1.0, band * 0.3)),
        )
        flats_full = found.flat_colours[self.grid.up(found.flats)]
        return [
            Material(works[0], flats_small, flats_full, ramp=UNIT // 4),
            Material(works[1], cels_small, cels_full, ramp=UNIT // 2),
            Material(works[2], soft_small, smooth_full, ramp=UNIT * 5),
            Material(works[3], clean, self._pen_free(clean), ramp=UNIT),
        ]

    def _pen_free(self, clean: Pixels) -> Pixels:
        """The canvas without its lines."""
        if self.mode is not PaintingMode.LINE:
            return self.rgb
        if self.grid.same:
            return clean
        covered = cv2.dilate(self._full_alpha(), np.ones((3, 3), np.uint8)) > 10
        return np.where(covered[..., None], self.grid.smooth(clean), self.rgb)

    def _moved(self, labels: strokes.Labels, count: int, before: Pixels, after: Pixels) -> NDArray[np.float64]:
        """How much each of `count` marks changes, in pixels times levels."""
        change = peak(before, after).astype(np.float64)
        return np.asarray(np.bincount(labels.ravel(), np.maximum(change - 4, 0).ravel() / 32, count), np.float64)

    def _flats_order(self) -> NDArray[np.int64]:
        inside = np.bincount(self.regions.flats.ravel(), self.subject.ravel(), len(self.flat_area)) / np.maximum(
            self.flat_area, 1
        )
        behind = inside < 0.5
        visited = order.visit(self.flat_at, self.flat_area, self.diagonal, self.habit)
        first = behind[visited] if self.habit.background_first else ~behind[visited]
        return np.concatenate([visited[first], visited[~first]])

    def _painted_strokes(self) -> list[Material]:
        """Three brushes, coarse to fine, region by region."""
        flats_order = self._flats_order()
        below = np.full_like(self.small, 255)
        made = []
        for phase, share, threshold in (("flats", 30, 0.0), ("hard shadow", 66, 9.0), ("soft shading", 140, 8.0)):
            radius = max(1.5, self.diagonal / share)
            at = brushwork.seeds(self.small, below, radius, threshold, self.jitter)
            if not len(at):
                continue
            parent = self.regions.flats[at[:, 1].astype(int), at[:, 0].astype(int)].astype(np.int64)
            own = np.argsort(
                at @ np.array([0.55, 0.83]) // (radius * 4) * self.diagonal * 4 + at @ np.array([0.83, -0.55]),
                kind="stable",
            )
            painted = brushwork.brush(
                self.small, below, at, order.following(parent, flats_order, own), radius, self.jitter
            )
            inside = (painted.labels >= 0).ravel()
            weight = np.bincount(painted.labels.ravel()[inside], minlength=len(at)).astype(np.float64)
            work = Work(
                phase,
                "brush stroke",
                painted.labels,
                painted.progress,
                np.arange(len(at)),
                weight,
                painted.colours,
                radius,
            )
            full = self.grid.smooth(painted.target)
            touched = np.where(painted.labels >= 0, 255, 0).astype(np.uint8)
            made.append(Material(work, painted.target, full, touched, self.grid.up(touched), UNIT // 2))
            below = painted.target
        cells = strokes.cells(self.regions.flats, max(5.0, self.diagonal / 34), self.jitter)
        count = int(cells.max()) + 1
        parent = np.zeros(count, np.int64)
        parent[cells.ravel()] = self.regions.flats.ravel()
        at, _ = order.centres(cells, count)
        ordered = order.following(parent, flats_order, np.argsort(at[:, 1] + 0.4 * at[:, 0], kind="stable"))
        softened = np.asarray(cv2.bilateralFilter(self.small, 5, 22, 4), np.uint8)
        turn = strokes.zigzag(cells, self.angle, max(2.0, self.diagonal / 160))
        work = Work(
            "details",
            "fine brush",
            cells,
            turn,
            ordered,
            self._moved(cells, count, below, softened),
            self.regions.flat_colours[parent],
            self.diagonal / 240,
        )
        full = cv2.addWeighted(self.grid.smooth(softened), 0.5, self.rgb, 0.5, 0)
        shown = softened if self.grid.same else np.asarray(full, np.uint8)
        made.append(Material(work, softened, shown, ramp=UNIT))
        return made

    def _finish(self, before: Material) -> list[Material]:
        """Highlights first, then what still differs: coloured lines, grain, edges."""
        rise = cv2.cvtColor(self.small, cv2.COLOR_RGB2GRAY).astype(np.int16) - cv2.cvtColor(
            before.small, cv2.COLOR_RGB2GRAY
        )
        bright = cv2.morphologyEx((rise > 10).astype(np.uint8), cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
        count, blobs = cv2.connectedComponents(bright, connectivity=8, ltype=cv2.CV_32S)
        rest = strokes.cells(np.zeros_like(blobs), max(8.0, self.diagonal / 18), self.jitter)
        labels = np.where(bright > 0, blobs - 1, rest + (count - 1)).astype(np.int32)
        labels = strokes.compact(labels)
        total = int(labels.max()) + 1
        at, area = order.centres(labels, total)
        lit = np.bincount(labels.ravel(), bright.ravel(), total) > 0.5 * area
        visited = (
            order.visit(at, area, self.diagonal, self.habit) if total < 3000 else np.argsort(at[:, 1], kind="stable")
        )
        ordered = np.concatenate([visited[~lit[visited]], visited[lit[visited]]])
        graded = _graded(self.small)
        weight = self._moved(labels, total, before.small, self.small) + 0.05
        work = Work(
            "highlights",
            "dab",
            labels,
            strokes.zigzag(labels, self.angle, max(2.0, self.diagonal / 120)),
            ordered,
            weight,
            np.full((total, 3), 255, np.uint8),
            self.diagonal / 300,
        )
        return [Material(work, graded, _graded(self.rgb), ramp=UNIT)]

    # from marks to layers

    def _visible(self, materials: list[Material]) -> dict[str, float]:
        visible: dict[str, float] = {}
        below = np.full_like(self.small, 255)
        for material in materials:
            if material.small_cover is not None and material.work.kind != "brush stroke":
                share = float((material.small_cover > 40).mean()) * 5
            else:
                share = float((peak(below, material.small) > 8).mean())
                below = material.small
            visible[material.work.phase] = max(visible.get(material.work.phase, 0.0), min(share, 1.0))
        return visible

    def _layer(self, material: Material, time: NDArray[np.uint16], fades: tuple[float, float], *, full: bool) -> Layer:
        target = material.full if full else material.small
        cover = material.full_cover if full else material.small_cover
        fading: tuple[tuple[float, float], ...] = ()
        if material.work.phase in ("construction", "sketch"):
            fading = ((fades[0], 0.4), (fades[1], 0.0))
        return Layer(
            material.work.kind,
            _graded(target) if material.work.phase != "highlights" else target,
            time,
            material.ramp,
            cover,
            fading,
        )

    def _stack(
        self, materials: list[Material], listed: list[Span], fades: tuple[float, float], *, small: bool
    ) -> Stack:
        layers = [
            self._layer(material, span.times(material.work), fades, full=not small)
            for material, span in zip(materials, listed, strict=True)
        ]
        return Stack(_ink_on_top(layers))

    def _compacted(self, stack: Stack, ends: dict[str, float], fades: tuple[float, float]) -> NDArray[np.float64]:
        """The renumbering that leaves out operations which change nothing that can be seen."""
        length = int(max(ends.values()))
        changed = []
        marks = sorted(set(ends.values()))
        before = np.full_like(self.small, 255)
        begin = 0.0
        for end in marks:
            after = stack.render(end + 6 * UNIT if end == marks[-1] else end)
            difference = peak(before, after) > 5
            for layer in stack.layers:
                inside = (layer.time >= begin * UNIT) & (layer.time < end * UNIT)
                shown = difference if layer.cover is None else difference & (layer.cover > 24)
                changed.append((layer.time, inside & shown))
            before, begin = after, end
        least = max(1, round(1.5e-5 * self.small.shape[0] * self.small.shape[1]))
        return compaction(changed, {int(fade) for fade in fades}, length, least)

    def _operations(
        self,
        materials: list[Material],
        listed: list[Span],
        new: NDArray[np.float64],
        total: int,
        fades: tuple[float, float],
    ) -> list[Operation]:
        made: dict[int, Operation] = {}
        scale = self.rgb.shape[1] / self.width
        for material, span in zip(materials, listed, strict=True):
            work = material.work
            boxes = _boxes(work.labels, len(work.weight), scale)
            for mark in work.order:
                begin, end = float(span.begin[mark]), float(span.begin[mark] + span.length[mark])
                for old in range(int(begin), max(int(begin) + 1, int(np.ceil(end)))):
                    index = int(new[min(old, len(new) - 1)])
                    if index < total and index not in made and new[min(old + 1, len(new) - 1)] > index:
                        red, green, blue = (int(value) for value in work.colours[mark])
                        made[index] = Operation(
                            index,
                            work.phase,
                            work.kind,
                            int(mark),
                            (red, green, blue),
                            work.width * scale,
                            boxes[mark],
                            float(index),
                            index + 1.0,
                        )
        everything = (0, 0, self.rgb.shape[1], self.rgb.shape[0])
        for fade, phase in zip(fades, ("sketch", "ink"), strict=True):
            index = int(new[int(fade)])
            made[index] = Operation(
                index, phase, "layer opacity", 0, PENCIL_BLUE, 0.0, everything, float(index), index + 1.0
            )
        last = made[min(made)]
        listed_operations = []
        for index in range(total):
            last = made.get(index, replace(last, index=index, begin=float(index), end=index + 1.0))
            listed_operations.append(last)
        return listed_operations

    def _adjusting(self, total: int) -> list[Operation]:
        count = 4 if (peak(self.small, _graded(self.small)) > 3).mean() > 0.02 else 1
        everything = (0, 0, self.rgb.shape[1], self.rgb.shape[0])
        return [
            Operation(
                total + i,
                "adjustments",
                "curve",
                i,
                (128, 128, 128),
                0.0,
                everything,
                float(total + i),
                total + i + 1.0,
            )
            for i in range(count)
        ]


def _ink_on_top(layers: list[Layer]) -> list[Layer]:
    """The pen's layer lies above all paint but the last, although it is drawn earlier."""
    ink = [layer for layer in layers if layer.name == "pen stroke"]
    others = [layer for layer in layers if layer.name != "pen stroke"]
    return [*others[:-1], *ink, others[-1]]


def _adjust_layer(rgb: Pixels, total: int, count: int) -> Layer:
    time = np.full(rgb.shape[:2], total * UNIT, np.uint16)
    return Layer("curve", rgb, time, count * UNIT, None, (), True)


def _graded(picture: Pixels) -> Pixels:
    """The picture before its final adjustments: a little less colour, a little less contrast."""
    saturation, contrast = 0.9, 0.955
    luma = np.array([[0.299, 0.587, 0.114]] * 3)
    matrix = contrast * (saturation * np.eye(3) + (1 - saturation) * luma)
    offset = (1 - contrast) * 255
    return np.asarray(cv2.transform(picture, np.hstack([matrix, np.full((3, 1), offset)])))


def _boxes(labels: strokes.Labels, count: int, scale: float) -> list[tuple[int, int, int, int]]:
    ys, xs = np.nonzero(labels >= 0)
    mine = labels[ys, xs]
    low = np.full((count, 2), 1 << 30)
    high = np.full((count, 2), -1)
    for axis, values in enumerate((xs, ys)):
        np.minimum.at(low[:, axis], mine, values)
        np.maximum.at(high[:, axis], mine, values)
    boxes = []
    for (left, top), (right, bottom) in zip(low, high, strict=True):
        if right < 0:
            boxes.append((0, 0, 0, 0))
        else:
            boxes.append(
                (
                    int(left * scale),
                    int(top * scale),
                    max(1, round((right - left + 1) * scale)),
                    max(1, round((bottom - top + 1) * scale)),
                )
            )
    return boxes
