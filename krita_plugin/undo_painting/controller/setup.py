"""*Set up*, *Repair*, *Upgrade*, *Add the models*, *Uninstall*: without a terminal, with progress, and with a way
back."""

from __future__ import annotations

import os
import shutil
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core import installed, installer, launch, log, memory, package_index
from ..core.installed import Model, Offers
from ..core.installer import Step
from ..core.translate import tr
from ..net.channel import CallError
from . import commands

if TYPE_CHECKING:
    from .controller import Controller

BUNDLE = Path(__file__).resolve().parent.parent / "bundle"
MB = 2**20


class Setup:
    """One installation at a time. The daemon is stopped while its files are replaced, and calls wait meanwhile."""

    def __init__(self, controller: Controller) -> None:
        self._controller = controller
        self.bundle = installer.find_bundle(BUNDLE)
        self.state = installed.look(controller.home)
        self.text = ""
        self.detail = ""
        self.bad = False
        self.done = 0
        self.of = 0
        self.models: tuple[Model, ...] = ()
        self.free_disk = 0
        self._commands = commands.Commands()
        self._future: Any = None
        self._cancelled = False
        self._in_pool = False

    @property
    def running(self) -> bool:
        """Whether something is being installed or downloaded."""
        return self._future is not None

    @property
    def installed(self) -> bool:
        """Whether *Set up* has been done."""
        return bool(self.state.version)

    def offers(self) -> Offers:
        """What the panel offers now."""
        engine = self._controller.status.server.engine("diffusion")
        here = self._controller.status.connected and engine is not None and engine.installed
        ready = here or (self.state.diffusion and not self._controller.settings.remote)
        return installed.offers(self.bundle, self.state, self.running, self.models, self.free_disk, ready)

    def set_up(self) -> bool:
        """Install the plain package; also repairs and upgrades, and then keeps the diffusion engine's packages."""
        if self.bundle is None:
            return self._no_installer()
        settings, home = self._controller.settings, self._controller.home
        steps = installer.set_up(home, self.bundle, settings.index_url)
        needed = installer.PACKAGE_BYTES
        if self.state.diffusion:
            steps += installer.add_diffusion_here(home, self.bundle, settings.index_url, settings.torch_index)
            needed += installer.DIFFUSION_BYTES
        return self._begin(self._install(steps, needed, anew=True), tr("Set up. Press the big button."))

    def add_models(self) -> bool:
        """Install the packages of the diffusion engine unless they are there, then download its models."""
        if self.offers().models != "install":
            return self._begin(self._download(), tr("The models are ready."))
        if self.bundle is None:
            return self._no_installer()
        settings = self._controller.settings
        steps = installer.add_diffusion_here(
            self._controller.home, self.bundle, settings.index_url, settings.torch_index
        )
        return self._begin(self._install_and_download(steps), tr("The models are ready."))

    def uninstall(self) -> bool:
        """Take the environment and the installer away. Jobs, pictures and models stay."""
        text = tr("Uninstalled. Your results and models are kept in {folder}.", folder=self._controller.home)
        return self._begin(self._uninstall(), text)

    def cancel(self) -> None:
        """Break off; what has been downloaded is kept and taken up again."""
        self._cancelled = True
        self._commands.cancel()
        if self._future is not None and not self._in_pool:
            self._future.cancel()

    def close(self) -> None:
        """Krita is closing: a half-made environment is taken back by the command's end."""
        if self.running:
            self.cancel()

    def list_models(self) -> None:
        """Ask the daemon which models there are."""
        self._controller.bridge.run(self._list(), failed=_ignore)

    def _no_installer(self) -> bool:
        self._say(
            tr("This build carries no installer. Install the package paints-undo yourself, then try again."), True
        )
        return False

    def _begin(self, work: Coroutine[Any, Any, None], text: str) -> bool:
        if self.running:
            work.close()
            return False
        self._cancelled, self.done, self.of = False, 0, 0
        self._commands.begin()
        self._future = self._controller.bridge.run(self._whole(work, text))
        self._controller.changed()
        return True

    async def _whole(self, work: Coroutine[Any, Any, None], text: str) -> None:
        """Do the work; whatever becomes of it, the panel hears of the end exactly once."""
        bad = True
        try:
            await work
            bad = False
        except (commands.SetupError, CallError, OSError) as error:
            log.LOGGER.warning("set up: %s", error)
            text = str(error)
        finally:
            self._controller.bridge.emit(self._ended, text, bad)

    def _ended(self, text: str, bad: bool) -> None:
        self._future = None
        self.detail = ""
        self.state = installed.look(self._controller.home)
        if bad and self._cancelled:
            text, bad = tr("Cancelled. Press the button again to go on."), False
        self._say(text, bad)
        if self._controller.status.connected:
            self.list_models()
        elif self.installed:
            self._controller.connect()
        else:
            self._controller.look()

    def _say(self, text: str, bad: bool = False) -> None:
        self.text, self.bad = text, bad
        self._controller.changed()

    async def _install(self, steps: list[Step], needed: int, anew: bool = False) -> None:
        controller, home = self._controller, self._controller.home
        bundle = self.bundle
        if bundle is None:
            return
        home.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(home).free
        if free < needed:
            sizes = {"needed": memory.words(needed), "free": memory.words(free)}
            raise commands.SetupError(tr("This needs about {needed} on the disk, and {free} are free.", **sizes))
        controller.bridge.emit(self._step, steps[0].text, 0, len(steps))
        async with controller.supervisor.stopped(home):
            await controller.bridge.in_pool(commands.place_uv, bundle.uv, installer.installed_uv(home))
            self._in_pool = True
            try:
                await controller.bridge.in_pool(self._run, steps, anew)
            finally:
                self._in_pool = False

    def _run(self, steps: list[Step], anew: bool) -> None:
        """Run the commands one after the other, in a pool thread: so a cancel cannot leave one behind."""
        home, bridge = self._controller.home, self._controller.bridge
        environment = package_index.environment(os.environ, home, package_index.pip_files(os.environ))

        def run() -> None:
            for number, step in enumerate(steps):
                bridge.emit(self._step, step.text, number, len(steps))
                self._commands.run(step, environment, lambda line: bridge.emit(self._line, line))

        if anew:
            with commands.replacing(launch.environment_folder(home)):
                run()
        else:
            run()
        commands.remove(home / "installer" / "cache")

    async def _install_and_download(self, steps: list[Step]) -> None:
        await self._install(steps, installer.DIFFUSION_BYTES)
        await self._download()

    async def _download(self) -> None:
        controller = self._controller
        daemon = await controller.daemon()
        models, _ = await daemon.models()
        missing = [model for model in models if not model.ready]
        for number, model in enumerate(missing):
            numbers = {"number": number + 1, "count": len(missing)}
            text = tr("Downloading {name} ({number} of {count})", name=model.model_id, **numbers)
            async for done, total, per_second in daemon.download_model(model.model_id):
                line = _progress_line(done, total, per_second)
                controller.bridge.emit(self._step, text, done // MB, max(1, total // MB), line)
        await controller.supervisor.beat(controller.target())

    async def _list(self) -> None:
        daemon = await self._controller.daemon(False)
        self._controller.bridge.emit(self._have_models, *await daemon.models())

    async def _uninstall(self) -> None:
        controller, home = self._controller, self._controller.home
        environment = launch.environment_folder(home)
        controller.bridge.emit(self._step, tr("Uninstalling …"), 0, 0)
        async with controller.supervisor.stopped(home):
            for folder in (environment, environment.with_name(f"{environment.name}.old"), home / "installer"):
                await controller.bridge.in_pool(commands.remove, folder)

    def _step(self, text: str, done: int, of: int, detail: str = "") -> None:
        self.text, self.bad, self.done, self.of, self.detail = text, False, done, of, detail
        self._controller.changed()

    def _line(self, line: str) -> None:
        if line and self.running:
            self.detail = line[:120]
            self._controller.changed()

    def _have_models(self, models: tuple[Model, ...], free: int) -> None:
        self.models, self.free_disk = models, free
        self._controller.changed()


def _ignore(_: Exception) -> None:
    """The status says what is wrong."""


def _progress_line(done: int, total: int, per_second: float) -> str:
    sizes = f"{memory.words(done)} / {memory.words(total)}"
    return f"{sizes} · {memory.words(round(per_second))}/s" if per_second else sizes
