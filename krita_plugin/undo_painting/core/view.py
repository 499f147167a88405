"""What the docker shows, as plain data: every decision of the display is made here."""

from __future__ import annotations

from dataclasses import dataclass

from .connection import Problem, Server, State, Status
from .jobs import Job, Picture
from .jobs import State as JobState
from .translate import tr

DAEMON_REASONS = (
    "There is no accelerator here, on which the engine diffusion would take minutes, not hours.",
    "No device here has the memory that the engine diffusion needs.",
    "The models and a device for them are here.",
)


@dataclass(frozen=True)
class View:
    """`action` is what the big button does (`start`, `cancel`, `set-up`, `connect`), `link` what the status line's
    button does.

    `fraction` is 0 to 1, -1 for a busy bar without an end, None for no bar.
    """

    status: str
    status_bad: bool
    link: str
    link_text: str
    button: str
    action: str
    enabled: bool
    fraction: float | None
    progress: str
    engine: str
    can_import: bool
    can_split: bool
    busy: bool
    warnings: str


@dataclass(frozen=True)
class Facts:
    """What the view is made from."""

    status: Status
    has_document: bool
    job: Job | None
    preview: Job | None
    wanted_engine: str = "auto"
    task_text: str = ""
    task_done: int = 0
    task_of: int = 0
    setting_up: bool = False
    installed: bool = False
    can_set_up: bool = False
    missing: tuple[str, ...] = ()


def make(facts: Facts) -> View:
    """The view for these facts."""
    job, status = facts.job, facts.status
    running = job is not None and not job.state.ended
    button, action, enabled = _button(facts, running)
    link, link_text = _link(status, facts)
    fraction, progress = _progress(facts, running)
    has_pictures = job is not None and bool(job.frames or job.keyframes or (facts.preview and facts.preview.frames))
    engine = status.server.engine(job.engine) if job is not None else None
    bad = status.state is State.FAILED or bool(facts.missing)
    text = status.words()
    if status.state is State.NOT_INSTALLED and not facts.can_set_up:
        text = tr("This build carries no installer. Install the package paints-undo yourself, then try again.")
    if facts.missing:
        text = tr("This Krita lacks {calls}; parts of the plugin will not work.", calls=", ".join(facts.missing))
    return View(
        status=text,
        status_bad=bad,
        link=link,
        link_text=link_text,
        button=button,
        action=action,
        enabled=enabled,
        fraction=fraction,
        progress=progress,
        engine=_engine(facts),
        can_import=has_pictures and not facts.task_text,
        can_split=bool(
            job
            and job.state is JobState.FINISHED
            and job.frames
            and engine
            and engine.has_layers
            and not facts.task_text
        ),
        busy=bool(facts.task_text),
        warnings="\n".join(job.warnings[-3:]) if job else "",
    )


def _button(facts: Facts, running: bool) -> tuple[str, str, bool]:
    if facts.status.state is State.NOT_INSTALLED and facts.can_set_up:
        return tr("Set up"), "set-up", not facts.setting_up
    if running:
        return tr("Cancel"), "cancel", True
    return tr("Undo Painting"), "start", facts.has_document and not facts.setting_up


def _link(status: Status, facts: Facts) -> tuple[str, str]:
    if status.state is State.FAILED and status.problem is Problem.START and facts.can_set_up:
        return "repair", tr("Repair")
    return "", ""


def _progress(facts: Facts, running: bool) -> tuple[float | None, str]:
    if facts.task_text:
        part = facts.task_done / facts.task_of if facts.task_of else -1.0
        count = f" {facts.task_done}/{facts.task_of}" if facts.task_of else ""
        return part, facts.task_text + count
    if facts.job is None:
        return None, "" if facts.has_document else tr("Open a picture first.")
    if not running:
        return None, facts.job.words()
    waiting = facts.job.state in (JobState.PREPARING, JobState.UPLOADING, JobState.QUEUED)
    return (-1.0 if waiting else facts.job.fraction), facts.job.words()


def _why(server: Server, engine: str, reason: str) -> str:
    """Why it is this engine: the daemon's words, in the artist's language where they are known, but for what the docker
    itself can mend.
    """
    diffusion = server.engine("diffusion")
    if engine == "procedural" and diffusion is not None and not (diffusion.installed and diffusion.models):
        return tr("diffusion needs its models: see Set up and models")
    known = (
        tr("There is no accelerator here, on which the engine diffusion would take minutes, not hours."),
        tr("No device here has the memory that the engine diffusion needs."),
        tr("The models and a device for them are here."),
    )
    return known[DAEMON_REASONS.index(reason)] if reason in DAEMON_REASONS else reason


def _engine(facts: Facts) -> str:
    if facts.job is not None:
        text = tr("Engine: {engine}", engine=facts.job.engine)
        if facts.wanted_engine == "auto" and facts.job.engine == "procedural" and facts.status.server.reason:
            text += f" ({_why(facts.status.server, facts.job.engine, facts.status.server.reason)})"
        return text
    if not facts.status.connected:
        return ""
    engine, why = facts.status.server.choose(facts.wanted_engine)
    text = tr("Engine: {engine}", engine=engine)
    return f"{text} ({_why(facts.status.server, engine, why)})" if why else text


def frame_words(place: int, count: int, picture: Picture, is_preview: bool) -> str:
    """The line below the player."""
    step = f"{picture.operation_step:.0f}"
    text = tr("{place} of {count} · step {step}", place=place + 1, count=count, step=step)
    if picture.label:
        text += f" · {picture.label}"
    return tr("{words} · preview", words=text) if is_preview else text
