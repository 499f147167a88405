"""What the docker shows, as plain data: every decision of the display is made here."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from . import gallery, phases
from .connection import ConnectionState, ConnectionStatus, Problem, Server
from .jobs import Job, JobState, StoredFrame, begun
from .translate import tr

DAEMON_REASONS = (
    "There is no accelerator here, on which the engine diffusion would take minutes, not hours.",
    "No device here has the memory that the engine diffusion needs.",
    "The models and a device for them are here.",
)


class Action(Enum):
    """What a button does."""

    NOTHING = ""
    START = "start"
    CANCEL = "cancel"
    SET_UP = "set up"
    SHOW = "show"
    SETTINGS = "settings"
    HERE = "this machine"


@dataclass(frozen=True)
class DockerView:
    """`problem` is what is wrong, with its one `remedy`; empty while all is well. `action` is what the big button does.

    `fraction` is 0 to 1, -1 for a busy bar without an end, None for no bar. `can_redo` and what follows it are for the
    buttons below the player; `is_branch`: the result goes another way than its painting.
    """

    problem: str
    remedy: Action
    remedy_text: str
    button: str
    action: Action
    enabled: bool
    fraction: float | None
    progress: str
    progress_bad: bool
    engine: str
    can_import: bool
    can_split: bool
    can_redo: bool
    can_change_states: bool
    can_vary: bool
    is_branch: bool
    busy: bool
    warnings: str


@dataclass(frozen=True)
class Facts:
    """What the view is made from."""

    status: ConnectionStatus
    has_document: bool
    job: Job | None
    preview: Job | None
    wanted_engine: str = "auto"
    task_text: str = ""
    task_done: int = 0
    task_of: int = 0
    setting_up: bool = False
    setup_text: str = ""
    setup_bad: bool = False
    setup_done: int = 0
    setup_of: int = 0
    can_set_up: bool = False
    remote: bool = False
    missing: tuple[str, ...] = ()


def make(facts: Facts) -> DockerView:
    """The view for these facts."""
    job, status = facts.job, facts.status
    running = job is not None and job.state.active
    button, action, enabled = _button(facts, running)
    problem, remedy, remedy_text = _problem(facts)
    fraction, progress, bad = _progress(facts, running, problem)
    has_pictures = begun(job, facts.preview)
    engine = status.server.engine(job.engine) if job is not None else None
    embedded = status.server.engine(gallery.ENGINE)
    free = not facts.task_text
    whole = bool(job and job.state is JobState.FINISHED and job.frames)
    return DockerView(
        problem=problem,
        remedy=remedy,
        remedy_text=remedy_text,
        button=button,
        action=action,
        enabled=enabled,
        fraction=fraction,
        progress=progress,
        progress_bad=bad,
        engine=_engine(facts),
        can_import=has_pictures and free,
        can_split=bool(whole and engine and engine.has_layers and free),
        can_redo=bool(whole and free and engine and (engine.can_redo or engine.joins_keyframes)),
        can_change_states=bool(whole and free and engine and engine.joins_keyframes),
        can_vary=bool(whole and embedded and embedded.has_variants),
        is_branch=bool(whole and free and job and job.parameters.branches),
        busy=bool(facts.task_text),
        warnings="\n".join(job.warnings[-3:]) if job else "",
    )


def _button(facts: Facts, running: bool) -> tuple[str, Action, bool]:
    if facts.status.state is ConnectionState.NOT_INSTALLED and facts.can_set_up:
        return tr("Set up"), Action.SET_UP, not facts.setting_up
    if running:
        return tr("Cancel"), Action.CANCEL, not (facts.job is not None and facts.job.cancelling)
    return tr("Undo Painting"), Action.START, facts.has_document and not facts.setting_up


def _problem(facts: Facts) -> tuple[str, Action, str]:
    """What is wrong, once, with its one remedy."""
    status = facts.status
    if facts.missing:
        text = tr("This Krita lacks {calls}; parts of the plugin will not work.", calls=", ".join(facts.missing))
        return text, Action.NOTHING, ""
    if status.state is ConnectionState.NOT_INSTALLED and not facts.can_set_up:
        text = tr("This build carries no installer. Install the package paints-undo yourself, then try again.")
        return text, Action.NOTHING, ""
    if status.state is ConnectionState.FAILED:
        if status.problem in (Problem.START, Problem.VERSION) and facts.can_set_up and not facts.remote:
            return status.words(), Action.SET_UP, tr("Repair")
        if facts.remote and status.problem is Problem.UNREACHABLE:
            return status.words(), Action.HERE, tr("Use this machine")
        return status.words(), Action.SETTINGS, tr("Settings …")
    if status.state is ConnectionState.RECONNECTING:
        return status.words(), Action.NOTHING, ""
    if facts.job is not None and facts.job.state is JobState.KEPT and not status.working:
        return "", Action.SHOW, tr("Show it")
    return "", Action.NOTHING, ""


def _progress(facts: Facts, running: bool, problem: str) -> tuple[float | None, str, bool]:
    if facts.setting_up or facts.setup_bad:
        part = facts.setup_done / facts.setup_of if 0 < facts.setup_done < facts.setup_of else -1.0
        return (part if facts.setting_up else None), facts.setup_text, facts.setup_bad
    if facts.task_text:
        part = facts.task_done / facts.task_of if facts.task_of else -1.0
        count = f" {facts.task_done}/{facts.task_of}" if facts.task_of else ""
        return part, facts.task_text + count, False
    if facts.status.state is ConnectionState.NOT_INSTALLED and facts.can_set_up:
        return None, tr("Press Set up once; it needs no terminal."), False
    job = facts.job
    if job is None:
        hint = (
            tr("See how this picture could have been painted.") if facts.has_document else tr("Open a picture first.")
        )
        return None, hint, False
    if not running:
        failed = job.state is JobState.FAILED
        words = job.words()
        return None, "" if job.state is JobState.FINISHED or words == problem else words, failed
    waiting = job.state in (JobState.PREPARING, JobState.UPLOADING, JobState.QUEUED)
    starting = waiting and facts.status.state is ConnectionState.STARTING
    return (-1.0 if waiting else job.fraction), facts.status.words() if starting else job.words(), False


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
        return facts.status.words()
    engine, why = facts.status.server.choose(facts.wanted_engine)
    text = tr("Engine: {engine}", engine=engine)
    return f"{text} ({_why(facts.status.server, engine, why)})" if why else text


def frame_words(picture: StoredFrame, is_preview: bool) -> str:
    """The words on the player's picture."""
    text = phases.moment(picture.operation_step, picture.label)
    return tr("{words} · preview", words=text) if is_preview else text
