"""Every text of the plugin is translated, with the same placeholders."""

import ast
import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from krita_plugin.undo_painting.core import layer_names, phases, translate
from paints_undo_engine.procedural.document.model import Phase
from paints_undo_engine.procedural.reading.colours import name_of
from paints_undo_engine.procedural.reading.model import Part

PLUGIN = Path(translate.__file__).parent.parent
SIDES = ["", "left", "right", "upper", "lower"]
TRANSLATING = ("tr", "message")


def texts() -> set[str]:
    """Every text that the plugin's sources show."""
    found = set()
    for path in PLUGIN.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in TRANSLATING:
                assert isinstance(node.args[0], ast.Constant), f"{path.name}: {ast.unparse(node)} cannot be translated"
                found.add(str(node.args[0].value))
    return found


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("code", ["de", "ja"])
@given(part=st.sampled_from(list(Part)), colour=st.tuples(*[st.integers(0, 255)] * 3), side=st.sampled_from(SIDES))
def test_the_names_of_layers_are_translated(code: str, part: Part, colour: tuple[int, int, int], side: str) -> None:
    name = f"{side} {name_of(colour)} {part} 2, soft shading".strip()
    assert translate.choose("en") == "en"
    assert layer_names.words(name) == name
    translate.choose(code)
    shown = layer_names.words(name)
    translate.choose("en")
    assert shown.endswith({"de": " 2, Weiche Schattierung", "ja": " 2, 柔らかい陰影"}[code])
    assert not set(name.split()) & set(shown.split()) - {"2,"}


def test_a_layer_of_a_name_that_is_not_known_keeps_it() -> None:
    translate.choose("de")
    shown = [layer_names.words(name) for name in ("dark blue cloth", "Line art", "Mine, darker", "left", "")]
    translate.choose("en")
    assert shown == ["Kleidung · dunkles Blau", "Linien", "Mine, dunkler", "left", ""]


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
