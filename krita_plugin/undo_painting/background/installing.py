"""What *Set up*, *Repair* and *Uninstall* do: run the installer's commands, download the models, take it away."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from ..core import installer, launch, log, memory, package_index
from ..core.installer import InstallStep
from ..core.translate import tr
from ..net.errors import CallError
from . import commands
from .connection import ConnectionKeeper
from .listening import SetupListening

MB = 2**20


class Installing:
    """One installation at a time. The daemon is stopped while its files are replaced, and calls wait meanwhile."""

    def __init__(self, connection: ConnectionKeeper) -> None:
        self._connection = connection
        self._commands = commands.Commands()
        self._task: asyncio.Task[None] | None = None
        self._in_pool = False

    def begin(self, work: Coroutine[Any, Any, None], ended: Callable[[str | None], None]) -> None:
        """Begin one of the works below. `ended` hears exactly once, in Krita's own thread, why it failed (None: it did
        not)."""
        self._commands.begin()
        self._task = asyncio.ensure_future(work)
        self._task.add_done_callback(lambda task: self._connection.emit(ended, self._failure(task)))

    def cancel(self) -> None:
        """Break off what runs."""
        self._commands.cancel()
        if self._task is not None and not self._in_pool:
            self._task.cancel()

    async def install(
        self, steps: list[InstallStep], uv: Path, needed: int, listener: SetupListening, anew: bool = False
    ) -> None:
        """Run the installer `uv`; `needed` bytes must be free, `anew` makes the environment from nothing. Raises
        `SetupError`, `CallError`, OSError."""
        connection, home = self._connection, self._connection.target().home
        home.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(home).free
        if free < needed:
            sizes = {"needed": memory.words(needed), "free": memory.words(free)}
            raise commands.SetupError(tr("This needs about {needed} on the disk, and {free} are free.", **sizes))
        connection.emit(listener.step, steps[0].text, 0, len(steps))
        async with connection.supervisor.stopped(home):
            await connection.in_pool(commands.place_uv, uv, installer.installed_uv(home))
            self._in_pool = True
            try:
                await connection.in_pool(self._run, steps, anew, listener)
            finally:
                self._in_pool = False

    async def install_and_download(self, steps: list[InstallStep], uv: Path, listener: SetupListening) -> None:
        """Run the installer for the packages of the diffusion engine, then download its models."""
        await self.install(steps, uv, installer.DIFFUSION_BYTES, listener)
        await self.download(listener)

    async def download(self, listener: SetupListening) -> None:
        """Download the models that are missing. Raises `CallError`."""
        connection = self._connection
        daemon = await connection.daemon()
        models, _ = await daemon.models()
        missing = [model for model in models if not model.ready]
        for number, model in enumerate(missing):
            numbers = {"number": number + 1, "count": len(missing)}
            text = tr("Downloading {name} ({number} of {count})", name=model.model_id, **numbers)
            async for done, total, per_second in daemon.download_model(model.model_id):
                line = _progress_line(done, total, per_second)
                connection.emit(listener.step, text, done // MB, max(1, total // MB), line)
        await connection.supervisor.beat(connection.target())

    async def uninstall(self, listener: SetupListening) -> None:
        """Take the environment and the installer away. Raises `CallError`, OSError."""
        connection, home = self._connection, self._connection.target().home
        environment = launch.environment_folder(home)
        connection.emit(listener.step, tr("Uninstalling …"), 0, 0)
        async with connection.supervisor.stopped(home):
            for folder in (environment, environment.with_name(f"{environment.name}.old"), home / "installer"):
                await connection.in_pool(commands.remove, folder)

    def _run(self, steps: list[InstallStep], anew: bool, listener: SetupListening) -> None:
        """Run the commands one after the other, in a pool thread: so a cancel cannot leave one behind."""
        home, emit = self._connection.target().home, self._connection.emit
        environment = package_index.environment(os.environ, home, package_index.pip_files(os.environ))

        def run() -> None:
            for number, step in enumerate(steps):
                emit(listener.step, step.text, number, len(steps))
                try:
                    self._commands.run(step, environment, lambda line: emit(listener.line, line))
                except commands.SetupCancelledError:
                    raise
                except (commands.SetupError, OSError) as error:
                    if not step.optional:
                        raise
                    log.LOGGER.warning("set up: %s", error)
                    emit(listener.note, tr("{failure} It works without; Repair tries again.", failure=error))

        if anew:
            with commands.replacing(launch.environment_folder(home)):
                run()
        else:
            run()
        commands.sweep(home / "installer" / "cache")

    def _failure(self, task: asyncio.Task[None]) -> str | None:
        self._task = None
        error = None if task.cancelled() else task.exception()
        if isinstance(error, commands.SetupError | CallError | OSError):
            log.LOGGER.warning("set up: %s", error)
        elif error is not None:
            self._connection.emit(log.error, error)
        return "" if task.cancelled() else None if error is None else str(error)


def _progress_line(done: int, total: int, per_second: float) -> str:
    sizes = f"{memory.words(done)} / {memory.words(total)}"
    return f"{sizes} · {memory.words(round(per_second))}/s" if per_second else sizes
