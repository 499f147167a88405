"""The scrubber: shows the process without touching the document."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..core.jobs import Job, JobState, StoredFrame
from ..core.translate import tr
from ..core.view import frame_words
from ..qt import QImage, Qt, QtCore, QTimer, QtWidgets, on
from .parts import IGNORED, column, row
from .play_button import PlayButton
from .screen import Screen, clickable

Frames = list[tuple[Job, StoredFrame]]
PATIENCE = 24
"""So many ticks are waited for a picture of a job that has ended; while it runs, most frames have none."""


class Player(QtWidgets.QWidget):
    """Screen, play button and slider. A finished process plays once by itself. Space plays and stops, the arrow keys go
    from frame to frame, Home and End to both ends; `pressed` tells of a click on the picture, `moved` of another frame.
    """

    pressed = QtCore.pyqtSignal()
    moved = QtCore.pyqtSignal()

    def __init__(self, tip: str = "") -> None:
        super().__init__()
        self._frames: Frames = []
        self._previews: dict[str, QImage] = {}
        self._follow = True
        self._main: Job | None = None
        self._rough: QImage | None = None
        self._played = ""
        self._waited = 0
        self.picture = clickable(Screen(), tip or tr("Show it large"))
        self._slider = QtWidgets.QSlider(Qt.Orientation.Horizontal)
        self._slider.setAccessibleName(tr("Place in the process"))
        self._slider.setSizePolicy(IGNORED, QtWidgets.QSizePolicy.Policy.Fixed)
        self._play = PlayButton()
        layout = column(self, spacing=2)
        layout.addWidget(self.picture, 1)
        line = row()
        line.addWidget(self._play)
        line.addWidget(self._slider, 1)
        self._line = line
        layout.addLayout(line)
        self._timer = QTimer(self)
        self._timer.setInterval(1000 // 12)
        on(self._timer.timeout, self._tick)
        on(self._play.toggled, self._toggle)
        on(self._slider.valueChanged, self._moved)
        on(self._slider.sliderPressed, self._held)
        on(self.picture.pressed, self.pressed.emit)

    def add_tool(self, widget: QtWidgets.QWidget) -> None:
        """Put a button beside the slider."""
        self._line.addWidget(widget)

    @property
    def words(self) -> str:
        """What stands on the picture."""
        return self._words_at(self._slider.value())

    @property
    def playing(self) -> bool:
        """Whether it plays."""
        return self._play.isChecked()

    def current(self) -> tuple[Job, StoredFrame] | None:
        """The frame that is shown."""
        place = self._slider.value()
        return self._frames[place] if 0 <= place < len(self._frames) else None

    def set_rate(self, frames_per_second: int) -> None:
        """The speed of playing."""
        self._timer.setInterval(max(8, 1000 // max(1, frames_per_second)))

    def show_frames(
        self, frames: Frames, previews: dict[str, QImage], main: Job | None, rough: QImage | None = None
    ) -> None:
        """Show the process as far as it is known; the newest frame, unless the artist looks at another. A `rough`
        picture of what is being made stands for the frames that are still to come."""
        changed = main is not self._main
        self._frames, self._previews, self._main, self._rough = frames, previews, main, rough
        self._follow = self._follow or changed
        if changed:
            self.stop()
        last = max(0, len(frames) - 1)
        self._slider.blockSignals(True)
        self._slider.setRange(0, last)
        if self._follow and not self.playing:
            self._slider.setValue(self._newest(last))
        self._slider.blockSignals(False)
        self._play_once()
        self._show()

    def show_place(self, share: float) -> None:
        """Go to a place, 0 (blank) to 1 (the painting)."""
        self._held()
        self._slider.setValue(round(share * self._slider.maximum()))

    def go_on(self, share: float, playing: bool) -> None:
        """Stand or play at a place, as another player did."""
        self.stop()
        self.show_place(share)
        self._play.setChecked(playing)

    @property
    def place(self) -> float:
        """The place that is shown, 0 to 1."""
        return self._slider.value() / max(1, self._slider.maximum())

    def play(self) -> None:
        """Play, or pause."""
        self._play.toggle()

    def stop(self) -> None:
        """Stop playing."""
        self._play.setChecked(False)

    def step_by(self, frames: int) -> None:
        """Go on by a number of frames, or back."""
        self.stop()
        self._held()
        self._slider.setValue(self._slider.value() + frames)

    def step_key(self, direction: int) -> None:
        """Go to the next key state (1), or the one before (-1)."""
        here = self._slider.value()
        states = self._key_places()
        found = [place for place in states if (place > here if direction > 0 else place < here)]
        if found:
            self.step_by((found[0] if direction > 0 else found[-1]) - here)

    def keyPressEvent(self, event: Any) -> None:  # noqa: N802
        keys: dict[Any, Callable[[], object]] = {
            Qt.Key.Key_Space: self.play,
            Qt.Key.Key_Left: lambda: self.step_by(-1),
            Qt.Key.Key_Right: lambda: self.step_by(1),
            Qt.Key.Key_PageUp: lambda: self.step_key(-1),
            Qt.Key.Key_PageDown: lambda: self.step_key(1),
            Qt.Key.Key_Home: lambda: self.step_by(-self._slider.maximum()),
            Qt.Key.Key_End: lambda: self.step_by(self._slider.maximum()),
        }
        action: Callable[[], object] | None = keys.get(event.key())
        if action is None:
            super().keyPressEvent(event)
        else:
            action()

    def _key_places(self) -> list[int]:
        """Where the key states stand among the frames: those next to each one's operation step."""
        if self._main is None or not self._main.frames:
            return list(range(len(self._frames)))
        steps = [picture.operation_step for picture in self._main.keyframes.values()]
        near = [
            min(range(len(self._frames)), key=lambda place: abs(self._frames[place][1].operation_step - step))
            for step in steps
        ]
        return sorted({0, *near, len(self._frames) - 1})

    def _newest(self, last: int) -> int:
        """The place to stand at: while it is made the newest state, since the painting at the end is the artist's own,
        which is there from the beginning where key states are shown."""
        under_way = self._main is not None and self._main.state.active
        states = [place for place, (_, picture) in enumerate(self._frames) if picture.operation_step > 0]
        return states[-1] if under_way and states else last

    def _play_once(self) -> None:
        """Play a process that has just become whole; what of its pictures is still to come is waited for on the way."""
        main = self._main
        whole = main is not None and main.state is JobState.FINISHED and main.frames
        if main is None or not whole or self._played == main.request_id:
            return
        if self._has(0):
            self._played = main.request_id
            self._play.setChecked(True)

    def _words_at(self, place: int) -> str:
        if not 0 <= place < len(self._frames):
            return ""
        job, picture = self._frames[place]
        return frame_words(picture, job is not self._main)

    def _show(self) -> None:
        """The frame; before there is any, the painting, so that the docker's buttons stay where they are."""
        place = self._slider.value()
        if self._rough is not None:
            self.picture.show_image(self._rough, tr("What is being painted, roughly"))
            return
        if not 0 <= place < len(self._frames):
            self.picture.show_image(self._previews.get(self._main.painting_hash) if self._main is not None else None)
            return
        there = next((near for near in range(place, -1, -1) if self._has(near)), None)
        image = self.picture.image if there is None else self._previews[self._frames[there][1].hash]
        words = self._words_at(place)
        self._slider.setToolTip(words)
        self.picture.show_image(image, words)
        self.moved.emit()

    def _held(self) -> None:
        self._follow = False

    def _moved(self) -> None:
        self._follow = self._slider.value() == self._slider.maximum()
        self._show()

    def _toggle(self, playing: bool) -> None:
        if playing:
            if self._slider.value() == self._slider.maximum():
                self._slider.setValue(0)
            self._timer.start()
        else:
            self._timer.stop()

    def _has(self, place: int) -> bool:
        """Whether a frame's picture is there."""
        return place < len(self._frames) and self._frames[place][1].hash in self._previews

    def _tick(self) -> None:
        following = self._slider.value() + 1
        if following > self._slider.maximum():
            self.stop()
            return
        on_its_way = self._main is not None and self._main.state.ended and not self._has(following)
        self._waited = self._waited + 1 if on_its_way else 0
        if not 0 < self._waited <= PATIENCE:
            self._slider.setValue(following)
