"""`paints-undo verify`: files in, sentences and exit codes out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

import paints_undo
from paints_undo_daemon.cli import main

PICTURE = Path(__file__).resolve().parents[2] / "assets" / "illustration.png"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two exports of a process, one of them without marks, and the painting in two kinds of file."""
    folder = tmp_path_factory.mktemp("verify")
    picture = Image.open(PICTURE).convert("RGB").resize((96, 120))
    picture.save(folder / "painting.png")
    picture.save(folder / "painting.tiff")
    picture.rotate(180).save(folder / "another.png")
    process = paints_undo.undo(
        folder / "painting.png",
        seed=7,
        procedural__max_side=96,
        keyframes__operation_steps=(300, 700),
        interpolation__frames=4,
    )
    with process:
        process.export(folder / "film.mp4")
        process.export(folder / "bare.gif", omit_metadata=True)
    (folder / "changed.mp4").write_bytes((folder / "film.mp4").read_bytes() + b"\0")
    return folder


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["film.mp4"], 0),
        (["film.mp4", "--painting", "painting.tiff"], 0),
        (["film.mp4", "--painting", "another.png"], 3),
        (["changed.mp4"], 3),
        (["bare.gif"], 4),
        (["painting.png"], 4),
        (["none.mp4"], 1),
        (["film.mp4", "bare.gif", "changed.mp4", "none.mp4"], 3),
        (["film.mp4", "none.mp4", "bare.gif"], 1),
    ],
)
def test_exit_codes(folder, monkeypatch, capsys, arguments, code):
    monkeypatch.chdir(folder)
    assert main(["verify", *arguments]) == code
    told = capsys.readouterr()
    assert ("none.mp4 cannot be read" in told.err) == ("none.mp4" in arguments)
    assert told.out.count("film.mp4: holds") == arguments.count("film.mp4")


def test_json_says_the_same(folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    assert main(["verify", "film.mp4", "bare.gif", "--painting", "painting.png", "--json"]) == 4
    film, bare = json.loads(capsys.readouterr().out)
    assert (film["verdict"], film["painting_matches"]) == ("holds", True)
    assert (film["provenance"]["engine"], film["provenance"]["seed"]) == ("procedural", 7)
    assert (bare["verdict"], bare["marks"], bare["provenance"]) == ("unmarked", [], None)


def test_python_says_the_same(folder):
    found = paints_undo.verify(folder / "film.mp4")
    assert found.verdict is paints_undo.Verdict.HOLDS
    assert len(found.painting) == 64
