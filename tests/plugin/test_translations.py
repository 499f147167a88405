"""Every text of the plugin is translated, with the same placeholders."""

import ast
import string
from pathlib import Path

import pytest

from krita_plugin.undo_painting.core import translate

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


def test_there_are_three_languages() -> None:
    assert translate.languages() == ["en", "de", "fr"]


@pytest.mark.parametrize("code", ["de", "fr"])
def test_a_language_is_complete(code: str) -> None:
    known = translate.load(code)
    assert texts() == set(known)
    assert [text for text, other in known.items() if placeholders(text) != placeholders(other) or not other] == []


def test_choosing_a_language() -> None:
    try:
        assert translate.choose("de_AT") == "de"
        assert translate.tr("Seed") == "Startwert"
        assert translate.tr("{count} frames.", count=3) == "3 Bilder."
        assert translate.choose("xx") == "en"
        assert translate.tr("Seed") == "Seed"
    finally:
        translate.choose("en")
