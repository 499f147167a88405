"""What `paints-undo doctor` looks at. Every check returns, whatever it finds."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import socket
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from paints_undo_daemon.cli.check import Check, CheckResult
from paints_undo_daemon.cli.console import size
from paints_undo_daemon.cli.model_checks import figures, models
from paints_undo_daemon.home import Endpoint, log_file, token_file
from paints_undo_daemon.settings import Settings, load_settings
from paints_undo_engine.descriptions import ENGINES, Description, Package
from paints_undo_engine.installation import install_command

SUPPORTED_PYTHON = ((3, 11), (3, 14))
PACKAGES = (
    "av",
    "grpcio",
    "numpy",
    "opencv-python-headless",
    "pillow",
    "platformdirs",
    "prometheus-client",
    "protobuf",
    "psd-tools",
)
LITTLE_MEMORY = 2 * 10**9
DRIVER_FILE = Path("/proc/driver/nvidia/version")
_TIMEOUT_SECONDS = 60
_TORCH_PROBE = (
    "import torch; "
    "names = [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())]; "
    "print(torch.__version__, '|', ', '.join(names), '|', torch.backends.mps.is_available(), '|', torch.version.cuda)"
)


def run_all() -> Iterator[Check]:
    """All checks, one after the other."""
    checks: tuple[Callable[[Settings], Check], ...] = (
        python,
        packages,
        *(packages_of(engine) for engine in ENGINES if engine.extra),
        nvidia,
        torch_devices,
        compiled_blocks,
        memory,
        models,
        figures,
        daemon,
        port,
        certificate,
        disk,
        store,
        confinement,
        home_permissions,
        token_permissions,
    )
    try:
        settings = load_settings()
    except Exception as error:
        yield Check("settings", CheckResult.FAILED, str(error), "Mend or remove the settings file.")
        settings = Settings()
    for check in checks:
        try:
            yield check(settings)
        except Exception as error:
            yield Check(check.__name__.replace("_", " "), CheckResult.FAILED, f"{type(error).__name__}: {error}")


def python(settings: Settings) -> Check:  # noqa: ARG001
    """The Python that runs this."""
    low, high = SUPPORTED_PYTHON
    text = f"{platform.python_version()} at {sys.executable}"
    if low <= sys.version_info[:2] <= high:
        return Check("Python", CheckResult.OK, text)
    advice = f"Use Python {low[0]}.{low[1]} to {high[0]}.{high[1]}."
    return Check("Python", CheckResult.FAILED, text, advice)


def packages(settings: Settings) -> Check:  # noqa: ARG001
    """What a plain installation needs."""
    present, missing = _versions(PACKAGES)
    if missing:
        return Check(
            "packages",
            CheckResult.FAILED,
            f"missing: {', '.join(missing)}.",
            f"Run: {install_command('', [Package(name, name) for name in missing])}",
        )
    return Check("packages", CheckResult.OK, ", ".join(present))


def packages_of(engine: Description) -> Callable[[Settings], Check]:
    """The check of what one engine needs beside that."""

    def check(settings: Settings) -> Check:  # noqa: ARG001
        present, missing = _versions(tuple(package.distribution for package in engine.packages))
        name = f"packages of the {engine.name} engine"
        if missing:
            advice = f"For that engine run: {install_command(engine.extra, engine.packages)}"
            return Check(name, CheckResult.NOTE, f"not installed, and optional: {', '.join(missing)}.", advice)
        return Check(name, CheckResult.OK, ", ".join(present))

    check.__name__ = f"packages_of_{engine.name}"
    return check


def _versions(names: tuple[str, ...]) -> tuple[list[str], list[str]]:
    present, missing = [], []
    for name in names:
        try:
            present.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            missing.append(name)
    return present, missing


def nvidia(settings: Settings) -> Check:  # noqa: ARG001
    """NVIDIA cards and their driver, as the driver's own tool tells."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        advice = "" if sys.platform == "darwin" else "Needed only for the diffusion engine on an NVIDIA card."
        return Check("NVIDIA driver", CheckResult.NOTE, "not installed, and optional.", advice)
    query = "--query-gpu=name,driver_version,memory.free,memory.total"
    answer = subprocess.run(  # noqa: S603
        [tool, query, "--format=csv,noheader"],
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=_TIMEOUT_SECONDS,
        check=False,
    )
    if answer.returncode:
        line = (answer.stdout or answer.stderr).strip().partition("\n")[0]
        return Check("NVIDIA driver", CheckResult.FAILED, line, "Install the driver anew, or restart the machine.")
    return Check("NVIDIA driver", CheckResult.OK, "; ".join(answer.stdout.strip().splitlines()))


def torch_devices(settings: Settings) -> Check:  # noqa: ARG001
    """What torch can compute on; asked in a process of its own, which may crash."""
    name = "torch devices"
    if "torch" in _versions(("torch",))[1]:
        return Check(name, CheckResult.NOTE, "torch is not installed, and optional.")
    answer = subprocess.run(  # noqa: S603
        [sys.executable, "-X", "utf8", "-c", _TORCH_PROBE],
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=_TIMEOUT_SECONDS,
        check=False,
    )
    if answer.returncode:
        line = answer.stderr.strip().rpartition("\n")[2]
        return Check(name, CheckResult.FAILED, f"torch does not start: {line}", "Install the extra 'diffusion' anew.")
    version, cards, metal, cuda = (part.strip() for part in answer.stdout.split("|"))
    if not cards and metal != "True":
        if has_nvidia_driver() and cuda == "None":
            text = f"there is an NVIDIA driver, but torch {version} is a build without CUDA."
            commands = torch_commands(version)
            typed = " && ".join(" ".join(("python", *command[1:])) for command in commands)
            advice = f"Install the build with CUDA by 'paints-undo doctor --fix', or: {typed}"
            return Check(name, CheckResult.NOTE, text, advice, commands)
        text = f"torch {version} sees no graphics card."
        return Check(name, CheckResult.NOTE, text, "The procedural engine does without one; diffusion needs it.")
    return Check(name, CheckResult.OK, f"torch {version} on {cards or 'Metal'}")


def has_nvidia_driver() -> bool:
    """Whether NVIDIA's driver is installed: its tool is on the path, or the kernel has loaded it."""
    return shutil.which("nvidia-smi") is not None or DRIVER_FILE.is_file()


def torch_commands(version: str) -> tuple[tuple[str, ...], ...]:
    """What installs the build of this torch that suits the graphics card; uv knows the drivers and their builds."""
    release = version.partition("+")[0]
    pip = (sys.executable, "-m", "pip", "install", "uv")
    uv = (sys.executable, "-m", "uv", "pip", "install", "--python", sys.executable)
    return pip, (*uv, "--reinstall", "--torch-backend", "auto", f"torch=={release}")


def compiled_blocks(settings: Settings) -> Check:
    """Whether the diffusion engine's networks are compiled here, as the last worker that tried has left word."""
    from paints_undo_engine.diffusion.compile_state import cache_folder, read_state
    from paints_undo_engine.diffusion.measured import any_compiling

    name = "compiled blocks"
    if settings.compiling == "off":
        return Check(name, CheckResult.OK, "switched off by the setting 'compiling'.")
    if settings.compiling == "auto" and not any_compiling():
        return Check(name, CheckResult.OK, "off; 'paints-undo bench' measures whether they pay on a card.")
    state = read_state()
    if state is None:
        return Check(name, CheckResult.OK, f"not tried yet; they will be kept in {cache_folder()}")
    text = f"{state.state}: {state.text} {state.graphs} shapes in {state.seconds:.0f} s, torch {state.torch}"
    if state.state == "failed":
        advice = "Results are the same without, only slower. Compiling needs Triton and a C compiler."
        return Check(name, CheckResult.NOTE, text, advice)
    return Check(name, CheckResult.OK, f"{text}, kept in {cache_folder()}")


def memory(settings: Settings) -> Check:  # noqa: ARG001
    """Free system memory, where the system tells."""
    free = _available_memory()
    if free is None:
        return Check("memory", CheckResult.OK, "this system does not tell how much is free.")
    if free < LITTLE_MEMORY:
        return Check("memory", CheckResult.FAILED, f"{size(free)} free.", "Close other programs.")
    return Check("memory", CheckResult.OK, f"{size(free)} free")


def _available_memory() -> int | None:
    if sys.platform == "win32":
        import ctypes

        class Status(ctypes.Structure):
            _fields_ = (
                ("length", ctypes.c_ulong),
                ("load", ctypes.c_ulong),
                *((name, ctypes.c_ulonglong) for name in ("total", "free", "a", "b", "c", "d", "e")),
            )

        status = Status(length=ctypes.sizeof(Status))
        return int(status.free) if ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status)) else None
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    kilobytes = next((line.split()[1] for line in lines if line.startswith("MemAvailable:")), None)
    return int(kilobytes) * 1024 if kilobytes else None


def daemon(settings: Settings) -> Check:
    """Whether a daemon runs."""
    from paints_undo_daemon.client import find

    endpoint = Endpoint.read(settings.home)
    if endpoint is None:
        return Check("daemon", CheckResult.OK, "none runs; one is started when it is needed.")
    if find(settings.home) is not None:
        text = f"version {endpoint.daemon_version} runs at {endpoint.address}, process {endpoint.pid}"
        return Check("daemon", CheckResult.OK, text)
    text = f"process {endpoint.pid} has ended without saying so; the next start clears that up."
    return Check("daemon", CheckResult.OK, text, f"Its log: {log_file(settings.home)}")


def port(settings: Settings) -> Check:
    """Whether a daemon could listen where the settings say."""
    from paints_undo_daemon.access.addresses import parse_address

    address = parse_address(settings.listen, settings.home)
    if address.path:
        return Check("address", CheckResult.OK, f"a socket, {address.path}")
    endpoint = Endpoint.read(settings.home)
    try:
        with socket.create_server((address.host, address.port), family=_family(address.host)) as server:
            port = address.port or f"a free port such as {server.getsockname()[1]}"
            return Check("address", CheckResult.OK, f"{address.host}, {port}")
    except OSError as error:
        if endpoint is not None and endpoint.address.endswith(f":{address.port}"):
            return Check("address", CheckResult.OK, f"{settings.listen}, held by the daemon")
        advice = "Choose another with --listen."
        return Check("address", CheckResult.FAILED, f"{settings.listen}: {error.strerror}.", advice)


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def certificate(settings: Settings) -> Check:
    """How long the certificate for TCP is good for."""
    from paints_undo_daemon.access.tls import WARN_DAYS, days_left

    file = Path(settings.certificate).expanduser() if settings.certificate else settings.home / "certificate.pem"
    if not file.exists() and not settings.certificate:
        return Check("certificate", CheckResult.OK, "made when the daemon first listens on TCP.")
    days = days_left(file)
    if days > WARN_DAYS:
        return Check("certificate", CheckResult.OK, f"{file}, good for {days:.0f} days")
    if settings.certificate:
        return Check("certificate", CheckResult.FAILED, f"{file} ends in {days:.0f} days.", "Have it renewed.")
    return Check("certificate", CheckResult.OK, f"{file} ends in {days:.0f} days; the daemon renews it by itself.")


def disk(settings: Settings) -> Check:
    """Free space where jobs are kept."""
    folder = _existing(settings.home)
    free = shutil.disk_usage(folder).free
    if free < settings.min_free_disk_bytes:
        advice = "Make room, or delete jobs with 'paints-undo jobs delete'."
        return Check("disk", CheckResult.FAILED, f"{size(free)} free at {folder}.", advice)
    return Check("disk", CheckResult.OK, f"{size(free)} free at {folder}")


def store(settings: Settings) -> Check:
    """Whether the database can be read and knows its pictures."""
    from paints_undo_daemon.home import store_folder
    from paints_undo_daemon.store.opening import DATABASE, check_is_there, find_damage
    from paints_undo_daemon.store.pictures import PictureFiles

    files = PictureFiles(store_folder(settings.home))
    if not (files.store / "pictures").is_dir():
        return Check("store", CheckResult.OK, "none yet.")
    check_is_there(files)
    problem = find_damage(files.store / DATABASE, _TIMEOUT_SECONDS)
    if problem:
        advice = "Stop the daemon, then run: paints-undo store rebuild"
        return Check("store", CheckResult.FAILED, f"the database is damaged: {problem}", advice)
    aside = len(list(files.damaged.iterdir())) if files.damaged.is_dir() else 0
    note = f"; {aside} damaged files lie in {files.damaged}" if aside else ""
    return Check("store", CheckResult.OK, f"the database of {files.store} can be read{note}")


def confinement(settings: Settings) -> Check:  # noqa: ARG001
    """Whether workers, which decode strangers' files, can be kept from doing anything else."""
    from paints_undo_daemon.workers.confinement import missing, refused

    lacking = [*missing(), *refused()]
    if lacking:
        return Check("confined workers", CheckResult.NOTE, f"{'; '.join(lacking)}.")
    return Check("confined workers", CheckResult.OK, "they open no files but pictures, no connections and no programs")


def home_permissions(settings: Settings) -> Check:
    """Whether the data folder can be written to, by its owner alone."""
    home = settings.home
    folder = _existing(home)
    if not os.access(folder, os.W_OK | os.X_OK):
        advice = "Change its permissions, or set PAINTS_UNDO_HOME to another folder."
        return Check("data folder", CheckResult.FAILED, f"{folder} cannot be written to.", advice)
    if not home.exists():
        return Check("data folder", CheckResult.OK, f"{home} will be made when it is needed.")
    return _private("data folder", home)


def token_permissions(settings: Settings) -> Check:
    """Whether only its owner can read the token."""
    path = token_file(settings.home)
    if not path.exists():
        return Check("token", CheckResult.OK, "made at the daemon's first start.")
    return _private("token", path)


def _private(name: str, path: Path) -> Check:
    mode = stat.S_IMODE(path.stat().st_mode)
    if os.name == "posix" and mode & 0o077 and (mode & 0o022 or path.is_file()):
        wanted = "600" if path.is_file() else "700"
        return Check(
            name, CheckResult.FAILED, f"others may use {path} (mode {mode:o}).", f"Run: chmod {wanted} '{path}'"
        )
    return Check(name, CheckResult.OK, str(path))


def _existing(path: Path) -> Path:
    return path if path.exists() else _existing(path.parent)
