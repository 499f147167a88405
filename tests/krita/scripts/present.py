"""What of the plugin is there: dockers, actions, entries of the menu, threads."""

import threading

from inside import K, document, finish, pump
from undo_painting_probe import QApplication

ACTION = "undo_painting"

document()
pump(1.5)
dockers = [docker for docker in K.dockers() if docker.objectName() == "undo_painting_docker"]
places = [each for each in QApplication.allWidgets() if each.objectName() == "undo_painting_docker"]
actions = [action.objectName() for action in K.actions() if action.objectName().startswith(ACTION)]
menus = [each for each in QApplication.allWidgets() if each.inherits("QMenu")]
entries = [action.objectName() for menu in menus for action in menu.actions()]
finish(
    dockers=[len(dockers), len(places)],
    actions=sorted(actions),
    menu=entries.count(ACTION),
    threads=[each.name for each in threading.enumerate() if each.name.startswith(ACTION.replace("_", "-"))],
)
