"""`paints-undo serve`, `status` and `stop`."""

from __future__ import annotations

import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from paints_undo_daemon.cli import console

if TYPE_CHECKING:
    from paints_undo_daemon.client import ServerInfo
    from paints_undo_daemon.home import Endpoint

STOP_SECONDS = 30.0
WARN_DAYS = 60


def status(
    context: typer.Context, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False
) -> None:
    """Say whether a daemon runs, and what it does.

    The exit code is 1 when none runs.

    Example:

      paints-undo status --json
    """
    from paints_undo_daemon.cli import remote
    from paints_undo_daemon.client import find

    endpoint = find() if context.obj.address is None else None
    if endpoint is None and context.obj.address is None:
        if as_json:
            console.print_json({"running": False})
        console.err().print("No daemon runs. 'paints-undo serve' starts one; 'paints-undo undo' does so by itself.")
        raise typer.Exit(1)
    with remote.connect(context.obj, start=False) as client:
        info = client.info()
    if as_json:
        console.print_json(_as_dict(info, endpoint))
    else:
        _print(info, endpoint)


def _as_dict(info: ServerInfo, endpoint: Endpoint | None) -> dict[str, Any]:
    running: dict[str, Any] = {"running": True, "version": info.version, "protocol_version": info.protocol_version}
    if endpoint is not None:
        running |= {"address": endpoint.address, "pid": endpoint.pid, "start_time": endpoint.start_time}
        running |= {"certificate_days_left": _certificate_days(endpoint)}
    return running | {
        "client": info.client,
        "engines": {engine.name: {"message": engine.message, "loaded": engine.loaded} for engine in info.engines},
        "recommended_engine": info.recommended_engine,
        "devices": [
            {
                "device": device.device_id,
                "name": device.name,
                "memory_bytes": device.memory_bytes,
                "free_memory_bytes": device.free_memory_bytes,
            }
            for device in info.devices
        ],
        "nodes": [asdict(node) for node in info.nodes],
        "jobs_waiting": info.jobs_waiting,
        "free_disk_bytes": info.free_disk_bytes,
    }


def _print(info: ServerInfo, endpoint: Endpoint | None) -> None:
    out = console.out()
    where = ""
    if endpoint is not None:
        up = console.duration(max(0.0, time.time() - endpoint.start_time))
        where = f" at {endpoint.address}, process {endpoint.pid}, up {up}"
    out.print(f"The daemon {info.version} runs{where}.", markup=False)
    for engine in info.engines:
        state = engine.message or ("ready, loaded" if engine.loaded else "ready")
        out.print(f"Engine {engine.name}: {state}", markup=False)
    for device in info.devices:
        sizes = f"{console.size(device.free_memory_bytes)} of {console.size(device.memory_bytes)} free"
        note = f", {sizes}" if device.memory_bytes else ""
        out.print(f"Device {device.device_id}: {device.name}{note}", markup=False)
    for node in info.nodes:
        told = f" {node.message}" if node.message else ""
        done = f"{node.units} units, {node.lost_units} lost"
        out.print(f"Node {node.name}: {node.state}, {done}.{told}", markup=False)
    out.print(f"Jobs queued or running: {info.jobs_waiting}")
    out.print(f"Free disk: {console.size(info.free_disk_bytes)}")
    days = _certificate_days(endpoint)
    if days is not None and days < WARN_DAYS:
        out.print(f"The certificate ends in {days:.0f} days.")


def _certificate_days(endpoint: Endpoint | None) -> float | None:
    """How long the certificate of this account's daemon is good for; None without one."""
    from paints_undo_daemon.access.tls import days_left

    return days_left(Path(endpoint.certificate_file)) if endpoint is not None and endpoint.certificate_file else None


def stop(context: typer.Context) -> None:
    """Stop the daemon within the running step; its jobs go on after the next start.

    Example:

      paints-undo stop
    """
    from paints_undo_daemon.cli import remote
    from paints_undo_daemon.client import DaemonUnavailableError, find
    from paints_undo_daemon.client.trust import answers

    where = context.obj
    address, endpoint = where.address, None
    if address is None:
        endpoint = find()
        if endpoint is None:
            console.err().print("No daemon runs.")
            return
        address = endpoint.address
    with remote.connect(where, start=False) as client:
        client.stop_server()
    deadline = time.monotonic() + STOP_SECONDS
    while answers(address) or (endpoint is not None and endpoint.is_alive()):
        if time.monotonic() > deadline:
            raise DaemonUnavailableError(f"The daemon was told to stop but still listens after {STOP_SECONDS:.0f} s.")
        time.sleep(0.05)
    console.err().print("The daemon has stopped.")


def serve(
    listen: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="HOST:PORT (with TLS), or unix:/path; default: a socket in the data folder, on Windows the loopback.",
        ),
    ] = None,
    home: Annotated[Path | None, typer.Option(metavar="FOLDER", help="The data folder.")] = None,
    settings: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A settings file; default: daemon.toml in the data folder.")
    ] = None,
    certificate: Annotated[
        str | None, typer.Option(metavar="FILE", help="A certificate for TCP (PEM), in place of one made here.")
    ] = None,
    key: Annotated[str | None, typer.Option(metavar="FILE", help="The certificate's private key (PEM).")] = None,
    keep_alive: Annotated[
        float | None, typer.Option(metavar="SECONDS", help="How long an idle worker keeps its device.")
    ] = None,
    metrics_port: Annotated[
        int | None, typer.Option(metavar="PORT", help="Prometheus metrics on this loopback port.")
    ] = None,
    log_level: Annotated[str | None, typer.Option(metavar="debug|info|warning|error", help="What to log.")] = None,
    executor: Annotated[
        str | None, typer.Option(metavar="local|ray", help="Where jobs run: here, or on the nodes of a Ray cluster.")
    ] = None,
    ray_address: Annotated[
        str | None, typer.Option(metavar="HOST:PORT", help="The cluster's head node; default: 127.0.0.1:6379.")
    ] = None,
    print_settings: Annotated[
        bool, typer.Option("--print-settings", help="Print them all as a commented daemon.toml, and run nothing.")
    ] = False,
    detached: Annotated[bool, typer.Option("--detached", hidden=True)] = False,
) -> None:
    """Run the daemon in the foreground, until Ctrl-C or SIGTERM.

    All settings can stand in the settings file or in the environment as PAINTS_UNDO_NAME.

    Examples:

      paints-undo serve

      paints-undo serve --listen 0.0.0.0:50551 --log-level debug

      paints-undo serve --print-settings > daemon.toml
    """
    from paints_undo_daemon.settings import load_settings

    loaded = load_settings(
        settings,
        listen=listen,
        home=home,
        certificate=certificate,
        key=key,
        keep_alive_seconds=keep_alive,
        metrics_port=metrics_port,
        log_level=log_level,
        executor=executor,
        ray_address=ray_address,
        detached=detached or None,
    )
    if print_settings:
        from paints_undo_daemon.settings_text import as_toml

        typer.echo(as_toml(loaded), nl=False)
        return
    from paints_undo_daemon.server import serve as run

    raise typer.Exit(run(loaded))
