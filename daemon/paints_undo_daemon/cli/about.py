"""`paints-undo version` and `engines`."""

from __future__ import annotations

import platform
from typing import Annotated, Any

import typer

from paints_undo_daemon.cli import console

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def version(as_json: JsonOption = False) -> None:
    """Print the version.

    Example:

      paints-undo version --json
    """
    import paints_undo_engine
    from paints_undo_daemon.home import PROTOCOL_VERSION

    if as_json:
        console.print_json(
            {
                "version": paints_undo_engine.__version__,
                "protocol_version": PROTOCOL_VERSION,
                "python": platform.python_version(),
                "system": platform.system(),
                "machine": platform.machine(),
            }
        )
        return
    typer.echo(
        f"paints-undo {paints_undo_engine.__version__} (protocol {PROTOCOL_VERSION}, "
        f"Python {platform.python_version()}, {platform.system()} {platform.machine()})"
    )


def engines(
    context: typer.Context,
    in_process: Annotated[bool, typer.Option("--in-process", help="Ask this program instead of the daemon.")] = False,
    as_json: JsonOption = False,
) -> None:
    """List the engines and whether they can run.

    Examples:

      paints-undo engines

      paints-undo engines --in-process --json
    """
    found = _here() if in_process else _there(context)
    if as_json:
        console.print_json(found)
        return
    out = console.out()
    for engine in found:
        mark = " (recommended)" if engine.get("recommended") else ""
        steps = ", ".join(map(str, engine["operation_steps"]))
        out.print(f"{engine['engine']}{mark}: {engine['message'] or 'ready'}; operation steps {steps}", markup=False)


def _there(context: typer.Context) -> list[dict[str, Any]]:
    from paints_undo_daemon.cli import remote

    with remote.connect(context.obj) as client:
        info = client.info()
    return [
        {
            "engine": engine.name,
            "state": engine.state or "unknown",
            "message": engine.message,
            "operation_steps": list(engine.default_operation_steps),
            "layers": engine.has_layers,
            "loaded": engine.loaded,
            "recommended": engine.name == info.recommended_engine,
        }
        for engine in info.engines
    ]


def _here() -> list[dict[str, Any]]:
    from paints_undo_engine.engines import ENGINES, Ability, Lack, find_obstacle

    states = {None: "ready", Lack.PACKAGES: "not_installed", Lack.MODELS: "no_models"}
    found = []
    for engine in ENGINES:
        obstacle = find_obstacle(engine.name)
        found.append(
            {
                "engine": engine.name,
                "state": states[obstacle.lack if obstacle else None],
                "message": obstacle.message if obstacle else "",
                "operation_steps": list(engine.operation_steps),
                "layers": Ability.LAYERS in engine.abilities,
            }
        )
    return found
