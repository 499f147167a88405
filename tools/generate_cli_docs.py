"""Write the reference part of `docs/cli.md` from the command line itself.

python tools/generate_cli_docs.py           write it
python tools/generate_cli_docs.py --check   fail when it is not current
"""

from __future__ import annotations

import argparse
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = ROOT / "docs" / "cli.md"
MARK = "<!-- From here on written by tools/generate_cli_docs.py -->\n"


def reference() -> str:
    """All commands with their options, as Markdown."""
    import typer

    from paints_undo_daemon.cli.app import app

    group = typer.main.get_command(app)
    lines = ["## Options of every command", "", *_options(group), ""]
    lines += [line for name, command in _commands(group, "paints-undo") for line in _section(name, command)]
    return "\n".join(lines).rstrip() + "\n"


def _commands(group: Any, prefix: str) -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _commands(command, f"{prefix} {name}")
        elif not command.hidden:
            yield f"{prefix} {name}", command


def _section(name: str, command: Any) -> Iterator[str]:
    yield from (f"## {name}", "")
    yield from _help(command.help)
    arguments = [parameter for parameter in command.params if parameter.param_type_name == "argument"]
    for argument in arguments:
        yield from (f"`{_metavar(argument)}` {argument.help or ''}".rstrip(), "")
    yield from _options(command)
    yield ""


def _help(text: str) -> Iterator[str]:
    """The help text; the indented examples become a block of code."""
    paragraphs = inspect.cleandoc(text).split("\n\n")
    prose = [paragraph for paragraph in paragraphs if not paragraph.startswith("  ")]
    examples = [paragraph.strip() for paragraph in paragraphs if paragraph.startswith("  ")]
    for paragraph in prose:
        if not paragraph.startswith("Example"):
            yield from (paragraph, "")
    yield from ("```sh", *examples, "```", "")


def _options(command: Any) -> Iterator[str]:
    options = [parameter for parameter in command.params if parameter.param_type_name == "option"]
    shown = [option for option in options if not option.hidden and "completion" not in option.name]
    if shown:
        yield from ("| option | value | meaning |", "|---|---|---|")
    for option in shown:
        names = ", ".join(f"`{name}`" for name in option.opts)
        value = "" if option.is_flag else f"`{_metavar(option)}`".replace("|", r"\|")
        yield f"| {names} | {value} | {option.help or ''} |"


def _metavar(parameter: Any) -> str:
    return str(parameter.metavar or parameter.name.upper()).strip("[]")


def current() -> str:
    """What the document should be: its own introduction, then the reference."""
    introduction, mark, _ = DOCUMENT.read_text(encoding="utf-8").partition(MARK)
    if not mark:
        raise SystemExit(f"{DOCUMENT} lacks the line {MARK.strip()!r}.")
    return introduction + MARK + "\n" + reference()


def main() -> int:
    """Write the document, or compare it."""
    wanted = current()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="only compare, exit 1 when stale")
    if parser.parse_args().check:
        if DOCUMENT.read_text(encoding="utf-8") != wanted:
            print(f"{DOCUMENT} is not current; run: python tools/generate_cli_docs.py")
            return 1
        return 0
    DOCUMENT.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.path[:0] = [str(ROOT), str(ROOT / "daemon")]
    sys.exit(main())
