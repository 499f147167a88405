"""Running the installer's commands in a pool thread, and keeping the old environment until the new one is whole."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PurePath

from ..core import launch, log
from ..core.installer import InstallStep
from ..core.translate import tr

KEPT_LINES = 40
TRIES = 20
TRY_SECONDS = 0.25


class SetupError(Exception):
    """A step failed; the message has its last words."""


class SetupCancelledError(SetupError):
    """The artist broke it off."""


class Commands:
    """One command at a time; `cancel` ends it and refuses those that would follow."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self.cancelled = False

    def begin(self) -> None:
        """Allow commands again."""
        self.cancelled = False

    def cancel(self) -> None:
        """End the running command with everything that it has started; may be called from any thread."""
        self.cancelled = True
        process = self._process
        if process is None:
            return
        with contextlib.suppress(OSError):
            if hasattr(os, "killpg"):
                os.killpg(process.pid, signal.SIGTERM)
            else:
                process.terminate()

    def run(self, step: InstallStep, environment: Mapping[str, str], say: Callable[[str], None]) -> None:
        """Run one command to its end; every line it prints goes to the log and to `say`. Raises `SetupError`."""
        if self.cancelled:
            raise SetupCancelledError
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
            env=dict(environment),
            **launch.detached(),
        )
        try:
            with self._process as process:
                for line in process.stdout or ():
                    lines = [*lines[-KEPT_LINES:], line.rstrip()]
                    log.LOGGER.info("  %s", line.rstrip())
                    say(line.strip())
                code = process.wait()
        finally:
            self._process = None
        if self.cancelled:
            raise SetupCancelledError
        if code != 0:
            raise SetupError(tr("{what} failed: {reason}", what=step.text.rstrip(" …"), reason=reason(lines, code)))


@contextlib.contextmanager
def replacing(folder: Path) -> Iterator[None]:
    """Put a folder aside while it is made anew: it comes back unless the block ends well."""
    old = folder.with_name(f"{folder.name}.old")
    remove(old)
    if folder.exists():
        _patiently(lambda: folder.rename(old))
    try:
        yield
    except BaseException:
        remove(folder)
        if old.exists():
            _patiently(lambda: old.rename(folder))
        raise
    sweep(old)


def place_uv(source: Path, target: Path) -> None:
    """Copy the installer out of the plugin's folder and allow it to run."""
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f"{target.name}.{os.getpid()}.tmp")
    shutil.copyfile(source, temporary)
    temporary.chmod(0o755)
    _patiently(lambda: temporary.replace(target))


def remove(folder: Path) -> None:
    """Delete a folder; a link is deleted without what it points at. Raises OSError."""
    if folder.is_symlink():
        folder.unlink()
    elif folder.exists():
        _patiently(lambda: shutil.rmtree(long_path(folder)))


def sweep(folder: Path) -> None:
    """Delete a folder that nobody needs any more; what cannot be deleted now goes the next time."""
    try:
        remove(folder)
    except OSError as error:
        log.LOGGER.warning("left behind: %s", error)


def long_path(folder: PurePath, platform: str = sys.platform) -> str:
    r"""How an absolute folder is named so that what lies deep in it can be reached. Windows stops at 260 characters,
    which packages such as torch exceed, but for names that begin with ``\\?\``."""
    text = str(folder)
    if platform != "win32" or text.startswith("\\\\?\\"):
        return text
    return "\\\\?\\UNC\\" + text[2:] if text.startswith("\\\\") else "\\\\?\\" + text


def _patiently(action: Callable[[], object]) -> None:
    """Windows lets go of a program's files only some moments after its end."""
    for attempt in range(TRIES):
        try:
            action()
            return
        except PermissionError:
            if attempt == TRIES - 1:
                raise
            time.sleep(TRY_SECONDS)


def reason(lines: list[str], code: int) -> str:
    """The most telling lines of a failed command's output: uv names the failure first and its last cause at the end."""
    spoken = [line.strip() for line in lines if line.strip()]
    telling = [line for line in spoken if line.lower().startswith(("error", "× ", "caused by", "cause:"))]
    chosen = [telling[0], telling[-1]] if len(telling) > 1 else telling or spoken[-1:]
    return " ".join(chosen)[:300] or tr("it ended with code {code}", code=code)
