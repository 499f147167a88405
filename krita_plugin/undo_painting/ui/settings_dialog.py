"""Settings: which daemon, which language, where packages come from; and a text to copy into a report."""

from __future__ import annotations

from typing import Any

from ..controller.controller import Controller
from ..core import mnemonics, translate
from ..core.translate import tr
from ..qt import QtGui, QtWidgets, on
from .parts import button, choice, column, label, number, row, select

NAMES = {
    "en": "English",
    "de": "Deutsch",
    "es": "Español",
    "fr": "Français",
    "ja": "日本語",
    "zh_CN": "简体中文",
}
GB = 10**9


class SettingsDialog(QtWidgets.QDialog):
    """Takes effect with OK."""

    def __init__(self, controller: Controller, parent: QtWidgets.QWidget | None) -> None:
        super().__init__(parent)
        self._controller = controller
        self.setWindowTitle(tr("Undo Painting: settings"))
        settings = controller.settings
        self._lines = {
            "remote": self._line(settings.remote, tr("empty: this machine")),
            "token": self._line(settings.token, ""),
            "fingerprint": self._line(settings.fingerprint, tr("SHA-256 of the certificate")),
            "program": self._line(settings.program, tr("empty: found by itself")),
            "index_url": self._line(settings.index_url, tr("empty: as uv and pip are set")),
            "torch_index": self._line(settings.torch_index, tr("empty: PyTorch's own, by your card")),
        }
        self._lines["token"].setEchoMode(QtWidgets.QLineEdit.EchoMode.Password)
        self._language = choice(
            [("", tr("As Krita")), *((code, NAMES.get(code, code)) for code in translate.languages())], lambda _: None
        )
        select(self._language, settings.language)
        self._limit = number(0, 1000, lambda _: None, 1)
        self._limit.setSuffix(" GB")
        self._limit.setSpecialValueText(tr("half of what is free"))
        self._limit.setValue(settings.memory_limit / GB)
        fields = QtWidgets.QFormLayout()
        rows = (
            (tr("Address of another computer"), self._lines["remote"]),
            (tr("Token"), self._lines["token"]),
            (tr("Certificate fingerprint"), self._lines["fingerprint"]),
            (tr("Program paints-undo"), self._lines["program"]),
            (tr("Package index"), self._lines["index_url"]),
            (tr("PyTorch index"), self._lines["torch_index"]),
            (tr("Most memory for an import"), self._limit),
            (tr("Language (after a restart)"), self._language),
        )
        actions = (
            button(tr("Copy the diagnostics"), self._copy),
            button(tr("Start it now"), controller.connect),
        )
        kind = QtWidgets.QDialogButtonBox.StandardButton
        buttons = QtWidgets.QDialogButtonBox(kind.Ok | kind.Cancel)
        pressed = [*buttons.buttons(), *actions]
        plain = [each.text().replace("&", "") for each in pressed]
        texts = mnemonics.assign([*plain, *(text for text, _ in rows)])
        for each, text in zip(pressed, texts, strict=False):
            each.setText(text)
        for (_, widget), text in zip(rows, texts[len(pressed) :], strict=True):
            fields.addRow(text, widget)
        layout = column(self, 10, 8)
        layout.addLayout(fields)
        layout.addWidget(label(tr("Diagnostics")))
        self._diagnostics = QtWidgets.QPlainTextEdit(controller.diagnostics())
        self._diagnostics.setReadOnly(True)
        self._diagnostics.setTabChangesFocus(True)
        self._diagnostics.setAccessibleName(tr("Diagnostics"))
        layout.addWidget(self._diagnostics)
        layout.addLayout(row(*actions))
        layout.addWidget(label(tr("Unofficial; not made by the Krita project. Report problems to us."), dim=True))
        layout.addWidget(buttons)
        on(buttons.accepted, self._accept)
        on(buttons.rejected, self.close)
        self.resize(520, 520)

    def _line(self, text: str, hint: str) -> QtWidgets.QLineEdit:
        widget = QtWidgets.QLineEdit(text)
        widget.setPlaceholderText(hint)
        return widget

    def _copy(self) -> None:
        clipboard = QtGui.QGuiApplication.clipboard()
        if clipboard is not None:
            clipboard.setText(self._diagnostics.toPlainText())

    def _accept(self) -> None:
        values: dict[str, Any] = {name: line.text().strip() for name, line in self._lines.items()}
        values["language"] = self._language.currentData()
        values["memory_limit"] = int(self._limit.value() * GB)
        self._controller.change_settings(**values)
        self.close()
