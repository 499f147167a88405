"""Many clients, while workers and the daemon are killed at random moments: is anything lost or doubled?

    python benchmarks/soak.py --minutes 30 --json soak.json
    python benchmarks/soak.py --minutes 30 --damage --disk 512 --json soak.json

The exit code is 0 only if every accepted job finished or was cancelled as asked, every watcher saw every event exactly
once and in order, and every frame has the hash that an undisturbed run gives. The rule of three strikes is set aside
(`unit_strikes`), since here it is not the unit that kills its worker. Two workers share the jobs, so that intervals of
one job run side by side.

With `--damage` bits of stored pictures flip, the clock jumps, connections stall, and with `--disk` (as root) the disk
fills up, all beside the kills; at the end bytes of the database change while no daemon runs. Then a job may also fail
with DATA_LOSS or RESOURCE_EXHAUSTED: what is damaged must be named, and never served.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import hashlib
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
from daemons import Daemon, Stubs, painting, small, until
from damage import Damage, small_disk

from paints_undo.v1 import jobs_pb2
from paints_undo_daemon.client.errors import connection_broke
from paints_undo_daemon.home import Endpoint

SHAPES = ((96, 64), (64, 96), (128, 128), (160, 120))
VARIANTS = {
    "short": small(),
    "long": small((200, 400, 600, 800), 9),
    "keyframes": small(stop_after=jobs_pb2.STAGE_KEYFRAMES),
    "tags": small(tags=jobs_pb2.TagsParameters(text="given")),
}
NOWHERE = Endpoint("unix:/nowhere", 0, "", 0.0, "", 1, "")
KILL_SECONDS = (0.5, 5.0)
SETTLE_SECONDS = 600.0
LAST = ("finished", "cancelled", "failed")
NAMED = ("DATA_LOSS", "RESOURCE_EXHAUSTED")
_START_ATTEMPTS = 100
_FULL = ("disk is full", "No space left")
DATABASE_ROUNDS, DATABASE_BYTES = 3, 20


@dataclass
class Accepted:
    """A job that the daemon has accepted, and what was done to it."""

    client: str
    job_id: str
    shape: int
    variant: str
    cancel_asked: bool = False
    watchers: list[list[jobs_pb2.Event]] = field(default_factory=list)


class Soak:
    """The daemon, the clients, the killer, and what they have seen."""

    def __init__(self, home: Path, clients: int, workers: int, seed: int, *, damage: bool, disk: bool) -> None:
        settings: dict[str, Any] = {"unit_strikes": 1_000_000, "procedural_workers": workers, "log_level": "info"}
        if damage:
            settings |= {"sweep_interval_seconds": 5, "picture_grace_seconds": 30, "min_free_disk_bytes": 0}
        self.daemon = Daemon(home, **settings)
        self.workers = workers
        self.random = random.Random(seed)
        self.clients = [f"client-{number}" for number in range(clients)]
        self.tokens: dict[str, str] = {}
        self.paintings = [painting(number, *shape) for number, shape in enumerate(SHAPES)]
        self.expected: dict[tuple[int, str], dict[str, dict[int, str]]] = {}
        self.accepted: list[Accepted] = []
        self.counts: Counter[str] = Counter()
        self.problems: list[str] = []
        self.killing = False
        self.damage = Damage(home, self.random, disk) if damage else None
        if self.damage is not None:
            home.mkdir(parents=True, exist_ok=True)
            self.daemon.environment = self.damage.environment()

    async def run(self, seconds: float) -> None:
        """The whole soak."""
        self.daemon.start()
        self.tokens = {name: self.daemon.token(name) for name in self.clients}
        await self._learn()
        deadline = time.monotonic() + seconds
        self.killing = True
        killer = asyncio.create_task(self._kill(deadline))
        harm = asyncio.create_task(self._harm(deadline))
        await asyncio.gather(*(self._client(name, deadline) for name in self.clients))
        await asyncio.gather(killer, harm)
        await self._check()
        self.daemon.stop()
        for _ in range(DATABASE_ROUNDS if self.damage else 0):
            await self._damage_database()

    async def _harm(self, deadline: float) -> None:
        """Do one harm after the other."""
        while self.damage is not None and time.monotonic() < deadline:
            await until(deadline, self.random.uniform(0.1, 2.0))
            await self.damage.strike(lambda: self.stubs(self.random.choice(self.clients)))

    async def _damage_database(self) -> None:
        """Bytes of the database change: the daemon starts, and every job is as it was, or named as damaged, or the log
        tells how many were saved."""
        assert self.damage is not None
        self.damage.flip_database(DATABASE_BYTES)
        self.daemon.start()
        said = "jobs were saved" in (self.daemon.home / "daemon.log").read_text(encoding="utf-8")
        for accepted in self.accepted:
            stubs = self.stubs(accepted.client)
            try:
                job = await asyncio.wait_for(stubs.get(accepted.job_id), 30)
                if job.failure.code == "DATA_LOSS":
                    self.counts["jobs named as damaged"] += 1
                elif accepted.watchers and job.last_sequence != len(accepted.watchers[0]):
                    self.problems.append(f"{accepted.job_id}: has another history after the damage, unnamed")
            except grpc.RpcError as error:
                named = error.code() is grpc.StatusCode.DATA_LOSS or (
                    error.code() is grpc.StatusCode.NOT_FOUND and said
                )
                if not named:
                    self.problems.append(f"{accepted.job_id}: {error.code().name} after the damage")
                self.counts["jobs that could not be read again"] += 1
            finally:
                await stubs.channel.close()
        self.daemon.stop()

    def stubs(self, client: str) -> Stubs:
        """A new connection to the daemon as it is now."""
        endpoint = Endpoint.read(self.daemon.home) or NOWHERE
        return Stubs(endpoint, self.tokens[client], f"{client}-{self.random.random()}")

    async def _learn(self) -> None:
        """What an undisturbed run gives."""
        stubs = self.stubs(self.clients[0])
        for shape, data in enumerate(self.paintings):
            digest = await stubs.upload(data)
            for variant, parameters in VARIANTS.items():
                _, events = await stubs.finish(digest, parameters=parameters)
                self.expected[shape, variant] = pictures(events)
        await stubs.channel.close()

    async def _kill(self, deadline: float) -> None:
        """Kill a worker or the daemon now and then; start the daemon again."""
        while time.monotonic() < deadline:
            await until(deadline, self.random.uniform(*KILL_SECONDS))
            workers = self.daemon.workers()
            if workers and self.random.random() < 0.6:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(self.random.choice(workers), signal.SIGKILL)
                    self.counts["workers killed"] += 1
            else:
                self.daemon.kill()
                self.counts["daemons killed"] += 1
                await asyncio.sleep(self.random.uniform(0, 0.5))
                await self._start_again()
        self.killing = False

    async def _start_again(self) -> None:
        """Start the daemon; on a disk that is full just then, where nothing is kept back any more, a little later."""
        for _ in range(_START_ATTEMPTS):
            try:
                await asyncio.to_thread(self.daemon.start)
            except RuntimeError:
                if self.damage is None or not any(words in self.daemon.last_words() for words in _FULL):
                    raise
                self.counts["starts on a full disk refused"] += 1
                await asyncio.sleep(0.5)
            else:
                return
        raise RuntimeError("The daemon does not start again.")

    async def _again(self, client: str, call: Any) -> Any:
        """Do a call until it is answered; a new connection each time."""
        while True:
            stubs = self.stubs(client)
            try:
                return await asyncio.wait_for(call(stubs), 30)
            except grpc.RpcError as error:
                if not may_succeed(error):
                    raise
                self.counts["calls repeated"] += 1
                await asyncio.sleep(0.1)
            except TimeoutError:
                self.counts["calls timed out"] += 1
            finally:
                await stubs.channel.close()

    async def _client(self, name: str, deadline: float) -> None:
        watching: set[asyncio.Task[None]] = set()
        while time.monotonic() < deadline:
            shape, variant = self.random.randrange(len(SHAPES)), self.random.choice(list(VARIANTS))
            data = self.paintings[shape]
            request_id = os.urandom(8).hex()
            try:
                digest = await self._again(name, lambda stubs, data=data: stubs.upload(data))

                def create(stubs: Stubs, digest: str = digest, rid: str = request_id, variant: str = variant) -> Any:
                    return stubs.create(digest, rid, parameters=VARIANTS[variant])

                job = await self._again(name, create)
            except grpc.RpcError as error:
                if self.damage is None or error.code() is not grpc.StatusCode.NOT_FOUND:
                    raise
                self.counts["paintings asked for again"] += 1
                continue
            if self.random.random() < 0.3:
                again = await self._again(name, create)
                if again.job_id != job.job_id:
                    self.problems.append(f"{job.job_id}: the same request made a second job")
            accepted = Accepted(name, job.job_id, shape, variant)
            self.accepted.append(accepted)
            for _ in range(self.random.randint(1, 3)):
                watching.add(asyncio.create_task(self._watch(accepted)))
            if self.random.random() < 0.2:
                watching.add(asyncio.create_task(self._cancel(accepted, self.random.uniform(0, 1.5))))
            await until(deadline, self.random.uniform(0, 1.5))
            if len(watching) > 12:
                await asyncio.wait(watching, return_when=asyncio.FIRST_COMPLETED)
            for task in [task for task in watching if task.done()]:
                watching.discard(task)
                task.result()
        await asyncio.gather(*watching)

    async def _cancel(self, accepted: Accepted, delay: float) -> None:
        await asyncio.sleep(delay)
        accepted.cancel_asked = True
        request = jobs_pb2.CancelJobRequest(job_id=accepted.job_id)
        await self._again(
            accepted.client, lambda stubs: _awaited(stubs.jobs.CancelJob(request, metadata=stubs.metadata))
        )
        self.counts["cancels"] += 1

    async def _watch(self, accepted: Accepted) -> None:
        """Watch a job to its end, hanging up and coming back at random."""
        seen: list[jobs_pb2.Event] = []
        accepted.watchers.append(seen)
        while not (seen and seen[-1].WhichOneof("kind") in LAST):
            stubs = self.stubs(accepted.client)
            patience = self.random.expovariate(1 / 3.0) if self.killing else SETTLE_SECONDS
            try:
                async with asyncio.timeout(patience):
                    async for item in stubs.watch(accepted.job_id, seen[-1].sequence if seen else 0):
                        if item.HasField("event"):
                            seen.append(item.event)
            except TimeoutError:
                self.counts["watchers hung up"] += 1
            except grpc.RpcError as error:
                if not may_succeed(error):
                    self.problems.append(f"{accepted.job_id}: watching ended with {error.code().name}")
                    return
                self.counts["watchers cut off"] += 1
                await asyncio.sleep(0.1)
            finally:
                await stubs.channel.close()

    async def _check(self) -> None:
        for accepted in self.accepted:
            job = await self._again(accepted.client, lambda stubs, job=accepted.job_id: stubs.get(job))
            problem = self._problem(accepted, job)
            if problem:
                self.problems.append(f"{accepted.job_id} ({accepted.variant}): {problem}")
        for accepted in self.random.sample(self.accepted, min(50, len(self.accepted))):
            await self._check_bytes(accepted)

    def _problem(self, accepted: Accepted, job: jobs_pb2.Job) -> str:
        state = jobs_pb2.JobState.Name(job.state)
        self.counts[state.removeprefix("JOB_STATE_").lower()] += 1
        named = self.damage is not None and job.failure.code in NAMED
        if named:
            self.counts[f"failed with {job.failure.code}"] += 1
        elif state not in ("JOB_STATE_FINISHED", "JOB_STATE_CANCELLED"):
            return f"is {state}: {job.failure.message}"
        if state == "JOB_STATE_CANCELLED" and not accepted.cancel_asked:
            return "is cancelled, but nobody asked for it"
        for seen in accepted.watchers:
            self.counts["events seen"] += len(seen)
            if [event.sequence for event in seen] != list(range(1, job.last_sequence + 1)):
                return "a watcher has not seen every event once and in order"
            if seen != accepted.watchers[0]:
                return "two watchers have seen different events"
        expected, got = self.expected[accepted.shape, accepted.variant], pictures(accepted.watchers[0])
        for kind, hashes in got.items():
            if not hashes.items() <= expected[kind].items():
                return f"its {kind} differ from those of an undisturbed run"
            if state == "JOB_STATE_FINISHED" and len(hashes) != len(expected[kind]):
                return f"{len(hashes)} {kind} instead of {len(expected[kind])}"
        return ""

    async def _check_bytes(self, accepted: Accepted) -> None:
        async def download(stubs: Stubs) -> list[tuple[str, bytes]]:
            result: list[tuple[str, bytes]] = []
            request = jobs_pb2.DownloadFramesRequest(job_id=accepted.job_id)
            async for part in stubs.jobs.DownloadFrames(request, metadata=stubs.metadata):
                if part.HasField("header"):
                    result.append((part.header.frame.picture_hash, b""))
                else:
                    result[-1] = (result[-1][0], result[-1][1] + part.chunk)
            return result

        try:
            downloaded = await self._again(accepted.client, download)
        except grpc.RpcError as error:
            if self.damage is None or error.code() is not grpc.StatusCode.DATA_LOSS:
                raise
            self.counts["downloads refused with DATA_LOSS"] += 1
            return
        for digest, data in downloaded:
            self.counts["frames downloaded"] += 1
            if hashlib.sha256(data).hexdigest() != digest:
                self.problems.append(f"{accepted.job_id}: a frame's bytes do not have its hash")

    def report(self, minutes: float) -> dict[str, Any]:
        """The figures."""
        return {
            "minutes": round(minutes, 2),
            "clients": len(self.clients),
            "workers": self.workers,
            "jobs accepted": len(self.accepted),
            **dict(sorted(self.counts.items())),
            **(dict(sorted(self.damage.counts.items())) if self.damage else {}),
            "problems": self.problems,
        }


def may_succeed(error: grpc.RpcError) -> bool:
    """Whether the same call may succeed a little later."""
    return connection_broke(error) or error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


async def _awaited(call: Any) -> Any:
    return await call


def pictures(events: list[jobs_pb2.Event]) -> dict[str, dict[int, str]]:
    """The hashes of keyframes and frames by their index."""
    keyframes = [e.keyframe_stored.keyframe for e in events if e.HasField("keyframe_stored")]
    frames = [e.frame_stored.frame for e in events if e.HasField("frame_stored")]
    return {
        kind: {item.index: item.picture_hash for item in listed}
        for kind, listed in (("keyframes", keyframes), ("frames", frames))
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--clients", type=int, default=6)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--damage", action="store_true", help="harm what lies below the daemon, too")
    parser.add_argument("--disk", type=int, default=0, metavar="MIB", help="a disk of its own that fills up (root)")
    parser.add_argument("--json", type=Path, default=None)
    arguments = parser.parse_args()
    seed = arguments.seed if arguments.seed is not None else random.SystemRandom().randrange(2**32)
    begun = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="paints-undo-soak-") as folder,
        small_disk(Path(folder), arguments.disk) as place,
    ):
        damage, disk = arguments.damage, bool(arguments.disk)
        soak = Soak(place / "home", arguments.clients, arguments.workers, seed, damage=damage, disk=disk)
        try:
            asyncio.run(soak.run(arguments.minutes * 60))
        finally:
            if soak.daemon.process is not None and soak.daemon.process.poll() is None:
                soak.daemon.kill()
    report = {"seed": seed, **soak.report((time.monotonic() - begun) / 60)}
    text = json.dumps(report, indent=2)
    print(text)
    if arguments.json:
        arguments.json.write_text(text + "\n", encoding="utf-8")
    return 1 if soak.problems or not soak.accepted else 0


if __name__ == "__main__":
    sys.exit(main())
