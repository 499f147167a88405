"""The published examples: what is run, and that a sheet and a video of each are made."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from paints_undo_daemon.cli import acceptance, in_process
from paints_undo_daemon.cli.progress import JsonDisplay
from paints_undo_engine.engines import EngineSettings
from paints_undo_engine.errors import InvalidRequestError


def test_requests_are_the_published_ones() -> None:
    requests = [acceptance.request_of(example) for example in acceptance.EXAMPLES]
    seeds = [(request.keyframes.seed, request.interpolation.seed) for request in requests]
    assert seeds == [(12345, 123), (37000, 12345), (3000, 3000)]
    for request in requests:
        assert request.reference
        assert not request.execution.allow_slow, "many hours of a processor are asked about"
        assert (request.keyframes.steps, request.interpolation.steps, request.interpolation.frames) == (50, 50, 16)


def test_each_picture_gets_a_sheet_and_a_video(picture: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the embedded engine, which does in a second what the models do in hours of a CPU."""
    run = in_process.run

    def embedded(source: Path, request: object, *others: object) -> None:
        asked = acceptance.request_of(acceptance.EXAMPLES[0])
        run(source, replace(asked, engine="procedural", reference=False), *others)  # type: ignore[arg-type]

    monkeypatch.setattr(in_process, "run", embedded)
    acceptance.run([picture, picture], tmp_path / "out", EngineSettings(), JsonDisplay())
    made = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert made == ["example-1.mp4", "example-1.png", "example-2.mp4", "example-2.png"]


def test_there_are_three_examples(picture: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidRequestError, match=r"pictures is 4.*at most 3"):
        acceptance.run([picture] * 4, tmp_path / "out", EngineSettings(), JsonDisplay())
    assert not (tmp_path / "out").exists()
