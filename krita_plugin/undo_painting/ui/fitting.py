"""How high the player's picture is, so that what can be done with it stays in view."""

from __future__ import annotations

from ..qt import QtCore, QtWidgets
from .screen import LEAST, Screen

FOLDS = 110
"""Height that a tall docker leaves for the headings below the player."""

ENOUGH = 160
"""Height of a picture above which the headings get their place."""


def picture_height(screen: Screen, around: QtWidgets.QWidget, room: QtCore.QSize, margin: int) -> int:
    """The height that is left of the docker's `room` beside what else stands `around` the picture, at most what fills
    the width; in a tall docker the folds' headings stay in view."""
    image = screen.image
    width = max(1, room.width() - 2 * margin)
    ideal = round(width * image.height() / max(1, image.width())) if image is not None else width * 3 // 4
    layout = around.layout()
    needed = layout.totalHeightForWidth(width) if layout is not None else 0
    rest = max(needed, around.minimumSizeHint().height()) - screen.height_set + 2 * margin
    left = room.height() - rest
    if left - FOLDS >= ENOUGH:
        left -= FOLDS
    return max(LEAST, min(ideal, left))
