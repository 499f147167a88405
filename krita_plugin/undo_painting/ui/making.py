"""What the stages take: built from what the daemon says of its parameters."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..controller.controller import Controller
from ..core import names, presets
from ..core import parameters as known
from ..core.parameters import FRAMES_SEED, SEED, STEPS, TAGS, Parameters
from ..core.schema import Field, ValueKind
from ..core.translate import tr
from ..krita_adapter import document as documents
from ..qt import QtCore, QtGui, QtWidgets, on
from .parts import FIXED, IGNORED, Fold, Form, button, choice, column, label, number, row, select, tool
from .strip import Strip

if TYPE_CHECKING:
    from ..controller.session import Session

TEXT_HEIGHT = 58
HANDLED = ("engine", STEPS, TAGS, "reference", "procedural.max_side")
"""What has a place of its own, or no use in Krita."""


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
        self._schema = controller.status.server.schema
        self._widgets: dict[str, Any] = {}
        layout = column(self)
        self._presets = choice([], self._preset_chosen)
        self._presets.setAccessibleName(tr("Presets …"))
        keep = button(tr("Keep"), self._keep_preset, tr("Keep these settings as a preset of your own"))
        layout.addLayout(row(self._presets, keep))
        sources = [
            ("auto", tr("The selection, if there is one")),
            ("picture", tr("Whole picture")),
            ("visible", tr("Visible layers")),
            ("layer", tr("Active layer or group")),
        ]
        self._source = choice(sources, self._source_chosen)
        self.strip = Strip()
        on(self.strip.changed, lambda steps: self._steps_changed(steps))
        on(self.strip.redo, lambda step: controller.running.redo_keyframe(documents.active(), step))
        on(self.strip.replace, lambda step: controller.running.replace_keyframe(documents.active(), step))
        self._lock = QtWidgets.QCheckBox(tr("Lock seeds"))
        self._lock.setChecked(True)
        self._lock.setToolTip(tr("When not locked, each start takes new seeds"))
        on(self._lock.clicked, self._lock_clicked)
        self._lay_out(layout)

    def _lay_out(self, layout: QtWidgets.QVBoxLayout) -> None:
        engines = self._schema.fields["engine"].choices
        self._engine_choice = choice(
            [(known.AUTO, tr("Automatic")), *((name, name) for name in engines)], self._engine_chosen
        )
        fields = Form()
        fields.add(tr("Engine"), self._engine_choice)
        fields.add(tr("Source"), self._source)
        layout.addLayout(fields)
        layout.addWidget(label(tr("Tags")))
        self.tags = self._text(self._schema.fields[TAGS])
        layout.addWidget(self.tags)
        layout.addWidget(button(tr("Fill from the tagger"), self._describe))
        layout.addWidget(self.strip)
        layout.addWidget(self._lock)
        for group, members in self._groups().items():
            fold = Fold(names.group_words(group))
            form = Form()
            fold.inside.addLayout(form)
            for member in members:
                self._add(form, member)
            layout.addWidget(fold)
        layout.addWidget(button(tr("Back to the defaults"), self._defaults))

    def _groups(self) -> dict[str, list[Field]]:
        made: dict[str, list[Field]] = {}
        for each in self._schema.fields.values():
            if each.name not in HANDLED:
                made.setdefault(each.group, []).append(each)
        return made

    def _add(self, form: Form, member: Field) -> None:
        """One parameter's row."""
        text = names.field_words(member.name)
        if member.kind is ValueKind.BOOLEAN:
            box = QtWidgets.QCheckBox(text)
            box.setSizePolicy(IGNORED, FIXED)
            on(box.clicked, lambda: self._change(member, box.isChecked()))
            form.add_wide(box)
            self._widgets[member.name] = box
        elif member.kind is ValueKind.TEXT:
            form.add_wide(label(text))
            form.add_wide(self._text(member))
        elif member.kind is ValueKind.CHOICE:
            words = [(value, names.choice_words(value)) for value in member.choices]
            combo = choice(words, lambda value: self._change(member, value))
            form.add(text, combo)
            self._widgets[member.name] = combo
        else:
            form.add(text, self._number(member))
        self._widgets[member.name].setToolTip(member.help)

    def _number(self, member: Field) -> QtWidgets.QDoubleSpinBox | QtWidgets.QHBoxLayout:
        low = 0 if member.zero_allowed else member.smallest or 0
        decimals = 0 if member.kind is ValueKind.INTEGER else 2
        box = number(low, member.largest or known.MAX_SEED, lambda value: self._change(member, value), decimals)
        self._widgets[member.name] = box
        if member.name not in (SEED, FRAMES_SEED):
            return box
        line = row(box)
        line.addWidget(tool("⚂", lambda: self._change(member, known.new_seed()), tr("Another seed")))
        return line

    def _text(self, member: Field) -> TextBox:
        box = TextBox(names.field_words(member.name))
        limit = member.longest or None
        on(box.done, lambda: self._change(member, box.toPlainText().strip()[:limit] or None))
        self._widgets[member.name] = box
        return box

    def refresh(self, session: Session | None) -> None:
        """Show the session's parameters, unless they are shown already."""
        self.setEnabled(session is not None)
        changed = session is not self._session
        self._session = session
        if session is None:
            return
        job = session.job
        engine = job.engine if job is not None else self._engine()
        images = {}
        if job is not None:
            for picture in job.keyframes.values():
                images[round(picture.operation_step)] = session.previews.get(picture.hash)
            if not self.tags.toPlainText():
                self.tags.setPlaceholderText(job.tags)
        self.strip.show_steps(session.parameters.steps_for(engine, self._schema), images)
        select(self._source, session.source)
        if not changed and session.parameters == self._shown:
            return
        self._shown = session.parameters
        self._fill_presets()
        select(self._engine_choice, session.parameters.engine)
        for name, widget in self._widgets.items():
            self._show(widget, session.parameters.chosen(name), session.parameters.get(name, self._schema))
        self._lock.setChecked(session.lock_seeds)

    def _show(self, widget: Any, chosen: Any, value: Any) -> None:
        """Show a value in its widget, without telling of it."""
        widget.blockSignals(True)
        if isinstance(widget, TextBox):
            if not widget.hasFocus():
                widget.setPlainText(chosen or "")
                if widget is not self.tags:
                    widget.setPlaceholderText(value or "")
        elif isinstance(widget, QtWidgets.QComboBox):
            select(widget, str(value))
        elif isinstance(widget, QtWidgets.QCheckBox):
            widget.setChecked(bool(value))
        else:
            widget.setValue(float(value or 0))
        widget.blockSignals(False)

    def _engine(self) -> str:
        wanted = self._session.parameters.engine if self._session is not None else known.AUTO
        return self._controller.status.server.choose(wanted)[0]

    def _change(self, member: Field, value: Any) -> None:
        if self._session is not None and (value is None or not member.problem(value)):
            self.set_values({member.name: None if value is None else member.read(value)})

    def set_values(self, values: dict[str, Any]) -> None:
        """Set parameters by their dotted names."""
        if self._session is not None:
            self._session.parameters = self._session.parameters.set(values)
            self._controller.changed()

    def _steps_changed(self, steps: tuple[int, ...]) -> None:
        if self._session is not None:
            self._session.parameters = self._session.parameters.with_steps(steps)
            self._controller.changed()

    def _engine_chosen(self, value: str) -> None:
        if self._session is not None:
            self._session.parameters = replace(self._session.parameters, engine=value)
            self._controller.changed()

    def _source_chosen(self, value: str) -> None:
        if self._session is not None:
            self._session.source = value
            self._controller.changed()

    def _lock_clicked(self) -> None:
        if self._session is not None:
            self._session.lock_seeds = self._lock.isChecked()

    def _describe(self) -> None:
        self._controller.running.describe(documents.active())

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
            preset = known.from_json(self._controller.settings.presets.get(value[4:]), self._schema)
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
