"""Run by a test: downloads the models with the docker's button, cancels it half way, and takes it up again."""

import json

from offscreen import wait
from undo_painting.controller.controller import Controller
from undo_painting.core import log
from undo_painting.ui.docker_widget import DockerWidget

errors = []
log.report_to(errors.append)
controller = Controller()
docker = DockerWidget(controller)
docker.show()
panel, setup = docker.setup, controller.setup
controller.look()
wait(controller, lambda: setup.models)
controller.drain()
docker.refresh()
found = {"before": [panel._models.text(), panel._models.isEnabled(), panel._list.text().splitlines()]}
panel._models.click()
wait(controller, lambda: "wd14_tagger" in setup.text and setup.done > 1)
docker.refresh()
found["running"] = [panel._words.text().splitlines()[0], panel._cancel.isHidden(), setup.of, panel._models.isEnabled()]
panel._cancel.click()
wait(controller, lambda: not setup.running)
found["cancelled"] = [setup.text, setup.bad]
wait(controller, lambda: any(model.size for model in setup.models if not model.ready))
docker.refresh()
panel._models.click()
wait(controller, lambda: not setup.running)
wait(controller, lambda: all(model.ready for model in setup.models))
docker.refresh()
found["after"] = [setup.text, panel._models.isEnabled()]
found["errors"] = errors
controller.close()
print(json.dumps(found))
