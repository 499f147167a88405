"""What the three stages take."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..controller.controller import Controller
from ..core import parameters as known
from ..core import presets
from ..core.parameters import Parameters
from ..core.translate import tr
from ..krita_adapter import document as documents
from ..qt import QtCore, QtGui, QtWidgets, on
from .parts import FIXED, IGNORED, Fold, Form, button, choice, column, label, number, row, select, tool
from .strip import Strip

if TYPE_CHECKING:
    from ..controller.session import Session

TEXT_HEIGHT = 58
DIFFUSION_ONLY = ("sampling_steps", "guidance", "interpolation_steps", "interpolation_guidance")


class TextBox(QtWidgets.QPlainTextEdit):
    """A text of a few lines; `done` when the artist leaves it."""

    done = QtCore.pyqtSignal()

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setFixedHeight(TEXT_HEIGHT)
        self.setSizePolicy(IGNORED, FIXED)
        self.setTabChangesFocus(True)
        self.setAccessibleName(name)

    def focusOutEvent(self, event: QtGui.QFocusEvent | None) -> None:  # noqa: N802
        super().focusOutEvent(event)
        self.done.emit()


class MakingPanel(QtWidgets.QWidget):
    """Shows the session's parameters and writes them back; a change counts from the next job on."""

    def __init__(self, controller: Controller) -> None:
        super().__init__()
        self._controller = controller
        self._session: Session | None = None
        self._shown: Parameters | None = None
        self._locked = False
        layout = column(self)
        self._presets = choice([], self._preset_chosen)
        self._presets.setAccessibleName(tr("Presets …"))
        layout.addLayout(
            row(
                self._presets,
                button(tr("Keep"), self._keep_preset, tr("Keep these settings as a preset of your own")),
            )
        )
        self._source = choice(
            [
                ("picture", tr("Whole picture")),
                ("visible", tr("Visible layers")),
                ("layer", tr("Active layer or group")),
                ("selection", tr("Selection")),
            ],
            self._source_chosen,
        )
        self._combos = {
            "engine": self._combo(
                "engine", {"auto": tr("Automatic"), "procedural": "procedural", "diffusion": "diffusion"}
            ),
            "stop_after": self._combo(
                "stop_after", {"tags": tr("Tags only"), "keyframes": tr("Keyframes"), "interpolation": tr("Everything")}
            ),
            "method": self._combo(
                "method",
                {
                    "auto": tr("Automatic"),
                    "line": tr("Line art and flats"),
                    "parts": tr("Part by part"),
                    "lineless": tr("Lineless"),
                    "painter": tr("Painter"),
                    "values": tr("Values first"),
                    "outline": tr("Lines alone"),
                    "pencil": tr("Pencil"),
                    "watercolour": tr("Watercolour"),
                    "pixel": tr("Pixel art"),
                    "flat": tr("Flat"),
                },
            ),
            "corrections": self._combo("corrections", {"none": tr("None"), "few": tr("A few"), "many": tr("Many")}),
            "temporal_window": self._combo(
                "temporal_window",
                {"off": tr("Off"), "previous": tr("Previous"), "first": tr("First"), "roll": tr("Neighbours")},
            ),
            "speed": self._combo(
                "speed", {"exact": tr("Exact"), "balanced": tr("Balanced"), "fast": tr("Fast"), "draft": tr("Draft")}
            ),
        }
        self._numbers = {name: self._number(name) for name in known.RANGES}
        self._texts = {name: self._text(name) for name in ("tags", "negative_prompt", "interpolation_prompt")}
        self._fp8 = QtWidgets.QCheckBox(tr("Allow fp8 weights (not exact)"))
        on(self._fp8.clicked, lambda: self._change(allow_fp8=self._fp8.isChecked()))
        self._lock = QtWidgets.QCheckBox(tr("Lock seeds"))
        self._lock.setChecked(True)
        self._lock.setToolTip(tr("When not locked, each start takes new seeds"))
        on(self._lock.clicked, lambda: self._set_session(lock_seeds=self._lock.isChecked()))
        self.strip = Strip()
        on(self.strip.changed, lambda steps: self._steps_changed(steps))
        on(self.strip.redo, lambda step: self._redo(step))
        on(self.strip.replace, lambda step: self._replace(step))
        self._lay_out(layout)

    def _lay_out(self, layout: QtWidgets.QVBoxLayout) -> None:
        fields = Form()
        fields.add(tr("Engine"), self._combos["engine"])
        fields.add(tr("Source"), self._source)
        fields.add(tr("Make"), self._combos["stop_after"])
        layout.addLayout(fields)
        layout.addWidget(label(tr("Tags")))
        layout.addWidget(self._texts["tags"])
        layout.addWidget(button(tr("Fill from the tagger"), self._describe))
        layout.addWidget(self.strip)
        seeds = Form()
        seeds.add(tr("Seed"), self._with_dice("seed"))
        seeds.add(tr("Frames' seed"), self._with_dice("interpolation_seed"))
        seeds.add_wide(self._lock)
        seeds.add(tr("Per interval"), self._numbers["frames"])
        layout.addLayout(seeds)
        drawn = Fold(tr("Procedural engine"))
        fields = Form()
        fields.add(tr("Method"), self._combos["method"])
        fields.add(tr("Corrections"), self._combos["corrections"])
        drawn.inside.addLayout(fields)
        layout.addWidget(drawn)
        models = Fold(tr("Diffusion engine"))
        fields = Form()
        fields.add(tr("Speed"), self._combos["speed"])
        fields.add(tr("Steps"), self._numbers["sampling_steps"])
        fields.add(tr("Guidance"), self._numbers["guidance"])
        fields.add(tr("Frames' steps"), self._numbers["interpolation_steps"])
        fields.add(tr("Frames' guidance"), self._numbers["interpolation_guidance"])
        fields.add(tr("Window"), self._combos["temporal_window"])
        fields.add_wide(self._fp8)
        models.inside.addLayout(fields)
        models.inside.addWidget(label(tr("Negative prompt")))
        models.inside.addWidget(self._texts["negative_prompt"])
        models.inside.addWidget(label(tr("Frames' prompt")))
        models.inside.addWidget(self._texts["interpolation_prompt"])
        layout.addWidget(models)
        layout.addWidget(button(tr("Back to the defaults"), self._defaults))

    def refresh(self, session: Session | None) -> None:
        """Show the session's parameters, unless they are shown already."""
        self.setEnabled(session is not None)
        changed = session is not self._session
        self._session = session
        if session is None:
            return
        engine = session.job.engine if session.job is not None else self._engine()
        job = session.job
        images = {}
        if job is not None:
            for picture in job.keyframes.values():
                images[round(picture.operation_step)] = session.previews.get(picture.hash)
            if not self._texts["tags"].toPlainText():
                self._texts["tags"].setPlaceholderText(job.tags)
        self.strip.show_steps(session.parameters.steps_for(engine), images)
        if not changed and session.parameters == self._shown:
            return
        self._shown = session.parameters
        self._fill_presets()
        select(self._source, session.source)
        for name, combo in self._combos.items():
            select(combo, getattr(session.parameters, name))
        for name, box in self._numbers.items():
            value = getattr(session.parameters, name)
            box.blockSignals(True)
            box.setValue(known.DEFAULTS[name] if value is None else value)
            box.blockSignals(False)
        for name, text in self._texts.items():
            if not text.hasFocus():
                text.setPlainText(getattr(session.parameters, name) or "")
        self._fp8.setChecked(session.parameters.allow_fp8)
        self._lock.setChecked(session.lock_seeds)

    def _engine(self) -> str:
        wanted = self._session.parameters.engine if self._session is not None else known.AUTO
        return self._controller.status.server.choose(wanted)[0]

    def _combo(self, name: str, words: dict[str, str]) -> QtWidgets.QComboBox:
        return choice(list(words.items()), lambda value: self._change(**{name: value}))

    def _number(self, name: str) -> QtWidgets.QDoubleSpinBox:
        low, high = known.RANGES[name]
        whole = name in known.WHOLE
        return number(
            low, high, lambda value: self._change(**{name: int(value) if whole else value}), 0 if whole else 1
        )

    def _text(self, name: str) -> TextBox:
        box = TextBox(name)
        on(box.done, lambda: self._change(**{name: box.toPlainText().strip()[: known.MAX_TEXT] or None}))
        return box

    def _with_dice(self, name: str) -> QtWidgets.QHBoxLayout:
        line = row(self._numbers[name])
        line.addWidget(tool("⚂", lambda: self._change(**{name: known.new_seed()}), tr("Another seed")))
        return line

    def _change(self, **values: Any) -> None:
        if self._session is not None:
            changed = replace(self._session.parameters, **values)
            if not changed.problem():
                self._session.parameters = changed
                self._controller.changed()

    def _set_session(self, **values: Any) -> None:
        if self._session is not None:
            for name, value in values.items():
                setattr(self._session, name, value)

    def _steps_changed(self, steps: tuple[int, ...]) -> None:
        if self._session is not None:
            self._session.parameters = self._session.parameters.with_steps(steps)
            self._controller.changed()

    def _source_chosen(self, value: str) -> None:
        self._set_session(source=value)

    def _describe(self) -> None:
        self._controller.running.describe(documents.active())

    def _redo(self, step: int) -> None:
        self._controller.running.redo_keyframe(documents.active(), step)

    def _replace(self, step: int) -> None:
        self._controller.running.replace_keyframe(documents.active(), step)

    def _defaults(self) -> None:
        if self._session is not None:
            self._session.parameters = Parameters()
            self._controller.changed()

    def _fill_presets(self) -> None:
        self._presets.clear()
        self._presets.addItem(tr("Presets …"), "")
        for name, (text, _) in presets.built_in().items():
            self._presets.addItem(text, name)
        for name in self._controller.settings.presets:
            self._presets.addItem(name, f"own:{name}")

    def _preset_chosen(self, value: str) -> None:
        if self._session is None or not value:
            return
        if value.startswith("own:"):
            preset = known.from_json(self._controller.settings.presets.get(value[4:]))
        else:
            preset = presets.built_in()[value][1]
        self._session.parameters = presets.apply(preset, self._session.parameters)
        self._controller.changed()

    def _keep_preset(self) -> None:
        if self._session is None:
            return
        kept = self._controller.settings.presets
        name = tr("My preset {number}", number=len(kept) + 1)
        self._controller.change_settings(presets={**kept, name: self._session.parameters.as_json()})
        self._shown = None
        self._controller.note(self._session, tr("Kept as “{name}”.", name=name))
