"""Everything that the judge finds out about one picture."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .bands import CONSTRUCTION_ALIKE, ORDER_ALIKE, SEEDS_APART, SIZES_ALIKE, broken_bands, broken_operations
from .edges import crumbs, edge_distance, edge_strength, patchwork
from .faces import eye_jump, eyes_half, find_cross, head_box
from .fakes import FAKES
from .history import Frame, History, Pixels, on_white
from .labels import LINE_BASED, Picture
from .measures import OperationShares, diversity, measure, operation_shares
from .pace import VIDEO_FRAMES, Work, last_frame_change, time_shares
from .reversal import turned_back
from .sameness import arrival, drawings_alike, rank_correlation
from .surface import has_ground, posterised, stairs

SIDE, FRAMES = 640, 100
FULL_SIDE = 1600
SIZES = (480, 2000)
SEEDS = (0, 1, 2)
SEED_SHARES = (0.05, 0.3, 0.5, 0.7)


@dataclass
class Study:
    """The figures of one picture and what is wrong with them."""

    picture: str
    half: str
    kind: str
    taken_for: str
    method: str
    values: dict[str, float | None] = field(default_factory=dict)
    time: dict[str, float] = field(default_factory=dict)
    operations: OperationShares | None = None
    broken: list[str] = field(default_factory=list)
    fakes: dict[str, list[str]] = field(default_factory=dict)
    """For every fake the bands that it breaks."""

    @property
    def passes(self) -> bool:
        """Nothing broken, and no fake that gets through."""
        return not self.broken and all(self.fakes.values())


def load(picture: Picture, side: int) -> Pixels:
    """The picture as RGB, or RGBA where it has real transparency, with `side` as the longer side at most."""
    with Image.open(picture.path) as image:
        transparent = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
        pixels = image.convert("RGBA" if transparent else "RGB")
    if transparent and pixels.getchannel("A").getextrema()[0] == 255:
        pixels = pixels.convert("RGB")
    if max(pixels.size) > side:
        pixels.thumbnail((side, side), Image.Resampling.LANCZOS)
    return np.array(pixels)


def study(picture: Picture, *, every_operation: bool = True, fakes: bool = True) -> Study:
    """Plan the picture once at 640 pixels and once at its own size, and measure the process and its fakes."""
    history = History(load(picture, SIDE))
    painting = history.painting
    found = Study(picture.name, picture.half, picture.kind, history.kind, history.method)
    frames = list(history.states(FRAMES))
    ink_end = history.share_at_end_of("ink", "line") or history.share_at_end_of("sketch", "construct") or 0.3
    found.values = frame_values(frames, painting, ink_end, picture)
    shares = time_shares(history.spans(), history.phases)
    found.time = {work.value: round(share, 3) for work, share in shares.items()}
    shading = shares[Work.SHADING] + shares[Work.SOFT]
    found.values |= {
        "time_rough": shares[Work.ROUGH],
        "time_line": shares[Work.LINE],
        "time_flats": shares[Work.FLATS],
        "time_shading": shading,
        "time_soft": shares[Work.SOFT],
        "time_background": shares[Work.BACKGROUND] if has_ground(painting) else None,
        "time_effects": shares[Work.EFFECTS],
        "last_frame": last_frame_change(history.state(1 - 1 / (VIDEO_FRAMES - 1)), painting),
        "spill": spill(history),
        "stairs": stairs_at_full_size(picture),
    }
    if picture.eyes:
        construction = history.state(history.share_at_end_of("construct") or 0.05)
        cross = find_cross(construction, picture.eyes)
        found.values["cross"] = float(cross.within)
        found.values["eye_jump"] = eye_jump(list(history.states(200)), painting, picture.eyes)
        found.values["eyes_half"] = eyes_half(frames, painting, picture.eyes)
        if not cross.within:
            found.broken.append("cross")
    found.broken += broken_bands(found.values, picture.kind)
    if every_operation:
        states = (history.state(done) for done in moments(history))
        found.operations = operation_shares(states, history.phases, history.labels)
        found.broken += broken_operations(found.operations)
    if fakes:
        for name, fake in FAKES.items():
            values = frame_values(list(fake(painting, FRAMES)), painting, ink_end, picture)
            found.fakes[name] = broken_bands(values, picture.kind)
    return found


def moments(history: History) -> list[float]:
    """Blank, then the end of every operation in its order."""
    return [0.0, *(end for _, end in history.spans())]


def frame_values(frames: list[Frame], painting: Frame, ink_end: float, picture: Picture) -> dict[str, float | None]:
    """The measures that need frames alone: those that fakes are put through as well."""
    values: dict[str, float | None] = asdict(measure(frames, painting, ink_end))
    wanted = edge_strength(painting)
    at = {share: frames[round(share * len(frames)) - 1] for share in (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)}
    values["edges_by_50"] = edge_distance(at[0.5], wanted)
    values["edges_by_60"] = edge_distance(at[0.6], wanted)
    values["edges_by_90"] = edge_distance(at[0.9], wanted)
    values["patchwork"] = max(
        patchwork(at[share], painting, subject_of(picture, painting)) for share in (0.7, 0.75, 0.8, 0.85, 0.9, 0.95)
    )
    values["posterised"] = posterised(at[0.75], painting)
    values["turned_back"] = turned_back(frames, painting)
    values["last_frame"] = last_frame_change(frames[-2], painting)
    values["crumbs"] = crumbs(frames[round(ink_end * (len(frames) - 1))])
    return values


def subject_of(picture: Picture, painting: Frame) -> NDArray[np.bool_]:
    """The head where the eyes are labelled, else everything."""
    h, w = painting.shape[:2]
    subject = np.full((h, w), not picture.eyes)
    if picture.eyes:
        subject[head_box(picture.eyes, h, w)] = True
    return subject


def spill(history: History) -> float | None:
    """Paint that is left outside a transparent picture's outline at nine tenths, as a share of the canvas."""
    if history.picture.shape[2] == 3:
        return None
    outside = history.picture[..., 3] == 0
    return float((history.raw(0.9)[..., 3][outside] > 24).sum() / outside.size)


def stairs_at_full_size(picture: Picture) -> float:
    """The worst stairs at the picture's own size (1600 pixels at most), beyond those of the painting itself."""
    history = History(load(picture, FULL_SIDE))
    worst = max(stairs(history.state(share)) for share in (0.45, 0.6, 0.75))
    return max(0.0, worst - stairs(history.painting))


@dataclass(frozen=True)
class Sizes:
    """One picture at 480 and at 2000 pixels."""

    picture: str
    kinds: tuple[str, str]
    methods: tuple[str, str]
    construction: float
    order: float

    @property
    def same(self) -> bool:
        """Whether it is read and begun alike."""
        alike = self.construction >= SIZES_ALIKE and self.order >= ORDER_ALIKE
        return self.kinds[0] == self.kinds[1] and self.methods[0] == self.methods[1] and alike


def compare_sizes(picture: Picture) -> Sizes:
    """Plan at two sizes (enlarged where the file is smaller) and compare kind, method, construction and order."""
    pixels = Image.fromarray(load(picture, SIZES[1]))
    histories = []
    for side in SIZES:
        scale = side / max(pixels.size)
        size = (max(1, round(pixels.width * scale)), max(1, round(pixels.height * scale)))
        histories.append(History(np.asarray(pixels.resize(size, Image.Resampling.LANCZOS))))
    small, large = histories
    drawings = [one.state(one.share_at_end_of("construct") or 0.05) for one in histories]
    orders = [arrival((one.state(number / 40) for number in range(1, 41)), one.painting) for one in histories]
    return Sizes(
        picture.name,
        (small.kind, large.kind),
        (small.method, large.method),
        drawings_alike(drawings[0], drawings[1]),
        rank_correlation(*orders),
    )


@dataclass(frozen=True)
class Seeds:
    """One picture with three seeds."""

    picture: str
    construction: float
    """Largest F measure between two seeds' constructions."""
    states: list[float]
    """Mean OKLab distance between the seeds at `SEED_SHARES`."""

    @property
    def different(self) -> bool:
        """Whether other seeds are other artists, from the first line on."""
        return self.construction <= CONSTRUCTION_ALIKE and self.states[2] >= SEEDS_APART


def compare_seeds(picture: Picture) -> Seeds:
    """Plan with three seeds and compare constructions and states."""
    histories = [History(load(picture, SIDE), seed) for seed in SEEDS]
    drawings = [one.state(one.share_at_end_of("construct") or 0.05) for one in histories]
    alike = max(drawings_alike(a, b) for a, b in combinations(drawings, 2))
    return Seeds(picture.name, alike, diversity([[one.state(share) for share in SEED_SHARES] for one in histories]))


__all__ = ["LINE_BASED", "Seeds", "Sizes", "Study", "compare_seeds", "compare_sizes", "load", "on_white", "study"]
