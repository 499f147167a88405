"""The command line with a real daemon."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from paints_undo_daemon.client import connect

from .conftest import COMMAND, Run, one_sentence
from .test_in_process import FEW, MANY, leftovers


@pytest.fixture
def home(environment: dict[str, str]) -> Iterator[Path]:
    """The data folder of the test; its daemon is ended afterwards."""
    folder = Path(environment["PAINTS_UNDO_HOME"])
    yield folder
    kill(folder)


def pid_of(folder: Path) -> int | None:
    try:
        return int(json.loads((folder / "endpoint.json").read_text(encoding="utf-8"))["pid"])
    except FileNotFoundError:
        return None


def kill(folder: Path) -> None:
    pid = pid_of(folder)
    if pid is not None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def events(answer: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in answer.stdout.splitlines()]


def listed(run: Run, *arguments: str) -> list[dict[str, Any]]:
    return json.loads(run("jobs", "list", "--json", *arguments).stdout)


@pytest.mark.parametrize("more", [[], ["--variants", "2"]])
def test_a_job_for_an_export_that_is_too_large_is_not_begun(run: Run, picture: Path, more: list[str], home: Path):
    answer = run("undo", picture, "-o", "a.mp4", "-o", "b.png", "--size", "16384", *more)
    assert answer.returncode == 1
    assert "would fit" in one_sentence(answer)
    assert one_sentence(answer).endswith(" The option is --size.")
    assert listed(run) == []


@pytest.mark.parametrize("command", ["export", "undo --base-job", "jobs watch", "jobs delete x", "compare", "redo"])
def test_a_shell_completes_the_ids_of_jobs_and_starts_no_daemon_for_it(
    run: Run,
    picture: Path,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: str,
):
    def offered(beginning: str) -> list[str]:
        with monkeypatch.context() as patch:
            patch.setenv("COMP_WORDS", f"paints-undo {command} {beginning}")
            patch.setenv("COMP_CWORD", str(len(command.split()) + 1))
            patch.setenv("_PAINTS_UNDO_COMPLETE", "complete_bash")
            with pytest.raises(SystemExit):
                run()
        return capsys.readouterr().out.split()

    assert offered("") == ["last"]
    assert pid_of(home) is None
    run("undo", picture, "--stop-after", "tags")
    (job,) = listed(run)
    assert offered("") == ["last", job["job"][:12]]
    assert offered(job["job"][:2]) == [job["job"][:12]]


def test_the_life_of_a_job(run: Run, picture: Path, tmp_path: Path, home: Path):
    status = run("status")
    assert status.returncode == 1
    assert "No daemon runs" in status.stderr
    answer = run("undo", picture, "-o", "a.mp4", "-o", "frames", *FEW)
    assert answer.returncode == 0, answer.stderr
    assert leftovers(tmp_path) == ["a.mp4", "frames"]
    assert len(list((tmp_path / "frames").glob("*.png"))) == 10

    running = json.loads(run("status", "--json").stdout)
    assert running["running"]
    assert running["pid"] == pid_of(home)
    (job,) = listed(run)
    assert (job["state"], job["frames"], job["title"]) == ("finished", 10, "picture.png")

    again = run("export", "last", "-o", "b.gif", "--reverse", "--size", "48")
    assert again.returncode == 0, again.stderr
    assert Image.open(tmp_path / "b.gif").size == (48, 36)
    large = run("export", "last", "-o", "c.gif", "--size", "16384")
    assert large.returncode == 1
    assert one_sentence(large).endswith(" The option is --size.")
    watched = events(run("jobs", "watch", str(job["job"])[:6], "--after", "2", "--json"))
    assert watched[0] == {"event": "process", "job": job["job"], "frames": 10, "engine": "procedural"}
    assert watched[1]["sequence"] == 3
    assert watched[-1]["event"] == "finished"

    needed = run("pictures", "delete", picture)
    assert needed.returncode != 0
    assert str(job["job"]) in needed.stderr
    assert run("jobs", "delete", "last").returncode == 0
    assert listed(run) == []
    with connect(home=home, start=False) as client:
        digest = client.upload(picture)
    assert run("pictures", "delete", picture).returncode == 0
    assert "no picture" in run("pictures", "delete", digest).stderr.lower()
    assert run("stop").returncode == 0
    assert run("status").returncode == 1
    assert run("stop").returncode == 0


def test_branches_and_variants_are_listed_as_a_tree_and_compared(run: Run, picture: Path, tmp_path: Path, home: Path):
    assert run("undo", picture, "--variants", "2", "-o", "rows.png", "--name", "Two [ways]", *FEW).returncode == 0
    assert run("redo", "last", "--at", "500", "--choose", "2", "-o", "one.gif").returncode == 0
    mask = tmp_path / "mask.png"
    Image.new("L", (50, 40), 255).save(mask)
    refused = run("redo", "last", "--at", "200", "--choose", "3", "--mask", mask, "-o", "two.gif")
    assert "--mask is 50 x 40 pixels" in one_sentence(refused)
    idle = run("redo", "last", "--at", "200", "--choose", "3", "--likeness", "0.5", "-o", "two.gif")
    assert one_sentence(idle).endswith("--likeness: no effect on the engine procedural; leave it out.")
    assert len(listed(run)) == 3, "neither has made a job"
    with Image.open(picture) as painting:
        Image.new("L", painting.size, 255).save(mask)
    assert run("redo", "last", "--at", "200", "--choose", "3", "--mask", mask, "-o", "two.gif").returncode == 0
    second, first, variant, root = listed(run)
    assert [job["base"] for job in (second, first, variant, root)] == [first["job"], variant["job"], None, None]
    lines = run("jobs", "list", "--tree").stdout.splitlines()
    depths = [next(n for n, character in enumerate(line) if character.isalnum()) for line in lines]
    assert depths == [0, 4, 8, 0]
    assert [line.strip("└─│├ ")[:12] for line in lines] == [job["job"][:12] for job in (variant, first, second, root)]
    assert "variant 1" in lines[0]
    assert "from step 200, flat tones" in lines[2]
    assert "Two [ways]" in lines[0]
    courses = json.loads(run("compare", root["job"], variant["job"], "--json").stdout)
    assert [len(course["distances"]) for course in courses] == [10, 10]
    assert all(course["distances"][-1] == 0 < course["distances"][1] for course in courses)
    assert all(sum(course["phases"].values()) == pytest.approx(1) for course in courses)
    assert courses[0]["distances"] != courses[1]["distances"]
    assert "Distance to the end" in run("compare", root["job"], variant["job"]).stdout
    assert "two or more" in run("compare", "last").stderr


def broken_off(
    command: list[str], environment: dict[str, str], folder: Path, *, event: str, number: signal.Signals, seconds: float
) -> tuple[int, str]:
    """The exit code of a command that gets a signal once it has told of an event, and what it told afterwards."""
    with subprocess.Popen(command, env=environment, cwd=folder, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if json.loads(line)["event"] == event:
                break
        process.send_signal(number)
        told, _ = process.communicate(timeout=seconds)
    return process.returncode, told


def test_ctrl_c_cancels_the_job_on_the_daemon(
    run: Run, environment: dict[str, str], picture: Path, tmp_path: Path, home: Path
):
    command = [*COMMAND, "undo", str(picture), "-o", "a.mp4", "--json", *MANY]
    code, _ = broken_off(command, environment, tmp_path, event="frame", number=signal.SIGINT, seconds=30)
    assert code == 130
    assert leftovers(tmp_path) == []
    assert [job["state"] for job in listed(run)] == ["cancelled"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_export_that_is_broken_off_leaves_nothing(
    run: Run, environment: dict[str, str], picture: Path, tmp_path: Path, home: Path, number: signal.Signals
):
    assert run("undo", picture, "-o", "a.mp4", *FEW).returncode == 0
    before = (tmp_path / "a.mp4").read_bytes()
    command = [*COMMAND, "export", "-o", "a.mp4", "--force", "--size", "1024", "--duration", "300", "--json"]
    code, told = broken_off(command, environment, tmp_path, event="export", number=number, seconds=60)
    assert code == 130
    assert json.loads(told.splitlines()[-1])["message"] == "Cancelled; no half-written file is left."
    assert leftovers(tmp_path) == ["a.mp4"]
    assert (tmp_path / "a.mp4").read_bytes() == before


def test_a_watch_survives_the_daemon(run: Run, environment: dict[str, str], picture: Path, tmp_path: Path, home: Path):
    with subprocess.Popen(
        [*COMMAND, "undo", str(picture), "-o", "a.gif", "--json", *FEW[:2], "--interpolation-frames", "64"],
        env=environment,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        numbers = []
        for line in process.stdout:
            event = json.loads(line)
            if "sequence" in event:
                numbers.append(event["sequence"])
                if len(numbers) == 20:
                    kill(home)
    assert process.returncode == 0
    assert numbers == list(range(1, len(numbers) + 1))
    assert leftovers(tmp_path) == ["a.gif"]


def test_bad_pictures_are_refused_with_a_sentence(run: Run, tmp_path: Path, home: Path):
    (tmp_path / "bad.png").write_bytes(b"This is no picture.")
    answer = run("undo", "bad.png", "-o", "a.mp4", *FEW)
    assert answer.returncode == 1
    assert "Traceback" not in answer.stderr
    assert answer.stderr.strip().splitlines()[-1].endswith(".")
    assert leftovers(tmp_path) == ["bad.png"]


def test_a_full_disk_leaves_nothing(run: Run, environment: dict[str, str], picture: Path, tmp_path: Path, home: Path):
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))

    assert run("undo", picture, "-o", "a.mp4", *FEW).returncode == 0
    answer = subprocess.run(
        [*COMMAND, "export", "last", "-o", "b.png"],
        env=environment | {"PYTHONDONTWRITEBYTECODE": "1"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=limit,
    )
    assert answer.returncode == 1
    one_sentence(answer)
    assert leftovers(tmp_path) == ["a.mp4"]


def test_jobs_are_cancelled_by_name(run: Run, environment: dict[str, str], picture: Path, tmp_path: Path, home: Path):
    with subprocess.Popen(
        [*COMMAND, "undo", str(picture), "-o", "a.mp4", *MANY],
        env=environment,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        assert process.stderr.readline().startswith("Job ")
        assert run("jobs", "cancel", "last").returncode == 0
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "was cancelled" in errors
    assert leftovers(tmp_path) == []


def test_what_need_not_stay_is_deleted(run: Run, picture: Path, tmp_path: Path, home: Path):
    assert run("undo", picture, "-o", "a.gif", "--no-keep", *FEW).returncode == 0
    assert leftovers(tmp_path) == ["a.gif"]
    assert listed(run) == []
    pictures = home / "store" / "pictures"
    assert not [path for path in pictures.rglob("*") if path.is_file()]
    assert run("undo", picture, "--stop-after", "tags").returncode == 0
    (job,) = listed(run)
    assert "0 of 1" in run("jobs", "prune", "--older-than", "1d").stderr
    assert str(job["job"]) in run("jobs", "prune", "--older-than", "0", "--dry-run").stdout
    assert len(listed(run)) == 1
    assert "0 of 0" in run("jobs", "prune", "--older-than", "0", "--state", "failed").stderr
    assert run("jobs", "prune", "--older-than", "0").returncode == 0
    assert listed(run) == []
    assert "--older-than" in one_sentence(run("jobs", "prune", "--older-than", "soon"))


def test_clients_are_listed_with_what_they_have(run: Run, picture: Path, home: Path):
    run("clients", "add", "studio-2")
    assert run("clients", "add", "intern", "--quota", "5G", "--expires", "2027-03-31").returncode == 0
    assert "--quota" in one_sentence(run("clients", "add", "other", "--quota", "much"))
    assert "--expires" in one_sentence(run("clients", "set", "intern", "--expires", "soon"))
    before = time.time()
    assert run("undo", picture, "-o", "a.gif", *FEW).returncode == 0
    jobs = json.loads(run("admin", "jobs", "--json").stdout)
    assert [(job["client"], job["state"]) for job in jobs] == [("account", "finished")]
    assert jobs[0]["job_id"] in run("admin", "jobs").stdout
    assert "intern" in run("admin", "clients").stdout
    assert run("admin", "delete", jobs[0]["job_id"] + "0").returncode == 1
    assert run("stop").returncode == 0
    found = {item["client"]: item for item in json.loads(run("clients", "list", "--json").stdout)}
    own, other = found["account"], found["studio-2"]
    assert (own["jobs"], own["jobs_waiting"], own["token"]) == (1, 0, True)
    assert own["bytes"] > picture.stat().st_size
    assert before <= own["last_seen"] <= time.time()
    assert (other["jobs"], other["bytes"], other["last_seen"]) == (0, 0, None)
    assert "never" in run("clients", "list").stdout
    assert "until 2027-03-31" in run("clients", "list").stdout
    assert found["intern"]["quota_bytes"] == 5 * 10**9
    assert run("clients", "set", "intern", "--administrator").returncode == 0
    assert "administrator" in run("clients", "list").stdout


def test_an_unknown_job_is_told(run: Run, home: Path):
    assert listed(run) == []
    answer = run("jobs", "watch", "no-such-job")
    assert answer.returncode == 2
    assert "no-such-job" in one_sentence(answer)


def test_serve_runs_until_it_is_told_to_stop(run: Run, environment: dict[str, str], tmp_path: Path, home: Path):
    for number in (signal.SIGTERM, signal.SIGINT):
        with subprocess.Popen([*COMMAND, "serve"], env=environment, stderr=subprocess.PIPE, text=True) as process:
            deadline = time.monotonic() + 20
            while pid_of(home) != process.pid:
                assert time.monotonic() < deadline
                time.sleep(0.02)
            threading.Timer(0.1, process.send_signal, (number,)).start()
            process.communicate(timeout=30)
        assert process.returncode == 0
        assert pid_of(home) is None


def test_a_second_daemon_leaves(run: Run, picture: Path, home: Path):
    assert run("undo", picture, "--stop-after", "tags").returncode == 0
    answer = run("serve")
    assert answer.returncode == 1
    assert "paints-undo stop" in one_sentence(answer)


def test_engines_and_models(run: Run, home: Path):
    there = json.loads(run("engines", "--json").stdout)
    here = json.loads(run("engines", "--in-process", "--json").stdout)
    assert [engine["engine"] for engine in there] == [engine["engine"] for engine in here]
    assert there[0]["state"] == "ready"
    assert there[0]["operation_steps"] == here[0]["operation_steps"]
    assert json.loads(run("models", "list", "--json").stdout) == [
        {key: value for key, value in model.items() if key != "folder"}
        for model in json.loads(run("models", "list", "--in-process", "--json").stdout)
    ]


def test_doctor_says_ok_or_what_to_do(run: Run, environment: dict[str, str], home: Path):
    home.mkdir()
    token = home / "token"
    token.write_text("secret")
    token.chmod(0o644)
    (home / "daemon.toml").write_text("nonsense = 1\n")
    answer = run("doctor", "--json")
    assert answer.returncode == 1
    found = {check["check"]: check for check in json.loads(answer.stdout)}
    assert found["Python"]["verdict"] == "ok"
    assert found["disk"]["verdict"] == "ok"
    assert "chmod 600" in found["token"]["advice"]
    assert "nonsense" in found["settings"]["text"]
