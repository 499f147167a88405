"""Run by a test: what is loaded once the docker stands, and once a daemon was looked for."""

import json
import sys

from offscreen import application, wait

HEAVY = ("asyncio", "concurrent.futures", "hashlib", "multiprocessing", "platform", "secrets", "shutil", "ssl")
HEAVY += ("subprocess", "tempfile", "zipfile")
LATE = ("controller.exporting", "controller.gallery", "controller.importing", "controller.redoing", "core.export")
LATE += (
    "controller.setup",
    "core.installed",
    "core.installer",
    "core.redo",
    "krita_adapter.overlay",
    "net.pictures",
    "ui.exporting",
    "ui.gallery",
    "ui.redoing",
    "ui.results",
)


def heavy():
    mine = {name.partition(".")[2].partition(".")[0] for name in sys.modules if name.startswith("undo_painting.")}
    return {*(name for name in HEAVY if name in sys.modules), *({"_vendor", "background"} & mine)}


before = heavy()
from undo_painting.controller.controller import Controller  # noqa: E402
from undo_painting.core import log  # noqa: E402
from undo_painting.ui.docker_widget import DockerWidget  # noqa: E402

errors = []
log.report_to(errors.append)
controller = Controller()
docker = DockerWidget(controller)
docker.show()
application.processEvents()
found = {"started": sorted(heavy() - before)}
found["late"] = [name for name in LATE if f"undo_painting.{name}" in sys.modules]
docker.imports.files_fold.set_open(True)
application.processEvents()
found["opened"] = [name for name in LATE if f"undo_painting.{name}" in sys.modules]
answers = []
controller.bridge.run(lambda background: background.connect(False), failed=answers.append)
wait(controller, lambda: answers)
found["looked"] = sorted(heavy() - before)
found["answer"] = str(answers[0])
found["errors"] = errors
controller.close()
print(json.dumps(found))
