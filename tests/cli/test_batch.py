"""Several pictures in one command, and the standard streams."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import av
import pytest

from .conftest import COMMAND, Run, one_sentence
from .test_in_process import FEW

QUICK = ("--in-process", *FEW)


def copies(picture: Path, *names: str) -> list[Path]:
    made = [picture.parent / name for name in names]
    for path in made:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(picture.read_bytes())
    return made


def test_pictures_and_folders_become_files_of_their_names(run: Run, picture: Path, tmp_path: Path):
    copies(picture, "one.png", "folder/two.png", "folder/three.png")
    (tmp_path / "folder" / "notes.txt").write_text("no picture")
    answer = run("undo", "one.png", "folder", "-o", "out/{number}-{stem}.gif", *QUICK)
    assert answer.returncode == 0, answer.stderr
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["1-one.gif", "2-three.gif", "3-two.gif"]
    assert "Picture 3 of 3" in answer.stderr


def test_one_bad_picture_keeps_nobody_back_and_is_told(run: Run, picture: Path, tmp_path: Path):
    (tmp_path / "bad.png").write_bytes(b"no picture")
    copies(picture, "good.png")
    answer = run("undo", "bad.png", "good.png", "-o", "{stem}.gif", *QUICK)
    assert answer.returncode == 1
    assert (tmp_path / "good.gif").exists()
    assert "1 of 2 pictures failed: bad.png." in answer.stderr


def test_without_an_output_the_video_lies_in_the_current_folder(run: Run, picture: Path, tmp_path: Path):
    assert run("undo", picture, *QUICK).returncode == 0
    assert (tmp_path / f"{picture.stem}-process.mp4").stat().st_size > 0


def test_one_place_for_several_pictures_is_refused_before_the_work(run: Run, picture: Path):
    copies(picture, "one.png", "two.png")
    answer = run("undo", "one.png", "two.png", "-o", "same.mp4", *QUICK)
    assert answer.returncode == 2
    assert "{stem}" in one_sentence(answer)
    assert run("undo", "one.png", "-o", "{date}.mp4", *QUICK).returncode == 2


def test_a_picture_comes_in_and_a_video_goes_out_by_the_standard_streams(
    environment: dict[str, str], picture: Path, tmp_path: Path
):
    command = [*COMMAND, "undo", "-", "-o", "-", *QUICK]
    answer = subprocess.run(
        command, input=picture.read_bytes(), capture_output=True, env=environment, cwd=tmp_path, check=False
    )
    assert answer.returncode == 0, answer.stderr
    assert b"Wrote the video (" in answer.stderr
    assert b"process.mp4" not in answer.stderr, "its file is gone by now"
    video = tmp_path / "video.mp4"
    video.write_bytes(answer.stdout)
    with av.open(str(video)) as opened:
        assert sum(1 for _ in opened.decode(video=0)) > 5


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--fps", "500"), "--fps is 500.0"),
        (("--seed", "-1"), "--seed is -1"),
        (("--keyframe", "500=picture.png"), "--keyframe is 500"),
        (("--size", "3"), "--size is 3"),
        (("--preset", "fast"), "--preset: no effect on the engine procedural"),
        (("--stop-after", "tags", "-o", "x.mp4"), "--stop-after tags"),
    ],
)
def test_errors_speak_of_options(run: Run, picture: Path, options: tuple[str, ...], said: str):
    answer = run("undo", picture, *options, "--in-process")
    assert answer.returncode == 2
    assert one_sentence(answer).startswith(f"paints-undo: {said}") or said in one_sentence(answer)


def test_the_version_is_told(run: Run):
    assert run("--version").stdout.startswith("paints-undo ")


def test_programs_hear_which_picture_begins(run: Run, picture: Path):
    copies(picture, "one.png", "two.png")
    answer = run("undo", "one.png", "two.png", "-o", "{stem}.gif", "--json", *QUICK)
    begun = [told for told in map(json.loads, answer.stdout.splitlines()) if told["event"] == "picture"]
    assert [(told["number"], told["of"]) for told in begun] == [(1, 2), (2, 2)]
