"""Moving vendored packages into the plugin's own namespace.

All plugins of Krita share one interpreter and one `sys.modules`. A vendored package that kept its name would be
shadowed by, or would shadow, another plugin's copy; so every absolute import of a vendored package is rewritten to
`undo_painting._vendor.NAME`, in the packages themselves, in the generated protocol code and in the plugin.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

from krita_plugin.packer.errors import PackError

NAMESPACE = "undo_painting._vendor"
ROOTS = ("google", "grpclib", "h2", "hpack", "hyperframe", "multidict", "paints_undo", "typing_extensions")

_ANY = "|".join(ROOTS)
_RULES = (
    (re.compile(rf"^(\s*)from ({_ANY})(?=[.\s])", re.MULTILINE), rf"\1from {NAMESPACE}.\2"),
    (re.compile(rf"^(\s*)import ((?:{_ANY})(?:\.\w+)*) as (\w+)", re.MULTILINE), rf"\1import {NAMESPACE}.\2 as \3"),
    (re.compile(rf"^(\s*)import ({_ANY})(?=\s*(?:#.*)?$)", re.MULTILINE), rf"\1from {NAMESPACE} import \2"),
    (
        re.compile(rf"^(\s*)import ({_ANY})((?:\.\w+)+)(?=\s*(?:#.*)?$)", re.MULTILINE),
        rf"\1from {NAMESPACE} import \2; import {NAMESPACE}.\2\3",
    ),
    # protobuf looks its compiled forms up by name, and lets the environment choose one: both must not reach other
    # copies.
    (re.compile(r"(['\"])google\.(_upb|protobuf\.pyext)"), rf"\1{NAMESPACE}.google.\2"),
    (re.compile(r"PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION"), "UNDO_PAINTING_PROTOBUF_IMPLEMENTATION"),
)


def rewrite(source: str) -> str:
    """The source with every absolute import of a vendored package moved into the plugin's namespace."""
    for pattern, replacement in _RULES:
        source = pattern.sub(replacement, source)
    return source


def stray_imports(source: str) -> list[str]:
    """Absolute imports of vendored packages by their own name that are left in a source."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names if alias.name.split(".")[0] in ROOTS]
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and (node.module or "").split(".")[0] in ROOTS:
            found.append(node.module or "")
    return found


def rewrite_tree(folder: Path) -> None:
    """Rewrite every Python file below `folder`. Raises `PackError` when an import could not be moved."""
    for path in sorted(folder.rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        moved = rewrite(source)
        left = stray_imports(moved)
        if left:
            raise PackError(
                f"{path.name} still imports {', '.join(left)} by its own name; the packer must learn that form."
            )
        if moved != source:
            path.write_text(moved, encoding="utf-8")
