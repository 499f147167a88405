"""The actions that Krita is told of when it starts are those that the plugin has."""

from pathlib import Path
from xml.etree import ElementTree

from krita_plugin.undo_painting.core import actions
from krita_plugin.undo_painting.core.actions import Command

FILE = Path(actions.__file__).parents[2] / "undo_painting.action"


def test_the_action_file_names_every_command() -> None:
    listed = ElementTree.parse(FILE).getroot().findall(".//Action")
    assert [each.get("name") for each in listed] == [command.value for command in Command]
    for each, command in zip(listed, Command, strict=True):
        texts = {each.findtext(tag) for tag in ("text", "toolTip", "iconText")}
        assert texts == {actions.words(command)}


def test_no_shortcut_is_given_twice() -> None:
    root = ElementTree.parse(FILE).getroot()
    shortcuts = [each.findtext("shortcut") or "" for each in root.findall(".//Action")]
    taken = [each for each in shortcuts if each]
    assert len(taken) == len(set(taken))
