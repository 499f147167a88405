"""A picture over Krita's canvas: a pane of glass above it, which neither document nor undo ever learns of.

Krita's scripting tells zoom, rotation and mirroring of a canvas, and its scroll bars where the document lies: their
values are the document's offset in the canvas's own pixels.
"""

from __future__ import annotations

from typing import Any

from krita import Krita

from ..core.mapping import Rect
from ..qt import QImage, Qt, QtCore, QtGui, QtWidgets, alive
from .environment import version

FOLLOW_MS = 60
CONTROLLER = "KisCanvasController"
POINTS = 72.0
PLAIN_ZOOM = 5, 3
"""From this Krita on the zoom is told in pixels for a pixel; before, in pixels for a point."""


class Glass(QtWidgets.QWidget):
    """Lies over the viewport of a canvas and lets every event through. While the canvas is turned or mirrored it shows
    nothing."""

    def __init__(self, area: QtWidgets.QAbstractScrollArea, view: Any) -> None:
        super().__init__(area.viewport())
        self._area, self._view = area, view
        self._image: QImage | None = None
        self._rect = Rect(0, 0, 0, 0)
        self._seen: object = None
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._timer = QtCore.QTimer(self)
        self._timer.setInterval(FOLLOW_MS)
        self._timer.timeout.connect(self.follow)
        self._timer.start()
        self.follow()
        self.show()
        self.raise_()

    def show_image(self, image: QImage | None, rect: Rect) -> None:
        """Show a picture in a rectangle of the document."""
        self._image, self._rect = image, rect
        self.update()

    def follow(self) -> None:
        """Go where the canvas goes."""
        viewport = self._area.viewport()
        if viewport is None:
            return
        if self.geometry() != viewport.rect():
            self.setGeometry(viewport.rect())
        now = self._scale(), self._offset()
        if now != self._seen:
            self._seen = now
            self.update()

    def target(self) -> QtCore.QRectF | None:
        """Where the picture lies in the viewport; None while it cannot be told."""
        scale = self._scale()
        if scale is None or self._rect.empty:
            return None
        left, top = self._offset()
        rect = self._rect
        return QtCore.QRectF(rect.x * scale - left, rect.y * scale - top, rect.width * scale, rect.height * scale)

    def paintEvent(self, _event: QtGui.QPaintEvent | None) -> None:  # noqa: N802
        target = self.target()
        if self._image is None or target is None:
            return
        painter = QtGui.QPainter(self)
        painter.setRenderHint(QtGui.QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(target, self._image)
        painter.end()

    def _scale(self) -> float | None:
        """Screen pixels for each of the document's, None while the canvas is turned or mirrored."""
        canvas, document = self._view.canvas(), self._view.document()
        if canvas is None or document is None or canvas.mirror() or abs(canvas.rotation()) > 0.01:
            return None
        zoom = float(canvas.zoomLevel())
        if version() < PLAIN_ZOOM:
            zoom *= POINTS / float(document.resolution())
        return zoom / float(self.devicePixelRatioF())

    def _offset(self) -> tuple[int, int]:
        across, down = self._area.horizontalScrollBar(), self._area.verticalScrollBar()
        return (across.value() if across is not None else 0), (down.value() if down is not None else 0)


class CanvasPreview:
    """The glass over the canvas in front, while it is switched on."""

    def __init__(self) -> None:
        self._glass: Glass | None = None

    @property
    def shown(self) -> bool:
        """Whether a picture lies over the canvas."""
        return self._glass is not None and alive(self._glass)

    def show(self, image: QImage | None, rect: Rect) -> bool:
        """Show a picture in a rectangle of the document in front; False where Krita gives no canvas for it."""
        if not self.shown:
            found = _canvas()
            if found is None:
                return False
            self._glass = Glass(*found)
        if self._glass is not None:
            self._glass.show_image(image, rect)
        return True

    def hide(self) -> None:
        """Take it away."""
        if self._glass is not None and alive(self._glass):
            self._glass.setParent(None)
            self._glass.deleteLater()
        self._glass = None


def _canvas() -> tuple[QtWidgets.QAbstractScrollArea, Any] | None:
    """The scroll area of the canvas in front, and its view."""
    window = Krita.instance().activeWindow()
    view = window.activeView() if window is not None else None
    if window is None or view is None or not view.visible():
        return None
    main = window.qwindow()
    mdi = main.findChild(QtWidgets.QMdiArea)
    front = mdi.activeSubWindow() if mdi is not None else None
    if front is None:
        return None
    areas = [area for area in front.findChildren(QtWidgets.QAbstractScrollArea) if area.inherits(CONTROLLER)]
    areas = areas or [area for area in front.findChildren(QtWidgets.QAbstractScrollArea) if area.isVisible()]
    return (areas[0], view) if areas else None
