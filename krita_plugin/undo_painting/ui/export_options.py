"""What may be changed of an export: shape, length, size, pace, and what is drawn over a video."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..core import pace as paces
from ..core.export import Aspect, Export, Fill
from ..core.pace import Curve, Pace
from ..core.translate import tr
from ..qt import QtWidgets, on
from .layer_list import LayerList
from .pace_curve import PaceCurve
from .parts import Form, choice, column, select

LENGTHS = (0, 6, 15, 20, 30, 60, 90)
SIDES = (0, 480, 640, 1080, 1350, 1920, 3840)
SECONDS = {"result_first_seconds": 1.5, "zoom_seconds": 2.5, "wipe_seconds": 3.0}
"""How long each of them takes where the purpose does not say it."""
ORDER = ("result_first_seconds", "ping_pong", "reverse")


class ExportForm(QtWidgets.QWidget):
    """`changed` is called after every change that the artist makes."""

    def __init__(self, changed: Callable[[], object]) -> None:
        super().__init__()
        self._given = Export()
        fills = {
            Fill.BLUR: tr("Show all, edges blurred"),
            Fill.BARS: tr("Show all, edges black"),
            Fill.CROP: tr("Crop"),
            Fill.FOLLOW: tr("Follow the work"),
        }
        self.fit = choice([(each.value, text) for each, text in fills.items()], lambda _: changed())
        self.length = choice([(str(each), _length(each)) for each in LENGTHS], lambda _: changed())
        self.side = choice([(str(each), _side(each)) for each in SIDES], lambda _: changed())
        self.pace = choice([(each.value, paces.words(each)) for each in Pace], lambda _: changed())
        self.curve = PaceCurve()
        on(self.curve.changed, changed)
        texts = {
            "result_first_seconds": tr("Painting first"),
            "ping_pong": tr("There and back"),
            "reverse": tr("Backwards"),
            "show_operation": tr("Say what is being done"),
            "show_progress": tr("Progress bar"),
            "show_palette": tr("Colors in use"),
            "show_brush": tr("Ring around the brush"),
            "zoom_seconds": tr("Close look at a detail"),
            "wipe_seconds": tr("Comparison with the sketch"),
        }
        self.boxes = {name: QtWidgets.QCheckBox(text) for name, text in texts.items()}
        fields = Form(1, 2)
        self._fit_row = fields.add(tr("Other shape"), self.fit)
        self._length_row = fields.add(tr("Length"), self.length)
        self._side_row = fields.add(tr("Longer side"), self.side)
        self._pace_row = fields.add(tr("Pace"), self.pace)
        self.layers = LayerList()
        on(self.layers.changed, changed)
        self._layers_row = fields.add(tr("Leave out"), self.layers)
        self.corrections = QtWidgets.QCheckBox(tr("Without corrections"))
        on(self.corrections.clicked, changed)
        self._leaves_out = False
        layout = column(self)
        layout.addLayout(fields)
        layout.addWidget(self.curve)
        layout.addWidget(self.corrections)
        for box in self.boxes.values():
            on(box.clicked, changed)
            layout.addWidget(box)

    def take(self, given: Export) -> None:
        """Show what a purpose brings."""
        self._given = given
        for combo, value, text in (
            (self.length, given.seconds, _length(given.seconds)),
            (self.side, given.longer_side, _side(given.longer_side)),
        ):
            if combo.findData(f"{value:g}") < 0:
                combo.addItem(text, f"{value:g}")
            select(combo, f"{value:g}")
        select(self.fit, given.fill.value)
        select(self.pace, given.pace.value)
        self.curve.show_curve(Curve.of(str(given.values.get("pace_curve", ""))))
        self.layers.leave_out(str(given.values.get("omit_layers", "")))
        self.corrections.setChecked(bool(given.values.get("omit_corrections")))
        for name, box in self.boxes.items():
            box.setChecked(bool(given.values.get(name)))

    def applied_to(self, made: Export) -> Export:
        """An export with what is set here."""
        side = int(self.side.currentData())
        if self._leaves_out:
            made = made.changed(
                omit_layers=self.layers.out or None, omit_corrections=self.corrections.isChecked() or None
            )
        if not made.kind.moves:
            return made.changed(max_side=side, fill=f"FILL_{self.fit.currentData()}")
        boxes = {name: self._value(name, box.isChecked()) for name, box in self.boxes.items()}
        made = made.changed(
            max_side=side,
            fill=f"FILL_{self.fit.currentData()}",
            duration_seconds=float(self.length.currentData()),
            **boxes,
        )
        return made.paced(Pace(self.pace.currentData()), self.curve.curve)

    def show_for(self, made: Export, leaves_out: bool) -> None:
        """Show what there is to choose for an export; `leaves_out`: of a process that knows its operations and layers,
        which so may be left out."""
        kind, self._leaves_out = made.kind, leaves_out
        self._layers_row.set_visible(leaves_out)
        self.corrections.setVisible(leaves_out)
        self._fit_row.set_visible(made.shape is not Aspect.OWN)
        self._length_row.set_visible(kind.moves)
        self._side_row.set_visible(not kind.layered)
        self._pace_row.set_visible(kind.moves)
        self.curve.setVisible(kind.moves and made.pace is Pace.OWN)
        for name, box in self.boxes.items():
            box.setVisible(kind.moves if name in ORDER else kind.video)

    def _value(self, name: str, checked: bool) -> Any:
        """A box's value, as the protocol has it."""
        if name not in SECONDS:
            return checked
        return (self._given.values.get(name) or SECONDS[name]) if checked else None


def _length(seconds: float) -> str:
    return f"{seconds:g} s" if seconds else tr("By rate")


def _side(pixels: int) -> str:
    return f"{pixels} px" if pixels else tr("As painted")
