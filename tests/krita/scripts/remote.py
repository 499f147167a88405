"""A daemon with TLS at an address that the settings dialog is given, after a wrong fingerprint and a wrong token."""

import os

from inside import RESULT, controller, docker, document, finish, pump, run_job, wait
from undo_painting.core.connection import ConnectionState
from undo_painting.qt import QtWidgets

doc = document()
plugin = controller()
given = {name: os.environ[name.upper()] for name in ("address", "token", "fingerprint")}


def shown():
    """The settings dialog; those before are closed, but Qt deletes them only after this script."""
    dialogs = [item for item in QtWidgets.QApplication.topLevelWidgets() if type(item).__name__ == "SettingsDialog"]
    return next((item for item in dialogs if item.isVisible()), None)


def enter(**values):
    docker().open_settings()
    pump(0.2)
    dialog = wait(shown, "the settings")
    for name, value in values.items():
        dialog._lines[name].setText(value)
    dialog.findChild(QtWidgets.QDialogButtonBox).accepted.emit()
    before = plugin.status
    wait(
        lambda: (
            plugin.status is not before and plugin.status.state in (ConnectionState.FAILED, ConnectionState.CONNECTED)
        ),
        "an answer",
    )
    pump(0.3)
    return [plugin.status.state.value, plugin.status.problem.value, docker().problem.text().replace("\u200b", "")]


RESULT["fingerprint"] = enter(remote=given["address"], token=given["token"], fingerprint="00" * 32)
RESULT["token"] = enter(token="wrong", fingerprint=given["fingerprint"])
RESULT["right"] = enter(token=given["token"])
job = run_job()
RESULT["diagnostics"] = plugin.diagnostics()
finish(state=job.state.value, frames=len(job.frames), address=plugin.status.address)
