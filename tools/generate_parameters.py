"""Write what the engine declares of its parameters, for those who do not import it: the plugin, and docs/parameters.md.

python tools/generate_parameters.py           write them
python tools/generate_parameters.py --check   fail when one is not current
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from paints_undo_engine.parameters import Parameter

ROOT = Path(__file__).resolve().parents[1]
PLUGIN = ROOT / "krita_plugin" / "undo_painting" / "parameters.json"
DOCUMENT = ROOT / "docs" / "parameters.md"

INTRODUCTION = """# Parameters

Everything that may be asked of the engines and of an export, under the names that the service, the Python client and
`krita_plugin/undo_painting/parameters.json` use. `docs/cli.md` has the options of the command line. This page is
written by `tools/generate_parameters.py` from the declarations in `paints_undo_engine/request.py` and
`paints_undo_engine/export/options.py`.
"""


def plugin_file() -> str:
    """The declarations as JSON."""
    from paints_undo_engine.declarations import as_json

    return json.dumps(as_json(), indent=1, ensure_ascii=False) + "\n"


def document() -> str:
    """The declarations as tables."""
    from paints_undo_engine.declarations import EXPORT, REQUEST
    from paints_undo_engine.descriptions import ENGINES

    engines = ["| engine | what it is | operation steps | can |", "|---|---|---|---|"]
    for engine in ENGINES:
        steps, can = ", ".join(map(str, engine.operation_steps)), ", ".join(sorted(engine.abilities))
        engines.append(f"| `{engine.name}` | {engine.summary} | {steps} | {can} |")
    readers = {
        known.name: ", ".join(engine.name for engine in ENGINES if engine.reads_field(known.name)) for known in REQUEST
    }
    parts = [INTRODUCTION, "## Engines\n", *engines, "\n## A request\n", *_table(REQUEST, readers)]
    return "\n".join([*parts, "\n## An export\n", *_table(EXPORT, {})]) + "\n"


def _table(parameters: Iterable[Parameter], readers: dict[str, str]) -> Iterator[str]:
    read_by = (" read by |", "---|") if readers else ("", "")
    yield f"| name | meaning | range | unit | default |{read_by[0]}"
    yield f"|---|---|---|---|---|{read_by[1]}"
    for known in parameters:
        default = f"`{known.default_text}`" if known.default_text else ""
        row = [f"`{known.name}`", known.help, known.bound.words(), known.unit, default]
        yield "| " + " | ".join([*row, readers[known.name]] if readers else row) + " |"


def outdated() -> list[Path]:
    """The files that are not current."""
    made = {PLUGIN: plugin_file(), DOCUMENT: document()}
    return [path for path, text in made.items() if not path.exists() or path.read_text(encoding="utf-8") != text]


def main() -> int:
    """Write the files, or compare them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="only compare, exit 1 when stale")
    if parser.parse_args().check:
        for path in outdated():
            print(f"{path} is not current; run: python tools/generate_parameters.py")
        return 1 if outdated() else 0
    PLUGIN.write_text(plugin_file(), encoding="utf-8")
    DOCUMENT.write_text(document(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.path[:0] = [str(ROOT)]
    sys.exit(main())
