"""Opens the docker without a daemon and takes a picture."""

import os

from inside import K, controller, docker, document, finish, pump, screenshot

doc = document()
pump(1.0)
K.action("undo_painting_docker").trigger()
pump(0.5)
widget = docker()
if os.environ.get("SHOT"):
    screenshot(os.environ["SHOT"])
finish(status=controller().status.words(), button=widget.big.text().replace("&", ""), missing=controller().missing)
