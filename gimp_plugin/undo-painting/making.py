"""A picture there, layers back: everything but GIMP. A plug-in of GIMP is a program of its own, so it simply waits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from undo_painting.core.home import home_folder, plugin_folder
from undo_painting.core.jobs import Job, JobState, Progress, new_request_id
from undo_painting.core.launch import DaemonTarget, Search
from undo_painting.core.mapping import PaintingSource, Placement, Rect
from undo_painting.core.parameters import STOP_AFTER, Parameters
from undo_painting.net import hashing
from undo_painting.net.daemon import Daemon
from undo_painting.net.errors import CallError
from undo_painting.net.pictures import Blending, Pixels
from undo_painting.net.supervisor import Supervisor

ATTEMPTS = 30
PAUSE_SECONDS = 1.0

Report = Callable[[float, str], None]
"""Is told how much is done, 0 to 1, and what is being done."""


class MakingError(Exception):
    """It did not work; the sentence says why."""


class Content(Enum):
    """What comes back."""

    KEYFRAMES = "keyframes"
    FRAMES = "frames"
    LAYERS = "layers"


@dataclass(frozen=True)
class MadeLayer:
    """A layer to be brought in, bottom first: `png` is the file, `place` its rectangle in the picture's pixels.

    `groups` are the names of the groups that it lies in, outermost first. A `clipped` one shows only on what is below
    it in its group.
    """

    name: str
    png: bytes
    place: Placement
    visible: bool = True
    opacity: float = 1.0
    blending: Blending = Blending.NORMAL
    groups: tuple[str, ...] = ()
    clipped: bool = False


def find_target(folder: Path) -> DaemonTarget:
    """This account's daemon, and the program that starts it. `folder` is the plug-in's own."""
    home = home_folder()
    plugin_folder(home).mkdir(parents=True, exist_ok=True)
    return Search(home, "", "", "", "", folder / "launcher.json", "gimp").target()


def make(pixels: Pixels, title: str, content: Content, target: DaemonTarget, report: Report) -> list[MadeLayer]:
    """Make the process of a picture (RAW_RGB8 or RAW_RGBA8), and give its layers. Raises `MakingError`."""
    try:
        return asyncio.run(_make(pixels, title, content, target, report))
    except CallError as error:
        raise MakingError(_explained(error, target)) from error


async def _make(pixels: Pixels, title: str, content: Content, target: DaemonTarget, report: Report) -> list[MadeLayer]:
    supervisor = Supervisor(lambda _: None)
    try:
        daemon = await supervisor.ensure(target, True)
        job = await _begin(daemon, supervisor, pixels, title, content)
        await _follow(supervisor, target, job, report)
        if job.state is not JobState.FINISHED:
            raise MakingError(job.words())
        daemon = await supervisor.ensure(target, True)
        layers = []
        async for layer in _layers(daemon, job, content):
            layers.append(layer)
            report(1.0, layer.name)
        return layers
    finally:
        supervisor.close()


async def _begin(daemon: Daemon, supervisor: Supervisor, pixels: Pixels, title: str, content: Content) -> Job:
    """Send the picture and create the job. Only frames need the last stage."""
    engine, _ = supervisor.status.server.choose(Parameters().engine)
    digest = hashing.digest(pixels.data, pixels.encoding, pixels.width, pixels.height)
    await daemon.upload(digest, pixels)
    parameters = Parameters() if content is Content.FRAMES else Parameters().set({STOP_AFTER: "keyframes"})
    whole = Rect(0, 0, pixels.width, pixels.height)
    source = PaintingSource("picture", whole, pixels.width, pixels.height)
    job = Job(new_request_id(), "", title, engine, parameters, source, painting_hash=digest)
    job.accept(await daemon.create(job.order()))
    return job


async def _follow(supervisor: Supervisor, target: DaemonTarget, job: Job, report: Report) -> None:
    """Take in the job's events until it has ended; a lost connection is made anew. Raises `CallError`."""
    failed = 0
    while not job.state.ended:
        try:
            daemon = await supervisor.ensure(target, True)
            async for item in daemon.watch(job.job_id, job.sequence):
                failed = 0
                if isinstance(item, Progress):
                    job.advance(item)
                else:
                    job.apply(item)
                report(job.fraction, job.words())
        except CallError as error:
            failed += 1
            if not error.transient or failed > ATTEMPTS:
                raise
            supervisor.lost()
            await asyncio.sleep(PAUSE_SECONDS)


async def _layers(daemon: Daemon, job: Job, content: Content) -> AsyncIterator[MadeLayer]:
    if content is Content.LAYERS:
        async for layer in daemon.layers(job.job_id):
            pixels = layer.pixels
            place = Placement(0, 0, pixels.width, pixels.height)
            yield MadeLayer(
                layer.name,
                bytes(pixels.data),
                place,
                layer.visible,
                layer.opacity,
                layer.blending,
                layer.group,
                layer.clipped,
            )
        return
    async for picture, pixels in daemon.frames(job.job_id, 0, 0, keyframes=content is Content.KEYFRAMES):
        share = f"{1 - picture.operation_step / 1000:.0%}"
        name = f"{share} · {picture.label}" if picture.label else share
        yield MadeLayer(name, bytes(pixels.data), picture.placement)


def _explained(error: CallError, target: DaemonTarget) -> str:
    """What to do, where no daemon can be started; otherwise the daemon's own words."""
    if target.program is None and error.status in ("FAILED_PRECONDITION", "UNAVAILABLE"):
        return (
            "Paints-Undo is not installed for this account. Install it with “pip install paints-undo”, or by “Set up” "
            "in the Krita plugin, then try again."
        )
    return error.detail or str(error)
