"""The graph of imports of our packages, read from their sources."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

Graph = Mapping[str, frozenset[str]]


def import_graph(folders: Mapping[str, Path]) -> Graph:
    """What each module imports of the others, anywhere in its file, also where only a type checker looks.

    `folders` maps a package's dotted name to its folder. Modules are named in full.
    """
    modules = {name: path for package, folder in folders.items() for name, path in _modules(package, folder)}
    found = {name: frozenset(_ours(name, path, modules)) for name, path in modules.items()}
    return {name: imported - {name} for name, imported in found.items()}


def _modules(package: str, folder: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob("*.py")):
        parts = [part for part in path.relative_to(folder).with_suffix("").parts if part != "__init__"]
        yield ".".join([package, *parts]), path


def _ours(name: str, path: Path, modules: Mapping[str, Path]) -> Iterator[str]:
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in modules)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                found = f"{base}.{alias.name}" if f"{base}.{alias.name}" in modules else base
                if found in modules and not name.startswith(f"{found}."):
                    yield found


def circles(graph: Graph) -> list[frozenset[str]]:
    """Groups of nodes that reach each other (strongly connected components of more than one node)."""
    reach = {node: _reachable(graph, node) for node in graph}
    groups = {frozenset(other for other in reach[node] if node in reach[other]) | {node} for node in graph}
    return sorted((group for group in groups if len(group) > 1), key=sorted)


def _reachable(graph: Graph, start: str) -> frozenset[str]:
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        for node in graph.get(waiting.pop(), ()):
            if node not in seen:
                seen.add(node)
                waiting.append(node)
    return frozenset(seen)


def rooms(graph: Graph, package: str) -> Graph:
    """The graph between the direct parts of a package: its modules, and its subpackages as wholes."""
    depth = package.count(".") + 2
    parts: dict[str, set[str]] = {}
    for name, imported in graph.items():
        if name.startswith(f"{package}."):
            part = ".".join(name.split(".")[:depth])
            others = {".".join(n.split(".")[:depth]) for n in imported if n.startswith(f"{package}.")}
            parts.setdefault(part, set()).update(others - {part})
    return {part: frozenset(others) for part, others in parts.items()}


def packages(graph: Graph) -> list[str]:
    """Every package of the graph, the outermost first."""
    return sorted({name.rpartition(".")[0] for name in graph if "." in name}, key=lambda name: (name.count("."), name))
