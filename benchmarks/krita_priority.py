"""Which priority the daemon that the plugin starts should have: python benchmarks/krita_priority.py [--nice 5].

One procedural job of 106 frames by the Python client, then the same from an idle Krita (under Xvfb, as the tests) with
nice 10, 5 and 0 for the daemon: seconds of the job, the longest hold of Krita's thread, and how soon the gallery is
there. Once with nothing else on the machine, then beside as many busy loops as there are cores.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "daemon"), str(ROOT / "tests")]
PRIORITIES = (10, 5, 0)
BUSY = "while True: pass"


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
                print(f"  Python client: {by_client(folder / f'client-{loops}', picture):.1f} s", flush=True)
                for nice in options.nice:
                    print(
                        f"  Krita, nice {nice}: {by_krita(folder / f'krita-{loops}-{nice}', picture, nice)}", flush=True
                    )


@contextlib.contextmanager
def busy(count: int) -> Iterator[None]:
    """Keep so many cores at work."""
    loops = [subprocess.Popen([sys.executable, "-c", BUSY], start_new_session=True) for _ in range(count)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()


def by_client(home: Path, picture: Path) -> float:
    """Seconds of the job by the Python client, at a daemon with normal priority that has the engine loaded."""
    from krita_harness import Served

    from paints_undo_daemon.client import connect
    from paints_undo_engine.request import ProcessRequest

    with Served(home) as served, connect(served.daemon) as client:
        client.warm_up("procedural")
        time.sleep(2.0)
        begin = time.perf_counter()
        job = client.submit(picture, ProcessRequest(engine="procedural"))
        client.wait(job.job_id)
        return time.perf_counter() - begin


def by_krita(root: Path, picture: Path, nice: int) -> str:
    """The job from Krita, and the gallery after it, in words."""
    from krita_harness import run, warm_profile

    profile = warm_profile(root)
    profile.install_plugin()
    try:
        found = run(profile, "benchmark_priority.py", picture, seconds=600, UNDO_PAINTING_NICE=str(nice))
        first, whole = found["films"]
        job = f"{found['seconds']:.1f} s, longest hold {found['hold']:.0f} ms"
        return f"{job}; gallery: first film {first:.1f} s, all six {whole:.1f} s"
    finally:
        profile.stop_daemon()


if __name__ == "__main__":
    main()
