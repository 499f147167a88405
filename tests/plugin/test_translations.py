"""Every text of the plugin is translated, with the same placeholders."""

import ast
import string
from pathlib import Path

import pytest

from krita_plugin.undo_painting.core import phases, translate
from paints_undo_engine.procedural.document.model import Phase

PLUGIN = Path(translate.__file__).parent.parent
TRANSLATING = ("tr", "message")


def texts() -> set[str]:
    """Every text that the plugin's sources show."""
    found = set()
    for path in PLUGIN.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in TRANSLATING:
                assert isinstance(node.args[0], ast.Constant), f"{path.name}: {ast.unparse(node)} cannot be translated"
                found.add(node.args[0].value)
    return found


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


LANGUAGES = ["de", "es", "fr", "ja", "zh_CN"]


def test_there_are_six_languages() -> None:
    assert translate.languages() == ["en", *LANGUAGES]


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_language_is_complete(code: str) -> None:
    known = translate.load(code)
    assert texts() == set(known)
    assert [text for text, other in known.items() if placeholders(text) != placeholders(other) or not other] == []


MACHINERY = ("daemon", "procedural", "operation step", "interval", "guidance", "fp8", "tagger", "diffusion")
EXPERT = ("making", "strip", "setup", "settings_dialog", "expert", "names", "view", "channel", "proven", "tls", "keys")
"""Modules whose words stand in the Expert part, in the settings or in answers to what was set there."""


def test_no_word_of_the_machinery_stands_outside_the_expert_part() -> None:
    found = []
    for path in PLUGIN.rglob("*.py"):
        if path.stem in EXPERT:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in TRANSLATING:
                text = str(node.args[0].value) if isinstance(node.args[0], ast.Constant) else ""
                found += [f"{path.name}: {text}" for word in MACHINERY if word in text.lower()]
    assert found == []


def test_choosing_a_language() -> None:
    try:
        assert translate.choose("de_AT") == "de"
        assert translate.tr("Seed") == "Startwert"
        assert translate.tr("Layers in a new document: {count}.", count=3) == "Ebenen in einem neuen Dokument: 3."
        assert [translate.choose(wanted) for wanted in ("zh-CN", "zh_TW.UTF-8", "ja_JP", "es")] == [
            "zh_CN",
            "zh_CN",
            "ja",
            "es",
        ]
        assert translate.tr("Layers") == "Capas"
        assert translate.choose("xx") == "en"
        assert translate.tr("Seed") == "Seed"
    finally:
        translate.choose("en")


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_phase_of_an_engine_is_translated(code: str) -> None:
    labels = [*Phase, f"{Phase.FLATS}, brush stroke 324", "blank canvas", "the painting"]
    english = [phases.words(phases.phase_of(label)) for label in labels]
    assert not [words for words, label in zip(english, labels, strict=True) if words == label]
    translate.choose(code)
    try:
        made = [phases.words(phases.phase_of(label)) for label in labels]
    finally:
        translate.choose("en")
    known = translate.load(code)
    assert made == [known[words] for words in english]
