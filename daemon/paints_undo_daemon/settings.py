"""The daemon's settings: defaults, then the TOML file, then the environment, then what the caller gives.

A TOML file has the field names at its top level. The environment has them in capitals behind `PAINTS_UNDO_`, such as
`PAINTS_UNDO_KEEP_ALIVE_SECONDS=60`. Names that do not exist are refused in both. `docs/daemon.md` lists them all.
"""

from __future__ import annotations

import math
import os
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from paints_undo_daemon.home import home_folder, settings_file
from paints_undo_daemon.logs import LogFormat

PREFIX = "PAINTS_UNDO_"
OTHER_VARIABLES = frozenset(
    PREFIX + name
    for name in (
        *("MODELS", "DEBUG", "STARTED_ANEW"),
        *("ADDRESS", "TOKEN_FILE", "SERVER_CERTIFICATE", "FINGERPRINT"),
        *("TORCH_INDEX", "BUILD_CACHE", "OWN_NAMESPACES"),
    )
)
"""Variables that are no settings of the daemon: its own and the engine's, the command line's, those of the tools."""
AUTO = "auto"
MEBIBYTE = 2**20
GIBIBYTE = 2**30


class SettingsError(Exception):
    """A setting has no such name or a value that cannot be; the message says which."""


_LEAST: Mapping[str, float] = {
    "metrics_port": -1,
    **dict.fromkeys(("idle_exit_seconds", "connection_idle_seconds", "handshake_seconds", "stall_seconds"), 0.1),
    **dict.fromkeys(
        (
            *("keep_alive_seconds", "start_patience_seconds", "keep_jobs_seconds", "picture_grace_seconds"),
            *("worker_threads", "worker_memory_bytes", "min_free_disk_bytes", "max_store_bytes"),
            *("scrub_bytes_per_second", "max_client_bytes"),
        ),
        0,
    ),
}
"""The least value of each number; 1 where nothing else stands here."""

_CHOICES: Mapping[str, tuple[str, ...]] = {
    "compiling": ("auto", "on", "off"),
    "precision": ("auto", "fp16", "bf16", "fp32"),
    "attention": ("sdpa", "xformers"),
    "log_level": ("debug", "info", "warning", "error"),
    "log_format": tuple(LogFormat),
}


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set. Sizes are in bytes, times in seconds.

    `listen` is ``auto`` (a Unix socket in the home folder; on Windows a free port of the loopback), ``unix:/path`` or
    ``HOST:PORT``. TCP is always encrypted: with `certificate` and `key` (PEM files), or with a certificate that the
    daemon makes itself.
    """

    home: Path = field(default_factory=home_folder)
    listen: str = AUTO
    certificate: str = ""
    key: str = ""
    detached: bool = False
    idle_exit_seconds: float = 1800.0
    metrics_port: int = -1
    log_level: str = "info"
    log_format: str = LogFormat.AUTO

    keep_alive_seconds: float = 300.0
    heartbeat_timeout_seconds: float = 60.0
    step_timeout_seconds: float = 900.0
    write_timeout_seconds: float = 120.0
    start_patience_seconds: float = 30.0
    unit_strikes: int = 3
    devices: tuple[str, ...] = ()
    procedural_workers: int = 1
    helper_workers: int = 1
    worker_threads: int = 0
    worker_memory_bytes: int = 0
    compiling: str = "off"
    precision: str = "auto"
    attention: str = "sdpa"

    max_picture_bytes: int = 512 * MEBIBYTE
    max_picture_pixels: int = 100_000_000
    max_picture_side: int = 30000
    max_message_bytes: int = 2 * MEBIBYTE
    max_connections: int = 4096
    handshake_seconds: float = 5.0
    connection_idle_seconds: float = 60.0
    stall_seconds: float = 60.0
    max_uploads: int = 64
    max_uploads_per_client: int = 16
    max_uploads_per_connection: int = 4
    max_streams: int = 1024
    max_streams_per_client: int = 256
    max_streams_per_connection: int = 64
    max_exports_per_client: int = 4
    max_queued_jobs: int = 1000
    max_queued_jobs_per_client: int = 200
    max_client_bytes: int = 50 * GIBIBYTE

    keep_jobs_seconds: float = 30 * 86400.0
    max_store_bytes: int = 50 * GIBIBYTE
    min_free_disk_bytes: int = 256 * MEBIBYTE
    sweep_interval_seconds: float = 600.0
    picture_grace_seconds: float = 900.0
    scrub_bytes_per_second: int = 8 * MEBIBYTE

    def __post_init__(self) -> None:
        for item in fields(self):
            value = getattr(self, item.name)
            if item.type in ("int", "float"):
                least = _LEAST.get(item.name, 1)
                if not (math.isfinite(value) and value >= least):
                    raise SettingsError(f"The setting {item.name} is {value}, but must be at least {least}.")
        if self.max_message_bytes < MEBIBYTE + 65536:
            raise SettingsError("The setting max_message_bytes must leave room for chunks of 1 MiB.")
        if bool(self.certificate) != bool(self.key):
            raise SettingsError("The settings certificate and key belong together: give both or none.")
        for name, choices in _CHOICES.items():
            if getattr(self, name) not in choices:
                listed = f"{', '.join(choices[:-1])} or {choices[-1]}"
                raise SettingsError(f"The setting {name} is {getattr(self, name)!r}, but must be {listed}.")


def load_settings(file: Path | None = None, environment: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
    """Read the settings. `file` None means `daemon.toml` in the home folder, if it is there.

    Overrides whose value is None do not count. Raises `SettingsError`.
    """
    env = os.environ if environment is None else environment
    home = overrides.get("home") or home_folder(env)
    values: dict[str, Any] = {"home": Path(home)}
    values |= _from_file(file, Path(home))
    kinds = {item.name: item.type for item in fields(Settings)}
    _refuse_unknown(env, kinds)
    for name in kinds:
        if name != "home" and PREFIX + name.upper() in env:
            values[name] = env[PREFIX + name.upper()]
    values |= {name: value for name, value in overrides.items() if value is not None}
    return Settings(**{name: _converted(name, str(kinds[name]), value) for name, value in values.items()})


def _refuse_unknown(environment: Mapping[str, str], names: Iterable[str]) -> None:
    known = OTHER_VARIABLES | {PREFIX + name.upper() for name in names}
    unknown = {name for name in environment if name.startswith(PREFIX)} - known
    if unknown:
        raise SettingsError(f"The environment has unknown settings: {', '.join(sorted(unknown))}.")


def _from_file(file: Path | None, home: Path) -> dict[str, Any]:
    path = settings_file(home) if file is None else file
    if file is None and not path.exists():
        return {}
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(f"The settings file {path} cannot be read: {error}.") from error
    unknown = set(data) - {item.name for item in fields(Settings)}
    if unknown:
        raise SettingsError(f"The settings file {path} has unknown names: {', '.join(sorted(unknown))}.")
    return data


def _converted(name: str, kind: str, value: Any) -> Any:
    try:
        match kind:
            case "bool":
                return (
                    value if isinstance(value, bool) else {"1": True, "true": True, "0": False, "false": False}[value]
                )
            case "int":
                return int(value)
            case "float":
                return float(value)
            case "Path":
                return Path(value).expanduser().absolute()
            case "tuple[str, ...]":
                return tuple(value.split(",")) if isinstance(value, str) else tuple(str(item) for item in value)
            case _:
                return str(value)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise SettingsError(f"The setting {name} is {value!r}, which cannot be.") from error
