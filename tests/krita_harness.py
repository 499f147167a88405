"""Starts a real Krita under Xvfb in a profile of its own, with the plugin installed as an artist would have it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from krita_plugin.packer import install
from krita_plugin.packer.stage import cache_folder
from paints_undo_daemon.client import DaemonAddress
from paints_undo_daemon.home import Endpoint

HERE = Path(__file__).resolve().parent / "krita"
SCRIPTS = HERE / "scripts"
WARM_SECONDS = 240
DISPLAYS = 5
IMPORTER = "/usr/share/krita/pykrita/plugin_importer/plugin_importer.py"


@dataclass
class Profile:
    """A Krita profile below `root`, and the folder of the daemon that belongs to it."""

    root: Path
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def krita(self) -> Path:
        return self.root / "data" / "krita"

    @property
    def settings(self) -> Path:
        return self.root / "config" / "kritarc"

    @property
    def home(self) -> Path:
        return self.root / "paints-undo"

    def variables(self) -> dict[str, str]:
        """The environment for a Krita in this profile."""
        runtime = self.root / "runtime"
        runtime.mkdir(mode=0o700, parents=True, exist_ok=True)
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("PYTHON")},
            "HOME": str(self.root),
            "XDG_CONFIG_HOME": str(self.root / "config"),
            "XDG_DATA_HOME": str(self.root / "data"),
            "XDG_CACHE_HOME": str(self.root / "cache"),
            "XDG_RUNTIME_DIR": str(runtime),
            "PAINTS_UNDO_HOME": str(self.home),
            "PYTHONUNBUFFERED": "1",
            "LC_ALL": "C.UTF-8",
            **self.environment,
        }

    def install_probe(self) -> None:
        """Put the probe plugin in place."""
        target = self.krita / "pykrita"
        shutil.copytree(HERE / "probe", target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
        enable(self.settings, "undo_painting_probe")

    def install_plugin(self) -> None:
        """Put the plugin in place as `paints-undo plugin install` does."""
        install(self.krita, self.settings)

    def log(self) -> str:
        """The plugin's log."""
        path = self.home / "krita" / "krita-plugin.log"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def endpoint(self) -> dict[str, Any] | None:
        """The daemon's endpoint file."""
        try:
            found: dict[str, Any] = json.loads((self.home / "endpoint.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return found

    def stop_daemon(self) -> None:
        """End the daemon that Krita has started in this profile."""
        endpoint = self.endpoint()
        if endpoint is not None:
            with contextlib.suppress(OSError):
                os.kill(int(endpoint["pid"]), signal.SIGTERM)
            for _ in range(100):
                if not Path(f"/proc/{endpoint['pid']}").exists():
                    break
                time.sleep(0.05)


class Served:
    """A daemon of its own at an address on this machine, as `paints-undo serve` starts it; ended with the block."""

    def __init__(self, home: Path, *options: str, listen: str = "auto", **variables: str) -> None:
        self.home = home
        self._command = [sys.executable, "-m", "paints_undo_daemon", "serve", "--listen", listen, *options]
        own = {"PAINTS_UNDO_HOME": str(home), "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
        self._environment = {**os.environ, **own, **variables}

    def __enter__(self) -> Served:
        self.home.mkdir(parents=True, exist_ok=True)
        log = self.home / "served.log"
        with log.open("ab") as sink:
            self.process = subprocess.Popen(self._command, env=self._environment, stdout=sink, stderr=sink)
        for _ in range(600):
            found = Endpoint.read(self.home)
            if found is not None and found.pid == self.process.pid:
                self.address = found.address
                return self
            assert self.process.poll() is None, log.read_text(encoding="utf-8", errors="replace")
            time.sleep(0.1)
        self.process.kill()
        raise AssertionError(f"The daemon did not start: {log.read_text(encoding='utf-8', errors='replace')}")

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(60)

    @property
    def token(self) -> str:
        return (self.home / "token").read_text(encoding="utf-8").strip()

    @property
    def daemon(self) -> DaemonAddress:
        """For the Python client."""
        over_socket = self.address.startswith("unix:")
        return DaemonAddress(self.address, self.token, fingerprint=None if over_socket else self.fingerprint)

    @property
    def fingerprint(self) -> str:
        """As the daemon has printed it."""
        printed = (self.home / "served.log").read_text(encoding="utf-8")
        return str(re.findall(r"key is ([0-9A-F:]+)", printed)[-1])


def free_port() -> int:
    """A port on which nothing listens."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def enable(settings: Path, module: str) -> None:
    """Enable a plugin in kritarc."""
    text = settings.read_text(encoding="utf-8") if settings.exists() else ""
    if "[python]" not in text:
        text += "\n[python]\n"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text(text.replace("[python]\n", f"[python]\nenable_{module}=true\n", 1), encoding="utf-8")


def empty_profile(root: Path) -> Profile:
    """A virgin profile but for the OpenGL canvas, which Xvfb cannot do, and autosave: beside a slow test it would leave
    a file by the picture, about which the next Krita asks in a dialog."""
    profile = Profile(root)
    (root / "config").mkdir(parents=True)
    (root / "config" / "kritadisplayrc").write_text("[General]\nOpenGLRenderer=none\n", encoding="utf-8")
    profile.settings.write_text("AutoSaveInterval=0\n", encoding="utf-8")
    return profile


def warm_profile(root: Path) -> Profile:
    """A copy of a profile in which Krita has been started once: its resource cache takes ten seconds to build."""
    kept = cache_folder() / "krita-profile"
    marker = kept / "warm"
    if not (marker.exists() and marker.read_text(encoding="utf-8") == _this_krita()):
        with tempfile.TemporaryDirectory() as folder:
            profile = empty_profile(Path(folder) / "profile")
            profile.install_probe()
            run(profile, "warm.py", seconds=WARM_SECONDS)
            (profile.root / "warm").write_text(_this_krita(), encoding="utf-8")
            shutil.rmtree(kept, ignore_errors=True)
            kept.parent.mkdir(parents=True, exist_ok=True)
            shutil.copytree(profile.root, kept, ignore=shutil.ignore_patterns("runtime"))
    shutil.copytree(kept, root)
    profile = Profile(root)
    profile.install_probe()
    return profile


def import_archive(archive: Path, profile: Profile) -> None:
    """Unpack the plugin's zip as Krita's own importer does. It lies beside Krita, and from 5.3 on wants its `i18n`."""
    code = "import builtins, runpy, sys; builtins.i18n = str; del sys.argv[0]; "
    code += "runpy.run_path(sys.argv[0], run_name='__main__')"
    profile.krita.mkdir(parents=True, exist_ok=True)
    subprocess.run(["/usr/bin/python3", "-c", code, IMPORTER, str(archive), str(profile.krita)], check=True)


def _this_krita() -> str:
    """What changes with Krita's version: a resource cache of one is not taken for another's."""
    found = shutil.which("krita")
    assert found is not None, "there is no krita on the path"
    about = Path(found).stat()
    return f"{found} {about.st_size} {about.st_mtime_ns} without autosave"


def run(
    profile: Profile,
    script: str,
    *arguments: str | Path,
    seconds: float = 1200.0,
    screen: str = "1600x1000",
    **variables: str,
) -> dict[str, Any]:
    """Run a script inside Krita on a screen of its own; returns what it gave to `finish`. Raises AssertionError with
    Krita's stderr."""
    result = profile.root / "result.json"
    result.unlink(missing_ok=True)
    environment = {
        **profile.variables(),
        "UNDO_PAINTING_SCRIPT": str(SCRIPTS / script),
        "UNDO_PAINTING_RESULT": str(result),
        "UNDO_PAINTING_TIMEOUT": str(seconds - 8),
        "UNDO_PAINTING_DOCUMENT": "1" if arguments else "",
        **variables,
    }
    command = ["xvfb-run", "-a", "-s", f"-screen 0 {screen}x24", "krita", "--nosplash", *map(str, arguments)]
    output = profile.root / "krita-output.txt"
    for _ in range(DISPLAYS):
        code = _start(command, environment, output, seconds)
        # xvfb-run takes the first free display number, and two that start together may take the same.
        if "could not connect to display" not in output.read_text(encoding="utf-8", errors="replace"):
            break
    said = output.read_text(encoding="utf-8", errors="replace")[-6000:]
    assert code == 0, f"Krita ended with {code}:\n{said}\n--- plugin log\n{profile.log()[-4000:]}"
    assert result.exists(), f"Krita ended without a result:\n{said}\n--- plugin log\n{profile.log()[-4000:]}"
    found: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
    return found


def _start(command: list[str], environment: dict[str, str], output: Path, seconds: float) -> int:
    """Run a command with its whole process group; returns its exit code, -1 when it had to be ended."""
    with output.open("wb") as sink:
        process = subprocess.Popen(
            command, env=environment, cwd=output.parent, stdout=sink, stderr=sink, start_new_session=True
        )
        try:
            return process.wait(seconds)
        except subprocess.TimeoutExpired:
            return -1
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
