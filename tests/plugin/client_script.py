"""Run by a test: connects (starting a daemon), makes a job, fetches its frames, and tells what happened as JSON."""

import asyncio
import base64
import json
import os
import sys
from dataclasses import replace

sys.path.insert(0, sys.argv[1])

from undo_painting.core.home import home_folder
from undo_painting.core.jobs import Event, Job, new_request_id
from undo_painting.core.launch import DaemonTarget, Program
from undo_painting.core.mapping import PaintingSource, Rect
from undo_painting.core.parameters import FRAMES, STEPS, Parameters
from undo_painting.net.daemon import Daemon
from undo_painting.net.errors import CallError
from undo_painting.net.hashing import digest as hash_of
from undo_painting.net.pictures import RAW_RGB8, Pixels
from undo_painting.net.supervisor import Supervisor

WIDTH, HEIGHT = 96, 64
ROOTS = {"google", "grpclib", "h2", "hpack", "hyperframe", "multidict", "paints_undo"}


def colour(x, y):
    """A dark frame around two flat areas."""
    if min(x, y, WIDTH - 1 - x, HEIGHT - 1 - y) in (10, 11):
        return bytes((20, 20, 30))
    return bytes((220, 90, 60)) if x < WIDTH // 2 else bytes((60, 140, 200))


async def main():
    statuses = []
    supervisor = Supervisor(lambda status: statuses.append(status.state.value))
    recorded = json.loads(os.environ["LAUNCHER"])
    program = Program(tuple(recorded["command"]), tuple(recorded["environment"].items()))
    target = DaemonTarget(home_folder(), program=program, version="test")
    daemon = await supervisor.ensure(target, True)
    pixels = b"".join(colour(x, y) for y in range(HEIGHT) for x in range(WIDTH))
    digest = hash_of(pixels, RAW_RGB8, WIDTH, HEIGHT)
    await daemon.upload(digest, Pixels(pixels, RAW_RGB8, WIDTH, HEIGHT))
    parameters = Parameters("procedural").set({STEPS: (300, 700), FRAMES: 4})
    source = PaintingSource("picture", Rect(0, 0, WIDTH, HEIGHT), WIDTH, HEIGHT)
    job = Job(new_request_id(), "d", "test", "procedural", parameters, source, digest)
    job.accept(await daemon.create(job.order()))
    async for item in daemon.watch(job.job_id, 0):
        if isinstance(item, Event):
            job.apply(item)
    assert job.frames, job.words()
    frames, last = [], None
    async for picture, data in daemon.frames(job.job_id, 0, 0):
        frames.append(picture.index)
        last = data
    refused = unknown = ""
    try:
        await Daemon.connect(replace(daemon.endpoint, token="wrong"), "test")
    except CallError as error:
        refused = error.status
    try:
        await daemon.get("nosuchjob")
    except CallError as error:
        unknown = error.status
    daemon.close()
    return {
        "statuses": statuses,
        "state": job.state.value,
        "frames": frames,
        "frame_count": job.frame_count,
        "last": base64.b64encode(last.data).decode(),
        "painting": base64.b64encode(pixels).decode(),
        "refused": refused,
        "unknown": unknown,
        "foreign": sorted(name for name in sys.modules if name.split(".")[0] in ROOTS),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(main())))
