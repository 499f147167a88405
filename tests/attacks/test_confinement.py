"""A worker that has become somebody else's tries what an intruder would, and fails; its work it can still do."""

from __future__ import annotations

import ctypes
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from daemon.conftest import SECONDS, Client, RunningDaemon, few, small_painting

from paints_undo.v1 import jobs_pb2
from paints_undo_daemon.cli import checks
from paints_undo_daemon.cli.check import CheckResult
from paints_undo_daemon.settings import Settings
from paints_undo_daemon.store.pictures import PictureFiles
from paints_undo_daemon.workers import confinement
from paints_undo_daemon.workers.confinement import job_object, landlock, seccomp

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="what is tried is Linux's")

INTRUDER = """
import json, os, resource, signal, socket, subprocess, sys, threading
from pathlib import Path

home, port, role, inside = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4] == "inside"
store = home / "store"
import numpy, cv2, ctypes
if inside:
    from paints_undo_daemon.workers.confinement import Role, confine, landlock
    if sys.argv[5] == "without landlock":
        landlock.apply = lambda *paths, **options: None
    confine(Role(role), store, 2**30)

def connect(family, address, kind=socket.SOCK_STREAM):
    with socket.socket(family, kind) as one:
        one.connect(address)

def fork():
    child = os.fork()
    if not child:
        os._exit(0)
    os.waitpid(child, 0)

def call(number, *values):
    library = ctypes.CDLL(None, use_errno=True)
    if library.syscall(number, *values) < 0:
        raise OSError(ctypes.get_errno(), "refused")

x86 = os.uname().machine == "x86_64"
tries = {
    "connect": lambda: connect(socket.AF_INET, ("127.0.0.1", port)),
    "connect by datagram": lambda: connect(socket.AF_INET, ("127.0.0.1", 9), socket.SOCK_DGRAM),
    "connect to a socket file": lambda: connect(socket.AF_UNIX, str(home / "door")),
    "listen": lambda: socket.create_server(("127.0.0.1", 0)).close(),
    "read the token": lambda: (home / "token").read_text(),
    "read the database": lambda: (store / "jobs.sqlite3").read_bytes(),
    "write the database": lambda: (store / "jobs.sqlite3").open("r+b").close(),
    "list the home": lambda: os.listdir(home),
    "write outside": lambda: (home / "planted").write_text("x"),
    "write into the packages": lambda: Path(cv2.__file__).with_name("planted").write_text("x"),
    "link outside": lambda: os.link(home / "token", store / "temporary" / "token"),
    "rename outside": lambda: os.rename(store / "temporary" / "mine", home / "mine"),
    "start a program": lambda: subprocess.run(["/bin/true"], check=True),
    "become a program": lambda: os.execv("/bin/true", ["true"]) if inside and role != "device" else None,
    "fork": fork,
    "look into the parent": lambda: Path(f"/proc/{os.getppid()}/environ").read_bytes(),
    "limit the parent": lambda: resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE),
    "signal the parent": lambda: os.kill(os.getppid(), 0),
    "signal the parent's thread": lambda: call(234 if x86 else 131, os.getppid(), os.getppid(), 0),
    "signal a thread": lambda: call(200 if x86 else 130, os.getppid(), 0),
    "signal the group": lambda: os.kill(0, 0),
    "signal by descriptor": lambda: signal.pidfd_send_signal(os.pidfd_open(os.getppid()), 0),
    "give the parent a priority": lambda: os.setpriority(os.PRIO_PROCESS, os.getppid(), os.getpriority(0, 0)),
    "give the group a priority": lambda: os.setpriority(os.PRIO_PGRP, 0, os.getpriority(0, 0)),
    "choose the parent's processors": lambda: os.sched_setaffinity(os.getppid(), os.sched_getaffinity(0)),
    "schedule the parent": lambda: os.sched_setscheduler(os.getppid(), os.SCHED_OTHER, os.sched_param(0)),
    "let the parent's disk wait": lambda: call(251 if x86 else 30, 1, os.getppid(), 0),
    "trace": lambda: call(101, 0, 0, 0, 0) if x86 else call(117, 0, 0, 0, 0),
    "new namespace": lambda: call(272 if x86 else 97, 0x10000000),
    "more memory": lambda: numpy.ones(2**31, numpy.uint8),
}
(store / "temporary" / "mine").write_text("x")
found = {}
for name, attempt in tries.items():
    try:
        attempt()
        found[name] = "done"
    except MemoryError:
        found[name] = "MemoryError"
    except OSError as error:
        found[name] = type(error).__name__

work = {}
def able(name, action):
    try:
        action()
        work[name] = "done"
    except Exception as error:
        work[name] = repr(error)

digest = "ab" * 32
able("write a picture", lambda: (store / "pictures" / "ab" / digest).write_bytes(b"x"))
able("read a picture", lambda: (store / "pictures" / "ab" / digest).read_bytes())
able("set a picture aside", lambda: (store / "pictures" / "ab" / digest).rename(store / "damaged" / digest))
able("make and remove a folder", lambda: ((store / "temporary" / "f").mkdir(), (store / "temporary" / "f").rmdir()))
able("start a thread", lambda: threading.Thread(target=lambda: None).start())
able("import", lambda: __import__("PIL.Image") and __import__("av") and __import__("psd_tools"))
able("compute", lambda: cv2.resize(numpy.zeros((2000, 2000, 3), numpy.uint8), (500, 500)))
able("random", lambda: os.urandom(8))
able("signal itself", lambda: os.kill(os.getpid(), 0))
able("be patient", lambda: os.nice(1))
able("choose its processors", lambda: os.sched_setaffinity(0, os.sched_getaffinity(0)))
able("look at the own limits", lambda: resource.getrlimit(resource.RLIMIT_NOFILE))
print(json.dumps([found, work]))
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    files = PictureFiles(tmp_path / "store")
    files.prepare()
    (tmp_path / "token").write_text("secret")
    (tmp_path / "store" / "jobs.sqlite3").write_text("rows")
    return tmp_path


def intrude(home: Path, role: str, *, inside: bool, means: str = "all") -> tuple[dict[str, str], dict[str, str]]:
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.socket(socket.AF_UNIX) as hidden:
        hidden.bind(str(home / "door"))
        hidden.listen()
        where = "inside" if inside else "free"
        line = [sys.executable, "-c", INTRUDER, str(home), str(listener.getsockname()[1]), role, where, means]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
        result = subprocess.run(line, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert result.returncode == 0, result.stderr
    found, work = json.loads(result.stdout)
    return found, work


def test_the_attempts_succeed_where_nothing_is_given_up(home: Path) -> None:
    found, work = intrude(home, "confined", inside=False)
    refused = {name for name, what in found.items() if what != "done"}
    assert refused <= {"look into the parent", "trace", "new namespace"}
    assert set(work.values()) == {"done"}


@pytest.mark.skipif(landlock.abi() < 6 or not seccomp.is_supported(), reason="the kernel lacks a means")
def test_a_confined_worker_can_do_nothing_but_its_work(home: Path) -> None:
    found, work = intrude(home, "confined", inside=True)
    assert {name for name, what in found.items() if what == "done"} == set()
    assert found["more memory"] == "MemoryError"
    assert set(work.values()) == {"done"}, work
    assert (home / "token").read_text() == "secret"


@pytest.mark.skipif(not seccomp.is_supported(), reason="the kernel lacks a means")
def test_where_the_kernel_knows_no_landlock_other_processes_are_out_of_reach(home: Path) -> None:
    found, work = intrude(home, "confined", inside=True, means="without landlock")
    files = {"read", "write", "list", "link", "rename", "look"}
    assert {name for name, what in found.items() if what == "done" and name.split()[0] not in files} == set()
    assert set(work.values()) == {"done"}, work


@pytest.mark.skipif(landlock.abi() < 4 or not seccomp.is_supported(), reason="the kernel lacks a means")
def test_a_worker_of_a_device_opens_no_connection(home: Path) -> None:
    found, work = intrude(home, "device", inside=True)
    assert {found[name] for name in ("connect", "listen")} == {"PermissionError"}
    assert set(work.values()) == {"done"}, work


@pytest.mark.skipif(not seccomp.is_supported(), reason="the kernel lacks a means")
def test_a_worker_that_downloads_starts_no_program(home: Path) -> None:
    found, work = intrude(home, "downloads", inside=True)
    assert found["connect"] == "done"
    assert {found[name] for name in ("start a program", "become a program", "fork")} == {"PermissionError"}
    assert set(work.values()) == {"done"}, work


def test_the_workers_of_a_daemon_are_confined(daemon: RunningDaemon, client: Client, painting: str) -> None:
    job, _ = client.finish(painting, parameters=few())
    options = jobs_pb2.ExportOptions(format=jobs_pb2.EXPORT_FORMAT_CONTACT_SHEET)
    list(client.jobs.ExportJob(jobs_pb2.ExportJobRequest(job_id=job.job_id, options=options), timeout=SECONDS))
    workers = daemon.workers()
    assert len(workers) == 3  # units, exports, signatures
    for worker in workers:
        status = dict(
            line.split(":", 1) for line in Path(f"/proc/{worker}/status").read_text().splitlines() if ":" in line
        )
        assert status["NoNewPrivs"].strip() == "1"
        assert status["Seccomp"].strip() == ("2" if seccomp.is_supported() else "0")
        limits = Path(f"/proc/{worker}/limits").read_text()
        assert "Max core file size        0 " in limits
        assert "Max data size             unlimited" not in limits
    assert "keeps rights" not in daemon.log_file.read_text()


def test_the_folder_that_a_daemon_runs_in_is_none_of_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client starts the daemon in its home folder, where the tokens lie: a worker may read what it imports from."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "numpy.py").write_text("raise SystemExit('what lay in the folder was run')")
    running = RunningDaemon(tmp_path / "home", {"start_patience_seconds": 1}).start()
    try:
        client = running.client()
        job, _ = client.finish(client.upload(small_painting()), parameters=few())
        assert job.state == jobs_pb2.JOB_STATE_FINISHED, job.failure.message
    finally:
        running.kill()


@pytest.mark.parametrize(
    ("version", "words"),
    [(0, {"any file", "accelerators"}), (3, {"accelerators"}), (5, set()), (6, set())],
)
def test_what_the_kernel_lacks_is_told(monkeypatch: pytest.MonkeyPatch, version: int, words: set[str]) -> None:
    monkeypatch.setattr(landlock, "abi", lambda: version)
    told = " ".join(text for text in confinement.missing() if "Landlock" in text)
    assert {word for word in ("any file", "accelerators", "signals") if word in told} == words
    monkeypatch.setattr(seccomp, "is_supported", lambda: False)
    assert any("signals" in text for text in confinement.missing()) == (version < 6)


REFUSING = """
import errno, os, socket, sys
from pathlib import Path
from paints_undo_daemon.workers.confinement import Role, confine, confine_reader, landlock

def refuse(*paths, **options):
    raise OSError(errno.EPERM, os.strerror(errno.EPERM))

landlock.apply = refuse
told = confine_reader([]) if sys.argv[1] == "reader" else confine(Role.CONFINED, Path(sys.argv[2]), 0)
try:
    socket.socket()
except PermissionError:
    print(*told, "and no socket")
"""


@pytest.mark.parametrize("who", ["reader", "worker"])
def test_what_the_kernel_refuses_is_told_and_keeps_nothing_else_from_being_given_up(tmp_path: Path, who: str) -> None:
    command = [sys.executable, "-c", REFUSING, who, str(tmp_path)]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert told == (
        "the system refuses Landlock, which keeps from files and connections (Operation not permitted) and no socket\n"
    )


def test_doctor_tries_what_a_worker_gives_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert confinement.refused() == []
    program = tmp_path / "python"
    program.write_text("#!/bin/sh\necho '[\"the system refuses it\"]'\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    found = checks.confinement(Settings(home=tmp_path))
    assert found.verdict is CheckResult.NOTE
    assert "the system refuses it" in found.text
    monkeypatch.setattr(confinement, "_TRYING_SECONDS", 0)
    assert "has not ended" in checks.confinement(Settings(home=tmp_path)).text


def test_the_limits_of_a_job_object_have_the_layout_that_windows_expects() -> None:
    limits = job_object.limits_of(2**30)
    pointer = ctypes.sizeof(ctypes.c_void_p)
    assert ctypes.sizeof(job_object.BasicLimits) == (64 if pointer == 8 else 48)
    assert ctypes.sizeof(job_object.ExtendedLimits) == (144 if pointer == 8 else 112)
    assert (limits.basic.flags, limits.basic.active_processes, limits.process_memory) == (0x508, 1, 2**30)
    assert job_object.limits_of(0).basic.flags == 0x408
