"""The plugin's actions, for which an artist can choose shortcuts. The same stand in `undo_painting.action`."""

from __future__ import annotations

from enum import Enum

from .translate import tr


class Command(Enum):
    """An action, by the id that Krita knows it by."""

    START = "undo_painting"
    DOCKER = "undo_painting_docker"
    CANCEL = "undo_painting_cancel"
    PLAY = "undo_painting_play"
    NEXT = "undo_painting_next_state"
    PREVIOUS = "undo_painting_previous_state"
    LARGE = "undo_painting_large"
    CANVAS = "undo_painting_canvas"
    LAYERS = "undo_painting_layers"
    ANIMATION = "undo_painting_animation"
    VIDEO = "undo_painting_video"
    AGAIN = "undo_painting_export_again"
    GALLERY = "undo_painting_gallery"
    REDO = "undo_painting_redo"

    @property
    def in_menu(self) -> bool:
        """Whether it stands in Krita's menu *Tools, Scripts*; the others are there for shortcuts."""
        return self in (Command.START, Command.DOCKER)


def words(command: Command) -> str:
    """An action's name in the artist's language."""
    return {
        Command.START: tr("Undo Painting"),
        Command.DOCKER: tr("Show the Undo Painting docker"),
        Command.CANCEL: tr("Undo Painting: cancel"),
        Command.PLAY: tr("Undo Painting: play or pause"),
        Command.NEXT: tr("Undo Painting: next key state"),
        Command.PREVIOUS: tr("Undo Painting: previous key state"),
        Command.LARGE: tr("Undo Painting: show it large"),
        Command.CANVAS: tr("Undo Painting: show it on the canvas"),
        Command.LAYERS: tr("Undo Painting: import as layers"),
        Command.ANIMATION: tr("Undo Painting: import as animation"),
        Command.VIDEO: tr("Undo Painting: save a video or pictures"),
        Command.AGAIN: tr("Undo Painting: save once more in the same way"),
        Command.GALLERY: tr("Undo Painting: other ways to paint it"),
        Command.REDO: tr("Undo Painting: redo from here"),
    }[command]
