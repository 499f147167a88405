"""What a node tells of itself before it is given work."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping
from dataclasses import dataclass

from paints_undo_engine import __version__
from paints_undo_engine.checkpoints import list_models
from paints_undo_engine.checkpoints.record import read_record
from paints_undo_engine.descriptions import ENGINES, Description
from paints_undo_engine.engines import find_obstacle


@dataclass(frozen=True, slots=True)
class NodeFacts:
    """A node's host and version; why an engine cannot run there, in words, by the engine's name (those that can are
    left out); and the digest of the models that an engine uses, by the same name."""

    host: str
    version: str
    obstacles: Mapping[str, str]
    models: Mapping[str, str]


def read_facts() -> NodeFacts:
    """Look at this machine; nothing heavy is imported, model files are only looked at."""
    obstacles, models = {}, {}
    for engine in ENGINES:
        obstacle = find_obstacle(engine.name)
        if obstacle is not None:
            obstacles[engine.name] = obstacle.message
        elif engine.models:
            models[engine.name] = digest_models(engine)
    return NodeFacts(platform.node(), __version__, obstacles, models)


def digest_models(engine: Description) -> str:
    """SHA-256 over the recorded digests of an engine's models; of models without a record, over names and sizes."""
    found = hashlib.sha256()
    for info in list_models():
        if info.id not in engine.models:
            continue
        record = read_record(info.folder)
        if record is not None:
            entries = sorted((name, entry.digest) for name, entry in record.files.items())
        else:
            files = (path for path in info.folder.rglob("*") if path.is_file())
            entries = sorted((str(path.relative_to(info.folder)), str(path.stat().st_size)) for path in files)
        found.update(repr((info.id, entries)).encode())
    return found.hexdigest()
