"""What the plugin holds for one open document."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..core import jobs
from ..core.history import History
from ..core.jobs import Job, StoredFrame
from ..core.parameters import Parameters
from ..net.work import BackgroundTask

if TYPE_CHECKING:
    from ..core.gallery import Variant
    from ..core.redo import Redo
    from ..net.pictures import Pixels
    from ..qt import QImage


@dataclass(frozen=True)
class Offer:
    """Something that the docker offers as a button."""

    text: str
    accept: Callable[[], object]


@dataclass(frozen=True)
class Note:
    """A line for the artist, for as long as it `holds` (None: until another takes its place), with what can be done
    about it."""

    text: str = ""
    bad: bool = False
    offers: tuple[Offer, ...] = ()
    holds: Callable[[], bool] | None = None


@dataclass
class Task:
    """Something that runs beside the jobs: an import (`imports`) or an export, with its progress; `give_back` frees
    what it holds when it is broken off.
    """

    text: str
    done: int = 0
    of: int = 0
    imports: bool = True
    work: BackgroundTask | None = None
    give_back: Callable[[], None] = lambda: None

    def cancel(self) -> None:
        """Break it off."""
        if self.work is not None:
            self.work.cancel()
        self.give_back()


@dataclass
class Session:
    """A document's jobs, the one that is shown, and what the docker is set to. `previews` are small pictures by hash,
    `densities` the bytes a pixel of the whole ones as PNG, by the same hashes, `own_pictures` the artist's own
    keyframes and masks by hash. `source` is `auto`: the selection if there is one, else the whole picture. `compared`
    is the result beside the shown one, `redo` the choice of another way on that is open, `applying` the result that is
    imported once it is there."""

    document: str
    history: History = field(default_factory=History)
    jobs: dict[str, Job] = field(default_factory=dict)
    shown: str = ""
    parameters: Parameters = field(default_factory=Parameters)
    source: str = "auto"
    previews: dict[str, QImage] = field(default_factory=dict)
    densities: dict[str, float] = field(default_factory=dict)
    own_pictures: dict[str, Pixels] = field(default_factory=dict)
    note: Note = field(default_factory=Note)
    task: Task | None = None
    lock_seeds: bool = True
    gallery: tuple[Variant, ...] = ()
    compared: str = ""
    redo: Redo | None = None
    applying: str = ""

    @property
    def job(self) -> Job | None:
        """The job that is shown."""
        return self.jobs.get(self.shown)

    @property
    def preview_job(self) -> Job | None:
        """The quick preview that belongs to the shown job, if it has one."""
        return next((job for job in self.jobs.values() if job.preview_for and job.preview_for == self.shown), None)

    def frames(self) -> list[tuple[Job, StoredFrame]]:
        """The frames to show, in order."""
        return jobs.shown_frames(self.job, self.preview_job) if self.job is not None else []

    def own_pictures_of(self, wanted: Parameters) -> tuple[tuple[str, Pixels], ...]:
        """The pictures of the artist's own that parameters name, with their hashes, as far as they are held."""
        return tuple((digest, pixels) for digest, pixels in self.own_pictures.items() if digest in wanted.pictures)

    def trim(self) -> list[str]:
        """Drop the ended jobs that are not shown, with their pictures: a process keeps some seventy megabytes of them.
        Returns their request ids. The history still lists such a job, and showing it asks the daemon again.
        """
        kept = {name for name, job in self.jobs.items() if name in (self.shown, self.compared) or job.state.active}
        kept |= {name for name, job in self.jobs.items() if job.preview_for in kept}
        kept |= {variant.request_id for variant in self.gallery} & self.jobs.keys()
        if self.redo is not None:
            kept |= {self.redo.request_id, *(each.request_id for each in self.redo.candidates)} & self.jobs.keys()
        dropped = sorted(self.jobs.keys() - kept)
        for name in dropped:
            del self.jobs[name]
        needed: set[str] = set()
        for job in self.jobs.values():
            pictures = (*job.frames.values(), *job.keyframes.values())
            needed |= {job.painting_hash, *(picture.hash for picture in pictures)}
        for digest in self.previews.keys() - needed:
            del self.previews[digest]
        for digest in self.densities.keys() - needed:
            del self.densities[digest]
        named = self.parameters.pictures.union(*(job.parameters.pictures for job in self.jobs.values()))
        for digest in self.own_pictures.keys() - named - ({self.redo.mask} if self.redo is not None else set()):
            del self.own_pictures[digest]
        return dropped

    @property
    def importable(self) -> Job | None:
        """The job to import from: the shown one, or its preview while the shown one has nothing yet."""
        job = self.job
        preview = self.preview_job
        return preview if job is not None and preview is not None and not job.frames and not job.keyframes else job

    @property
    def running(self) -> bool:
        """Whether the shown job is under way."""
        return self.job is not None and self.job.state.active
