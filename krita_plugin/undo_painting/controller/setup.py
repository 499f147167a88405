"""*Set up*, *Repair*, *Upgrade*, *Add the models*, *Uninstall*: without a terminal, with progress, and with a way
back."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core import installed, installer
from ..core.installed import Offers, ServedModel
from ..core.translate import tr
from .desk import Desk, ignore

if TYPE_CHECKING:
    from ..background.background import Background

BUNDLE = Path(__file__).resolve().parent.parent / "bundle"


class Setup:
    """One installation at a time. The daemon is stopped while its files are replaced, and calls wait meanwhile."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.bundle = installer.find_bundle(BUNDLE)
        self.state = installed.look(desk.home)
        self.text = ""
        self.detail = ""
        self._notes: list[str] = []
        self.bad = False
        self.done = 0
        self.of = 0
        self.models: tuple[ServedModel, ...] = ()
        self.free_disk = 0
        self._cancelled = False
        self.running = False

    @property
    def installed(self) -> bool:
        """Whether *Set up* has been done."""
        return bool(self.state.version)

    def offers(self) -> Offers:
        """What the panel offers now."""
        engine = self._desk.status.server.engine("diffusion")
        here = self._desk.status.connected and engine is not None and engine.installed
        ready = here or (self.state.diffusion and not self._desk.settings.remote)
        return installed.offers(self.bundle, self.state, self.running, self.models, self.free_disk, ready)

    def set_up(self) -> bool:
        """Install the plain package; also repairs and upgrades, and then keeps the diffusion engine's packages."""
        if self.bundle is None:
            return self._no_installer()
        settings, home = self._desk.settings, self._desk.home
        steps = [*installer.set_up(home, self.bundle, settings.index_url), installer.get_small_model(home)]
        needed = installer.PACKAGE_BYTES
        if self.state.diffusion:
            steps += installer.add_diffusion_here(home, self.bundle, settings.index_url, settings.torch_index)
            needed += installer.DIFFUSION_BYTES
        uv = self.bundle.uv
        return self._begin(
            lambda background: background.installing.install(steps, uv, needed, self, anew=True),
            tr("Set up. Press the big button."),
        )

    def add_models(self) -> bool:
        """Install the packages of the diffusion engine unless they are there, then download its models."""
        if self.offers().models != "install":
            return self._begin(lambda background: background.installing.download(self), tr("The models are ready."))
        if self.bundle is None:
            return self._no_installer()
        settings, uv = self._desk.settings, self.bundle.uv
        steps = installer.add_diffusion_here(self._desk.home, self.bundle, settings.index_url, settings.torch_index)
        return self._begin(
            lambda background: background.installing.install_and_download(steps, uv, self), tr("The models are ready.")
        )

    def uninstall(self) -> bool:
        """Take the environment and the installer away. Jobs, pictures and models stay."""
        text = tr("Uninstalled. Your results and models are kept in {folder}.", folder=self._desk.home)
        return self._begin(lambda background: background.installing.uninstall(self), text)

    def cancel(self) -> None:
        """Break off; what has been downloaded is kept and taken up again."""
        self._cancelled = True
        self._desk.bridge.tell(lambda background: background.installing.cancel())

    def close(self) -> None:
        """Krita is closing: a half-made environment is taken back by the command's end."""
        if self.running:
            self.cancel()

    def list_models(self) -> None:
        """Ask the daemon which models there are."""
        self._desk.bridge.run(
            lambda background: background.models(), done=lambda found: self._have_models(*found), failed=ignore
        )

    def _no_installer(self) -> bool:
        self._say(
            tr("This build carries no installer. Install the package paints-undo yourself, then try again."), True
        )
        return False

    def _begin(self, work: Callable[[Background], Coroutine[Any, Any, None]], text: str) -> bool:
        if self.running:
            return False
        self._cancelled, self.running, self.done, self.of, self._notes = False, True, 0, 0, []
        self._desk.bridge.tell(
            lambda background: background.installing.begin(
                work(background), lambda failure: self._ended(text if failure is None else failure, failure is not None)
            )
        )
        self._desk.changed()
        return True

    def _ended(self, text: str, bad: bool) -> None:
        self.running = False
        self.detail = ""
        self.state = installed.look(self._desk.home)
        if bad and self._cancelled:
            text, bad = tr("Cancelled. Press the button again to go on."), False
        self._say(text if bad else " ".join([text, *self._notes]), bad)
        if self._desk.status.connected:
            self.list_models()
        elif self.installed:
            self._desk.connect()
        else:
            self._desk.look()

    def _say(self, text: str, bad: bool = False) -> None:
        self.text, self.bad = text, bad
        self._desk.changed()

    def step(self, text: str, done: int, of: int, detail: str = "") -> None:
        self.text, self.bad, self.done, self.of, self.detail = text, False, done, of, detail
        self._desk.changed()

    def line(self, line: str) -> None:
        if line and self.running:
            self.detail = line[:120]
            self._desk.changed()

    def note(self, text: str) -> None:
        self._notes.append(text)

    def _have_models(self, models: tuple[ServedModel, ...], free: int) -> None:
        self.models, self.free_disk = models, free
        self._desk.changed()
