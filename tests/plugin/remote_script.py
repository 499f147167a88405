"""Run by a test: tries each of the given targets, then watches one while its daemon is restarted; tells it as JSON.

Arguments: the packed plugin's folder, the targets (JSON), and the seconds to watch. A line is printed for each change
of the status.
"""

import asyncio
import contextlib
import json
import sys
from pathlib import Path

sys.path.insert(0, sys.argv[1])

from undo_painting.core.connection import ConnectionStatus
from undo_painting.core.launch import DaemonTarget
from undo_painting.net import supervisor as module
from undo_painting.net.errors import CallError
from undo_painting.net.supervisor import Supervisor

module.PULSE_SECONDS = 0.1
module.RETRY_SECONDS = 0.5


def tell(name: str, status: ConnectionStatus) -> None:
    shown = {"name": name, "state": status.state.value, "problem": status.problem.value, "words": status.words()}
    print(json.dumps(shown), flush=True)


async def main() -> None:
    for name, values in json.loads(sys.argv[2]).items():
        supervisor = Supervisor(lambda _: None)
        with contextlib.suppress(CallError):
            await supervisor.ensure(DaemonTarget(Path("/nowhere"), version="test", **values), False)
        tell(name, supervisor.status)
        supervisor.close()
    if len(sys.argv) > 3:
        supervisor = Supervisor(lambda status: tell("watched", status))
        await asyncio.wait_for(supervisor.pulse(lambda: DaemonTarget(Path("/nowhere"), **values)), float(sys.argv[3]))


if __name__ == "__main__":
    with contextlib.suppress(asyncio.TimeoutError):
        asyncio.run(main())
