"""*Set up*, *Repair*, *Add the models*, *Uninstall*: without a terminal, with progress, and with a way back."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core import installer, launch, log, memory
from ..core.installer import Step
from ..core.translate import tr
from ..net.channel import CallError

if TYPE_CHECKING:
    from .controller import Controller

BUNDLE = Path(__file__).resolve().parent.parent / "bundle"
KEPT_LINES = 40


@dataclass
class Model:
    """A model as the docker lists it."""

    model_id: str
    description: str
    ready: bool
    size: int
    total: int
    message: str = ""


class SetupError(Exception):
    """A step failed; the message has its last words."""


class Setup:
    """One installation at a time."""

    def __init__(self, controller: Controller) -> None:
        self._controller = controller
        self.text = ""
        self.bad = False
        self.done = 0
        self.of = 0
        self.models: list[Model] = []
        self.free_disk = 0
        self._process: subprocess.Popen[str] | None = None
        self._future: Any = None
        self._cancelled = False

    @property
    def running(self) -> bool:
        """Whether something is being installed or downloaded."""
        return self._future is not None

    @property
    def bundle(self) -> installer.Bundle | None:
        """What this build can install, if anything."""
        return installer.find_bundle(BUNDLE)

    @property
    def installed(self) -> bool:
        """Whether *Set up* has been done."""
        return launch.environment_program(self._controller.home, "paints-undo").is_file()

    def set_up(self) -> bool:
        """Install the plain package; also repairs and upgrades."""
        bundle = self.bundle
        if bundle is None:
            self._say(
                tr("This build carries no installer. Install the package paints-undo yourself, then try again."), True
            )
            return False
        settings = self._controller.settings
        steps = installer.set_up(self._controller.home, bundle, settings.index_url)
        return self._begin(self._install(steps, bundle, installer.PACKAGE_BYTES), self._set_up_done)

    def add_diffusion(self) -> bool:
        """Install the packages of the diffusion engine, then download its models."""
        bundle = self.bundle
        if bundle is None or not self.installed:
            self._say(tr("Press Set up first."), True)
            return False
        settings = self._controller.settings
        steps = installer.add_diffusion(self._controller.home, bundle, settings.index_url, settings.torch_index)
        return self._begin(self._install_and_download(steps, bundle), self._models_done)

    def download_models(self) -> bool:
        """Download the models, or go on with a download."""
        return self._begin(self._download(), self._models_done)

    def uninstall(self) -> bool:
        """Take the environment away. Jobs, pictures and models stay."""
        return self._begin(self._uninstall(), lambda: self._say(tr("Uninstalled. Your results are kept.")))

    def cancel(self) -> None:
        """Break off; what has been downloaded is kept and taken up again."""
        self._cancelled = True
        if self._process is not None:
            self._process.terminate()
        if self._future is not None:
            self._future.cancel()
            self._future = None
        self._say(tr("Cancelled. Press the button again to go on."))

    def list_models(self) -> None:
        """Ask the daemon which models there are."""
        self._controller.bridge.run(self._list(), failed=_ignore)

    def _begin(self, work: Any, done: Any) -> bool:
        if self.running:
            work.close()
            return False
        self._cancelled, self.done, self.of = False, 0, 0

        def finish(_: Any) -> None:
            self._future = None
            done()

        def fail(error: Exception) -> None:
            self._future = None
            if not self._cancelled:
                log.LOGGER.warning("set up: %s", error)
                self._say(str(error), True)

        self._future = self._controller.bridge.run(work, done=finish, failed=fail)
        self._controller.changed()
        return True

    def _set_up_done(self) -> None:
        self._say(tr("Set up. Press the big button."))
        self._controller.connect()

    def _models_done(self) -> None:
        self._say(tr("The models are ready."))
        self.list_models()

    def _say(self, text: str, bad: bool = False) -> None:
        self.text, self.bad = text, bad
        self._controller.changed()

    async def _install(self, steps: list[Step], bundle: installer.Bundle, needed: int) -> None:
        home = self._controller.home
        home.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(home).free
        if free < needed:
            raise SetupError(
                tr(
                    "This needs about {needed} on the disk, and {free} are free.",
                    needed=memory.words(needed),
                    free=memory.words(free),
                )
            )
        await self._stop_daemon()
        await self._controller.bridge.in_pool(_place_uv, bundle.uv, installer.installed_uv(home))
        environment = installer.environment(os.environ, home, installer.pip_files(os.environ))
        for number, step in enumerate(steps):
            self._controller.bridge.emit(self._step, step.text, number, len(steps))
            await self._controller.bridge.in_pool(self._command, step, environment)

    def _command(self, step: Step, environment: dict[str, str]) -> None:
        """Run one command in a pool thread, its output into the log. Raises `SetupError`."""
        log.LOGGER.info("running %s", " ".join(step.command))
        lines: list[str] = []
        self._process = subprocess.Popen(  # noqa: S603
            step.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            env=environment,
            **launch.detached(),
        )
        with self._process as process:
            for line in process.stdout or ():
                lines = [*lines[-KEPT_LINES:], line.rstrip()]
                log.LOGGER.info("  %s", line.rstrip())
            code = process.wait()
        self._process = None
        if code != 0:
            raise SetupError(tr("{what} failed: {reason}", what=step.text.rstrip(" …"), reason=_reason(lines, code)))

    async def _install_and_download(self, steps: list[Step], bundle: installer.Bundle) -> None:
        await self._install(steps, bundle, installer.DIFFUSION_BYTES)
        await self._download()

    async def _download(self) -> None:
        daemon = await self._controller.daemon()
        listed = await daemon.models()
        for number, model in enumerate(listed.models):
            text = tr(
                "Downloading {name} ({number} of {count})",
                name=model.model_id,
                number=number + 1,
                count=len(listed.models),
            )
            async for message in daemon.download_model(model.model_id):
                self._controller.bridge.emit(
                    self._step, text, message.done_bytes // 2**20, max(1, message.total_bytes // 2**20)
                )
        await self._list()

    async def _list(self) -> None:
        daemon = await self._controller.daemon(False)
        listed = await daemon.models()
        models = [
            Model(
                model.model_id, model.description, model.state == 4, model.size_bytes, model.total_bytes, model.message
            )
            for model in listed.models
        ]
        self._controller.bridge.emit(self._have_models, models, listed.free_disk_bytes)

    async def _uninstall(self) -> None:
        await self._stop_daemon()
        home = self._controller.home
        for folder in (launch.environment_folder(home), home / "installer"):
            await self._controller.bridge.in_pool(_remove, folder)

    async def _stop_daemon(self) -> None:
        """End the local daemon, so that its files may be replaced; unfinished jobs go on after its next start."""
        if self._controller.settings.remote:
            return
        try:
            daemon = await self._controller.daemon(False)
            await daemon.stop()
        except CallError as error:
            log.LOGGER.info("no daemon to stop: %s", error)
        self._controller.supervisor.close()

    def _step(self, text: str, done: int, of: int) -> None:
        self.text, self.bad, self.done, self.of = text, False, done, of
        self._controller.changed()

    def _have_models(self, models: list[Model], free: int) -> None:
        self.models, self.free_disk = models, free
        self._controller.changed()


def _ignore(_: Exception) -> None:
    """The status says what is wrong."""


def _place_uv(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f"{target.name}.{os.getpid()}.tmp")
    shutil.copyfile(source, temporary)
    temporary.chmod(0o755)
    temporary.replace(target)


def _remove(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)


def _reason(lines: list[str], code: int) -> str:
    """The most telling line of a failed command's output."""
    spoken = [line.strip() for line in lines if line.strip()]
    telling = [line for line in spoken if line.lower().startswith(("error", "× ", "caused by"))]
    return (telling or spoken or [tr("it ended with code {code}", code=code)])[-1][:300]
