"""Translations. English is written in the code and is the key; `translations/CODE.json` maps it to another language."""

from __future__ import annotations

import json
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "translations"
_texts: dict[str, str] = {}
_codes = ["en"]


def languages() -> list[str]:
    """The codes of all languages, English first."""
    return ["en", *sorted(path.stem for path in FOLDER.glob("*.json"))]


def load(code: str) -> dict[str, str]:
    """A language's texts; empty when there is none or its file is damaged."""
    try:
        data = json.loads((FOLDER / f"{code}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(key): str(value) for key, value in data.items()} if isinstance(data, dict) else {}


def choose(wanted: str) -> str:
    """Switch to a language such as `de`, `de_AT` or `zh-CN`; one that is missing means English. Returns the code in
    use."""
    _texts.clear()
    name = wanted.replace("-", "_").split(".")[0].lower()
    short = name.split("_")[0]
    known = {code.lower(): code for code in languages()}
    near = next((code for code in languages() if code.lower().split("_")[0] == short), "en")
    code = known.get(name, near)
    _codes[:] = [code]
    if code != "en":
        _texts.update(load(code))
    return code


def chosen() -> str:
    """The code in use."""
    return _codes[0]


def tr(text: str, **values: object) -> str:
    """The text in the chosen language, with its {placeholders} filled in."""
    chosen = _texts.get(text, text)
    if not values:
        return chosen
    try:
        return chosen.format(**values)
    except (KeyError, IndexError, ValueError):
        return text.format(**values)
