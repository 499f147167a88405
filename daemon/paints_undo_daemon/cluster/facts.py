"""What a node tells of itself before it is given work."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from paints_undo_engine import __version__
from paints_undo_engine.checkpoints import list_models
from paints_undo_engine.checkpoints.record import read_record
from paints_undo_engine.descriptions import ENGINES
from paints_undo_engine.engines import can_redo, find_obstacle


@dataclass(frozen=True, slots=True)
class NodeFacts:
    """A node's host and version; why an engine cannot run there, in words, by the engine's name (those that can are
    left out); the digest of the models that an engine uses, by the same name; and that of the models that it finishes
    branches with, for those engines that can."""

    host: str
    version: str
    obstacles: Mapping[str, str]
    models: Mapping[str, str]
    redo: Mapping[str, str]


def read_facts() -> NodeFacts:
    """Look at this machine; nothing heavy is imported, model files are only looked at."""
    obstacles, models, redo = {}, {}, {}
    for engine in ENGINES:
        obstacle = find_obstacle(engine.name)
        if obstacle is not None:
            obstacles[engine.name] = obstacle.message
            continue
        if engine.models or engine.optional_models:
            models[engine.name] = digest_models((*engine.models, *engine.optional_models))
        if can_redo(engine.name):
            redo[engine.name] = digest_models(engine.redo_models)
    return NodeFacts(platform.node(), __version__, obstacles, models, redo)


def digest_models(names: Collection[str]) -> str:
    """SHA-256 over the recorded digests of models; of models without a record, over their files' names and sizes."""
    found = hashlib.sha256()
    for info in list_models():
        if info.id not in names:
            continue
        record = read_record(info.folder)
        if record is not None:
            entries = sorted((name, entry.digest) for name, entry in record.files.items())
        else:
            files = (path for path in info.folder.rglob("*") if path.is_file())
            entries = sorted((str(path.relative_to(info.folder)), str(path.stat().st_size)) for path in files)
        found.update(repr((info.id, entries)).encode())
    return found.hexdigest()
