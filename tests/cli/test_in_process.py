"""`paints-undo undo --in-process`: real pictures, the real engine, real files; no daemon."""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import subprocess
import wave
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from paints_undo_engine.provenance import signing

from .conftest import COMMAND, Run, one_sentence

FEW = ("--operation-steps", "300,600", "--interpolation-frames", "4")
"""A process of 10 frames."""

INSIDE = ("--in-process", "--json")

MANY = ("--operation-steps", ",".join(map(str, range(15, 960, 15))), "--interpolation-frames", "64")
"""A process of some 4000 frames, which is still being made when a test interferes."""


def leftovers(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name not in ("picture.png", "home"))


def test_one_picture_becomes_several_outputs(run: Run, picture: Path, tmp_path: Path):
    names = ["a.mp4", "b.gif", "c.ora", "d.png", "e.zip", "f.sprites.zip", "frames"]
    outputs = [part for name in names for part in ("-o", name)]
    answer = run("undo", picture, *outputs, "--in-process", *FEW)
    assert answer.returncode == 0, answer.stderr
    beside = ["c.ora.c2pa", "e.zip.c2pa", "f.sprites.zip.c2pa"] if signing.is_available() else []
    assert leftovers(tmp_path) == sorted(names + beside), "formats that hold no signature have it beside them"
    frames = sorted((tmp_path / "frames").glob("*.png"))
    assert len(frames) == 10
    assert np.array_equal(np.asarray(Image.open(frames[-1])), np.asarray(Image.open(picture)))
    assert zipfile.is_zipfile(tmp_path / "c.ora")
    kept = sorted(path.name for path in (tmp_path / "home").glob("*"))
    assert kept == (["signing"] if signing.is_available() else []), "no store, no daemon"


def test_variants_are_shown_side_by_side(run: Run, picture: Path, tmp_path: Path):
    answer = run(
        "undo", picture, "--variants", "2", "-o", "rows.png", "-o", "grid", "--size", "200", "--in-process", *FEW
    )
    assert answer.returncode == 0, answer.stderr
    assert leftovers(tmp_path) == ["grid", "rows.png"]
    pages = sorted((tmp_path / "grid").glob("*.png"))
    assert len(pages) == 10
    assert max(Image.open(pages[0]).size) <= 200


def test_variants_can_be_shown_without_layers(run: Run, picture: Path, tmp_path: Path):
    answer = run("undo", picture, "--variants", "2", "-o", "a.gif", "--without-layers", "cake", "--in-process", *FEW)
    assert answer.returncode == 1
    assert "no layer that is called 'cake'" in one_sentence(answer)


def test_a_title_is_looked_at_before_the_process_is_made(run: Run, picture: Path, tmp_path: Path):
    refused = run("undo", picture, "-o", "a.mp4", "--title", "\U0001f98a", *INSIDE, *FEW)
    assert refused.returncode == 1
    assert "\U0001f98a" in one_sentence(refused)
    assert '"frame"' not in refused.stdout, "nothing was painted"
    assert leftovers(tmp_path) == []
    told = run("undo", picture, "-o", "a.mp4", "--title", "Sea \U0001f98a", "--duration", "3", *INSIDE, *FEW)
    assert told.returncode == 0
    assert "is written without \U0001f98a" in json.loads(told.stdout.splitlines()[0])["message"]


def test_variants_have_no_layered_file(run: Run, picture: Path, tmp_path: Path):
    answer = run("undo", picture, "--variants", "2", "-o", "layers.ora", "--in-process", *FEW)
    assert answer.returncode == 2
    assert "layers.ora" in one_sentence(answer)
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize("more", [[], ["--variants", "2"]])
def test_an_export_that_is_too_large_is_refused_before_the_process_is_made(
    run: Run, picture: Path, tmp_path: Path, more: list[str]
):
    answer = run(
        "undo", picture, "-o", "a.mp4", "-o", "b.png", "--size", "16384", "--in-process", "--json", *more, *FEW
    )
    assert answer.returncode == 1
    assert "would fit" in one_sentence(answer)
    assert one_sentence(answer).endswith(" The option is --size.")
    assert '"frame"' not in answer.stdout, "nothing was painted"
    assert leftovers(tmp_path) == []


def test_what_programs_read(run: Run, picture: Path):
    answer = run("undo", picture, "-o", "a.gif", "--in-process", "--json", *FEW)
    events = [json.loads(line) for line in answer.stdout.splitlines()]
    assert answer.stderr == ""
    assert [event["index"] for event in events if event["event"] == "frame"] == list(range(10))
    assert [event["index"] for event in events if event["event"] == "keyframe"] == [0, 1, 2, 3]
    (told,) = [event for event in events if event["event"] == "size"]
    assert (told["output"], told["width"], told["height"]) == ("a.gif", *Image.open(picture.parent / "a.gif").size)
    assert told["least_bytes"] < told["size_bytes"] < told["most_bytes"]
    assert [event["output"] for event in events if event["event"] == "saved"] == ["a.gif"]
    assert events[-1] == {"event": "done"}


def test_a_sound_is_laid_under_the_film(run: Run, picture: Path, tmp_path: Path):
    with wave.open(str(tmp_path / "tone.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(np.random.default_rng(1).integers(-9000, 9000, 80_000).astype("<i2").tobytes())
    answer = run("undo", picture, "-o", "a.webm", "--in-process", "--sound", "tone.wav", *FEW)
    assert answer.returncode == 0, answer.stderr
    assert "encoded by libvpx-vp9" in answer.stderr
    command = [
        "ffprobe",
        "-v",
        "error",
        "-show_entries",
        "stream=codec_name",
        "-of",
        "csv=p=0",
        str(tmp_path / "a.webm"),
    ]
    assert subprocess.run(command, check=True, capture_output=True, text=True).stdout.split() == ["vp9", "opus"]
    assert run("verify", "a.webm").returncode == 0
    answer = run("undo", picture, "-o", "b.gif", "--in-process", "--sound", "tone.wav", *FEW)
    assert answer.returncode == 2
    assert "video" in one_sentence(answer)
    assert not (tmp_path / "b.gif").exists()


def test_the_same_seed_gives_the_same_frames(run: Run, picture: Path, tmp_path: Path):
    for folder in ("one", "two"):
        assert run("undo", picture, "-o", folder, "--in-process", "--seed", "5", *FEW).returncode == 0
    first, second = ([path.read_bytes() for path in sorted((tmp_path / name).glob("*.png"))] for name in ("one", "two"))
    assert len(first) == 10
    assert first == second


def test_tags_alone_need_no_output(run: Run, picture: Path, tmp_path: Path):
    answer = run("undo", picture, "--in-process", "--stop-after", "tags", "--tags", "blob, outline")
    assert answer.returncode == 0
    assert "blob, outline" in answer.stderr
    assert leftovers(tmp_path) == []


def test_keyframes_alone_can_be_exported(run: Run, picture: Path, tmp_path: Path):
    answer = run("undo", picture, "-o", "frames", "--in-process", "--stop-after", "keyframes", *FEW)
    assert answer.returncode == 0, answer.stderr
    assert len(list((tmp_path / "frames").glob("*.png"))) == 4
    assert "Tags:" not in answer.stderr, "the embedded engine does not work from them"


def test_own_keyframes_are_used(run: Run, picture: Path, tmp_path: Path):
    own = Image.new("RGB", (96, 72), (10, 200, 30))
    own.save(tmp_path / "own.png")
    answer = run(
        "undo", picture, "-o", "f", "--in-process", "--stop-after", "keyframes", "--keyframe", "600=own.png", *FEW
    )
    assert answer.returncode == 0, answer.stderr
    assert np.array_equal(np.asarray(Image.open(tmp_path / "f" / "0001.png").convert("RGB")), np.asarray(own))


def test_an_output_is_replaced_only_by_force(run: Run, picture: Path, tmp_path: Path):
    (tmp_path / "a.gif").write_bytes(b"precious")
    answer = run("undo", picture, "-o", "a.gif", "--in-process", *FEW)
    assert answer.returncode == 1
    assert "--force" in one_sentence(answer)
    assert (tmp_path / "a.gif").read_bytes() == b"precious"
    assert run("undo", picture, "-o", "a.gif", "--in-process", "--force", *FEW).returncode == 0
    assert Image.open(tmp_path / "a.gif").format == "GIF"


def test_the_painting_itself_is_never_replaced(run: Run, picture: Path):
    before = picture.read_bytes()
    answer = run("undo", picture, "-o", "./picture.png", "--in-process", "--force", *FEW)
    assert answer.returncode == 2
    one_sentence(answer)
    assert picture.read_bytes() == before


def truncated(picture: Path) -> bytes:
    data = picture.read_bytes()
    return data[: len(data) // 2]


def bomb(picture: Path) -> bytes:
    """A PNG header that promises 40000 x 40000 pixels."""
    data = bytearray(picture.read_bytes())
    data[16:24] = (40000).to_bytes(4, "big") * 2
    return bytes(data)


@pytest.mark.parametrize(
    "content",
    [lambda _: b"", lambda _: b"This is no picture.", truncated, bomb],
    ids=["empty", "no picture", "truncated", "above the limit"],
)
def test_bad_pictures_are_refused_with_a_sentence(
    run: Run, picture: Path, tmp_path: Path, content: Callable[[Path], bytes]
):
    bad = tmp_path / "bad.png"
    bad.write_bytes(content(picture))
    answer = run("undo", bad, "-o", "a.mp4", "--in-process", *FEW)
    assert answer.returncode == 1
    one_sentence(answer)
    assert leftovers(tmp_path) == ["bad.png"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["missing.png", "-o", "a.mp4"],
        ["picture.png", "-o", "a.docx"],
        ["missing-folder/", "-o", "a.mp4"],
        ["picture.png", "-o", "a.mp4", "--keyframe", "300=missing.png"],
    ],
)
def test_what_is_not_there_is_told(run: Run, picture: Path, tmp_path: Path, arguments: list[str]):
    answer = run("undo", *arguments, "--in-process", *FEW)
    assert answer.returncode == 2
    one_sentence(answer)
    assert leftovers(tmp_path) == []


def obey_permissions() -> None:
    """Take from root the right to read and write what its permissions forbid (capabilities 1 and 2 of Linux)."""
    drop_from_bounding_set = 24
    for capability in (1, 2):
        ctypes.CDLL(None).prctl(drop_from_bounding_set, capability, 0, 0, 0)


def test_no_permission_is_told(environment: dict[str, str], picture: Path, tmp_path: Path):
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o555)
    answer = subprocess.run(
        [*COMMAND, "undo", str(picture), "-o", str(folder / "a.mp4"), "--in-process", *FEW],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=obey_permissions if os.geteuid() == 0 else None,
    )
    assert answer.returncode == 1
    assert "may not write" in one_sentence(answer)
    assert list(folder.iterdir()) == []


def test_a_full_disk_leaves_nothing(environment: dict[str, str], picture: Path, tmp_path: Path):
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))

    answer = subprocess.run(
        [*COMMAND, "undo", "picture.png", "-o", "a.png", "--in-process", *FEW],
        env=environment | {"PYTHONDONTWRITEBYTECODE": "1"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=limit,
    )
    assert answer.returncode == 1
    one_sentence(answer)
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("moment", ["frame", "export"])
def test_an_interruption_leaves_nothing(
    environment: dict[str, str], picture: Path, tmp_path: Path, number: signal.Signals, moment: str
):
    scratch, earlier = tmp_path / "scratch", tmp_path / "a.webm"
    scratch.mkdir()
    earlier.write_bytes(b"what was there before")
    length = MANY if moment == "frame" else (*FEW[:3], "60", "--size", "1024")
    with subprocess.Popen(
        [*COMMAND, "undo", str(picture), "-o", "a.webm", "--force", "--in-process", "--json", *length],
        env=environment | {"TMPDIR": str(scratch)},
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if json.loads(line)["event"] == moment:
                break
        process.send_signal(number)
        told, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in errors
    assert json.loads(told.splitlines()[-1])["message"] == "Cancelled; no half-written file is left."
    assert leftovers(tmp_path) == ["a.webm", "scratch"]
    assert earlier.read_bytes() == b"what was there before"
    assert list(scratch.iterdir()) == []
