"""The plugin's settings: one JSON file in the user's data folder, read tolerantly, written atomically."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class PluginSettings:
    """`remote` empty means the daemon of this machine. `parameters` are those of the last job, as JSON; `placed`:
    the docker has had its first place; `candidates` is how many ways on are made to choose from."""

    remote: str = ""
    token: str = ""
    fingerprint: str = ""
    program: str = ""
    language: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)
    presets: dict[str, Any] = field(default_factory=dict)
    frames_per_second: int = 12
    hold_seconds: float = 2.0
    memory_limit: int = 0
    index_url: str = ""
    torch_index: str = ""
    jobs: dict[str, str] = field(default_factory=dict)
    placed: bool = False
    candidates: int = 4


def load(path: Path) -> PluginSettings:
    """Read the settings; what is missing or of the wrong kind stays at its default."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return PluginSettings()
    result = PluginSettings()
    if not isinstance(data, dict):
        return result
    for item in fields(PluginSettings):
        value: Any = data.get(item.name)
        plain = getattr(result, item.name)
        if isinstance(plain, float) and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if type(value) is type(plain):
            result = replace(result, **{item.name: value})
    return replace(
        result,
        frames_per_second=min(max(1, result.frames_per_second), 120),
        hold_seconds=min(max(0.0, result.hold_seconds), 60.0),
        candidates=min(max(1, result.candidates), 8),
    )


def save(settings: PluginSettings, path: Path) -> None:
    """Write the settings, readable by the user alone (they may hold a token). Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(asdict(settings), file, indent=1)
    temporary.replace(path)
