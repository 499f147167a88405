"""The daemon's settings: defaults, then the TOML file, then the environment, then what the caller gives.

A TOML file has the field names at its top level. The environment has them in capitals behind `PAINTS_UNDO_`, such as
`PAINTS_UNDO_KEEP_ALIVE_SECONDS=60`. Names that do not exist are refused in both. `docs/daemon.md` lists them all.
"""

from __future__ import annotations

import math
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

from paints_undo_daemon.home import home_folder, settings_file
from paints_undo_daemon.logs import LogFormat

PREFIX = "PAINTS_UNDO_"
OTHER_VARIABLES = frozenset(
    PREFIX + name
    for name in (
        *("MODELS", "FIGURES_URL", "DEBUG", "STARTED_ANEW"),
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
            *(
                "keep_alive_seconds",
                "start_patience_seconds",
                "keep_jobs_seconds",
                "picture_grace_seconds",
                "keep_trash_seconds",
            ),
            *("worker_threads", "worker_memory_bytes", "min_free_disk_bytes", "max_store_bytes"),
            *("scrub_bytes_per_second", "max_client_bytes"),
        ),
        0,
    ),
}
"""The least value of each number; 1 where nothing else stands here."""

_CHOICES: Mapping[str, tuple[str, ...]] = {
    "executor": ("local", "ray"),
    "compiling": ("auto", "on", "off"),
    "precision": ("auto", "fp16", "bf16", "fp32"),
    "attention": ("auto", "sdpa", "xformers"),
    "log_level": ("debug", "info", "warning", "error"),
    "log_format": tuple(LogFormat),
}


Value = TypeVar("Value")


def setting(default: Value, text: str) -> Value:
    """A setting with its default and what it is, in a few words (`described`)."""
    declared: Value = field(default=default, metadata={"text": text})
    return declared


def described() -> dict[str, str]:
    """What every setting is, by name, in the order of declaration; `home` is not one of the file's."""
    return {item.name: str(item.metadata["text"]) for item in fields(Settings) if "text" in item.metadata}


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set. Sizes are in bytes, times in seconds.

    `listen` is ``auto`` (a Unix socket in the home folder; on Windows a free port of the loopback), ``unix:/path`` or
    ``HOST:PORT``. TCP is always encrypted: with `certificate` and `key` (PEM files), or with a certificate that the
    daemon makes itself.
    """

    home: Path = field(default_factory=home_folder)
    listen: str = setting(
        AUTO,
        "auto: the socket daemon.sock in the home folder, on Windows a free port of the loopback; unix:/path; "
        "HOST:PORT (port 0: a free one), with TLS",
    )
    certificate: str = setting("", "a PEM file for TLS, in place of a certificate that the daemon makes for itself")
    key: str = setting("", "the certificate's private key, a PEM file")
    detached: bool = setting(False, "started by a client: ends when nobody needs it")
    idle_exit_seconds: float = setting(1800.0, "how long a detached daemon waits for that")
    metrics_port: int = setting(-1, "Prometheus metrics on this port of the loopback; 0 a free one, -1 none")
    log_level: str = setting("info", "debug, info, warning, error")
    log_format: str = setting(
        LogFormat.AUTO,
        "json: one object a line; text: lines for people; auto: text on a terminal, json elsewhere",
    )

    audit: bool = setting(
        False,
        "note in audit.log who did what and was refused what: for a daemon of several people",
    )

    keep_alive_seconds: float = setting(300.0, "how long an idle worker stays")
    heartbeat_timeout_seconds: float = setting(60.0, "a worker silent for so long is replaced")
    step_timeout_seconds: float = setting(900.0, "a worker without a step for so long is replaced")
    write_timeout_seconds: float = setting(
        120.0,
        "a store that has taken no write for so long makes the daemon start again",
    )
    start_patience_seconds: float = setting(
        30.0,
        "a worker that ends by its own error whenever it starts is given up after so long",
    )
    unit_strikes: int = setting(3, "how often a unit may end its worker")
    devices: tuple[str, ...] = setting(
        (),
        'devices of diffusion workers, such as ["cuda:0", "cuda:1"], comma-separated in the environment',
    )
    executor: str = setting("local", "where jobs run: local (this machine), ray (the nodes of a Ray cluster)")
    ray_address: str = setting("127.0.0.1:6379", "HOST:PORT of the cluster's head node")
    procedural_workers: int = setting(1, "processes for the procedural engine; in a cluster, on each node")
    export_workers: int = setting(
        1,
        "processes for exports; layers have one of their own, and so have frames that are not sent as they are "
        "stored, so that nobody who fetches waits for an export",
    )
    worker_threads: int = setting(0, "threads of the numeric libraries in a worker; 0: theirs to choose")
    worker_memory_bytes: int = setting(
        0,
        "the ceiling for the memory of a worker that computes on the processor; 0: three quarters of the "
        "machine's, at most 8 GiB",
    )
    compiling: str = setting(
        "auto",
        "whether the diffusion engine compiles its networks beside the work: auto (where paints-undo bench has "
        "measured on this card that it pays, and it was switched on there), on, off",
    )
    precision: str = setting(
        "auto",
        "what numbers the diffusion models compute in: auto (fp16 on accelerators, as published; fp32 on the "
        "CPU), fp16, bf16, fp32",
    )
    attention: str = setting(
        "auto",
        "whose attention kernels the diffusion engine uses: sdpa (PyTorch's own), xformers (the extra of that name) or "
        "auto (sdpa, unless paints-undo bench has switched on the others for this card)",
    )

    gpl_encoders: bool = setting(
        True,
        "whether an MP4 may be encoded by x264, which is under the GPL; false: it holds VP9 in place of H.264",
    )
    hardware_encoders: bool = setting(
        False,
        "whether an MP4 may be encoded by the machine's video hardware, in a process that may open devices and decodes "
        "nothing; software takes over where there is none or it fails",
    )

    max_picture_bytes: int = setting(512 * MEBIBYTE, "one upload")
    max_picture_pixels: int = setting(100_000_000, "width times height of raw pixels")
    max_picture_side: int = setting(30000, "width or height of raw pixels")
    max_message_bytes: int = setting(2 * MEBIBYTE, "one message to the daemon")
    max_connections: int = setting(4096, "connections at a time, fewer where the system allows fewer open files")
    handshake_seconds: float = setting(5.0, "a connection that has not said what it wants is dropped after so long")
    connection_idle_seconds: float = setting(
        60.0,
        "a connection without a call is closed after so long; clients connect again by themselves",
    )
    stall_seconds: float = setting(
        60.0,
        "a call whose client sends nothing more, or takes nothing more, ends after so long",
    )
    max_uploads: int = setting(64, "uploads at a time")
    max_uploads_per_client: int = setting(16, "uploads of one client at a time")
    max_uploads_per_connection: int = setting(4, "uploads of one connection at a time")
    max_streams: int = setting(1024, "calls at a time; it does not bind the account itself")
    max_streams_per_client: int = setting(256, "calls of one client at a time")
    max_streams_per_connection: int = setting(64, "calls of one connection at a time")
    max_exports_per_client: int = setting(4, "exports at a time")
    max_queued_jobs: int = setting(1000, "jobs that have not ended")
    max_queued_jobs_per_client: int = setting(200, "jobs of one client that have not ended")
    max_client_bytes: int = setting(50 * GIBIBYTE, "pictures of one client")

    keep_jobs_seconds: float = setting(30 * 86400.0, "how long ended jobs and unused uploads stay")
    keep_trash_seconds: float = setting(86400.0, "how long what was thrown away can still come back; 0: not at all")
    max_store_bytes: int = setting(50 * GIBIBYTE, "above it, the jobs that ended first go")
    min_free_disk_bytes: int = setting(
        256 * MEBIBYTE,
        "below it nothing new is taken, and running jobs fail with RESOURCE_EXHAUSTED",
    )
    sweep_interval_seconds: float = setting(600.0, "how often old things are thrown away")
    picture_grace_seconds: float = setting(900.0, "files younger than this are never thrown away")
    scrub_bytes_per_second: int = setting(8 * MEBIBYTE, "how fast the weekly scrub reads; 0: no scrub")

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
    check_variables(env)
    for name in kinds:
        if name != "home" and PREFIX + name.upper() in env:
            values[name] = env[PREFIX + name.upper()]
    values |= {name: value for name, value in overrides.items() if value is not None}
    return Settings(**{name: _converted(name, str(kinds[name]), value) for name, value in values.items()})


def check_variables(environment: Mapping[str, str]) -> None:
    """Raise `SettingsError` when a variable that begins as ours do has a name that nothing reads."""
    known = OTHER_VARIABLES | {PREFIX + item.name.upper() for item in fields(Settings)}
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
