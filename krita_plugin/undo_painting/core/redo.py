"""Going on another way from a moment of a process: the candidates to choose from, and the job of the chosen one."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .jobs import Job, StoredFrame
from .mapping import Rect
from .parameters import LAST_STEP, MAX_BRANCHES, MAX_CANDIDATE, STOP_AFTER, Branch, Parameters
from .translate import tr

MOST = MAX_CANDIDATE


@dataclass(frozen=True)
class Candidate:
    """One possible end, by the engine's number for it, and the small job that shows it."""

    number: int
    request_id: str


@dataclass(frozen=True)
class Redo:
    """The choice that is open: the job that is left, by its request, at an operation step, and the candidates. `state`
    is the hash of the frame there. `area` bounds the selection within which alone something may change, `mask` is the
    hash of its picture (empty where it covers the painting), and `waiting` tells that this picture is still being
    made."""

    request_id: str
    step: int
    state: str
    candidates: tuple[Candidate, ...] = ()
    area: Rect | None = None
    mask: str = ""
    waiting: bool = False

    def without(self, candidate: Candidate) -> Redo:
        """Without one candidate."""
        return replace(self, candidates=tuple(each for each in self.candidates if each != candidate))

    def missing(self, count: int) -> list[int]:
        """The numbers of the candidates that are to be made for `count` of them."""
        known = {each.number for each in self.candidates}
        return [number for number in range(1, min(count, MOST) + 1) if number not in known]


def step_of(picture: StoredFrame) -> int | None:
    """The operation step that a frame can be left at; None for the blank canvas and the finished painting, and in the
    very first and last moments."""
    step = round(picture.operation_step)
    return step if 1 <= step <= LAST_STEP else None


def title(number: int, names: tuple[str, ...]) -> str:
    """What a candidate is called: as its engine calls it, in the artist's language, or by its number."""
    known = {
        "complementary palette": tr("Opposite colors"),
        "dusk": tr("Dusk"),
        "flat tones": tr("Flat tones"),
        "night": tr("Night"),
        "analogous palette": tr("Analogous palette"),
        "three colours": tr("Three colors"),
        "triad palette": tr("Triad palette"),
        "morning": tr("Morning"),
    }
    name = names[number - 1] if number <= len(names) else str(number)
    return known.get(name, name)


def parameters_of(job: Job, branch: Branch) -> Parameters:
    """The process of `job` up to a step, and then on to another end. Raises ValueError where it was left too often."""
    wanted = job.parameters
    if len(wanted.branches) >= MAX_BRANCHES:
        raise ValueError(len(wanted.branches))
    return replace(wanted, engine=job.engine, branches=(*wanted.branches, branch))


def shown_by(wanted: Parameters, step: int, state: str) -> Parameters:
    """What makes no more than the end. `state` is the frame at the step, so that nothing is painted on the way; empty
    for an engine whose ends depend on the key states that its branches leave from, of which the daemon has a record."""
    only = wanted.set({STOP_AFTER: "keyframes"})
    if state:
        return replace(only.with_steps((step,)), keyframe_seeds=(), own_keyframes=((step, state),))
    return only.with_steps(tuple(sorted({branch.step for branch in wanted.branches})))


def pictures(job: Job, step: int) -> list[str]:
    """The hashes of a candidate's pictures: the state at the step that is left, and the end, as far as it is there."""
    listed = (job.keyframes[index] for index in sorted(job.keyframes))
    return [each.hash for each in listed if each.operation_step in (step, 0)]


@dataclass(frozen=True)
class Extent:
    """What the button for the area says: its text and tip, and whether a click takes the selection or everything."""

    text: str
    tip: str
    selection: bool


def extent(choice: Redo, selected: Rect | None) -> Extent | None:
    """Where candidates may change something, beside what is selected now; None where nothing is to be chosen."""
    if choice.area is None:
        tip = tr("Everything may change; click for the selection alone")
        return Extent(tr("Whole picture"), tip, True) if selected is not None else None
    text = f"⬚ {choice.area.width} × {choice.area.height}"
    if selected is not None and selected != choice.area:
        return Extent(text, tr("Something else is selected now; click to change only that"), True)
    return Extent(text, tr("Only what was selected may change; click for the whole picture"), False)
