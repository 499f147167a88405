"""The core, the client and the vendored libraries under every Python from 3.10 that is on this machine."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

OLDEST, NEWEST = 10, 15
EXERCISE = """
import importlib, pkgutil, sys
sys.path.insert(0, sys.argv[1])
import undo_painting.core, undo_painting.net
for package in (undo_painting.core, undo_painting.net):
    for module in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
        importlib.import_module(module.name)
from undo_painting.core import animation_file, history, parameters
from undo_painting.core.history import Entry, History
from undo_painting.core.mapping import PaintingSource, Rect
from undo_painting.net import bridge, convert
chosen = {"keyframes.seed": 4294967295, "keyframes.operation_steps": (5, 900), "tags.text": "1girl"}
made = parameters.Parameters().set({**chosen, "interpolation.temporal_window": "roll"})
message = convert.process_parameters(made, "diffusion")
assert type(message).FromString(message.SerializeToString()) == message
entry = Entry("r", "j", "t", "procedural", made, PaintingSource("picture", Rect(0, 0, 2, 2), 2, 2))
assert history.load(history.dump(History((entry,)))).entries == (entry,)
assert animation_file.tiles(bytes([1]) * 64, 4, 4)

async def work(loop):
    await loop.ask(seen.append, "asked")
    return await loop.in_pool(sum, (1, 2))

async def fail(loop):
    await loop.ask(seen.pop, 99)

async def wait_for_ever(loop):
    loop.emit(seen.append, "waiting")
    await loop.ask(lambda: forgotten.cancel())
    seen.append("not cancelled")

seen = []
thread = bridge.Bridge(lambda loop: loop)
thread.run(work, seen.append, seen.append)
while len(seen) < 2:
    thread.drain()
assert seen == ["asked", 3], seen
thread.run(fail, failed=lambda error: seen.append(type(error).__name__))
while len(seen) < 3:
    thread.drain()
forgotten = thread.run(wait_for_ever, done=seen.append, failed=seen.append)
while len(seen) < 4:
    thread.drain()
thread.run(work, seen.append)
while len(seen) < 6:
    thread.drain()
thread.close()
assert seen == ["asked", 3, "IndexError", "waiting", "asked", 3], seen
print(sys.version_info[1])
"""


def interpreters() -> list[str]:
    """Every Python from 3.10 on the search path or beside this one, that starts."""
    found = {}
    beside = Path(sys.base_prefix).parent
    for minor in range(OLDEST, NEWEST):
        candidates = [shutil.which(f"python3.{minor}"), *map(str, sorted(beside.glob(f"3.{minor}.*/bin/python")))]
        for candidate in filter(None, candidates):
            if subprocess.run([candidate, "-c", ""], capture_output=True, check=False).returncode == 0:
                found[minor] = candidate
    return [found.get(minor, "") or sys.executable for minor in sorted({*found, sys.version_info[1]})]


@pytest.mark.parametrize("python", interpreters())
def test_everything_without_krita_runs(staged: Path, python: str) -> None:
    result = subprocess.run(
        [python, "-I", "-B", "-c", EXERCISE, str(staged)], capture_output=True, text=True, check=False, timeout=120
    )
    assert result.returncode == 0, result.stderr
    assert int(result.stdout) >= OLDEST
