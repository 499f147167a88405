"""Run the Krita tests in the Krita of another Debian, or GIMP's in its GIMP 3 (Linux, root, debootstrap).

    sudo python3 tools/krita_in_debian.py trixie                    every test of tests/krita/ that can run there
    sudo python3 tools/krita_in_debian.py krita6 -- -k layers -x    with pytest's own arguments
    sudo python3 tools/krita_in_debian.py gimp                      the tests of the GIMP plug-in
    sudo python3 tools/krita_in_debian.py forky --shell             a shell in it, at the checkout

The first call makes the system below `--folder` (up to 5 GB, some minutes); it is kept, and later calls use it. All
mounts are made in a mount namespace of the command's own: they are gone when it ends, however it ends, and nobody else
ever sees them. The checkout shows itself inside through an overlay in memory: nothing is written into it. The command
removes nothing; to be rid of a system, remove its folder.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MIRROR = "http://deb.debian.org/debian"
COMMON = ("xvfb", "xauth", "imagemagick", "ffmpeg", "python3-pip", "python3-venv")
PASSED = ("PIP_", "UV_", "SSL_CERT_", "REQUESTS_CA", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "PAINTS_UNDO_TORCH")
OWN = "PAINTS_UNDO_OWN_NAMESPACES"
TESTS = ("-m", "krita", "tests/krita")


@dataclass(frozen=True)
class System:
    """A Debian: its suite, the packages of its Krita or GIMP, another suite to take them from, and what pytest runs."""

    suite: str
    packages: tuple[str, ...]
    target: str = ""
    tests: tuple[str, ...] = TESTS


SYSTEMS = {
    "bookworm": System("bookworm", ("krita", "python3-pyqt5")),
    "trixie": System("trixie", ("krita", "python3-pyqt5")),
    "forky": System("forky", ("krita", "python3-pyqt5")),
    "gimp": System(
        "trixie",
        ("gimp", "gir1.2-gimp-3.0", "gir1.2-gtk-3.0", "python3-gi", "python3-gi-cairo"),
        tests=("-m", "gimp", "tests/gimp"),
    ),
    "krita6": System("sid", ("krita", "python3-pyqt6", "qt6-svg-plugins"), target="experimental"),
}


def follow(*command: str | Path, env: dict[str, str] | None = None) -> int:
    """Run a command as the first process of a namespace must: orphans are waited for, too. Returns its exit code."""
    process = subprocess.Popen(list(map(str, command)), env=env)
    while True:
        ended, status = os.wait()
        if ended == process.pid:
            return os.waitstatus_to_exitcode(status)


def must(*command: str | Path, env: dict[str, str] | None = None) -> None:
    """Run a command; ends this one when it fails."""
    code = follow(*command, env=env)
    if code:
        raise SystemExit(f"{' '.join(map(str, command))} ended with {code}.")


def environment() -> dict[str, str]:
    """What a command inside gets: a plain account, and the settings for indexes, proxies and certificates."""
    kept = {name: value for name, value in os.environ.items() if name.upper().startswith(PASSED)}
    path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    own = {"HOME": "/root", "PATH": path, "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
    return {**kept, **own, "TERM": os.environ.get("TERM", "dumb")}


def make(root: Path, system: System, mirror: str, old_mirror: bool) -> None:
    """Make the system, or go on with one that was left half made."""
    made = root / "made"
    if made.exists():
        return
    root.mkdir(parents=True, exist_ok=True)
    if not (root / "debootstrapped").exists():
        # Debian's own script fits every one of its suites, also those that this machine's debootstrap has not heard of.
        script = "/usr/share/debootstrap/scripts/sid"
        must("debootstrap", "--variant=minbase", "--include=ca-certificates", system.suite, root, mirror, script)
        (root / "debootstrapped").touch()
    apt = root / "etc" / "apt"
    (apt / "apt.conf.d" / "00old-mirror").write_text(f'Acquire::Check-Valid-Until "{str(not old_mirror).lower()}";\n')
    if system.target:
        (apt / "sources.list.d" / "target.list").write_text(f"deb {mirror} {system.target} main\n")
    shutil.copyfile("/etc/resolv.conf", root / "etc" / "resolv.conf")
    must("mount", "--rbind", "/dev", root / "dev")
    must("chroot", root, "apt-get", "update", "-q", env=environment())
    target = ("-t", system.target) if system.target else ()
    install = ("apt-get", "install", "-q", "-y", "--no-install-recommends", *target, *system.packages, *COMMON)
    must("chroot", root, *install, env=environment())
    made.touch()


def show_checkout(root: Path, shown: list[Path]) -> None:
    """Mount what a command inside needs: devices, processes, the checkout at /src with a .venv of its own, folders."""
    memory, source = root / "memory", root / "src"
    for folder in (memory, source, root / "venv", *(root / str(path).lstrip("/") for path in shown)):
        folder.mkdir(parents=True, exist_ok=True)
    if not os.path.ismount(root / "dev"):
        must("mount", "--rbind", "/dev", root / "dev")
    must("mount", "-t", "proc", "proc", root / "proc")
    must("mount", "-t", "tmpfs", "tmpfs", memory)
    for name in ("upper", "work"):
        (memory / name).mkdir()
    layers = f"lowerdir={ROOT},upperdir={memory}/upper,workdir={memory}/work"
    must("mount", "-t", "overlay", "overlay", "-o", layers, source)
    (source / ".venv").mkdir(exist_ok=True)
    must("mount", "--bind", root / "venv", source / ".venv")
    for path in shown:
        must("mount", "--bind", "-o", "ro", path, root / str(path).lstrip("/"))
    shutil.copyfile("/etc/resolv.conf", root / "etc" / "resolv.conf")


def run(root: Path, system: System, shell: bool, wished: list[str]) -> int:
    """Set up the checkout's environment inside, without torch, and run pytest; returns its exit code."""

    def inside(*command: str) -> int:
        return follow("chroot", root, "sh", "-c", 'cd /src && exec "$@"', "sh", *command, env=environment())

    if shell:
        return inside("bash")
    code = inside("python3", "tools/bootstrap.py", "--group", "dev")
    if code:
        return code
    inside("dpkg-query", "-W", system.packages[0], "python3")
    return inside(".venv/bin/python", "-m", "pytest", *arguments(wished, system.tests))


def arguments(wished: list[str], tests: tuple[str, ...] = TESTS) -> list[str]:
    """What pytest gets: the system's tests alone, unless others are named."""
    named = any((ROOT / item.partition("::")[0]).exists() for item in wished if not item.startswith("-"))
    return [*(() if named else tests), *wished]


def main() -> int:
    given = sys.argv[1:]
    cut = given.index("--") if "--" in given else len(given)
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "paints-undo" / "debian"
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("system", choices=SYSTEMS)
    parser.add_argument("--folder", type=Path, default=cache, help="where the systems lie (%(default)s)")
    parser.add_argument("--mirror", default=MIRROR, help="%(default)s")
    parser.add_argument("--old-mirror", action="store_true", help="take a mirror whose signed lists have expired, too")
    parser.add_argument("--bind", type=Path, action="append", default=[], help="a folder to show inside, read-only")
    parser.add_argument("--shell", action="store_true", help="a shell instead of the tests")
    options = parser.parse_args(given[:cut])
    if sys.platform != "linux" or os.geteuid() != 0 or not shutil.which("debootstrap"):
        raise SystemExit("This needs root on Linux, and debootstrap (apt-get install debootstrap).")
    if not (os.environ.get(OWN) and os.getpid() == 1):
        own = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--propagation", "private"]
        os.environ[OWN] = "1"
        os.execvp(own[0], [*own, sys.executable, *sys.argv])
    root = options.folder.resolve() / options.system
    make(root, SYSTEMS[options.system], options.mirror, options.old_mirror)
    show_checkout(root, [path.resolve() for path in options.bind])
    return run(root, SYSTEMS[options.system], options.shell, given[cut + 1 :])


if __name__ == "__main__":
    sys.exit(main())
