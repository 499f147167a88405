"""Sound under a film, heard again by FFmpeg's own program."""

from __future__ import annotations

import subprocess
import wave
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from export.full_disk import check_refused
from export.readers import made, probed
from export.sources import process

from paints_undo_engine.errors import ExportError
from paints_undo_engine.export import ExportFormat, ExportOptions, export
from paints_undo_engine.export.soundtrack import add_sound
from paints_undo_engine.provenance.verifying import Verdict, verify

RATE = 22_050
OPTIONS: dict[str, Any] = {"duration_seconds": 4, "hold_last_seconds": 0.5}


def tone(path: Path, seconds: float, pitch: float = 440) -> Path:
    """A sine in a WAV file with one channel."""
    samples = (20_000 * np.sin(2 * np.pi * pitch * np.arange(round(seconds * RATE)) / RATE)).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())
    return path


def film(folder: Path, sound: Path, kind: ExportFormat = ExportFormat.MP4) -> Path:
    path = folder / f"film{kind.suffix}"
    for _ in export(replace(process(), sound=sound), path, ExportOptions(format=kind, **OPTIONS)):
        pass
    return path


def heard(path: Path) -> np.ndarray:
    """The left channel, float32 at `RATE`, by ffmpeg."""
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-vn", "-ac", "1", "-ar", str(RATE), "-f", "f32le", "-"]
    return np.frombuffer(subprocess.run(command, check=True, capture_output=True).stdout, np.float32)


def loudness(samples: np.ndarray, start: float, end: float) -> float:
    return float(np.sqrt(np.square(samples[round(start * RATE) : round(end * RATE)]).mean()))


@pytest.mark.parametrize("kind", [ExportFormat.MP4, ExportFormat.WEBM])
def test_a_long_sound_is_cut_to_the_films_length_and_faded(tmp_path, kind):
    samples = heard(film(tmp_path, tone(tmp_path / "long.wav", 60), kind))
    assert len(samples) / RATE == pytest.approx(4, abs=0.08)
    spectrum = np.abs(np.fft.rfft(samples[RATE : 2 * RATE]))
    assert np.argmax(spectrum) == pytest.approx(440, abs=1)
    middle = loudness(samples, 1.2, 2.2)
    assert middle > 0.3
    assert loudness(samples, 0, 0.1) < middle / 3
    assert loudness(samples, 3.9, 4) < middle / 5


def test_a_short_sound_ends_by_itself_and_the_pictures_go_on(tmp_path):
    path = film(tmp_path, tone(tmp_path / "short.wav", 1.5))
    samples = heard(path)
    assert len(samples) / RATE == pytest.approx(1.5, abs=0.08)
    assert loudness(samples, 1.42, 1.5) < loudness(samples, 0.5, 1) / 3
    video, _ = probed(path)
    assert float(video["duration"]) == pytest.approx(4, abs=0.05)


def test_the_pictures_are_those_of_the_film_without_sound(tmp_path):
    def pictures(path: Path) -> bytes:
        command = ["ffmpeg", "-v", "error", "-i", str(path), "-an", "-f", "md5", "-"]
        return subprocess.run(command, check=True, capture_output=True).stdout

    silent = made(tmp_path / "silent.mp4", **OPTIONS)
    (tmp_path / "with").mkdir()
    assert pictures(film(tmp_path / "with", tone(tmp_path / "tone.wav", 5))) == pictures(silent)


@pytest.mark.parametrize(
    "content", [b"", b"no sound at all", b"#EXTM3U\n#EXTINF:1,\ntone.wav\n", b"ffconcat version 1.0\nfile tone.wav\n"]
)
def test_what_is_no_sound_is_refused_and_nothing_is_left(tmp_path, content):
    tone(tmp_path / "tone.wav", 1)
    (tmp_path / "list.wav").write_bytes(content)
    with pytest.raises(ExportError, match=r"list\.wav"):
        film(tmp_path, tmp_path / "list.wav")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["list.wav", "tone.wav"]


def test_a_missing_file_a_film_without_sound_and_an_animation_are_refused(tmp_path):
    with pytest.raises(ExportError, match="no sound file"):
        film(tmp_path, tmp_path / "missing.mp3")
    silent = made(tmp_path / "silent.mp4", **OPTIONS)
    (tmp_path / "out").mkdir()
    with pytest.raises(ExportError, match="no sound in"):
        film(tmp_path / "out", silent)
    with pytest.raises(ExportError, match="under a video"):
        film(tmp_path / "out", tone(tmp_path / "tone.wav", 1), ExportFormat.GIF)


def packets(path: Path) -> list[bytes]:
    """Length and digest of each picture of a film as it is stored, by ffmpeg."""
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-map", "0:v", "-c", "copy", "-f", "framemd5", "-"]
    lines = subprocess.run(command, check=True, capture_output=True).stdout.splitlines()
    return [line.split(b",", 3)[3] for line in lines if not line.startswith(b"#")]


@pytest.mark.parametrize("kind", [ExportFormat.MP4, ExportFormat.WEBM])
def test_a_film_that_is_written_gets_a_sound(tmp_path, kind):
    """Its pictures stay what they were, its marks hold, and a second sound takes the place of the first."""
    path = tmp_path / f"film{kind.suffix}"
    for _ in export(process(), path, ExportOptions(format=kind, **OPTIONS)):
        pass
    before, said = packets(path), verify(path).provenance
    add_sound(path, tone(tmp_path / "first.wav", 60, 300))
    add_sound(path, tone(tmp_path / "second.wav", 60, 440))
    assert packets(path) == before
    samples = heard(path)
    assert len(samples) / RATE == pytest.approx(4, abs=0.08)
    assert np.argmax(np.abs(np.fft.rfft(samples[RATE : 2 * RATE]))) == pytest.approx(440, abs=1)
    found = verify(path)
    assert (found.verdict, found.provenance) == (Verdict.HOLDS, said)
    assert not list(tmp_path.glob(".*"))


def test_a_film_without_marks_gets_none_with_its_sound(tmp_path):
    path = made(tmp_path / "a.mp4", omit_metadata=True)
    add_sound(path, tone(tmp_path / "tone.wav", 1))
    assert verify(path).verdict is Verdict.UNMARKED
    assert heard(path).any()


def test_what_is_no_film_of_ours_stays_as_it_is(tmp_path):
    sound = tone(tmp_path / "tone.wav", 1)
    for path in (made(tmp_path / "a.gif"), made(tmp_path / "b.mp4")):
        data = path.read_bytes()[:-1]
        path.write_bytes(data)
        with pytest.raises(ExportError):
            add_sound(path, sound)
        assert path.read_bytes() == data
    with pytest.raises(ExportError, match=r"no sound in film\.mp4"):
        add_sound(made(tmp_path / "c.mp4"), made(tmp_path / "film.mp4"))


def test_a_disk_that_is_full_leaves_the_film_without_sound(tmp_path):
    """There is no more room than the film takes by itself."""
    path, sound = made(tmp_path / "a.webm", **OPTIONS), tone(tmp_path / "tone.wav", 4)
    data = path.read_bytes()
    prepare = "from paints_undo_engine.export.soundtrack import add_sound"
    check_refused(len(data), prepare, f"add_sound(Path({str(path)!r}), Path({str(sound)!r}))")
    assert path.read_bytes() == data
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.webm", "tone.wav"]
