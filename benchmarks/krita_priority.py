"""Which priority the daemon that the plugin starts should have: python benchmarks/krita_priority.py [--nice 5].

Procedural jobs of 106 frames by the Python client, then the same, with the same seeds, from an idle Krita (under Xvfb,
as the tests) with nice 10, 5 and 0 for the daemon: seconds of a job, the longest hold of Krita's thread with what it
worked in it, and how soon the gallery is there. The first job of a daemon takes longer, so it is told apart from the
median of the others. Once with nothing else on the machine, then beside as many busy loops as there are cores.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "daemon"), str(ROOT / "tests")]
PRIORITIES = (10, 5, 0)
SEEDS = (1, 2, 3, 4, 5)
BUSY = "import os, sys\nwhile os.getppid() == int(sys.argv[1]): pass"
"""Ends with the program that started it, also where that is killed."""


def main() -> None:
    from PIL import Image

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--side", type=int, default=500, help="the picture's side in pixels")
    parser.add_argument("--nice", type=int, nargs="+", default=PRIORITIES, help="the daemon's priorities to compare")
    parser.add_argument("--quiet", action="store_true", help="leave the busy loops out")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        picture = folder / "picture.png"
        with Image.open(ROOT / "assets" / "illustration.png") as image:
            image.convert("RGB").resize((options.side, options.side)).save(picture)
        for loops in (0,) if options.quiet else (0, os.cpu_count() or 1):
            with busy(loops):
                print(f"beside {loops} busy loops", flush=True)
                print(f"  Python client: {by_client(folder / f'client-{loops}', picture)}", flush=True)
                for nice in options.nice:
                    print(
                        f"  Krita, nice {nice}: {by_krita(folder / f'krita-{loops}-{nice}', picture, nice)}", flush=True
                    )


@contextlib.contextmanager
def busy(count: int) -> Iterator[None]:
    """Keep so many cores at work."""
    loops = [
        subprocess.Popen([sys.executable, "-c", BUSY, str(os.getpid())], start_new_session=True) for _ in range(count)
    ]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()


def by_client(home: Path, picture: Path) -> str:
    """The jobs by the Python client, at a daemon with normal priority that has the engine loaded, in words."""
    from krita_harness import Served

    from paints_undo_daemon.client import connect
    from paints_undo_engine.parameters import with_values
    from paints_undo_engine.request import ProcessRequest

    seconds = []
    with Served(home) as served, connect(served.daemon) as client:
        client.warm_up("procedural")
        time.sleep(3.0)
        for seed in SEEDS:
            wanted = {"engine": "procedural", "keyframes.seed": seed, "interpolation.seed": seed}
            begin = time.perf_counter()
            job = client.submit(picture, with_values(ProcessRequest(), wanted))
            client.wait(job.job_id)
            seconds.append(time.perf_counter() - begin)
    return told(seconds)


def by_krita(root: Path, picture: Path, nice: int) -> str:
    """The jobs from Krita, and the gallery after them, in words."""
    from krita_harness import run, warm_profile

    profile = warm_profile(root)
    profile.install_plugin()
    wanted = {"UNDO_PAINTING_NICE": str(nice), "UNDO_PAINTING_SEEDS": " ".join(map(str, SEEDS))}
    try:
        found = run(profile, "benchmark_priority.py", picture, seconds=600, **wanted)
    finally:
        profile.stop_daemon()
    wall, worked, waited = max(found["holds"])
    hold = f"longest hold {wall:.0f} ms (at work {worked:.0f}, waiting for a core {waited:.0f})"
    holds = statistics.median(each[0] for each in found["holds"])
    picture_after, film_after, all_after = found["gallery"]
    gallery = f"gallery: first picture {picture_after:.1f} s, first film {film_after:.1f} s, all six {all_after:.1f} s"
    return f"{told(found['seconds'])}; {hold}, median of the jobs' {holds:.0f} ms; {gallery}"


def told(seconds: list[float]) -> str:
    """What jobs took, in words."""
    return f"{statistics.median(seconds[1:]):.1f} s a job, {seconds[0]:.1f} s the first"


if __name__ == "__main__":
    main()
