"""Run by a test: sets up with an installer that only writes the program (second argument) where it belongs, or breaks
that off as soon as the small model is fetched (third argument: `cancel`)."""

import json
import sys
from pathlib import Path

from offscreen import wait
from undo_painting.controller.controller import Controller
from undo_painting.core.installer import Bundle
from undo_painting.ui.docker_widget import DockerWidget

errors, steps = [], []
controller = Controller()
docker = DockerWidget(controller)
docker.show()
setup, home = controller.setup, controller.home
uv = home / "given" / "uv"
uv.parent.mkdir(parents=True)
program = home / "environment" / "bin" / "paints-undo"
uv.write_text(f'#!/bin/sh\nmkdir -p "{program.parent}" && cp "{sys.argv[2]}" "{program}"\n')
files = [uv.with_name(name) for name in ("paints_undo-0.2.0-py3-none-any.whl", "r.txt", "d.txt")]
setup.bundle = Bundle(uv, *files, "torch", uv.with_name("t.txt"))


def ended():
    steps.extend({setup.text} - set(steps))
    if sys.argv[3] == "cancel" and steps[-1].startswith("Fetching"):
        setup.cancel()
    return not setup.running


setup.set_up()
wait(controller, ended)
docker.refresh()
print(json.dumps({"steps": steps, "text": setup.text, "bad": setup.bad, "installed": program.exists()}))
print(json.dumps({"shown": docker.setup._words.text(), "models": sorted(p.name for p in Path(home).rglob("*.tflite"))}))
controller.close()
